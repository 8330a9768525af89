// SPDX-License-Identifier: Apache-2.0
// The Wire over a TCP socket. Asio tells when the socket is ready; then plain system calls move
// the bytes, so that a connection that waits holds no buffer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <span>
#include <string_view>

#include "server/http/wire.hpp"

namespace purse::server::http {

using boost::asio::ip::tcp;
/// A socket that knows its loop by type, and so without virtual calls.
using Socket = boost::asio::basic_stream_socket<tcp, boost::asio::io_context::executor_type>;

class SocketWire : public Wire {
public:
    explicit SocketWire(Socket socket) : socket_{std::move(socket)} {}

    void attach(Connection& connection) override { connection_ = &connection; }
    Moved read(std::span<char> room) override;
    Moved write(std::string_view first, std::string_view second) override;
    bool is_open() const override { return true; }
    void await_readable() override;
    void await_writable() override;
    void wake() override;
    void shut_down() override;
    void close() override;

protected:
    void wait_for_input();
    void wait_for_output();
    /// A wait is over.
    virtual void input_ready();
    virtual void output_ready();
    int descriptor() { return socket_.native_handle(); }
    bool is_closed() const { return !socket_.is_open(); }
    Connection& connection() { return *connection_; }

private:
    template <typename Step>
    void guarded(Step step);

    Socket socket_;
    Connection* connection_ = nullptr;  ///< owns this
    bool input_awaited_ = false;
    bool output_awaited_ = false;
    bool wakes_ = false;
};

}  // namespace purse::server::http
