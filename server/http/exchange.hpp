// SPDX-License-Identifier: Apache-2.0
// The way back of one request, and the port that takes requests in. All of it lives on the
// I/O thread; other threads come through HttpServer::post.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace purse::server::http {

/// Either one respond(), or start_stream(), any number of write() and one finish(). May be kept
/// as long as one likes; calls after the peer has gone do nothing.
class Exchange {
public:
    virtual ~Exchange() = default;
    /// The whole response. At most once, and not on a stream.
    virtual void respond(Response response) = 0;
    /// Begins a response without an end (its `body` may hold the first bytes); chunked for
    /// HTTP/1.1, until the connection closes for 1.0.
    virtual void start_stream(Response head) = 0;
    /// Adds to the stream. False: the peer is gone, or reads so slowly that more than
    /// Limits::stream_queue_max bytes would wait; the connection is then closed and on_gone called
    /// later.
    virtual bool write(std::string_view bytes) = 0;
    /// Ends the stream as HTTP has it, after what is queued has left.
    virtual void finish() = 0;
    /// Called once, when the peer has gone before the response was complete (also while nothing is
    /// being written). Not called after respond() or finish(). A peer that ends
    /// its sending side counts as gone: from here the two look the same.
    virtual void on_gone(std::move_only_function<void()> callback) = 0;
    /// Bytes written and not yet taken by the peer.
    virtual std::size_t queued() const = 0;
    virtual bool gone() const = 0;
};

/// Port: what answers. Called on the I/O thread, never for two requests of one connection at once.
class Handler {
public:
    virtual ~Handler() = default;
    /// Must lead to a response in the end; an exchange let go of unanswered is answered 500.
    virtual void handle(Request&& request, std::shared_ptr<Exchange> exchange) = 0;
    /// About twice a second: for lifetimes and keep-alives.
    virtual void tick() {}
    /// Once, when the server begins to stop: open streams are to be finished now. Requests in
    /// progress may still be answered.
    virtual void stopping() {}
};

}  // namespace purse::server::http
