// SPDX-License-Identifier: Apache-2.0
// What is in flight on one connection: calls that have no answer yet, and batches that wait for
// theirs. The table belongs to the reading thread; a call and a batch are shared with the threads
// that answer, through atomics alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/mcp/call.hpp"

namespace purse::server {

/// The answers of one batch, sent as one array when the last is there.
class Batch {
public:
    Batch(std::shared_ptr<Transport> transport, std::size_t requests);
    /// Puts an answer in its place, or nothing (empty) for a cancelled request. Once a place.
    void fill(std::size_t place, std::string frame);

private:
    std::shared_ptr<Transport> transport_;
    std::vector<std::string> frames_;
    std::atomic<std::size_t> missing_;
};

class Calls {
public:
    bool in_flight(const RequestId& id) const;
    /// A call of that id must not be in flight. The table does not keep it alive.
    void add(const std::shared_ptr<Call>& call);
    /// Nothing more will be sent for that id. Unknown ids are no error: the answer may have left.
    /// The call, when it was in flight.
    std::shared_ptr<Call> cancel(const RequestId& id);
    bool empty() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>{}(text);
        }
    };
    // Entries of answered calls stay until a sweep: the answering thread does not touch the table.
    std::unordered_map<std::string, std::weak_ptr<Call>, Hash, std::equal_to<>> table_;
    std::size_t sweep_at_ = kSweepMin;
    static constexpr std::size_t kSweepMin = 16;
};

}  // namespace purse::server
