// SPDX-License-Identifier: Apache-2.0
#include "bench/http/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

namespace purse::bench {

namespace {

constexpr int kAnswerMilliseconds = 30'000;
constexpr std::size_t kFirstRoom = 2048;
constexpr int kOk = 200;
constexpr int kAccepted = 202;

sockaddr_in address_of(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

[[noreturn]] void fail(const std::string& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

/// A connected socket, or -1.
int connected(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("no socket");
    const auto address = address_of(port);
    // The way of sockets: an address is passed as the general type.
    const auto* general = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd, general, sizeof address) == 0) return fd;
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
}

}  // namespace

Connection::Connection(const Peer& peer) : peer_(&peer), fd_(connected(peer.port))
{
    if (fd_ < 0) fail("cannot connect");
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    incoming_.resize(kFirstRoom);
}

Connection::~Connection()
{
    if (fd_ >= 0) ::close(fd_);
}

Connection::Connection(Connection&& other) noexcept
    : peer_(other.peer_),
      fd_(std::exchange(other.fd_, -1)),
      incoming_(std::move(other.incoming_)),
      filled_(other.filled_),
      reader_(std::move(other.reader_)),
      session_(std::move(other.session_))
{
}

void Connection::send(std::string_view request)
{
    filled_ = 0;
    reader_.reset();
    const auto n = ::send(fd_, request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) fail("the server no longer reads");
    if (static_cast<std::size_t>(n) != request.size())
        throw std::runtime_error("the server does not read");
}

bool Connection::receive()
{
    if (filled_ == incoming_.size()) incoming_.resize(incoming_.size() * 2);
    const auto n =
        ::recv(fd_, incoming_.data() + filled_, incoming_.size() - filled_, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n < 0) fail("a connection broke");
    const std::string_view before(incoming_.data(), filled_);
    if (n == 0)
        throw std::runtime_error("the server closed a connection after: " + std::string(before));
    filled_ += static_cast<std::size_t>(n);
    return reader_.take(std::string_view(incoming_.data(), filled_));
}

void Connection::wait() const
{
    pollfd watched{fd_, POLLIN, 0};
    if (::poll(&watched, 1, kAnswerMilliseconds) == 0)
        throw std::runtime_error("the server does not answer within its time");
}

const ResponseReader& Connection::exchange(std::string_view request)
{
    send(request);
    do wait();
    while (!receive());
    return reader_;
}

void Connection::open_stream(std::string_view request, std::string_view word)
{
    send(request);
    for (;;) {
        wait();
        const bool whole = receive();
        if (!reader_.has_head()) continue;
        if (whole || reader_.status() != kOk || !reader_.is_event_stream())
            throw std::runtime_error("a stream was answered with " +
                                     std::string(incoming_.data(), filled_));
        if (reader_.body().find(word) != std::string_view::npos) return;
    }
}

void Connection::initialize()
{
    if (peer_->protocol != Protocol::legacy) return;
    const auto lines = opening();
    const auto border = lines.find('\n');
    std::string request;
    append_post(request, *peer_, {.method = "initialize"}, lines.substr(0, border));
    const auto& welcome = exchange(request);
    if (welcome.status() != kOk ||
        welcome.message().find("\"protocolVersion\"") == std::string_view::npos)
        throw std::runtime_error("initialize was answered with " + std::string(welcome.message()));
    session_ = welcome.session();
    request.clear();
    append_post(request, *peer_,
                {.method = "notifications/initialized", .name = {}, .session = session_},
                lines.substr(border + 1, lines.size() - border - 2));
    const int status = exchange(request).status();
    if (status != kAccepted)
        throw std::runtime_error("notifications/initialized was answered with status " +
                                 std::to_string(status));
}

std::uint16_t free_port()
{
    constexpr unsigned kFirst = 20'000;
    constexpr unsigned kCount = 10'000;
    static unsigned next = static_cast<unsigned>(::getpid());
    for (unsigned i = 0; i < kCount; ++i) {
        const auto port = static_cast<std::uint16_t>(kFirst + next++ % kCount);
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = address_of(port);
        const auto* general = reinterpret_cast<const sockaddr*>(&address);
        const bool is_free = ::bind(fd, general, sizeof address) == 0;
        ::close(fd);
        if (is_free) return port;
    }
    throw std::runtime_error("no free port");
}

void await_listener(std::uint16_t port)
{
    constexpr auto kLimit = std::chrono::seconds(30);
    constexpr auto kPause = std::chrono::milliseconds(5);
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    for (;;) {
        const int fd = connected(port);
        if (fd >= 0) {
            ::close(fd);
            return;
        }
        if (std::chrono::steady_clock::now() > deadline) fail("the server does not listen");
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace purse::bench
