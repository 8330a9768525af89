// SPDX-License-Identifier: Apache-2.0
// Whole payments through the tools, as an agent makes them.
#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr auto kPolicy = R"({
  "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906", "ceiling": "2" } },
  "budgets": { "team": { "caps": { "daily": "20" } } },
  "agents": {
    "painter": { "budgets": ["team"], "caps": { "perTx": "5", "daily": "10", "perTask": "3" },
                 "overCapture": { "percent": 10 }, "hold": { "ttl": "2m", "maxTtl": "10m" } },
    "strict": { "caps": { "daily": "10" }, "lateSettle": "refuse" } } })";

constexpr auto kImage = R"({"service":"images","estimatedCost":"0.50","taskId":"t-1"})";
}  // namespace

TEST_CASE("without any configuration the sandbox pays for any service")
{
    Tools tools;
    const auto held = tools.pay(R"({"service":"market-data","estimatedCost":"0.08"})");
    const auto id = id_of(held);
    CHECK(text_of(held, "payee") == "service:market-data");
    CHECK(text_of(held, "maxCapture") == "0.088");
    const auto paid = tools.settle(id, "0.05");
    CHECK(text_of(paid, "state") == "settled");
    CHECK(text_of(paid, "captured") == "0.05");
    CHECK(text_of(paid, "released") == "0.03");
    CHECK(text_of(paid, "settlement") == "settled");
    CHECK(text_of(paid, "rail") == "book");
}

TEST_CASE("with a policy every agent needs a credential that is known")
{
    Tools tools{kPolicy};
    CHECK(test::reason_of(tools.pay(kImage)) == "credential_missing");
    tools.caller.credential = "purse_painter_0000000000000000000000000000000000000000000000000000";
    CHECK(test::reason_of(tools.pay(kImage)) == "credential_unknown");
    tools.log_in("painter");
    id_of(tools.pay(kImage));
}

TEST_CASE("a revoked or expired credential stops a live session at once")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    SECTION("revoked")
    {
        tools.ledger.ledger().transact(
            [&](Books& books) { CHECK(books.revoke_credential(tools.credential_id)); });
        CHECK(test::reason_of(tools.pay(kImage)) == "credential_revoked");
        CHECK(test::reason_of(tools.settle(id, "0.50")) == "credential_revoked");
        CHECK(test::reason_of(tools.call("pay_budget_status", "{}")) == "credential_revoked");
    }
    SECTION("expired")
    {
        tools.ledger.ledger().transact([&](Books& books) {
            CHECK(books.expire_credential(tools.credential_id, books.now() + Span::minutes(1)));
        });
        id_of(tools.pay(kImage));
        tools.ledger.clock.pass(Span::minutes(1));
        CHECK(test::reason_of(tools.pay(kImage)) == "credential_expired");
    }
    // What a payee took meanwhile is kept for a person.
    if (const auto rows = tools.ledger.run([](Books& books) { return books.rows().excesses(9); });
        !rows.empty())
        CHECK(rows.front().reported == 500'000);
}

TEST_CASE("all failing rules are told, in published order, with what is allowed now")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto refused = tools.pay(R"({"service":"images","estimatedCost":"30","taskId":"t-1"})");
    CHECK(test::reason_of(refused) == "price_above_ceiling");
    std::vector<std::string> reasons;
    for (const auto& failure : refused.structured.at("failures").as_array())
        reasons.emplace_back(failure.at("reason").as_string());
    CHECK(reasons == std::vector<std::string>{"price_above_ceiling", "transaction_limit_exceeded",
                                              "spend_limit_reached", "spend_limit_reached",
                                              "spend_limit_reached"});
    CHECK(text_of(refused, "allowedNow") == "2.00");
    CHECK(text_of(refused, "retry") == "with_changes");
}

