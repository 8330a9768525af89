// SPDX-License-Identifier: Apache-2.0
// One client of the HTTP+SSE transport (2024-11-05): its GET stream carries every answer, its POSTs
// bring the messages. The session ends with the stream. Any thread may send.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "server/door/event_stream.hpp"
#include "server/door/mailbox.hpp"
#include "server/limits.hpp"
#include "server/mcp/session.hpp"
#include "server/mcp/transport.hpp"

namespace purse::server {

class SseSession final : public Transport,
                         public Outlet,
                         public std::enable_shared_from_this<SseSession> {
public:
    SseSession(Mailbox& mailbox, Protocol& protocol, SessionStart start, std::string principal);

    const std::string& principal() const { return principal_; }

    // Transport. Any thread.
    void send(std::string frame) override;
    void answer(std::string frame, std::optional<ErrorCode> error) override;
    void begin_call() override { ++calls_; }
    void end_call(std::string frame, std::optional<ErrorCode> error) override;

    // The I/O thread.
    void deliver(Letter letter) override;
    void attach(std::unique_ptr<EventStream> stream) { stream_ = std::move(stream); }
    /// False: as many calls are under way as there may be.
    bool has_room() const { return calls_ < kInFlightMax; }
    void receive(std::string_view frame) { session_.receive(frame, shared_from_this()); }
    /// The stream is over, from either side.
    void end();
    void tick() { session_.tick(); }

private:
    Mailbox& mailbox_;
    Session session_;
    const std::string principal_;
    std::unique_ptr<EventStream> stream_;
    std::size_t calls_ = 0;
};

}  // namespace purse::server
