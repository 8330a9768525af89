// SPDX-License-Identifier: Apache-2.0
// One keep-alive connection to a server under measurement, one request in flight.
// Every function throws std::runtime_error when the server does not keep to HTTP.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "bench/http/reader.hpp"
#include "bench/http/request.hpp"

namespace purse::bench {

class Connection {
public:
    /// Connects, without delay of small packets; waits for a server that is starting.
    explicit Connection(const Peer& peer);
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int fd() const { return fd_; }
    const Peer& peer() const { return *peer_; }

    /// Sends a whole request; a call's request always fits in the socket's buffer.
    void send(std::string_view request);
    /// Reads what has come. True when the response is whole: look at it before the next send.
    bool receive();
    const ResponseReader& response() const { return reader_; }

    /// Sends, and waits for the whole response.
    const ResponseReader& exchange(std::string_view request);
    /// Sends, and waits for the head of a stream of events and, if `word` is not empty, for that
    /// word in it. Throws unless the stream is opened.
    void open_stream(std::string_view request, std::string_view word);
    /// Opens the session of the legacy era; nothing to do in the others.
    void initialize();
    /// Of the legacy era, when the server has given one.
    const std::string& session() const { return session_; }

private:
    void wait() const;

    const Peer* peer_;
    int fd_ = -1;
    std::string incoming_;
    std::size_t filled_ = 0;
    ResponseReader reader_;
    std::string session_;
};

/// A port that nobody listens on, outside the range from which clients get theirs.
std::uint16_t free_port();
/// Waits until somebody listens on it.
void await_listener(std::uint16_t port);

}  // namespace purse::bench
