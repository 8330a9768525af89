// SPDX-License-Identifier: Apache-2.0
// One round of the payout engine, and what it reads at its beginning.
#include "wallet/payout_engine.hpp"

#include <algorithm>
#include <functional>

#include "ledger/require.hpp"
#include "wallet/calls.hpp"

namespace purse {

namespace {
// Rows of one kind in one round; the rest waits for the next.
constexpr std::size_t kLoadMax = 2000;
}  // namespace

PayoutEngine::PayoutEngine(Ports ports, EngineSettings settings)
    : ports_{std::move(ports)},
      settings_{std::move(settings)},
      treasury_{ports_.treasury.address()}
{
    require(!ports_.relayers.empty(), "somebody must pay the gas");
    ports_.books.transact([this](Books& books) {
        treasury_id_ =
            Payouts{books}
                .open_treasury(static_cast<std::int64_t>(settings_.domain.chain_id),
                               to_string(settings_.domain.contract), to_string(treasury_))
                .id;
    });
}

void PayoutEngine::tick()
{
    const auto heads = ports_.nodes.heads();
    if (!heads) return warn("chain_unreachable", heads.error().what);
    heads_ = agreed(*heads);
    quote_.reset();

    load();
    note_funds();
    if (!is_nothing_moving()) {
        watch();
        check_recent_blocks();
        load();
        probe();
        expire();
        finalise();
        close_slots();
    }
    reserve();
    load();
    is_idle_ = is_nothing_moving();
    if (is_idle_) return;
    relayers_ = look_at_relayers();
    authorize();
    preflight_and_send();
    cancel();
    keep_alive();
}

std::size_t PayoutEngine::enough() const noexcept
{
    return std::min<std::size_t>(2, ports_.nodes.size());
}

// The highest blocks that enough nodes have reached: times, numbers and what is called safe hang
// on them, and some of it is stored. When fewer answer, the best one's must do.
Heads PayoutEngine::agreed(Heads best) const
{
    auto told = ports_.nodes.told_heads();
    if (told.size() < enough()) return best;
    const auto take = [&](Block Heads::* which) {
        std::ranges::sort(told, std::greater{},
                          [&](const Heads& one) { return (one.*which).id.number; });
        best.*which = told[enough() - 1].*which;
    };
    take(&Heads::latest);
    take(&Heads::safe);
    take(&Heads::finalized);
    return best;
}

bool PayoutEngine::is_nothing_moving() const noexcept
{
    return sight_.open.empty() && sight_.included.empty() && sight_.live.empty() &&
           sight_.mined.empty();
}

// What a person holds is not pushed on by the transaction that it is in.
bool PayoutEngine::counts_on(const PayoutRow& row, const SlotRow& slot)
{
    return row.slot == slot.id && (slot.kind == SlotKind::cancel || row.state == PayoutState::sent);
}

void PayoutEngine::load()
{
    ports_.books.transact([this](Books& books) {
        Payouts payouts{books};
        auto& rows = payouts.rows();
        Sight sight{.now = payouts.now()};
        const auto treasury = rows.treasury(treasury_id_);
        require(treasury.has_value(), "a treasury is never removed");
        sight.treasury = *treasury;
        const auto take = [&](PayoutState state, std::vector<PayoutRow>& into) {
            for (auto& row : rows.payouts_in(state, 0, kLoadMax)) {
                auto payee = sight.payees.find(row.payee);
                if (payee == sight.payees.end()) {
                    const auto found = rows.payee(row.payee);
                    require(found.has_value(), "a payout has a payee");
                    payee = sight.payees.emplace(row.payee, *found).first;
                }
                if (payee->second.treasury == treasury_id_) into.push_back(std::move(row));
            }
        };
        for (const auto state :
             {PayoutState::queued, PayoutState::signed_, PayoutState::sent, PayoutState::held})
            take(state, sight.open);
        take(PayoutState::included, sight.included);
        for (auto& slot : rows.slots_in(SlotState::live, 0, kLoadMax)) {
            LiveSlot live{.row = std::move(slot), .attempts = {}};
            live.attempts = rows.attempts(live.row.id);
            live.carries = static_cast<std::size_t>(std::ranges::count_if(
                sight.open, [&](const PayoutRow& row) { return counts_on(row, live.row); }));
            sight.live.push_back(std::move(live));
        }
        sight.mined = rows.slots_in(SlotState::mined, 0, kLoadMax);
        sight_ = std::move(sight);
    });
}

NodeAnswer<std::vector<CallResult>> PayoutEngine::token_calls(Node& node,
                                                              std::span<const std::string> calls,
                                                              AtBlock at) const
{
    const auto relayer = ports_.relayers.front()->address();
    std::vector<CallRequest> requests;
    const bool is_batched = settings_.has_multicall && calls.size() > 1;
    if (is_batched) {
        for (std::size_t i = 0; i < calls.size(); i += kBatchMax)
            requests.push_back(
                {.from = relayer,
                 .to = multicall3(),
                 .data = encode_batch(settings_.domain.contract,
                                      calls.subspan(i, std::min(kBatchMax, calls.size() - i)))});
    } else {
        for (const auto& call : calls)
            requests.push_back({.from = relayer, .to = settings_.domain.contract, .data = call});
    }
    auto results = node.calls(requests, at);
    if (!results || !is_batched) return results;
    std::vector<CallResult> items;
    for (const auto& result : *results) {
        auto decoded = result.reverted ? std::nullopt : decode_batch(result.data);
        if (!decoded) return std::unexpected{NodeFault{.what = "a batch of calls had no result"}};
        std::ranges::move(*decoded, std::back_inserter(items));
    }
    if (items.size() != calls.size())
        return std::unexpected{NodeFault{.what = "a batch of calls lost some results"}};
    return items;
}

NodeAnswer<std::vector<bool>> PayoutEngine::used_states(Node& node,
                                                        std::span<const PayoutRow> payouts,
                                                        AtBlock at) const
{
    std::vector<std::string> calls;
    calls.reserve(payouts.size());
    for (const auto& row : payouts)
        calls.push_back(encode_authorization_state(treasury_, row.nonce));
    auto results = token_calls(node, calls, at);
    if (!results) return std::unexpected{std::move(results.error())};
    std::vector<bool> states;
    for (const auto& result : *results) {
        const auto used = result.reverted ? std::nullopt : decode_bool(result.data);
        if (!used)
            return std::unexpected{NodeFault{.what = "authorizationState gave no yes or no"}};
        states.push_back(*used);
    }
    return states;
}

void PayoutEngine::note_funds()
{
    const auto at = heads_.latest.id.number;
    const std::vector<std::string> call{encode_balance_of(treasury_)};
    const auto results =
        ports_.nodes.first([&](Node& node) { return token_calls(node, call, at); });
    ChainView view{.latest = static_cast<std::int64_t>(at),
                   .safe = static_cast<std::int64_t>(heads_.safe.id.number),
                   .finalized = static_cast<std::int64_t>(heads_.finalized.id.number),
                   .balance = {},
                   .balance_block = static_cast<std::int64_t>(at)};
    // What is stored of these only rises: not by one node's word.
    if (ports_.nodes.told_heads().size() < enough()) view.safe = view.finalized = 0;
    if (results && !results->front().reverted)
        if (const auto balance = decode_uint(results->front().data))
            view.balance = static_cast<std::int64_t>(
                std::min(*balance, static_cast<Wei>(Money::max().micro())));
    const auto& known = sight_.treasury;
    const bool is_new_balance =
        view.balance && (known.balance_block == 0 || *view.balance != known.balance);
    const bool has_unseen =
        std::ranges::any_of(sight_.included, [](const PayoutRow& row) { return !row.seen; });
    const bool moves =
        !sight_.included.empty() && (view.safe > known.safe || view.finalized > known.finalized);
    if (!is_new_balance && !has_unseen && !moves) return;
    ports_.books.transact([&](Books& books) { Payouts{books}.note_chain(treasury_id_, view); });
    ports_.watcher.pass("funds_stored");
}

const PayRule& PayoutEngine::rule_of(const Address& payee) const
{
    const auto own = settings_.rules.find(payee);
    return own == settings_.rules.end() ? settings_.rule : own->second;
}

void PayoutEngine::warn(const char* code, const std::string& what)
{
    ports_.watcher.warn(code, what);
}

}  // namespace purse
