// SPDX-License-Identifier: Apache-2.0
// Ledgers that lived a random past are in order; a ledger that somebody touched is not.
#include "audit/audit.hpp"

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "ledger/system/head_key.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/past.hpp"

using namespace purse;
using namespace purse::test;

namespace {
void change(const std::string& folder, const std::string& sql)
{
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((folder + "/ledger.db").c_str(), &db) == SQLITE_OK);
    char* fault = nullptr;
    sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &fault);
    const std::string words = fault == nullptr ? "" : fault;
    sqlite3_free(fault);
    CHECK(sqlite3_changes(db) > 0);
    sqlite3_close(db);
    REQUIRE(words.empty());
}

std::string findings_of(const std::string& folder)
{
    return audit(folder, auditor::Rules::judged).text();
}

/// A day with every kind of entry, on disk.
struct Day {
    TempFolder keys{TempFolder::On::disk};
    std::unique_ptr<HeadSigner> signer =
        std::make_unique<system::FileHeadKey>(keys / "journal.key");
    TestLedger purse{signer.get(), TempFolder::On::memory};
    std::string folder = purse.folder.path();

    Day()
    {
        purse.rules.money("daily", Window::day, 1'000'000);
        purse.rules.money("lifetime", Window::lifetime, 9'000'000);
        purse.rules.rolling(Span::hours(1), 900'000);
        purse.rules.count(Span::hours(1), 6);
        const auto first = purse.hold(usdc("0.30"), "first");
        const auto second = purse.hold(usdc("0.20"), "second");
        purse.settle(first.id, "0.25");
        purse.give_back(second.id);
        purse.hold(usdc("5"), "too much");
        purse.hold(usdc("0.10"));
        purse.ledger().idle();
        REQUIRE(audit(folder).good());
    }
};
}  // namespace

TEST_CASE("audit: random pasts under real policies, changed on the way, are in order")
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        Past past{random_policy(dice, With::approvals, 500)};
        past.play(random_script(dice, 150, With::approvals));
        // A cap that is set later finds what was spent before.
        past.change_policy(random_policy(dice, With::approvals, 400));
        past.play(random_script(dice, 150, With::approvals));
        CHECK(findings_of(past.purse.folder.path()).empty());
    }
}

TEST_CASE("audit: what somebody changes in a table is found")
{
    struct Tampering {
        const char* sql;
        const char* found;
    };
    const auto tampering = GENERATE(
        Tampering{"UPDATE counter SET spent = spent - 1 WHERE kind = 'daily'", "daily"},
        Tampering{"UPDATE counter SET held = held + 1 WHERE kind = 'lifetime'", "lifetime"},
        Tampering{"UPDATE counter SET held = 0 WHERE kind = 'rolling 1h'", "sum of its window"},
        Tampering{"DELETE FROM window_entry WHERE held > 0", "sum of its window"},
        Tampering{"DELETE FROM counter WHERE kind = 'daily'", "is missing"},
        Tampering{"UPDATE hold SET captured = captured - 1 WHERE captured > 0", "entry 1 took"},
        Tampering{"UPDATE hold SET state = 0 WHERE state = 2", "entry 2 took"},
        Tampering{"DELETE FROM hold WHERE state = 1", "holds are missing"},
        Tampering{"DELETE FROM open_hold", "due list"},
        Tampering{"DELETE FROM journal WHERE seq = 3", "follows a gap"},
        Tampering{"UPDATE journal SET body = replace(body, '0.25', '0.24') WHERE seq = 3",
                  "entry 3 breaks the chain"},
        Tampering{"UPDATE journal SET at = at + 1 WHERE seq = 2", "entry 2 has another time"},
        Tampering{"UPDATE transfer SET amount = amount - 1", "transfers"},
        Tampering{"UPDATE account SET credits = credits + 1", "account"},
        Tampering{"INSERT INTO transfer SELECT 99, hold, debit, credit, amount FROM transfer",
                  "paid twice"},
        Tampering{"INSERT INTO request VALUES ('painter', 'made up', x'00', 1)", "made up"},
        Tampering{"UPDATE head SET signature = zeroblob(64)", "signature"},
        Tampering{"UPDATE head SET root = zeroblob(32)", "signature"},
        Tampering{"UPDATE meta SET tree = zeroblob(32)", "tree"},
        Tampering{"UPDATE meta SET head = zeroblob(32)", "another head"},
        Tampering{"UPDATE meta SET last_time = 1", "time is behind"},
        Tampering{"UPDATE meta SET seq = seq + 1", "another last entry"});
    const Day day;
    change(day.folder, tampering.sql);
    CAPTURE(tampering.sql);
    const auto found = audit(day.folder);
    CHECK_THAT(found.text(), Catch::Contains(tampering.found));
}

TEST_CASE("audit: a file that is none, or not there")
{
    const TempFolder folder{TempFolder::On::memory};
    CHECK_THAT(audit(folder.path()).text(), Catch::Contains("opening"));
    std::ofstream{folder / "ledger.db"} << std::string(4'096, 'x');
    CHECK_FALSE(audit(folder.path()).good());
}
