// SPDX-License-Identifier: Apache-2.0
#include "server/http/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "server/http/connection.hpp"
#include "server/http/socket_wire.hpp"

namespace purse::server::http {

namespace asio = boost::asio;

namespace {
/// Connections taken in before those that are there get their turn.
constexpr int kAcceptsInARow = 64;
constexpr milliseconds kPause{100};

Remote remote_of(const sockaddr_storage& peer)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (peer.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
        // One name for one peer, however the socket is bound.
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
        else
            inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    Remote remote{.address = text.data()};
    remote.loopback = is_loopback(remote.address);
    return remote;
}

void set_option(int descriptor, int level, int name, int value)
{
    // Each only makes things better; a kernel without it serves all the same.
    (void)::setsockopt(descriptor, level, name, &value, sizeof value);
}

std::string text_of(const Address& address)
{
    const bool v6 = address.host.find(':') != std::string::npos;
    return (v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}
}  // namespace

Listener::Listener(asio::io_context& io, Hub& hub, Tls* tls, const Address& address)
    : io_{io},
      hub_{hub},
      tls_{tls},
      acceptor_{io},
      pause_{io},
      reserve_{::open("/dev/null", O_RDONLY | O_CLOEXEC)}
{
    boost::system::error_code error;
    const auto host = asio::ip::make_address(address.host, error);
    if (error)
        throw std::runtime_error{"cannot listen on \"" + address.host + "\": no numeric address"};
    const tcp::endpoint endpoint{host, address.port};
    try {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(asio::socket_base::reuse_address{true});
        if (host.is_v6()) acceptor_.set_option(asio::ip::v6_only{false});
        acceptor_.bind(endpoint);
        acceptor_.listen(asio::socket_base::max_listen_connections);
        acceptor_.non_blocking(true);
    } catch (const boost::system::system_error& failure) {
        throw std::runtime_error{"cannot listen on " + text_of(address) + ": " +
                                 failure.code().message()};
    }
    (void)::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
    protocol_ = endpoint.protocol();
    port_ = acceptor_.local_endpoint().port();
}

Listener::~Listener()
{
    if (reserve_ >= 0) ::close(reserve_);
}

void Listener::start()
{
    await();
}

void Listener::close()
{
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void Listener::await()
{
    if (!acceptor_.is_open()) return;
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](const auto& error) {
        if (!acceptor_.is_open()) return;
        if (error) return await_later();
        accept_some();
    });
}

void Listener::await_later()
{
    pause_.expires_after(kPause);
    pause_.async_wait([this](const auto& error) {
        if (!error) await();
    });
}

void Listener::accept_some()
{
    for (int i = 0; i < kAcceptsInARow; ++i) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        const int descriptor =
            ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                      SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            const int error = errno;
            if (error == EAGAIN || error == EWOULDBLOCK) break;
            if (failed(error)) return await_later();
            continue;
        }
        complained_ = false;
        ++hub_.figures.accepted;
        try {
            take(descriptor, remote_of(peer));
        } catch (const std::exception& error) {
            hub_.log.error(std::string{"http: a connection was dropped: "} + error.what());
        }
    }
    await();
}

/// True: wait a little, or an error that stays would keep the loop busy.
bool Listener::failed(int error)
{
    // A peer that left before it was taken in is nobody's mistake.
    if (error == ECONNABORTED || error == EINTR || error == EPROTO) return false;
    if (!std::exchange(complained_, true))
        hub_.log.warn("http: cannot take connections in: " +
                      std::generic_category().message(error) + "; will go on trying");
    if (error == EMFILE || error == ENFILE) shed();
    return true;
}

void Listener::shed()
{
    if (reserve_ >= 0) ::close(reserve_);
    const int descriptor = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor >= 0) {
        ++hub_.figures.refused_capacity;
        ::close(descriptor);
    }
    reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void Listener::take(int descriptor, const Remote& remote)
{
    if (!hub_.admission.enter(remote)) {
        ++hub_.figures.refused_capacity;
        return refuse(descriptor);
    }
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    // A peer that vanished is noticed when a stream's bytes stay unacknowledged.
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
               static_cast<int>(hub_.limits.write_patience.count()));
    std::shared_ptr<Connection> connection;
    try {
        Socket socket{io_, protocol_, descriptor};
        auto wire = tls_ != nullptr ? tls_->wire(std::move(socket))
                                    : std::make_unique<SocketWire>(std::move(socket));
        connection = std::make_shared<Connection>(
            hub_, std::move(wire), remote,
            tls_ != nullptr ? Connection::Security::tls : Connection::Security::plain);
    } catch (...) {
        hub_.admission.leave(remote);
        throw;
    }
    hub_.add(connection);
    connection->start();
}

/// Says so and closes, at once: who is refused holds nothing.
void Listener::refuse(int descriptor) const
{
    if (tls_ == nullptr) {
        const auto text = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: " +
                          std::to_string(hub_.limits.retry_after.count()) +
                          "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        (void)::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
        (void)::shutdown(descriptor, SHUT_WR);
        // What it has sent already must be read, or closing resets and the answer is lost.
        std::array<char, 4096> ignored{};
        (void)::recv(descriptor, ignored.data(), ignored.size(), 0);
    }
    ::close(descriptor);
}

}  // namespace purse::server::http
