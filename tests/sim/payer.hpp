// SPDX-License-Identifier: Apache-2.0
// The part of a run that pays over a chain: the real payout engine and the tools' judge of funds,
// a chain in memory, and nodes that lose answers, lag and lie.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/plan.hpp"
#include "tests/sim/process.hpp"
#include "tests/support/sim_chain.hpp"
#include "tests/support/sim_node.hpp"
#include "tests/support/sim_signers.hpp"
#include "wallet/funding.hpp"
#include "wallet/payout_engine.hpp"

namespace purse::sim {

class Payer final : EngineWatcher, Bookkeeper {
public:
    Payer(const Plan& plan, const Clock& clock);

    const Funding& funding() const { return funding_; }
    /// Seconds pass on the chain, too.
    void pass(std::uint64_t seconds);
    /// Something happens to the chain; in words, empty: nothing.
    std::string mishap();
    /// No node fails or lies any more, and there is gas.
    void heal();

    /// One round in this process; `at` gets the ledger's time of every transaction of it. Throws
    /// StoreCrash where the process dies in it.
    void tick(Process& process, const std::function<void(Us)>& at);
    /// The process in which the engine was is gone.
    void forget() { engine_.reset(); }

    std::int64_t paid_to(const std::string& payee) const;
    /// Dies at the `nth` named point from now on; 0: at none.
    int crash_in = 0;
    bool is_idle() const { return engine_ && engine_->is_idle(); }

private:
    void warn(std::string_view, std::string_view) override {}
    void pass(std::string_view point) override;
    void transact(const std::function<void(Books&)>& run) override;
    WalletSettings settings() const;

    Dice dice_;
    test::SimChain chain_;
    test::SimTreasury treasury_;
    std::vector<test::SimRelayer> relayers_;
    test::SeededEntropy entropy_;
    std::vector<test::SimNode*> sim_nodes_;
    std::unique_ptr<Nodes> nodes_;
    Funding funding_;
    std::unique_ptr<PayoutEngine> engine_;
    Process* process_ = nullptr;  // of the round under way
    const std::function<void(Us)>* at_ = nullptr;
    bool has_reorgs_ = false;
};

}  // namespace purse::sim
