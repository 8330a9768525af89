// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 on one address: listens, reads bounded requests, hands them to a Handler and writes what
// it answers. One thread, which calls run(). Knows nothing of MCP.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/http/exchange.hpp"
#include "server/http/figures.hpp"
#include "server/http/limits.hpp"
#include "server/log.hpp"

namespace purse::server::http {

/// PEM files: the chain, the server's own certificate first, and its key.
struct TlsFiles {
    std::string certificate;
    std::string key;
};

struct ServerSettings {
    std::string host = "127.0.0.1";  ///< a numeric address; "0.0.0.0" and "::" for all
    std::uint16_t port = 0;          ///< 0: any free one
    std::optional<TlsFiles> tls;     ///< none: plain HTTP
    Limits limits;
};

class HttpServer {
public:
    /// Binds and listens. Throws std::runtime_error with a sentence for the operator.
    HttpServer(ServerSettings settings, Handler& handler, Log& log);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// The port that is bound.
    std::uint16_t port() const noexcept;
    /// Serves until stop(); returns when every connection has ended.
    void run();
    /// Any thread: no new connections, requests in progress are answered, streams are finished,
    /// the rest is cut off after Limits::shutdown_patience.
    void stop();
    /// Any thread: runs `work` on the I/O thread, in the order of the calls.
    void post(std::move_only_function<void()> work);
    /// The I/O thread: runs `work` there after some time. Not at all when the server has ended by
    /// then; a stop does not wait for it.
    void after(milliseconds time, std::move_only_function<void()> work);
    const ServerFigures& figures() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace purse::server::http
