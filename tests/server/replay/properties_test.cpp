// SPDX-License-Identifier: Apache-2.0
// What a replay says, against real ledgers that ran the same script. PURSE_PROPERTY_RUNS raises
// the number of pasts; PURSE_PROPERTY_SEED names the first.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "server/replay/replay.hpp"
#include "server/replay/suggestion.hpp"
#include "tests/support/past.hpp"

using namespace purse;
using namespace purse::test;
using namespace purse::server::replay;
using LivedPast = purse::test::Past;

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

std::unique_ptr<Store> scratch_books()
{
    return std::make_unique<sqlite::SqliteStore>(sqlite::SqliteStore::Settings{.folder = {}});
}

Report replayed(LivedPast& past, const std::shared_ptr<const policy::Document>& candidate,
                Options options = {})
{
    const auto scratch = scratch_books();
    SeededEntropy entropy;
    Replay replay{*scratch, entropy, candidate, std::move(options)};
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
        LivedPast past{random_policy(dice, With::approvals, dice.between(5, 60))};
        past.play(random_script(dice, 400, With::approvals));
        for (const auto& request : past.requests) {
            refused += request.answer.outcome == HoldAnswer::Outcome::refused ? 1 : 0;
            asked += request.answer.outcome == HoldAnswer::Outcome::awaiting ? 1 : 0;
        }
        const auto whole = replayed(past, past.document);
        CHECK_THAT(told(whole), Catch::Equals(""));
        CHECK_FALSE(whole.has_changes());
        CHECK(whole.requests.count == static_cast<std::int64_t>(past.requests.size()));
        CHECK(whole.as_before.count + whole.undecided.count == whole.requests.count);
        CHECK(whole.assumed_paid.count == 0);

        // Also from the middle on: what came before fills the windows as it did.
        const auto rows = past.journal();
        const auto& middle = rows[static_cast<std::size_t>(
            dice.between(1, static_cast<std::int64_t>(rows.size()) - 1))];
        const auto later = replayed(past, past.document, {.from = middle.at});
        CHECK_THAT(told(later), Catch::Equals(""));
        const auto earlier = replayed(past, past.document, {.to = middle.at});
        CHECK_THAT(told(earlier), Catch::Equals(""));
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
        LivedPast past{policy};
        Dice for_script{seed};
        const auto script = random_script(for_script, 400, With::caps_only);
        past.play(script);

        const auto other = with_other_limits(policy, dice);
        LivedPast twin{other};
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

TEST_CASE("A suggested policy refuses nothing that its past allowed")
{
    std::int64_t allowed = 0;
    std::int64_t refused = 0;
    for_each_past(40, [&](std::uint64_t seed) {
        Dice dice{seed * 104'729};
        LivedPast past{random_policy(dice, With::approvals, dice.between(5, 60))};
        past.play(random_script(dice, 400, With::approvals));
        const auto rows = past.journal();
        SeededEntropy entropy;
        SuggestOptions options{.catalogue = past.document, .headroom = dice.between(0, 30)};
        if (dice.odds(1, 3)) options.from = rows[rows.size() / 3].at;
        const auto suggestion = suggest({.scratch = [] { return scratch_books(); },
                                         .entropy = entropy,
                                         .journal = [&](const auto& feed) { feed(rows); }},
                                        options);
        if (!suggestion) {
            CHECK(suggestion.error().starts_with("nothing was bought"));
            return;
        }
        const auto document = policy::parse_document(suggestion->text);
        INFO(suggestion->text);
        REQUIRE(document);
        const auto report = replayed(past, *document, {.from = options.from, .charged = {}});
        CHECK(report[Change::refused].count == 0);
        CHECK(report[Change::settle_refused].count == 0);
        CHECK(report[Change::asked].count == 0);
        CHECK(report.requests.count == suggestion->proof.requests.count);
        CHECK(suggestion->text.find("refuses none that was allowed") != std::string::npos);
        for (const auto& [agent, habit] : suggestion->habits.agents()) {
            allowed += habit.requests.count;
            refused += habit.refused;
        }
    });
    CHECK(allowed > 500);
    CHECK(refused > 500);
}

TEST_CASE("A suggestion without headroom is as tight as the past was")
{
    // One cent less in any cap that was full refuses something.
    Dice dice{11};
    LivedPast past{random_policy(dice, With::caps_only, 60)};
    past.play(random_script(dice, 300, With::caps_only));
    const auto rows = past.journal();
    SeededEntropy entropy;
    const auto suggestion = suggest({.scratch = [] { return scratch_books(); },
                                     .entropy = entropy,
                                     .journal = [&](const auto& feed) { feed(rows); }},
                                    {.catalogue = past.document, .headroom = 0});
    REQUIRE(suggestion);
    for (const auto& [agent, habit] : suggestion->habits.agents())
        for (const auto& found : proposals(habit, 0)) {
            if (found.unit == Unit::calls) continue;
            const auto text = "\"" + found.cap + "\": \"";
            auto tighter = suggestion->text;
            const auto own = tighter.find("\"" + agent + "\": {");
            const auto from = tighter.find(text, own) + text.size();
            tighter.replace(from, tighter.find('"', from) - from,
                            micro(found.observed - 1).to_string());
            const auto document = policy::parse_document(tighter);
            REQUIRE(document);
            CAPTURE(agent, found.cap);
            const auto report = replayed(past, *document);
            CHECK(report[Change::refused].count + report[Change::settle_refused].count > 0);
        }
}
