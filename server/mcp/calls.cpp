// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/calls.hpp"

#include <algorithm>

#include "ledger/require.hpp"
#include "server/limits.hpp"

namespace purse::server {

namespace {
bool is_open(const std::weak_ptr<Call>& entry)
{
    const auto call = entry.lock();
    return call != nullptr && !call->closed();
}
}  // namespace

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
    return found != table_.end() && is_open(found->second);
}

void Calls::add(const std::shared_ptr<Call>& call)
{
    // Swept whenever it has doubled: its cost is a constant a call, and it is never more than twice
    // as large as what is in flight.
    if (table_.size() >= sweep_at_) {
        std::erase_if(table_, [](const auto& entry) { return !is_open(entry.second); });
        sweep_at_ = std::max(kSweepMin, 2 * table_.size());
    }
    auto& place = table_[call->facts().id.json];
    require(!is_open(place), "an id in flight is refused before");
    place = call;
}

std::shared_ptr<Call> Calls::cancel(const RequestId& id)
{
    const auto found = table_.find(id.json);
    if (found == table_.end()) return nullptr;
    auto call = found->second.lock();
    table_.erase(found);
    return call != nullptr && call->cancel() ? call : nullptr;
}

bool Calls::empty() const
{
    return std::ranges::none_of(table_, [](const auto& entry) { return is_open(entry.second); });
}

}  // namespace purse::server
