// SPDX-License-Identifier: Apache-2.0
// A changed policy, a freeze: in force with the next decision, whoever made the change.
#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
std::string policy_with_daily(const std::string& daily)
{
    return R"({"version":1,"agents":{"painter":{"caps":{"daily":")" + daily +
           R"("},"allow":{"services":["*"]},"overCapture":{"percent":50}}}})";
}
constexpr auto kDollar = R"({"service":"images","estimatedCost":"1"})";
}  // namespace

TEST_CASE("a changed document decides the next call and is in the journal")
{
    Tools tools{policy_with_daily("5")};
    tools.log_in("painter");
    id_of(tools.pay(kDollar));
    tools.source.edit(policy_with_daily("1.5"));
    CHECK(test::reason_of(tools.pay(kDollar)) == "spend_limit_reached");
    tools.source.edit(policy_with_daily("2"));
    id_of(tools.pay(kDollar));
    int versions = 0;
    for (const auto& row : tools.ledger.journal())
        versions += row.body.find(R"("kind":"policy")") != std::string::npos;
    CHECK(versions == 3);
}

TEST_CASE("a changed document never loosens a hold already taken")
{
    Tools tools{policy_with_daily("5")};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(R"({"service":"images","estimatedCost":"4"})"));
    SECTION("a higher limit is not the hold's")
    {
        tools.source.edit(policy_with_daily("50"));
        CHECK(test::reason_of(tools.settle(id, "5.5")) == "spend_limit_reached");
        CHECK(text_of(tools.settle(id, "5"), "captured") == "5.00");
    }
    SECTION("a lower limit binds what is above the hold, not the hold")
    {
        tools.source.edit(policy_with_daily("3"));
        CHECK(test::reason_of(tools.settle(id, "4.5")) == "spend_limit_reached");
        CHECK(text_of(tools.settle(id, "4"), "captured") == "4.00");
    }
}

TEST_CASE("a document with a mistake is told to the operator and changes nothing")
{
    Tools tools{policy_with_daily("5")};
    tools.log_in("painter");
    id_of(tools.pay(kDollar));
    tools.source.edit(R"({"version":1,"agents":{"painter":{"caps":{"dayly":"9"}}}})");
    id_of(tools.pay(kDollar));
    REQUIRE(tools.alarm.heard.size() == 1);
    CHECK_THAT(tools.alarm.heard.front(), Catch::Contains("$.agents.painter.caps.dayly"));
    CHECK_THAT(tools.alarm.heard.front(), Catch::Contains("stays"));
}

TEST_CASE("a first document with a mistake opens no sandbox")
{
    Tools tools{R"({"version":1,"agnts":{}})"};
    CHECK(test::reason_of(tools.pay(kDollar)) == "policy_invalid");
    tools.source.next = std::unexpected{std::string{"policy.jsonc cannot be read"}};
    CHECK(test::reason_of(tools.pay(kDollar)) == "policy_invalid");
    tools.source.edit(policy_with_daily("5"));
    CHECK(test::reason_of(tools.pay(kDollar)) == "credential_missing");
}

TEST_CASE("an unchanged document is not applied twice")
{
    Tools tools{policy_with_daily("5")};
    tools.log_in("painter");
    id_of(tools.pay(kDollar));
    tools.source.edit(policy_with_daily("5"));
    id_of(tools.pay(kDollar));
    CHECK(tools.ledger.run([](Books& books) { return books.meta().policy_version; }) == 1);
}

TEST_CASE("a freeze by another process stops the next hold; what is held may still be settled")
{
    Tools tools{policy_with_daily("5")};
    tools.log_in("painter");
    const auto id = id_of(tools.pay(kDollar));
    const std::string target = GENERATE("all", "agent/painter");
    tools.ledger.ledger().transact([&](Books& books) { books.freeze(target, "looks odd"); });
    const auto refused = tools.pay(kDollar);
    CHECK(test::reason_of(refused) == "frozen");
    CHECK(text_of(refused, "retry") == "never");
    CHECK(text_of(tools.call("pay_budget_status", "{}"), "frozen") == "true");
    CHECK(text_of(tools.settle(id, "1"), "state") == "settled");
    tools.ledger.ledger().transact([&](Books& books) { CHECK(books.unfreeze(target)); });
    id_of(tools.pay(kDollar));
}

TEST_CASE("the sandbox ends when the operator brings a policy")
{
    Tools tools;
    id_of(tools.pay(kDollar));
    tools.source.edit(policy_with_daily("5"));
    CHECK(test::reason_of(tools.pay(kDollar)) == "credential_missing");
}
