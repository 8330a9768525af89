// SPDX-License-Identifier: Apache-2.0
// Takes connections in, as many as may be: answers the rest 503 and never ends over an error.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "server/http/address.hpp"
#include "server/http/hub.hpp"
#include "server/http/tls.hpp"

namespace purse::server::http {

class Listener {
public:
    /// Binds and listens. Throws std::runtime_error with a sentence for the operator.
    Listener(boost::asio::io_context& io, Hub& hub, Tls* tls, const Address& address);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    void start();
    void close();

private:
    void await();
    void await_later();
    void accept_some();
    void take(int descriptor, const Remote& remote);
    void refuse(int descriptor) const;
    bool failed(int error);
    void shed();

    boost::asio::io_context& io_;
    Hub& hub_;
    Tls* tls_;  ///< none: plain
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    boost::asio::ip::tcp protocol_ = boost::asio::ip::tcp::v4();
    std::uint16_t port_ = 0;
    /// Given up for a moment when no descriptor is left, so that one can be taken in and closed:
    /// otherwise it would stay in the queue and wake us without end.
    int reserve_ = -1;
    bool complained_ = false;
};

}  // namespace purse::server::http
