// SPDX-License-Identifier: Apache-2.0
#include "audit/policy.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "audit/words.hpp"
#include "policy/document.hpp"
#include "tests/support/past.hpp"

using namespace purse;
using namespace purse::test;

namespace {
/// "agent/a daily 5000000", with a limit, in one order.
std::vector<std::string> limits_of(const auditor::PolicyAgent& agent)
{
    std::vector<std::string> lines;
    for (const auto& cap : agent.caps)
        if (cap.limit != auditor::kNoLimit)
            lines.push_back(cap.budget + " " + cap.kind + " " + std::to_string(cap.limit));
    std::ranges::sort(lines);
    return lines;
}

std::vector<std::string> limits_of(const policy::Agent& agent)
{
    std::vector<std::string> lines;
    for (const auto& charge : agent.charges)
        if (charge.rule->limit != kNoLimit)
            lines.push_back(charge.rule->budget + " " + charge.rule->kind + " " +
                            std::to_string(charge.rule->limit));
    std::ranges::sort(lines);
    return lines;
}
}  // namespace

TEST_CASE("audit policy: comments, trailing commas, numbers by their text, budgets of budgets")
{
    const auditor::Policy policy{R"(// "1.5" is no number here
      { "version": 1, /* nor 2.5 */
        "budgets": { "all": { "caps": { "monthly": 4000.000001 } },
                     "team": { "budgets": ["all"], "caps": { "perTx": "7.5" } } },
        "agents": { "writer": { "budgets": ["team"], "frozen": true, "description": "\" 3.5 \\",
                                "caps": { "perTx": 9, "daily": 0.10,
                                          "rolling": [{ "span": "60m", "limit": "1" }],
                                          "count": [{ "span": "90s", "limit": 3 }], },
                                "loopGuard": { "times": 2, "span": "7d" }, }, } })"};
    CHECK(policy.agent("reader") == nullptr);
    const auto* writer = policy.agent("writer");
    REQUIRE(writer != nullptr);
    CHECK(writer->budgets == std::vector<std::string>{"agent/writer", "budget/team", "budget/all"});
    CHECK(writer->most == 7'500'000);
    CHECK(writer->is_frozen);
    CHECK(limits_of(*writer) ==
          std::vector<std::string>{"agent/writer count 90s 3", "agent/writer daily 100000",
                                   "agent/writer loop 1w 2", "agent/writer rolling 1h 1000000",
                                   "budget/all monthly 4000000001"});
}

TEST_CASE("audit policy: reads of random documents what the product reads")
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Dice dice{seed};
        const auto text = random_policy(dice, With::approvals, 500);
        CAPTURE(text);
        const auto document = policy::parse_document(text);
        REQUIRE(document.has_value());
        const auditor::Policy policy{text};
        for (const auto* name : {"a", "b"}) {
            REQUIRE(policy.agent(name) != nullptr);
            CHECK(limits_of(*policy.agent(name)) == limits_of(*(*document)->agent(name)));
        }
    }
}

TEST_CASE("audit policy: what is no document")
{
    CHECK_THROWS(auditor::Policy{"{"});
    CHECK_THROWS(auditor::Policy{R"({"agents":{"a":{"caps":{"daily":"1e3"}}}})"});
    CHECK_THROWS(auditor::Policy{R"({"agents":{"a":{"budgets":["nowhere"]}},"budgets":{}})"});
}
