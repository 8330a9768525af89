// SPDX-License-Identifier: Apache-2.0
// Events of one session's streams, kept for a client that lost its connection and comes back with
// Last-Event-ID (MCP 2025-11-25, transports, "Resumability and Redelivery"). Bounded; an id is
// "<stream>-<event>". Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purse::server {

struct EventId {
    std::uint64_t stream = 0;
    std::uint64_t event = 0;

    std::string to_string() const;
    /// Nothing for what to_string() does not write.
    static std::optional<EventId> parse(std::string_view text);
};

class Replay {
public:
    /// Streams are numbered from the one after `last`, so that a session which lost its memory does
    /// not give a number twice.
    explicit Replay(std::uint64_t last = 0) : last_stream_{last} {}

    /// A new stream's number; streams beyond the bound lose the oldest one.
    std::uint64_t begin_stream();
    /// Keeps an event and returns its id.
    EventId add(std::uint64_t stream, std::string_view data);
    /// The stream has had its last event; it is forgotten some time after.
    void end_stream(std::uint64_t stream);
    void forget(std::uint64_t stream);

    struct Rest {
        std::vector<std::pair<EventId, std::string>> events;  ///< those after the last one seen
        bool is_complete = false;                             ///< there will be no more
    };
    /// What followed an event; nothing when the stream is not known or events were dropped.
    std::optional<Rest> after(EventId last) const;

    /// About twice a second: forgets streams that ended long ago.
    void tick();
    bool empty() const { return streams_.empty(); }

private:
    struct Kept {
        std::uint64_t event = 0;
        std::string data;
    };
    struct Stream {
        std::uint64_t number = 0;
        std::uint64_t next = 1;
        std::size_t ended_at = 0;  ///< tick
        bool is_complete = false;
        std::deque<Kept> events;
    };
    Stream* find(std::uint64_t number);
    void drop_oldest();

    // A vector: most sessions never have one, and an empty one allocates nothing.
    std::vector<Stream> streams_;
    std::uint64_t last_stream_;
    std::size_t bytes_ = 0;
    std::size_t now_ = 0;  // in ticks
};

}  // namespace purse::server
