// SPDX-License-Identifier: Apache-2.0
// One run of one seed: processes on one ledger file, their clients and operators, and everything
// that goes wrong, on one thread and in no real time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/system/head_key.hpp"
#include "tests/sim/clients.hpp"
#include "tests/sim/operators.hpp"
#include "tests/sim/payer.hpp"
#include "tests/sim/process.hpp"
#include "tests/sim/report.hpp"
#include "tests/support/fault_disk.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/temp_folder.hpp"

namespace purse::sim {

class Run {
public:
    explicit Run(const Plan& plan);

    /// Both phases, and the audit at the end.
    Report go();

private:
    using Calls = std::vector<std::unique_ptr<Call>>;

    void begin();
    void anything_goes();
    void everything_ends();
    void round();
    void move_time();
    void cause_trouble();
    void pass(Us us);

    Process& process(std::size_t place);
    void restart(std::size_t place);
    Calls draw_batch();
    void submit_all(Process& process, Calls& calls);
    /// One transaction of one process with these calls, whatever becomes of it.
    void transact(std::size_t place, Calls& calls);
    /// What goes wrong in the next transaction.
    enum class Trouble { none, store, disk, power };
    Trouble arm(Process& process);
    bool has_one_past();
    void check_fault(Call& call);
    void check_no_fault(const Calls& calls);
    void settle_fates(Process& process, Calls& calls);
    void happened(const Call& call);
    /// Nobody knows whether these calls were stored: from here on there are two pasts.
    void split(const Calls& calls);
    /// The same after the power has gone at some moment of the commit.
    void lose_power(std::size_t place, std::size_t log_before, Calls& calls);
    void tell(const Call& call, const char* fate);
    void idle(std::size_t place);
    /// A round of the payout engine.
    void pay();
    void pay_all_debts();
    /// The process is no more.
    void drop(std::size_t place);
    void verify_journal();
    void check_time(const Call& call);
    void let_read(Calls& calls);
    void one(std::unique_ptr<Call> call);
    /// Asks again whatever was not answered, without trouble.
    void resolve();
    void look_at_all();
    void check_all_ended();
    void audit_all();

    void fail(const std::string& what);
    bool is_wrong() const { return !report_.wrong.empty(); }
    std::size_t any(std::size_t count)
    {
        return static_cast<std::size_t>(dice_.between(0, static_cast<std::int64_t>(count) - 1));
    }

    Plan plan_;
    Report report_;
    Dice dice_;
    test::TempFolder folder_{test::TempFolder::On::memory};
    test::SimDisk disk_;
    test::FaultDisk faulty_disk_;
    test::FakeClock clock_;
    system::FileHeadKey key_;
    Operators operators_;
    Clients clients_;
    std::unique_ptr<Payer> payer_;  ///< where it is paid over a chain
    std::size_t paying_ = 0;        ///< the process in which its engine is
    std::vector<std::unique_ptr<Process>> processes_;
    std::uint64_t lives_ = 0;
    std::vector<Shadow> pasts_;  ///< all that are possible, mostly one
    Us unpassed_ = 0;            ///< less than a second that the chain has not seen
    Us pinned_ = 0;              ///< the time of the last decision that was written
    Us ahead_ = 0;               ///< the furthest the ledger's time can be ahead of the boot clock
    bool is_calm_ = false;
};

/// The run of a seed.
Report simulate(const Plan& plan);

}  // namespace purse::sim
