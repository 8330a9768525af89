// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/calls.hpp"

#include <algorithm>

#include "ledger/require.hpp"
#include "server/limits.hpp"

namespace purse::server {

Batch::Batch(std::shared_ptr<Transport> transport, std::size_t requests)
    : transport_{std::move(transport)},
      frames_(requests),
      missing_{requests}
{
    require(requests > 0, "a batch has requests to answer");
}

void Batch::fill(std::size_t place, std::string frame)
{
    // Each place has one writer; the countdown makes all of them visible to the last.
    frames_[place] = std::move(frame);
    const auto missing = missing_.fetch_sub(1, std::memory_order_acq_rel);
    require(missing > 0, "a place of a batch is filled once");
    if (missing > 1) return;
    std::string all = "[";
    for (const auto& one : frames_) {
        if (one.empty()) continue;
        if (all.size() > 1) all += ',';
        all += one;
    }
    // All cancelled: nothing is said, but whoever waits for the batch is told that it is over.
    if (all.size() == 1)
        all.clear();
    else
        all += ']';
    transport_->answer(std::move(all), std::nullopt);
}

bool Calls::in_flight(const RequestId& id) const
{
    const auto found = table_.find(id.json);
    return found != table_.end() && !found->second->closed();
}

void Calls::add(std::shared_ptr<Call> call)
{
    // A reader stops at kInFlightMax open calls and at most one batch above: a sweep at twice that
    // many entries frees about half of them, so its cost is a constant a call.
    if (table_.size() >= 2 * (kInFlightMax + kBatchMax))
        std::erase_if(table_, [](const auto& entry) { return entry.second->closed(); });
    auto& place = table_[call->facts().id.json];
    require(place == nullptr || place->closed(), "an id in flight is refused before");
    place = std::move(call);
}

std::shared_ptr<Call> Calls::cancel(const RequestId& id)
{
    const auto found = table_.find(id.json);
    if (found == table_.end()) return nullptr;
    auto call = found->second;
    table_.erase(found);
    return call->cancel() ? call : nullptr;
}

void Calls::cancel_all()
{
    for (const auto& [id, call] : table_) call->cancel();
    table_.clear();
}

bool Calls::empty() const
{
    return std::ranges::all_of(table_, [](const auto& entry) { return entry.second->closed(); });
}

}  // namespace purse::server
