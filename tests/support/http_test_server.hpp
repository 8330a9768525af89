// SPDX-License-Identifier: Apache-2.0
// An HttpServer on a thread of its own with a handler that does what the path says.
#pragma once

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "server/http/server.hpp"
#include "tests/support/http_handler.hpp"

namespace purse::test {

class HttpTestServer {
public:
    explicit HttpTestServer(http::Limits limits = quick(),
                            std::optional<http::TlsFiles> tls = std::nullopt)
        : log_{server::LogLevel::off},
          server_{{.host = "127.0.0.1", .port = 0, .tls = std::move(tls), .limits = limits},
                  handler,
                  log_},
          thread_{[this] { server_.run(); }}
    {
    }
    ~HttpTestServer() { stop(); }
    HttpTestServer(const HttpTestServer&) = delete;
    HttpTestServer& operator=(const HttpTestServer&) = delete;

    /// Bounds that a test can wait for.
    static http::Limits quick()
    {
        http::Limits limits;
        limits.tick = http::milliseconds{10};
        limits.linger_patience = http::milliseconds{200};
        return limits;
    }

    std::uint16_t port() const { return server_.port(); }
    http::HttpServer& server() { return server_; }

    /// What `work` returns when it ran on the I/O thread, which alone may touch the handler.
    template <typename Work>
    auto on_io(Work work)
    {
        std::packaged_task<std::invoke_result_t<Work>()> task{std::move(work)};
        auto result = task.get_future();
        server_.post([task = std::move(task)]() mutable { task(); });
        return result.get();
    }
    http::ServerFigures figures()
    {
        return on_io([this] { return server_.figures(); });
    }
    /// False: did not come true in ten seconds.
    template <typename Condition>
    bool eventually(Condition condition)
    {
        for (int i = 0; i < 2'000; ++i) {
            if (on_io(condition)) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        return false;
    }
    void stop()
    {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }

    HttpTestHandler handler;

private:
    server::Log log_;
    http::HttpServer server_;
    std::thread thread_;
};

}  // namespace purse::test
