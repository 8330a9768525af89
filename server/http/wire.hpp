// SPDX-License-Identifier: Apache-2.0
// Port: the socket below a connection, which never blocks. Reading and writing happen at once or
// not at all; who has to wait asks to be called. Plain TCP, TLS, or bytes that a test makes up.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace purse::server::http {

class Connection;

/// What came of a read or a write. No bytes and not gone: it would have to wait.
struct Moved {
    std::size_t bytes = 0;
    bool gone = false;  ///< closed by the peer, or broken
};

class Wire {
public:
    virtual ~Wire() = default;
    /// Whom the calls below wake; before anything else.
    virtual void attach(Connection& connection) = 0;

    virtual Moved read(std::span<char> room) = 0;
    /// First `first`, then `second`, as far as they go.
    virtual Moved write(std::string_view first, std::string_view second) = 0;
    /// Whether requests may come already, or a TLS handshake is still to be done by read().
    virtual bool is_open() const = 0;

    /// Connection::on_readable(), on_writable() or on_wake() once, never from inside the call.
    /// Asking again before that changes nothing; on_wake() comes even after close().
    virtual void await_readable() = 0;
    virtual void await_writable() = 0;
    virtual void wake() = 0;

    /// Tells the peer that nothing more will be written.
    virtual void shut_down() = 0;
    virtual void close() = 0;
};

}  // namespace purse::server::http
