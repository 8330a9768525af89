// SPDX-License-Identifier: Apache-2.0
// What a replay says, against real ledgers that ran the same script. PURSE_PROPERTY_RUNS raises
// the number of pasts; PURSE_PROPERTY_SEED names the first.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "server/replay/replay.hpp"
#include "tests/support/past.hpp"

using namespace purse;
using namespace purse::test;
using namespace purse::server::replay;

namespace {
std::uint64_t setting(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

template <typename Check>
void for_each_past(std::uint64_t runs, Check check)
{
    const auto first = setting("PURSE_PROPERTY_SEED", 1);
    for (auto seed = first; seed < first + setting("PURSE_PROPERTY_RUNS", runs); ++seed) {
        CAPTURE(seed);
        check(seed);
    }
}

Report replayed(Past& past, const std::shared_ptr<const policy::Document>& candidate,
                Options options = {})
{
    sqlite::SqliteStore scratch{{.folder = {}}};
    SeededEntropy entropy;
    Replay replay{scratch, entropy, candidate, std::move(options)};
    const auto rows = past.journal();
    // In slices, as a command reads them.
    for (std::size_t i = 0; i < rows.size(); i += 37)
        if (!replay.feed(
                {rows.begin() + static_cast<std::ptrdiff_t>(i),
                 rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), i + 37))}))
            break;
    return replay.finish();
}

/// The same rules; half of all amounts are others, mostly lower.
std::string with_other_limits(std::string policy, Dice& dice)
{
    static const std::vector<std::string> kCaps{"perTx",    "hourly",  "daily",       "weekly",
                                                "lifetime", "perTask", "perWorkflow", "limit"};
    for (const auto& cap : kCaps) {
        const auto name = "\"" + cap + "\": \"";
        for (auto at = policy.find(name); at != std::string::npos; at = policy.find(name, at + 1)) {
            const auto from = at + name.size();
            const auto to = policy.find('"', from);
            const auto old = usdc(policy.substr(from, to - from)).micro();
            if (dice.odds(1, 2))
                policy.replace(from, to - from,
                               micro(old * dice.between(30, 110) / 100).to_string());
        }
    }
    return policy;
}

std::string told(const Report& report)
{
    std::string text;
    for (const auto& difference : report.differences) {
        text += std::to_string(difference.seq) + " " + std::string{wire_name(difference.change)} +
                " " + difference.agent + " " + difference.amount.to_string();
        for (const auto& why : difference.whys)
            text += "; " + why.reason + " " + why.rule + ": " + why.detail;
        text += "\n";
    }
    return text;
}
}  // namespace

TEST_CASE("A policy replayed over its own past changes nothing")
{
    std::int64_t refused = 0;
    std::int64_t asked = 0;
    for_each_past(40, [&](std::uint64_t seed) {
        Dice dice{seed};
        Past past{random_policy(dice, With::approvals, dice.between(5, 60))};
        past.play(random_script(dice, 400, With::approvals));
        for (const auto& request : past.requests) {
            refused += request.answer.outcome == HoldAnswer::Outcome::refused ? 1 : 0;
            asked += request.answer.outcome == HoldAnswer::Outcome::awaiting ? 1 : 0;
        }
        const auto whole = replayed(past, past.document);
        CHECK(told(whole) == "");
        CHECK_FALSE(whole.has_changes());
        CHECK(whole.requests.count == static_cast<std::int64_t>(past.requests.size()));
        CHECK(whole.as_before.count == whole.requests.count);
        CHECK(whole.assumed_paid.count == 0);

        // Also from the middle on: what came before fills the windows as it did.
        const auto rows = past.journal();
        const auto& middle = rows[static_cast<std::size_t>(
            dice.between(1, static_cast<std::int64_t>(rows.size()) - 1))];
        const auto later = replayed(past, past.document, {.from = middle.at});
        CHECK(told(later) == "");
        const auto earlier = replayed(past, past.document, {.to = middle.at});
        CHECK(told(earlier) == "");
        CHECK(earlier.requests.count + later.requests.count == whole.requests.count);
    });
    // Otherwise the test has not seen much.
    CHECK(refused > 100);
    CHECK(asked > 20);
}

TEST_CASE("A replay refuses exactly what a ledger under the candidate would have refused")
{
    std::int64_t changes = 0;
    for_each_past(40, [&](std::uint64_t seed) {
        Dice dice{seed * 7919};
        const auto scale = dice.between(5, 60);
        // The lengths of holds are rules too, and what was asked for is not on record: they stay.
        const auto policy = random_policy(dice, With::caps_only, scale);
        Past past{policy};
        Dice for_script{seed};
        const auto script = random_script(for_script, 400, With::caps_only);
        past.play(script);

        const auto other = with_other_limits(policy, dice);
        Past twin{other};
        twin.play(script, &past);

        const auto report = replayed(past, twin.document);
        std::map<std::int64_t, Change> changed;
        for (const auto& difference : report.differences)
            if (difference.change != Change::settle_refused &&
                difference.change != Change::settle_allowed)
                changed[difference.seq] = difference.change;
        REQUIRE(past.requests.size() == twin.requests.size());
        for (std::size_t i = 0; i < past.requests.size(); ++i) {
            CAPTURE(i);
            const auto was = past.requests[i].answer.outcome;
            const auto is = twin.requests[i].answer.outcome;
            const auto found = changed.find(past.requests[i].answer.seq);
            REQUIRE((found != changed.end()) == (was != is));
            if (was == is) continue;
            ++changes;
            CHECK(found->second ==
                  (is == HoldAnswer::Outcome::refused ? Change::refused : Change::allowed));
        }
    });
    CHECK(changes > 100);
}