TEST_CASE("a cap that is reached says how much is used, when it resets and what is left")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    for (int i = 0; i < 5; ++i) {
        const auto held = tools.pay(R"({"service":"images","estimatedCost":"1.90","taskId":"t)" +
                                    std::to_string(i) + R"("})");
        tools.settle(id_of(held), "1.90");
    }
    id_of(tools.pay(R"({"service":"images","estimatedCost":"0.5","taskId":"z"})"));
    const auto again = tools.pay(R"({"service":"images","estimatedCost":"0.000001","taskId":"z"})");
    CHECK(test::reason_of(again) == "spend_limit_reached");
    CHECK_THAT(again.text, Catch::Contains("daily limit of agent/painter: 10.00 of 10.00 USDC used"
                                           " (0.50 held), 0.00 left"));
    CHECK(text_of(again, "retry") == "after");
    CHECK_FALSE(text_of(again, "retryAt").empty());
}

TEST_CASE("a warning comes at 80 and at 95 percent")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto pay = [&](const char* cost, const char* task) {
        return tools.pay(std::string{R"({"service":"images","estimatedCost":")"} + cost +
                         R"(","taskId":")" + task + R"("})");
    };
    for (const char* task : {"a", "b", "c", "d"})
        CHECK(pay("1.99", task).structured.at("warnings").as_array().empty());
    const auto at_80 = pay("0.04", "e").structured.at("warnings").as_array();
    REQUIRE(at_80.size() == 1);
    CHECK(at_80.front().at("level").as_int64() == 80);
    const auto at_95 = pay("1.50", "f");
    CHECK(at_95.structured.at("warnings").as_array().front().at("level").as_int64() == 95);
    CHECK_THAT(at_95.text, Catch::Contains("Warning: daily limit of agent/painter"));
}

TEST_CASE("the same key gives the same answer for ever, also when it was a refusal")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto keyed =
        R"({"service":"images","estimatedCost":"1","taskId":"t","idempotencyKey":"k"})";
    const auto first = tools.pay(keyed);
    const auto id = id_of(first);
    tools.settle(id, "1");
    tools.ledger.clock.pass(Span::days(40));
    auto again = tools.pay(keyed);
    CHECK(text_of(again, "replayed") == "true");
    again.structured.erase("replayed");
    CHECK(again.structured == first.structured);

    const auto other = tools.pay(
        R"({"service":"images","estimatedCost":"1.01","taskId":"t","idempotencyKey":"k"})");
    CHECK(test::reason_of(other) == "idempotency_conflict");

    const auto too_much =
        R"({"service":"images","estimatedCost":"9","taskId":"t","idempotencyKey":"r"})";
    const auto refused = tools.pay(too_much);
    auto refused_again = tools.pay(too_much);
    CHECK(text_of(refused_again, "replayed") == "true");
    refused_again.structured.erase("replayed");
    CHECK(refused_again.structured == refused.structured);
}

TEST_CASE("settling twice is the same answer, settling otherwise an error")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    tools.settle(id, "0.40");
    CHECK(text_of(tools.settle(id, "0.40"), "replayed") == "true");
    CHECK(test::reason_of(tools.settle(id, "0.41")) == "hold_closed");
    CHECK(test::reason_of(tools.give_back(id)) == "hold_closed");
}

TEST_CASE("a void gives everything back, and only once")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    CHECK(text_of(tools.give_back(id), "state") == "voided");
    CHECK(text_of(tools.give_back(id), "replayed") == "true");
    CHECK(test::reason_of(tools.settle(id, "0.40")) == "hold_closed");
    CHECK(text_of(tools.call("pay_budget_status", "{}"), "held") == "0.00");
}

TEST_CASE("nobody settles another agent's hold, and no made-up txId is known")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    tools.log_in("strict");
    CHECK(test::reason_of(tools.settle(id, "0.40")) == "hold_unknown");
    CHECK(test::reason_of(tools.settle("tx_00000000000000000000000001", "1")) ==
          "invalid_argument");
    CHECK(test::reason_of(tools.settle(TxId{.seq = 3, .token = 77}.to_string(), "1")) ==
          "hold_unknown");
}

