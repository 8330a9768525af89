// SPDX-License-Identifier: Apache-2.0
// A shadow policy against a ledger that really had it: what it tells is what a replay finds, once.
#include "server/shadow/follower.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "ledger/sqlite/store.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/past.hpp"

using namespace purse;
using namespace purse::test;
using server::ShadowFollower;

namespace {
class DirectBooks final : public Bookkeeper {
public:
    explicit DirectBooks(TestLedger& ledger) : ledger_{ledger} {}
    void transact(const std::function<void(Books&)>& run) override
    {
        const bool is_in_turn = fails_in == 1;
        if (fails_in > 0) --fails_in;
        if (is_in_turn) throw StoreError{StoreError::Kind::busy, "in turn"};
        ledger_.ledger().transact(run);
    }
    int fails_in = 0;

private:
    TestLedger& ledger_;
};

struct World {
    Past past;
    DirectBooks books{past.purse};
    SeededEntropy entropy;
    server::Log log{server::LogLevel::off};

    explicit World(const std::string& policy) : past{policy} {}

    ShadowFollower follower()
    {
        return ShadowFollower{{.books = books, .entropy = entropy, .log = log, .scratch = [] {
                                   return std::make_unique<sqlite::SqliteStore>(
                                       sqlite::SqliteStore::Settings{.folder = {}});
                               }}};
    }
    void start(const std::string& policy)
    {
        past.purse.run([&](Books& now) { return Shadows{now}.start(policy, "new.json", "me"), 0; });
    }
    ShadowFollower::Round follow(ShadowFollower& follower)
    {
        auto round = ShadowFollower::Round::more;
        while (round == ShadowFollower::Round::more) round = follower.round();
        return round;
    }
    /// What the journal tells of differences: "entry change", in order.
    std::vector<std::string> told()
    {
        std::vector<std::string> lines;
        for (const auto& row : past.journal()) {
            const auto document = json::parse(row.body);
            const auto& root = document->root();
            if (root.text_of("kind") == "shadow_differs")
                lines.push_back(std::string{root.find("entry")->text()} + " " +
                                std::string{root.text_of("change")});
        }
        return lines;
    }
    /// What a replay of the whole journal finds from the shadow's start on, sorted.
    std::vector<std::string> replayed(const std::string& policy)
    {
        const auto row = past.purse.run([](Books& now) { return *Shadows{now}.current(); });
        sqlite::SqliteStore scratch{{.folder = {}}};
        std::vector<std::string> lines;
        server::replay::Replay replay{
            scratch,
            entropy,
            policy::parse_document(policy).value(),
            {.from = row.started_at,
             .agent = {},
             .charged = {},
             .differs = [&](std::int64_t at, const server::replay::Difference& found) {
                 if (at > row.since)
                     lines.push_back(std::to_string(found.seq) + " " +
                                     std::string{wire_name(found.change)});
             }}};
        replay.feed(past.journal());
        std::ranges::sort(lines);
        return lines;
    }
};

std::vector<std::string> sorted(std::vector<std::string> lines)
{
    std::ranges::sort(lines);
    return lines;
}
}  // namespace

TEST_CASE("shadow: tells what a replay finds, and each thing once")
{
    std::size_t differences = 0;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        World world{random_policy(dice, With::approvals, 500)};
        world.past.play(random_script(dice, 60, With::approvals));
        const auto shadow = random_policy(dice, With::approvals, 300);
        world.start(shadow);
        auto follower = std::make_unique<ShadowFollower>(world.follower());
        for (int part = 0; part < 6; ++part) {
            world.past.play(random_script(dice, 30, With::approvals));
            // Another process takes over, as after a kill; or a commit does not come about.
            if (dice.odds(1, 2)) follower = std::make_unique<ShadowFollower>(world.follower());
            world.books.fails_in = static_cast<int>(dice.between(0, 3));
            try {
                world.follow(*follower);
            } catch (const StoreError&) {
                world.books.fails_in = 0;
                world.follow(*follower);
            }
        }
        CHECK(sorted(world.told()) == world.replayed(shadow));
        differences += world.told().size();
        CHECK(audit(world.past.purse.folder.path(), auditor::Rules::judged).text().empty());
    }
    CHECK(differences > 100);
}

