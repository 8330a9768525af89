// SPDX-License-Identifier: Apache-2.0
// A client that is a bare blocking socket, so that a test can misbehave at it. Loopback only;
// every wait ends after kPeerPatience.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace purse::test {

constexpr int kPeerPatienceSeconds = 20;

/// A response as it came.
struct HttpReply {
    int status = 0;
    std::string head;
    std::string body;

    bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class HttpPeer {
public:
    explicit HttpPeer(std::uint16_t port, int receive_buffer = 0)
        : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        if (descriptor_ < 0) throw std::runtime_error{"no socket"};
        const timeval patience{.tv_sec = kPeerPatienceSeconds, .tv_usec = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer > 0)
            ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(int));
        const int one = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0) {
            ::close(descriptor_);
            throw std::runtime_error{"no connection"};
        }
    }
    ~HttpPeer() { close(); }
    HttpPeer(HttpPeer&& other) noexcept
        : descriptor_{std::exchange(other.descriptor_, -1)},
          pending_{std::move(other.pending_)}
    {
    }
    HttpPeer(const HttpPeer&) = delete;
    HttpPeer& operator=(const HttpPeer&) = delete;
    HttpPeer& operator=(HttpPeer&&) = delete;

    int descriptor() const { return descriptor_; }
    void close()
    {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    /// Closes with a reset.
    void reset()
    {
        const linger hard{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close();
    }
    void end_output() { ::shutdown(descriptor_, SHUT_WR); }

    /// False: the server no longer takes it.
    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// True when at least one more byte is there, waited for.
    bool receive()
    {
        std::array<char, 65536> room;
        const auto size = ::recv(descriptor_, room.data(), room.size(), 0);
        if (size <= 0) return false;
        pending_.append(room.data(), static_cast<std::size_t>(size));
        return true;
    }

    /// One response with a Content-Length or without a body; nothing when the connection ended.
    std::optional<HttpReply> reply(bool is_head = false)
    {
        std::size_t end = 0;
        while ((end = pending_.find("\r\n\r\n")) == std::string::npos)
            if (!receive()) return std::nullopt;
        HttpReply reply;
        reply.head = pending_.substr(0, end + 4);
        pending_.erase(0, end + 4);
        if (reply.head.size() < 12) return std::nullopt;
        reply.status = std::stoi(reply.head.substr(9, 3));
        constexpr std::string_view kLength = "\r\nContent-Length: ";
        const auto at = reply.head.find(kLength);
        const auto length = at == std::string::npos || is_head
                                ? 0
                                : std::stoul(reply.head.substr(at + kLength.size()));
        while (pending_.size() < length)
            if (!receive()) return std::nullopt;
        reply.body = pending_.substr(0, length);
        pending_.erase(0, length);
        return reply;
    }
    std::optional<HttpReply> ask(std::string_view request)
    {
        if (!send(request)) return std::nullopt;
        return reply();
    }
    std::optional<HttpReply> get(std::string_view path)
    {
        return ask("GET " + std::string{path} + " HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    /// Waits until `text` came; returns everything up to and with it.
    std::optional<std::string> read_to(std::string_view text)
    {
        std::size_t at = 0;
        while ((at = pending_.find(text)) == std::string::npos)
            if (!receive()) return std::nullopt;
        auto all = pending_.substr(0, at + text.size());
        pending_.erase(0, all.size());
        return all;
    }
    /// All there is until the server ends the connection.
    std::string rest()
    {
        while (receive()) {}
        return std::exchange(pending_, {});
    }

private:
    int descriptor_;
    std::string pending_;
};

}  // namespace purse::test
