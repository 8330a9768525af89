// SPDX-License-Identifier: Apache-2.0
#include "server/http/failure.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

#include "server/http/server.hpp"
#include "tests/support/http_handler.hpp"
#include "tests/support/http_peer.hpp"

using namespace purse::server;
using namespace purse::server::http;
using purse::test::HttpTestHandler;

TEST_CASE("failure: what an exception says, or that it says nothing")
{
    const auto said = [](auto thrown) {
        try {
            throw thrown;
        } catch (...) {
            return failure();
        }
    };
    CHECK(said(std::runtime_error{"a reason"}) == "a reason");
    CHECK(said(1) == "thrown was something that says nothing");
}

namespace {
/// Throws what is no std::exception, wherever it can.
class Thrower final : public Handler {
public:
    void handle(Request&& request, std::shared_ptr<Exchange> exchange) override
    {
        if (request.path == "/") return exchange->respond(HttpTestHandler::text("ok"));
        if (request.path == "/gone") return wait(std::move(exchange));
        throw 1;  // NOLINT(hicpp-exception-baseclass): that is what is tested
    }
    void tick() override
    {
        ++ticks;
        throw "tick";  // NOLINT(hicpp-exception-baseclass)
    }
    void wait(std::shared_ptr<Exchange> exchange)
    {
        exchange->on_gone([this] {
            ++gone;
            throw 2;  // NOLINT(hicpp-exception-baseclass)
        });
        kept = std::move(exchange);
    }
    std::shared_ptr<Exchange> kept;
    std::atomic<int> ticks = 0;
    std::atomic<int> gone = 0;
};
}  // namespace

TEST_CASE("failure: a handler that throws what says nothing fails alone")
{
    Thrower handler;
    Log log{LogLevel::off};
    HttpServer server{{.limits = {.tick = milliseconds{10}}}, handler, log};
    std::thread thread{[&] { server.run(); }};
    {
        purse::test::HttpPeer peer{server.port()};
        CHECK(peer.get("/throw")->status == 500);
        CHECK(peer.get("/")->status == 200);
        purse::test::HttpPeer leaves{server.port()};
        REQUIRE(leaves.send("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n"));
        while (handler.ticks < 3) CHECK(peer.get("/")->status == 200);
    }
    purse::test::HttpPeer other{server.port()};
    while (handler.gone == 0) CHECK(other.get("/")->status == 200);
    CHECK(other.get("/")->status == 200);
    server.stop();
    thread.join();
}
