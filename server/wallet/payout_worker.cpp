// SPDX-License-Identifier: Apache-2.0
#include "server/wallet/payout_worker.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <map>
#include <stdexcept>

#include "wallet/chain_check.hpp"
#include "wallet/payout_engine.hpp"

namespace purse::server {

namespace {
// Nodes that did not answer at the start are asked again so often.
constexpr Span kCheckAgain = Span::seconds(2);
// The same trouble is told again after so long.
constexpr Span kTellAgain = Span::minutes(1);

EngineSettings engine_settings(const Wallet& wallet, const ChainFound& found)
{
    const auto& settings = wallet.settings;
    return {.domain = settings.token,
            .ledger = settings.ledger,
            .rule = settings.pay,
            .rules = settings.payees,
            .max_fee = settings.max_fee_per_gas,
            .valid_for = settings.valid_for,
            .rebroadcast = settings.timing.rebroadcast,
            .bump = settings.timing.bump,
            .floor = settings.floor,
            .has_multicall = found.has_multicall};
}

// From here on the process holds keys: no core file, and no other process of the user may look into
// its memory.
void keep_out_of_core()
{
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::string sentence_of(const std::vector<ChainTrouble>& troubles)
{
    std::string text;
    for (const auto& trouble : troubles) {
        if (!text.empty()) text += '\n';
        text += trouble.node + ": " + trouble.what;
    }
    return text;
}

bool is_only_unreachable(const std::vector<ChainTrouble>& troubles)
{
    for (const auto& trouble : troubles)
        if (trouble.kind == ChainTrouble::Kind::differs) return false;
    return true;
}
}  // namespace

/// Tells the log of trouble, the same one once a minute.
class PayoutWorker::Watcher final : public EngineWatcher {
public:
    explicit Watcher(WorkerParts& parts) : parts_{parts} {}
    void warn(std::string_view code, std::string_view what) override
    {
        const auto now = parts_.clock.boot();
        auto& told = told_[std::string{code}];
        if (told.first == what && now.us - told.second.us < kTellAgain.us) return;
        told = {std::string{what}, now};
        parts_.log.warn("payout: " + std::string{code} + ": " + std::string{what});
    }
    void pass(std::string_view point) override { parts_.crash.pass(point); }

private:
    WorkerParts& parts_;
    std::map<std::string, std::pair<std::string, Span>> told_;
};

PayoutWorker::PayoutWorker(WorkerParts parts) : parts_{std::move(parts)} {}

PayoutWorker::~PayoutWorker()
{
    stop();
}

void PayoutWorker::start(std::function<void(const std::string&)> refused)
{
    thread_ = std::thread{[this, refused = std::move(refused)] {
        try {
            lock_ = std::make_unique<FileTurn>(parts_.lock_file);
            while (!lock_->take())
                if (!rest_.pause(parts_.wallet.settings.timing.poll)) return;
            if (const auto worked = work(Until::stopped); !worked) refused(worked.error());
        } catch (const std::exception& error) {
            refused(error.what());
        }
        if (lock_) lock_->give();
    }};
}

void PayoutWorker::stop()
{
    rest_.end();
    if (thread_.joinable()) thread_.join();
}

std::expected<void, std::string> PayoutWorker::run(Until until)
{
    lock_ = std::make_unique<FileTurn>(parts_.lock_file);
    while (!lock_->take()) {
        if (until == Until::idle)
            return std::unexpected{
                std::string{"another process pays for this ledger already; it holds "} +
                parts_.lock_file};
        if (!rest_.pause(parts_.wallet.settings.timing.poll)) return {};
    }
    return work(until);
}

std::expected<void, std::string> PayoutWorker::work(Until until)
{
    keep_out_of_core();
    Watcher watcher{parts_};
    const Curve curve{parts_.entropy};
    auto keys = open_keys(parts_.wallet, curve, parts_.environment);
    if (!keys) return std::unexpected{keys.error()};
    auto nodes = open_nodes(parts_.wallet, parts_.clock, parts_.entropy);
    if (!nodes) return std::unexpected{nodes.error()};

    const ChainExpectation expectation{.token = parts_.wallet.settings.token,
                                       .treasury = parts_.wallet.treasury};
    std::optional<ChainFound> found;
    while (!found) {
        auto checked = check_chain(**nodes, expectation);
        if (checked) {
            found = std::move(*checked);
        } else if (!is_only_unreachable(checked.error()) || until == Until::idle) {
            return std::unexpected{"the chain is not as the wallet's document has it:\n" +
                                   sentence_of(checked.error())};
        } else {
            watcher.warn("chain_unreachable", sentence_of(checked.error()));
            if (!rest_.pause(parts_.wallet.settings.timing.poll)) return {};
        }
    }
    for (const auto& warning : found->warnings) watcher.warn("chain", warning);

    std::vector<RelayerSigner*> relayers;
    for (const auto& relayer : keys->relayers) relayers.push_back(relayer.get());
    std::optional<PayoutEngine> engine;
    auto checked_at = parts_.clock.boot();
    do {
        try {
            if (!engine)
                engine.emplace(PayoutEngine::Ports{.books = parts_.books,
                                                   .nodes = **nodes,
                                                   .treasury = *keys->treasury,
                                                   .relayers = relayers,
                                                   .watcher = watcher},
                               engine_settings(parts_.wallet, *found));
            engine->tick();
        } catch (const StoreError& error) {
            if (error.kind() == StoreError::Kind::in_doubt) return std::unexpected{error.what()};
            watcher.warn("ledger", error.what());
        }
        if (until == Until::idle && engine && engine->is_idle()) return {};
        if (const auto now = parts_.clock.boot(); now.us - checked_at.us > kCheckAgain.us) {
            checked_at = now;
            for (const auto& trouble : admit_checked(**nodes, expectation, *found))
                watcher.warn("node", trouble.node + ": " + trouble.what);
        }
    } while (rest_.pause(parts_.wallet.settings.timing.poll));
    return {};
}

}  // namespace purse::server
