// SPDX-License-Identifier: Apache-2.0
#include "server/http/socket_wire.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "server/http/connection.hpp"
#include "server/http/failure.hpp"

namespace purse::server::http {

namespace {
Moved moved_by(ssize_t result) noexcept
{
    if (result >= 0) return {.bytes = static_cast<std::size_t>(result)};
    return {.gone = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR};
}
}  // namespace

Moved SocketWire::read(std::span<char> room)
{
    const auto result = ::recv(descriptor(), room.data(), room.size(), 0);
    return result == 0 ? Moved{.gone = true} : moved_by(result);
}

Moved SocketWire::write(std::string_view first, std::string_view second)
{
    if (second.empty())
        return moved_by(::send(descriptor(), first.data(), first.size(), MSG_NOSIGNAL));
    // sendmsg() only reads what is const here.
    std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                                {const_cast<char*>(second.data()), second.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return moved_by(::sendmsg(descriptor(), &message, MSG_NOSIGNAL));
}

void SocketWire::await_readable()
{
    wait_for_input();
}

void SocketWire::await_writable()
{
    wait_for_output();
}

/// What goes wrong in a connection, such as memory, ends that connection only.
template <typename Step>
void SocketWire::guarded(Step step)
{
    try {
        step();
    } catch (...) {
        connection_->failed(failure());
    }
}

void SocketWire::wait_for_input()
{
    if (input_awaited_ || is_closed()) return;
    input_awaited_ = true;
    // The reference keeps the connection, which owns this wire, alive until the call is over.
    socket_.async_wait(Socket::wait_read,
                       [this, keep = connection_->shared_from_this()](const auto& /*error*/) {
                           input_awaited_ = false;
                           // What is wrong with the socket the next read says.
                           if (!is_closed()) guarded([this] { input_ready(); });
                       });
}

void SocketWire::wait_for_output()
{
    if (output_awaited_ || is_closed()) return;
    output_awaited_ = true;
    socket_.async_wait(Socket::wait_write,
                       [this, keep = connection_->shared_from_this()](const auto& /*error*/) {
                           output_awaited_ = false;
                           if (!is_closed()) guarded([this] { output_ready(); });
                       });
}

void SocketWire::input_ready()
{
    connection_->on_readable();
}

void SocketWire::output_ready()
{
    connection_->on_writable();
}

void SocketWire::wake()
{
    if (wakes_) return;
    wakes_ = true;
    boost::asio::post(socket_.get_executor(), [this, keep = connection_->shared_from_this()] {
        wakes_ = false;
        guarded([this] { connection_->on_wake(); });
    });
}

void SocketWire::shut_down()
{
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void SocketWire::close()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace purse::server::http
