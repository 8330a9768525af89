// SPDX-License-Identifier: Apache-2.0
// A server that does to each connection what the test says, well or badly. Loopback, one
// connection at a time on a thread of its own, with or without TLS.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace purse::test {

class RawServer {
public:
    class Connection {
    public:
        Connection(int descriptor, SSL* tls, const std::atomic<bool>& ends)
            : descriptor_{descriptor},
              tls_{tls},
              ends_{ends}
        {
        }

        /// Head and body of the next request; nothing when the client left or the test ends.
        std::optional<std::string> request()
        {
            std::size_t end = 0;
            while ((end = pending_.find("\r\n\r\n")) == std::string::npos)
                if (!receive()) return std::nullopt;
            constexpr std::string_view kLength = "Content-Length: ";
            const auto at = pending_.find(kLength);
            const auto size = end + 4 + std::stoul(pending_.substr(at + kLength.size()));
            while (pending_.size() < size)
                if (!receive()) return std::nullopt;
            auto all = pending_.substr(0, size);
            pending_.erase(0, size);
            return all;
        }
        bool send(std::string_view bytes)
        {
            while (!bytes.empty() && !ends_) {
                const auto sent =
                    tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                    : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (sent <= 0) return false;
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            }
            return !ends_;
        }
        bool answer(std::string_view body, std::string_view status = "200 OK",
                    std::string_view fields = {})
        {
            return send("HTTP/1.1 " + std::string{status} +
                        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                        std::string{fields} + "\r\n" + std::string{body});
        }
        /// Until the client leaves or the test ends.
        void idle()
        {
            while (receive()) {}
        }

    private:
        bool receive()
        {
            std::array<char, 65536> room;
            while (!ends_) {
                pollfd wait{.fd = descriptor_, .events = POLLIN, .revents = 0};
                const bool has_bytes = tls_ != nullptr && SSL_pending(tls_) > 0;
                if (!has_bytes && ::poll(&wait, 1, 20) == 0) continue;
                const auto size = tls_ != nullptr
                                      ? SSL_read(tls_, room.data(), static_cast<int>(room.size()))
                                      : ::recv(descriptor_, room.data(), room.size(), 0);
                if (size <= 0) return false;
                pending_.append(room.data(), static_cast<std::size_t>(size));
                return true;
            }
            return false;
        }

        int descriptor_;
        SSL* tls_;
        const std::atomic<bool>& ends_;
        std::string pending_;
    };

    /// `certificate` is that of `FOLDER/NAME.crt` and `.key`; empty: no TLS.
    explicit RawServer(std::function<void(Connection&)> serve, const std::string& certificate = {})
        : serve_{std::move(serve)},
          tls_{nullptr, SSL_CTX_free},
          listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        if (!certificate.empty()) {
            tls_.reset(SSL_CTX_new(TLS_server_method()));
            if (SSL_CTX_use_certificate_file(tls_.get(), (certificate + ".crt").c_str(),
                                             SSL_FILETYPE_PEM) != 1 ||
                SSL_CTX_use_PrivateKey_file(tls_.get(), (certificate + ".key").c_str(),
                                            SSL_FILETYPE_PEM) != 1)
                throw std::runtime_error{"no certificate"};
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, generic, &size) != 0)
            throw std::runtime_error{"no listener"};
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { run(); }};
    }
    ~RawServer()
    {
        ends_ = true;
        thread_.join();
        ::close(listener_);
    }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    std::string url(std::string_view scheme = "http", std::string_view host = "127.0.0.1") const
    {
        return std::string{scheme} + "://" + std::string{host} + ':' + std::to_string(port_);
    }
    int connections() const { return connections_; }

private:
    void run()
    {
        // OpenSSL writes to a socket whose peer has gone as to any file.
        sigset_t pipe;
        ::sigemptyset(&pipe);
        ::sigaddset(&pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        while (!ends_) {
            pollfd wait{.fd = listener_, .events = POLLIN, .revents = 0};
            if (::poll(&wait, 1, 20) <= 0) continue;
            const int descriptor = ::accept(listener_, nullptr, nullptr);
            if (descriptor < 0) continue;
            ++connections_;
            serve(descriptor);
            ::close(descriptor);
        }
    }
    void serve(int descriptor)
    {
        const timeval patience{.tv_sec = 0, .tv_usec = 200'000};
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        const std::unique_ptr<SSL, void (*)(SSL*)> tls{tls_ ? SSL_new(tls_.get()) : nullptr,
                                                       SSL_free};
        if (tls) {
            ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            SSL_set_fd(tls.get(), descriptor);
            if (SSL_accept(tls.get()) != 1) return;
        }
        Connection connection{descriptor, tls.get(), ends_};
        serve_(connection);
    }

    std::function<void(Connection&)> serve_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ends_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}  // namespace purse::test
