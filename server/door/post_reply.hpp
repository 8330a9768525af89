// SPDX-License-Identifier: Apache-2.0
// The way back of one POST to the MCP address: one JSON answer, or an event stream when something
// is said before the answer. Any thread may send; the rest lives on the I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/door/event_stream.hpp"
#include "server/door/mailbox.hpp"
#include "server/door/metrics.hpp"
#include "server/door/session_table.hpp"
#include "server/http/exchange.hpp"
#include "server/mcp/transport.hpp"

namespace purse::server {

/// The status of an answer. Legacy clients find errors in the body alone.
int status_of(std::optional<ErrorCode> error, Version version);

class PostReply final : public Transport,
                        public Outlet,
                        public std::enable_shared_from_this<PostReply> {
public:
    struct Ports {
        Mailbox& mailbox;
        EventStreams& streams;
        Metrics& metrics;
    };
    struct Facts {
        Version version = kNewestLegacy;
        std::string principal;
        std::string headers;  ///< of every response: CORS
        bool takes_json = true;
        bool takes_events = true;
        bool is_batch = false;
        std::shared_ptr<HttpSession> session;  ///< nullptr: none
    };
    PostReply(Ports ports, std::shared_ptr<http::Exchange> exchange, Facts facts);
    ~PostReply() override;

    // Transport. Any thread.
    void send(std::string frame) override;
    void answer(std::string frame, std::optional<ErrorCode> error) override;
    void begin_call() override {}
    void end_call(std::string frame, std::optional<ErrorCode> error) override;
    bool can_ask() const override { return facts_.session != nullptr && facts_.takes_events; }

    // The I/O thread.
    void deliver(Letter letter) override;
    /// Further headers of the response, asked for when it is made.
    void add_headers(std::function<std::string()> headers) { more_headers_ = std::move(headers); }
    /// Called when the peer leaves before the end. A modern client cancels by that.
    void when_gone(std::function<void()> gone);
    /// A response without a body, in place of an answer.
    void accept();
    /// Goes on with a stream on another exchange, after its client has come back; `missed` are the
    /// events it has not seen. False: there is no room for a stream.
    bool resume(std::shared_ptr<http::Exchange> exchange, std::string_view missed);
    bool is_over() const { return state_ == State::over; }

private:
    enum class State { waiting, streaming, over };

    void finish(std::string frame, std::optional<ErrorCode> error);
    bool begin_stream();
    void write_event(std::string_view frame);
    void gone();
    std::move_only_function<void()> gone_callback();
    void end();

    const Ports ports_;
    std::shared_ptr<http::Exchange> exchange_;
    Facts facts_;
    std::function<std::string()> more_headers_;
    std::function<void()> when_gone_;
    std::unique_ptr<EventStream> stream_;  // nullptr while its client is away
    std::uint64_t stream_number_ = 0;      // of the session's; 0: events have no ids
    State state_ = State::waiting;
};

}  // namespace purse::server