TEST_CASE("shadow: the policy in force as its own shadow differs in nothing")
{
    Dice dice{5};
    const auto policy = random_policy(dice, With::approvals, 500);
    World world{policy};
    world.past.play(random_script(dice, 100, With::approvals));
    world.start(policy);
    world.past.play(random_script(dice, 200, With::approvals));
    auto follower = world.follower();
    CHECK(world.follow(follower) == ShadowFollower::Round::rest);
    CHECK(world.told().empty());
}

TEST_CASE("shadow: ended, replaced, none")
{
    Dice dice{6};
    World world{random_policy(dice, With::caps_only, 500)};
    auto follower = world.follower();
    CHECK(follower.round() == ShadowFollower::Round::none);

    const std::string nothing = R"({"version":1,"agents":{"a":{"caps":{"lifetime":"0"}},"b":{}}})";
    world.start(nothing);
    world.past.play(random_script(dice, 40, With::caps_only));
    world.follow(follower);
    const auto first = world.told().size();
    CHECK(first > 0);

    // A new one begins anew, and what the old one would have said is not told any more.
    world.past.play(random_script(dice, 40, With::caps_only));
    world.start(nothing);
    world.follow(follower);
    CHECK(world.told().size() == first);
    world.past.play(random_script(dice, 40, With::caps_only));
    world.follow(follower);
    const auto second = world.told().size();
    CHECK(second > first);

    CHECK(world.past.purse.run([](Books& now) { return Shadows{now}.end("me"); }));
    CHECK_FALSE(world.past.purse.run([](Books& now) { return Shadows{now}.end("me"); }));
    world.past.play(random_script(dice, 40, With::caps_only));
    CHECK(follower.round() == ShadowFollower::Round::none);
    CHECK(world.told().size() == second);
}

TEST_CASE("shadow: a late follower tells nothing for one that another has told for")
{
    Dice dice{7};
    World world{random_policy(dice, With::caps_only, 500)};
    world.start(R"({"version":1,"agents":{"a":{"caps":{"lifetime":"0"}},"b":{}}})");
    world.past.play(random_script(dice, 60, With::caps_only));
    auto slow = world.follower();
    auto fast = world.follower();
    slow.round();  // has read nothing that differs yet, or has told it
    world.past.play(random_script(dice, 60, With::caps_only));
    world.follow(fast);
    world.follow(slow);
    const auto told = world.told();
    CHECK(std::set<std::string>{told.begin(), told.end()}.size() == told.size());
}

TEST_CASE("shadow: what differs too often is cut off, and nothing else")
{
    TestLedger purse{nullptr, TempFolder::On::memory};
    purse.run([](Books& now) { return Shadows{now}.start("{}", "x", ""), 0; });
    const auto row = purse.run([](Books& now) { return *Shadows{now}.current(); });
    const std::vector<ShadowDifference> many(kShadowDifferencesMax + 5, {.change = "newly_refused",
                                                                         .entry = 1,
                                                                         .agent = "a",
                                                                         .payee = "p",
                                                                         .amount = micro(1),
                                                                         .reasons = "[]"});
    CHECK(purse.run([&](Books& now) { return Shadows{now}.tell(row, many, 7); }));
    CHECK(purse.run([](Books& now) { return Shadows{now}.current()->told; }) ==
          kShadowDifferencesMax);
    // With the row of before, nothing.
    CHECK_FALSE(purse.run([&](Books& now) { return Shadows{now}.tell(row, many, 8); }));
    CHECK(std::ssize(purse.journal()) == kShadowDifferencesMax + 1);
}
