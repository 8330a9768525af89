// SPDX-License-Identifier: Apache-2.0
// A payout engine on a real ledger file, a chain in memory and nodes that may fail: everything
// that payouts touch, in one test's hands.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "ledger/payouts.hpp"
#include "ledger/sqlite/store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/support/sim_chain.hpp"
#include "tests/support/sim_node.hpp"
#include "tests/support/temp_folder.hpp"
#include "wallet/curve.hpp"
#include "wallet/payout_engine.hpp"

namespace purse::test {

/// The process died at a named point.
struct Crash {
    std::string point;
};

struct WorldOptions {
    std::uint64_t seed = 1;
    std::size_t nodes = 1;
    std::size_t relayers = 1;
    std::size_t payees = 2;
    bool has_real_signers = false;
    bool has_multicall = true;
    PayRule rule;
    Span valid_for = Span::minutes(10);
    Money floor;
    Wei max_fee = 1'000'000'000;
    std::int64_t treasury = 1'000'000'000'000;  ///< micro-USDC at the start
};

/// What one process of the server holds of payouts: nodes, an engine.
class PayoutWorld;
class EngineSeat final : public EngineWatcher, public Bookkeeper {
public:
    EngineSeat(PayoutWorld& world, std::uint64_t seed);

    void warn(std::string_view code, std::string_view what) override;
    void pass(std::string_view point) override;
    void transact(const std::function<void(Books&)>& run) override;

    /// One round; the engine is made when there is none. A crash or a ledger that is in doubt
    /// leaves no engine behind. False: the round did not come to its end.
    bool tick();
    void forget() { engine_.reset(); }
    PayoutEngine& engine() { return *engine_; }

    Nodes& nodes() { return *nodes_; }
    SimNode& node(std::size_t index) { return *sim_nodes_.at(index); }

    /// Another engine's round is under way: this one's trouble must not end the process under it.
    bool is_inside = false;
    std::map<std::string, int> warned;  ///< by code
    std::string last_warning;
    /// Called at each named point.
    std::function<void(std::string_view)> at_point;

private:
    PayoutWorld& world_;
    SeededEntropy entropy_;
    std::vector<SimNode*> sim_nodes_;
    std::unique_ptr<Nodes> nodes_;
    std::unique_ptr<PayoutEngine> engine_;
};

class PayoutWorld {
public:
    explicit PayoutWorld(WorldOptions options);

    const WorldOptions options;
    FakeClock clock;
    SeededEntropy entropy;
    TempFolder folder{TempFolder::On::memory};
    std::vector<Address> payees;
    Address treasury;
    std::vector<Address> relayers;
    std::unique_ptr<SimChain> chain;
    std::unique_ptr<EngineSeat> seat;
    std::unique_ptr<TreasurySigner> treasury_signer;
    std::vector<std::unique_ptr<RelayerSigner>> relayer_signers;

    EngineSettings engine_settings() const;
    FaultStore& store() { return *faults_; }
    Ledger& ledger() { return *ledger_; }

    template <typename Piece>
    auto run(Piece piece)
    {
        std::optional<std::invoke_result_t<Piece, Books&>> result;
        ledger_->transact([&](Books& books) { result.emplace(piece(books)); });
        return std::move(*result);
    }

    /// The process ends and another starts.
    void restart();
    /// A copy of the ledger as it is now, and back to one.
    void copy(const std::string& name);
    void restore(const std::string& name);

    /// Somebody buys: a hold and its settlement, under a key, so that asking again does nothing.
    void book(const std::string& key, std::size_t payee, std::int64_t amount);

    /// A second, a block, and a round of the engine; `times`.
    void rounds(int times, std::uint64_t seconds = 1);

    PayeeRow payee(std::size_t index);
    TreasuryRow treasury_row();
    /// All of a payee, by k.
    std::vector<PayoutRow> payouts(std::size_t payee);
    std::int64_t got(std::size_t payee) const { return chain->balance_of(payees.at(payee)); }

    /// What is wrong with the ledger's sums; empty: nothing.
    std::string audit();

private:
    void open();

    std::unique_ptr<Curve> curve_;
    std::unique_ptr<sqlite::SqliteStore> store_;
    std::unique_ptr<FaultStore> faults_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace purse::test