TEST_CASE("more than the hold is paid only as far as over-capture allows; the hold stays")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    const auto refused = tools.settle(id, "0.551");
    CHECK(test::reason_of(refused) == "over_capture");
    CHECK(text_of(refused, "held") == "0.50");
    CHECK(text_of(refused, "maxCapture") == "0.55");
    CHECK(tools.ledger.run([](Books& books) { return books.rows().excesses(9); }).size() == 1);
    CHECK(text_of(tools.settle(id, "0.55"), "captured") == "0.55");
}

TEST_CASE("an expired hold is settled late when there is room, unless the policy refuses")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    SECTION("there is room")
    {
        tools.ledger.clock.pass(Span::minutes(3));
        CHECK(text_of(tools.call("pay_budget_status", "{}"), "held") == "0.00");
        const auto late = tools.settle(id, "0.50");
        CHECK(text_of(late, "state") == "settled");
        CHECK(text_of(late, "late") == "true");
        CHECK(text_of(tools.settle(id, "0.50"), "replayed") == "true");
    }
    SECTION("there is none")
    {
        tools.ledger.clock.pass(Span::minutes(3));
        tools.settle(id_of(tools.pay(R"({"service":"images","estimatedCost":"2","taskId":"t-1"})")),
                     "2");
        id_of(tools.pay(R"({"service":"images","estimatedCost":"0.9","taskId":"t-1"})"));
        CHECK(test::reason_of(tools.settle(id, "0.50")) == "spend_limit_reached");
    }
    SECTION("a void of it is content")
    {
        tools.ledger.clock.pass(Span::minutes(3));
        CHECK(text_of(tools.give_back(id), "state") == "expired");
    }
    SECTION("the policy refuses late settles")
    {
        tools.log_in("strict");
        const auto other = id_of(tools.pay(R"({"service":"images","estimatedCost":"1"})"));
        tools.ledger.clock.pass(Span::minutes(3));
        CHECK(test::reason_of(tools.settle(other, "1")) == "hold_expired");
    }
}

TEST_CASE("a longer hold than the policy has is shortened, and says so")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto held =
        tools.pay(R"({"service":"images","estimatedCost":"1","taskId":"t","ttlSeconds":3600})");
    id_of(held);
    CHECK(held.structured.at("notes").as_array().size() == 1);
}

TEST_CASE("status shows every cap, what is held and the open holds")
{
    Tools tools{kPolicy};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kImage));
    const auto status = tools.call("pay_budget_status", R"({"taskId":"t-1"})");
    CHECK(text_of(status, "agent") == "painter");
    CHECK(text_of(status, "held") == "0.50");
    CHECK(text_of(status, "frozen") == "false");
    std::vector<std::string> caps;
    for (const auto& cap : status.structured.at("caps").as_array())
        caps.push_back(std::string{cap.at("budget").as_string()} + " " +
                       std::string{cap.at("cap").as_string()});
    CHECK(caps == std::vector<std::string>{"agent/painter daily", "agent/painter perTask",
                                           "budget/team daily"});
    CHECK(status.structured.at("holds").as_array().front().at("txId").as_string() == id);
}

TEST_CASE("a call cancelled before it began changes nothing")
{
    Tools tools;
    const auto document = json::parse(R"({"service":"x","estimatedCost":"1"})");
    auto cancelled = std::make_shared<std::atomic<bool>>(true);
    bool replied = false;
    tools.box.call("pay_preauthorize", &document->root(), tools.caller, cancelled,
                   [&](tools::Result) { replied = true; });
    CHECK(replied);
    CHECK(tools.ledger.entries() == 0);
}

TEST_CASE("a full queue is said at once")
{
    Tools tools;
    tools.till.is_full = true;
    const auto refused = tools.pay(R"({"service":"x","estimatedCost":"1"})");
    CHECK(test::reason_of(refused) == "busy");
    CHECK(text_of(refused, "retry") == "same_request");
}
