// SPDX-License-Identifier: Apache-2.0
// What is in flight on one connection: calls that a tool has not answered, and batches that
// wait for theirs. The table belongs to the reading thread; a call and a batch are shared
// with the threads that answer, through atomics alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "server/mcp/replies.hpp"
#include "server/mcp/transport.hpp"

namespace purse::server {

/// The answers of one batch, sent as one array when the last is there.
class Batch {
public:
    Batch(Transport& transport, std::size_t requests);
    /// Puts an answer in its place, or nothing (empty) for a cancelled request. Once a place.
    void fill(std::size_t place, std::string_view frame);

private:
    Transport& transport_;
    std::vector<std::string> frames_;
    std::atomic<std::size_t> missing_;
};

/// One tools/call in flight.
struct Call {
    /// Sends the answer, unless the call was cancelled before, and ends the call. Once; any thread.
    void finish(std::string_view frame);

    Transport& transport;
    const Replies& replies;
    RequestId id;
    Version version = kNewestLegacy;
    std::shared_ptr<Batch> batch;  // nullptr: answered by itself
    std::size_t place = 0;
    std::atomic<bool> cancelled{false};  // the tool's CancelFlag looks at this
    // Set by the answer or by the cancellation, whichever is first: the other sends nothing.
    std::atomic<bool> closed{false};
    // Set when the tool let go of its reply unused, and when Toolbox::call has returned: the
    // second to come answers, so that no request stays without an answer.
    std::atomic<bool> let_go{false};
};

class Calls {
public:
    bool in_flight(const RequestId& id) const;
    /// `call->id` must not be in flight.
    void add(std::shared_ptr<Call> call);
    void remove(const RequestId& id);
    /// Nothing more will be sent for that id. Unknown ids are no error: the answer may have left.
    void cancel(const RequestId& id);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>{}(text);
        }
    };
    // Answered calls stay until a sweep: the answering thread does not touch the table.
    std::unordered_map<std::string, std::shared_ptr<Call>, Hash, std::equal_to<>> table_;
};

}  // namespace purse::server
