// SPDX-License-Identifier: Apache-2.0
// The life of a ledger that is to lose its power: two processes' worth of the real store and books
// at work on one simulated disk, doing by the dice everything that a ledger does. After each commit
// it notes what was acknowledged, at which point of the disk's log, and the digest of all tables.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "ledger/sqlite/store.hpp"
#include "ledger/system/head_key.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/requests.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/support/sim_disk.hpp"

namespace purse::test {

/// The contents of all tables of a folder's ledger; the digest of nothing where there is none.
Digest digest_of_tables(const std::string& folder);

class PowerLife {
public:
    /// A commit: it has not happened at points up to `begun`, and must have from `done` on.
    struct Moment {
        std::size_t begun = 0;
        std::size_t done = 0;
        Digest tables{};
        Instant time;                   ///< the clock when the tables became these
        std::vector<std::string> what;  ///< the kinds of its pieces
    };
    /// The answer to a request for a hold.
    struct Asked {
        HoldRequest request;
        HoldAnswer answer;
        std::size_t moment = 0;
    };
    /// What an answer said that became of a hold.
    struct Told {
        std::size_t moment = 0;
        HoldState state = HoldState::open;
        std::int64_t captured = 0;
    };

    PowerLife(SimDisk& disk, const std::string& folder, std::uint64_t seed);
    void live(int commits);

    /// Moment 0 is before all: no ledger. Moment 1: a ledger, and nothing in it.
    const std::vector<Moment>& moments() const noexcept { return moments_; }
    const std::vector<Asked>& asked() const noexcept { return asked_; }
    /// By txId, in the order of the moments.
    const std::map<std::string, std::vector<Told>>& told() const noexcept { return told_; }
    const Rules& rules() const noexcept { return rules_; }

private:
    /// A store and a ledger of its own, as a process has them.
    struct Process {
        std::unique_ptr<sqlite::SqliteStore> store;
        std::unique_ptr<Ledger> ledger;
    };
    using Piece = std::function<std::string(Books&)>;  // does something; what it was

    void open(Process& process);
    void move_time();
    void commit(std::vector<Piece> pieces);
    void idle();
    void note(std::size_t begun, std::size_t done, std::vector<std::string> what);
    Piece some_piece();
    std::optional<TxId> some_hold();

    std::string hold(Books& books);
    std::string end(Books& books);
    std::string settle_late(Books& books, TxId id, std::int64_t actual);
    std::string rule(Books& books);
    std::string operate(Books& books);
    std::string sign_in(Books& books);
    std::string open_treasury(Books& books);
    std::string pay_out(Books& books);
    std::string move_payout(Books& books, const PayoutRow& row);

    std::vector<Leg> legs(const std::string& task) const;
    void tell(TxId id, HoldState state, std::int64_t captured);

    SimDisk& disk_;
    const std::string folder_;
    Dice dice_;
    FakeClock clock_;
    SeededEntropy entropy_;
    system::FileHeadKey key_;
    Rules rules_;
    std::array<Process, 2> processes_;
    std::vector<Moment> moments_;
    std::vector<Asked> asked_;
    std::map<std::string, std::vector<Told>> told_;
    std::vector<TxId> holds_;      ///< those that were taken, in order
    std::int64_t last_entry_ = 0;  ///< of the journal, when the last piece had been done
    std::int64_t treasury_ = 0;
    std::int64_t block_ = 0;
    std::int64_t changes_ = 0;  ///< numbers policies, credentials and keys
    std::vector<std::string> credentials_;
    std::optional<Digest> link_;
};

}  // namespace purse::test
