// SPDX-License-Identifier: Apache-2.0
// Disks that are full or fail, under the real store.
#include <catch2/catch.hpp>

#include "tests/support/audit.hpp"
#include "tests/support/fault_disk.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
std::optional<StoreError::Kind> fault_of_hold(TestLedger& purse)
{
    try {
        const auto answer = purse.hold("0.01");
        CHECK(answer.outcome == HoldAnswer::Outcome::approved);
    } catch (const StoreError& error) {
        return error.kind();
    }
    return std::nullopt;
}
}  // namespace

TEST_CASE("disk: full at any write, nothing is approved, and fine when there is room again")
{
    FaultDisk disk;
    TestLedger purse{nullptr, TempFolder::On::memory};
    purse.rules.money("daily", Window::day, 100'000'000);
    REQUIRE_FALSE(fault_of_hold(purse).has_value());
    std::int64_t approved = 1;
    int faults = 0;
    for (int nth = 1;; ++nth) {
        disk.fail(FaultDisk::Call::write, nth, SQLITE_FULL);
        const auto fault = fault_of_hold(purse);
        const bool was_hit = disk.faults() > 0;
        disk.heal();
        if (!was_hit) {
            CHECK_FALSE(fault.has_value());
            ++approved;
            break;
        }
        ++faults;
        CAPTURE(nth);
        REQUIRE(fault == StoreError::Kind::failed);
        CHECK(purse.cap(0).held == approved * 10'000);
        CHECK_FALSE(fault_of_hold(purse).has_value());
        ++approved;
        REQUIRE(nth < 1'000);
    }
    CHECK(faults >= 5);
    purse.reopen();
    CHECK(purse.cap(0).held == approved * 10'000);
    CHECK(audit(purse.folder.path()).text() == "");
}

TEST_CASE("disk: an error of the disk leaves in doubt, and the ledger closes for good")
{
    const std::pair<FaultDisk::Call, int> kinds[] = {{FaultDisk::Call::write, SQLITE_IOERR_WRITE},
                                                     {FaultDisk::Call::sync, SQLITE_IOERR_FSYNC}};
    for (const auto& [call, code] : kinds)
        for (int nth = 1;; ++nth) {
            CAPTURE(code, nth);
            FaultDisk disk;
            TestLedger purse{nullptr, TempFolder::On::memory};
            purse.rules.money("daily", Window::day, 100'000'000);
            const auto sure = purse.hold(usdc("0.01"), "sure");
            disk.fail(call, nth, code);
            std::optional<StoreError::Kind> fault;
            try {
                purse.hold(usdc("0.01"), "in doubt");
            } catch (const StoreError& error) {
                fault = error.kind();
            }
            const bool was_hit = disk.faults() > 0;
            disk.heal();
            if (!was_hit) {
                CHECK_FALSE(fault.has_value());
                CHECK(nth > 1);
                break;
            }
            REQUIRE(fault == StoreError::Kind::in_doubt);
            // The disk is well again, but this process does not know what is on it.
            CHECK(fault_of_hold(purse) == StoreError::Kind::in_doubt);
            purse.reopen();
            const auto again = purse.hold(usdc("0.01"), "in doubt");
            CHECK(again.outcome == HoldAnswer::Outcome::approved);
            CHECK(purse.hold(usdc("0.01"), "sure").id == sure.id);
            CHECK(purse.cap(0).held == 20'000);  // once, whatever had become of the first try
            CHECK(audit(purse.folder.path()).text() == "");
            REQUIRE(nth < 1'000);
        }
}

TEST_CASE("disk: failing while the log is folded into the file")
{
    const std::pair<FaultDisk::Call, int> kinds[] = {{FaultDisk::Call::write, SQLITE_FULL},
                                                     {FaultDisk::Call::write, SQLITE_IOERR_WRITE},
                                                     {FaultDisk::Call::sync, SQLITE_IOERR_FSYNC}};
    for (const auto& [call, code] : kinds)
        for (int nth = 1; nth < 12; ++nth) {
            CAPTURE(code, nth);
            TempFolder folder{TempFolder::On::memory};
            FakeClock clock;
            SeededEntropy entropy;
            Rules rules;
            rules.money("daily", Window::day, 100'000'000);
            std::int64_t approved = 0;
            {
                FaultDisk disk;
                sqlite::SqliteStore store{{.folder = folder.path(),
                                           .checkpoint_frames = 20,
                                           .idle_checkpoint_frames = 1}};
                Ledger ledger{store, clock, entropy, nullptr};
                const auto hold = [&] {
                    try {
                        ledger.transact(
                            [&](Books& books) { books.hold(ask(rules, usdc("0.01"))); });
                        ++approved;
                    } catch (const StoreError&) {
                        // Counted below: what was not acknowledged may or may not be there.
                    }
                };
                for (int i = 0; i < 3; ++i) hold();
                disk.fail(call, nth, code);
                ledger.idle();
                for (int i = 0; i < 12; ++i) hold();
                disk.heal();
            }
            sqlite::SqliteStore store{{.folder = folder.path()}};
            Ledger ledger{store, clock, entropy, nullptr};
            ledger.transact([](Books&) {});
            const auto found = audit(folder.path());
            CHECK(found.text() == "");
            CHECK(static_cast<std::int64_t>(found.holds.size()) >= approved);
            CHECK(static_cast<std::int64_t>(found.holds.size()) <= approved + 1);
        }
}
