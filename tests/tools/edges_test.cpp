// SPDX-License-Identifier: Apache-2.0
// What is rarely asked: payments to a payee without a name, mistakes that only one tool can find,
// stories that end late, a ledger that fails.
#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr auto kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "agents": {
    "painter": { "caps": { "daily": "10" }, "allow": { "payees": ["*"] },
                 "approval": { "above": "5", "within": "5m" } },
    "counter": { "caps": { "count": [{ "span": "1m", "limit": 1 }] },
                 "loopGuard": { "times": 2, "span": "5m" } } } })";
constexpr auto kStranger = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65";

struct Fixture : Tools {
    Fixture() : Tools{kPolicy} { log_in("painter"); }

    std::string to_payee(std::string_view cost)
    {
        return R"({"payee":")" + std::string{kStranger} + R"(","estimatedCost":")" +
               std::string{cost} + R"("})";
    }
    std::string wrong_field(std::string_view tool, std::string_view arguments)
    {
        const auto result = call(tool, arguments);
        CHECK(test::reason_of(result) == "invalid_argument");
        return text_of(result, "field");
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "edges: a payee without a service is paid, and told by its address")
{
    const auto held = pay(to_payee("1"));
    const auto id = id_of(held);
    CHECK(text_of(held, "payee") == kStranger);
    CHECK_FALSE(held.structured.contains("service"));
    CHECK_THAT(held.text, Catch::Contains(kStranger));
    const auto status = call("pay_budget_status", "{}");
    CHECK_FALSE(status.structured.at("holds").as_array().at(0).as_object().contains("service"));
    const auto paid = settle(id, "0.40");
    CHECK(text_of(paid, "payee") == kStranger);
    CHECK_FALSE(paid.structured.contains("service"));
    CHECK_THAT(paid.text, Catch::Contains(kStranger));
    const auto asked = pay(to_payee("5.5"));
    REQUIRE(asked.question != nullptr);
    CHECK_THAT(asked.question->message, Catch::Contains(kStranger) && !Catch::Contains("Payee:"));
}

TEST_CASE_METHOD(Fixture, "edges: arguments that only together are wrong")
{
    CHECK(wrong_field("pay_preauthorize", R"({"service":"images"})") == "estimatedCost");
    for (const auto* zero : {"\"0\"", "\"0.00\"", "0"})
        CHECK(wrong_field("pay_preauthorize", R"({"service":"images","estimatedCost":)" +
                                                  std::string{zero} + "}") == "estimatedCost");
    CHECK(wrong_field("pay_preauthorize", R"({"estimatedCost":"1"})") == "service");
    CHECK(wrong_field("pay_settle", "{}") == "txId");
    const auto id = id_of(pay(R"({"service":"images","estimatedCost":"1"})"));
    CHECK(wrong_field("pay_settle", R"({"txId":")" + id + R"("})") == "actualCost");
    CHECK(wrong_field("pay_settle", R"({"txId":")" + id + R"(","outcome":"captured"})") ==
          "actualCost");
    CHECK(wrong_field("pay_settle", R"({"txId":")" + id +
                                        R"(","outcome":"void","actualCost":"1"})") == "actualCost");
    CHECK(wrong_field("pay_preauthorize", R"([1])").empty());
    // A void may say that it cost nothing.
    const auto voided =
        call("pay_settle", R"({"txId":")" + id + R"(","outcome":"void","actualCost":"0"})");
    CHECK(text_of(voided, "state") == "voided");
}

TEST_CASE_METHOD(Fixture, "edges: addresses of the right length that are none")
{
    for (const auto* address : {"0x15d34aaf54267db7d7c367839aaf71a00a2c6a6g",
                                "1x15d34aaf54267db7d7c367839aaf71a00a2c6a65", "0x15"}) {
        CAPTURE(address);
        CHECK(wrong_field("pay_preauthorize", R"({"payee":")" + std::string{address} +
                                                  R"(","estimatedCost":"1"})") == "payee");
    }
}

TEST_CASE_METHOD(Fixture, "edges: the story of a payment that was settled late says so")
{
    const auto id = id_of(pay(to_payee("1")));
    ledger.clock.pass(Span::hours(1));
    CHECK(text_of(settle(id, "1"), "late") == "true");
    std::optional<tools::Result> story;
    box.read("purse://journal/" + id, caller, nullptr,
             [&](tools::Result one) { story = std::move(one); });
    REQUIRE(story.has_value());
    CHECK(text_of(*story, "late") == "true");
    CHECK_FALSE(story->structured.contains("service"));
}

TEST_CASE_METHOD(Fixture, "edges: a count that is reached says when there is room, and no amount")
{
    log_in("counter");
    id_of(pay(R"({"service":"images","estimatedCost":"1"})"));
    const auto refused = pay(R"({"service":"images","estimatedCost":"1"})");
    CHECK(test::reason_of(refused) == "rate_limit_reached");
    CHECK(text_of(refused, "retry") == "after");
    CHECK_FALSE(refused.structured.contains("allowedNow"));
    ledger.clock.pass(Span::minutes(2));
    id_of(pay(R"({"service":"images","estimatedCost":"1"})"));
    ledger.clock.pass(Span::minutes(2));
    const auto loop = pay(R"({"service":"images","estimatedCost":"1"})");
    CHECK(test::reason_of(loop) == "loop_detected");
    CHECK_THAT(loop.text, Catch::Contains("2"));
}

TEST_CASE_METHOD(Fixture,
                 "edges: where nothing more is taken every tool says busy, and nothing is done")
{
    const auto entries = ledger.entries();
    till.is_full = true;
    for (const auto* name : {"pay_budget_status", "pay_preauthorize", "pay_settle"}) {
        CAPTURE(name);
        const std::string_view tool = name;
        const auto result =
            call(tool, tool == "pay_budget_status" ? "{}"
                       : tool == "pay_preauthorize"
                           ? to_payee("1")
                           : R"({"txId":")" + TxId{.seq = 1, .token = 1}.to_string() +
                                 R"(","outcome":"void"})");
        CHECK(test::reason_of(result) == "busy");
        CHECK(text_of(result, "retry") == "same_request");
    }
    till.is_full = false;
    CHECK(ledger.entries() == entries);
}

TEST_CASE_METHOD(Fixture,
                 "edges: a call that was cancelled before it began is not begun, by any tool")
{
    const auto id = id_of(pay(to_payee("1")));
    const auto entries = ledger.entries();
    const auto cancelled = std::make_shared<std::atomic<bool>>(true);
    const auto arguments = json::parse(R"({"txId":")" + id + R"(","actualCost":"1"})");
    const auto none = json::parse("{}");
    int answers = 0;
    const auto busy = [&](const tools::Result& result) {
        ++answers;
        CHECK(test::reason_of(result) == "busy");
    };
    box.call("pay_settle", &arguments->root(), caller, cancelled, busy);
    box.call("pay_budget_status", &none->root(), caller, cancelled, busy);
    CHECK(answers == 2);
    CHECK(ledger.entries() == entries);
    // One that may be cancelled, and is not.
    *cancelled = false;
    box.call("pay_settle", &arguments->root(), caller, cancelled,
             [&](const tools::Result& result) { CHECK_FALSE(result.is_error); });
}
