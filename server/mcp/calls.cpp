// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/calls.hpp"

#include "ledger/require.hpp"
#include "server/limits.hpp"

namespace purse::server {

Batch::Batch(Transport& transport, std::size_t requests)
    : transport_{transport},
      frames_(requests),
      missing_{requests}
{
    require(requests > 0, "a batch has requests to answer");
}

void Batch::fill(std::size_t place, std::string_view frame)
{
    // Each place has one writer; the countdown makes all of them visible to the last.
    frames_[place] = frame;
    const auto missing = missing_.fetch_sub(1, std::memory_order_acq_rel);
    require(missing > 0, "a place of a batch is filled once");
    if (missing > 1) return;
    std::string all = "[";
    for (const auto& one : frames_) {
        if (one.empty()) continue;
        if (all.size() > 1) all += ',';
        all += one;
    }
    if (all.size() == 1) return;  // all cancelled
    all += ']';
    transport_.send(all);
}

void Call::finish(std::string_view frame)
{
    if (closed.exchange(true))
        frame = {};
    else if (batch != nullptr)
        batch->fill(place, std::exchange(frame, {}));
    transport.end_call(frame);
}

bool Calls::in_flight(const RequestId& id) const
{
    const auto found = table_.find(id.json);
    return found != table_.end() && !found->second->closed;
}

void Calls::add(std::shared_ptr<Call> call)
{
    // A reader stops at kInFlightMax open calls and at most one batch above: a sweep at twice that
    // many entries frees about half of them, so its cost is a constant a call.
    if (table_.size() >= 2 * (kInFlightMax + kBatchMax))
        std::erase_if(table_, [](const auto& entry) { return entry.second->closed.load(); });
    auto& place = table_[call->id.json];
    require(place == nullptr || place->closed, "an id in flight is refused before");
    place = std::move(call);
}

void Calls::remove(const RequestId& id)
{
    table_.erase(id.json);
}

void Calls::cancel(const RequestId& id)
{
    const auto found = table_.find(id.json);
    if (found == table_.end()) return;
    const auto call = found->second;
    table_.erase(found);
    if (call->closed.exchange(true)) return;
    call->cancelled = true;
    if (call->batch != nullptr) call->batch->fill(call->place, {});
}

}  // namespace purse::server
