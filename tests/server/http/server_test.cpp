// SPDX-License-Identifier: Apache-2.0
// The server on real sockets.
#include "server/http/server.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/http_peer.hpp"
#include "tests/support/http_test_server.hpp"

using namespace purse::server;
using namespace purse::server::http;
using purse::test::HttpPeer;
using purse::test::HttpTestHandler;
using purse::test::HttpTestServer;

namespace {
/// No descriptor is left in this process while it lives.
class DescriptorFamine {
public:
    DescriptorFamine()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit low = before_;
        filling_.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        low.rlim_cur = static_cast<rlim_t>(filling_[0]) + 12;
        ::setrlimit(RLIMIT_NOFILE, &low);
        for (int i = 0; i < 64; ++i) {
            const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
            if (descriptor < 0) break;
            filling_.push_back(descriptor);
        }
    }
    ~DescriptorFamine()
    {
        for (const int descriptor : filling_) ::close(descriptor);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    DescriptorFamine(const DescriptorFamine&) = delete;
    DescriptorFamine& operator=(const DescriptorFamine&) = delete;

    void give_back_one()
    {
        ::close(filling_.back());
        filling_.pop_back();
    }

private:
    rlimit before_{};
    std::vector<int> filling_;
};
}  // namespace

TEST_CASE("server: requests, one connection and several")
{
    HttpTestServer server;
    HttpPeer one{server.port()};
    HttpPeer two{server.port()};
    for (int i = 0; i < 3; ++i)
        for (auto* peer : {&one, &two}) {
            const auto reply = peer->get("/");
            REQUIRE(reply);
            CHECK(reply->status == 200);
            CHECK(reply->body == "ok");
            CHECK(reply->has("\r\nDate: "));
        }
    const auto large = one.get("/large");
    REQUIRE(large);
    CHECK(large->body.size() == 8'000'000);
    const auto figures = server.figures();
    CHECK(figures.accepted == 2);
    CHECK(figures.connections == 2);
    CHECK(figures.requests_in_progress == 0);
    CHECK(server.on_io([&] { return server.handler.seen.size(); }) == 7);
}

TEST_CASE("server: work posted from another thread runs in order")
{
    HttpTestServer server;
    std::vector<int> order;
    for (int i = 0; i < 1'000; ++i) server.server().post([&order, i] { order.push_back(i); });
    server.server().post([] { throw std::runtime_error{"thrown on purpose"}; });
    CHECK(server.on_io([&] { return std::ranges::is_sorted(order) && order.size() == 1'000; }));
    CHECK(server.eventually([&] { return server.handler.ticks > 2; }));
}

TEST_CASE("server: work for later runs once, the sooner first, and a stop waits for none of it")
{
    HttpTestServer server;
    std::vector<int> order;
    server.on_io([&] {
        server.server().after(std::chrono::milliseconds{40}, [&] { order.push_back(2); });
        server.server().after(std::chrono::milliseconds{1}, [&] { order.push_back(1); });
        server.server().after(std::chrono::hours{1}, [&] { order.push_back(3); });
        return true;
    });
    CHECK(server.eventually([&] { return order.size() == 2; }));
    CHECK(server.on_io([&] { return order == std::vector<int>{1, 2}; }));
    // Its destructor stops and waits: the test would hang for an hour.
}

TEST_CASE("server: a stream from another thread, and its peer's leaving is noticed")
{
    HttpTestServer server;
    HttpPeer peer{server.port()};
    REQUIRE(peer.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(peer.read_to(": open\n\n\r\n"));
    for (int i = 0; i < 100; ++i)
        server.server().post([&] { server.handler.streams[0].exchange->write("data: x\n\n"); });
    for (int i = 0; i < 100; ++i) REQUIRE(peer.read_to("9\r\ndata: x\n\n\r\n"));
    SECTION("closed")
    {
        peer.close();
    }
    SECTION("reset")
    {
        peer.reset();
    }
    CHECK(server.eventually([&] { return *server.handler.streams[0].gone == 1; }));
    CHECK(server.figures().streams == 0);
    CHECK(server.figures().connections == 0);
}

TEST_CASE("server: one connection too many is told so and not held")
{
    auto limits = HttpTestServer::quick();
    limits.connections_max = 3;
    HttpTestServer server{limits};
    std::vector<HttpPeer> peers;
    for (int i = 0; i < 3; ++i) {
        peers.emplace_back(server.port());
        REQUIRE(peers.back().get("/"));
    }
    HttpPeer extra{server.port()};
    const auto reply = extra.reply();
    REQUIRE(reply);
    CHECK(reply->status == 503);
    CHECK(reply->has("Retry-After: 1\r\n"));
    CHECK(extra.rest().empty());
    CHECK(server.figures().refused_capacity == 1);
    CHECK(server.figures().connections == 3);

    peers.pop_back();
    REQUIRE(server.eventually([&] { return server.server().figures().connections == 2; }));
    HttpPeer again{server.port()};
    CHECK(again.get("/")->status == 200);
}

TEST_CASE("server: without a descriptor left it sheds, and serves again afterwards")
{
    HttpTestServer server;
    HttpPeer known{server.port()};
    REQUIRE(known.get("/"));
    {
        DescriptorFamine famine;
        famine.give_back_one();
        // Takes the last descriptor of the process; its other end finds none.
        HttpPeer shed{server.port()};
        CHECK(shed.rest().empty());
        CHECK(known.get("/")->status == 200);
    }
    HttpPeer later{server.port()};
    CHECK(later.get("/")->status == 200);
    CHECK(server.figures().refused_capacity >= 1);
}

TEST_CASE("server: a stop answers what is in progress, ends streams and returns")
{
    HttpTestServer server;
    HttpPeer idle{server.port()};
    HttpPeer waits{server.port()};
    HttpPeer streams{server.port()};
    REQUIRE(idle.get("/"));
    REQUIRE(waits.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(streams.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(streams.read_to(": open\n\n\r\n"));
    REQUIRE(server.eventually([&] { return server.handler.later.size() == 1; }));
    server.server().stop();
    server.server().stop();
    CHECK(idle.rest().empty());
    CHECK(streams.rest() == "0\r\n\r\n");
    CHECK_THROWS(HttpPeer{server.port()});
    server.server().post(
        [&] { server.handler.later[0].exchange->respond(HttpTestHandler::text("late")); });
    const auto reply = waits.reply();
    REQUIRE(reply);
    CHECK(reply->body == "late");
    CHECK(reply->has("Connection: close\r\n"));
    idle.close();
    waits.close();
    streams.close();
    server.stop();
    CHECK(server.handler.stops == 1);
    CHECK(server.server().figures().connections == 0);
}

TEST_CASE("server: a stop waits no longer than it may")
{
    auto limits = HttpTestServer::quick();
    limits.shutdown_patience = milliseconds{100};
    HttpTestServer server{limits};
    server.handler.finishes_at_stop = false;
    HttpPeer waits{server.port()};
    HttpPeer streams{server.port()};
    HttpPeer half{server.port()};
    REQUIRE(waits.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(streams.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(half.send("GET /str"));
    REQUIRE(streams.read_to(": open\n\n\r\n"));
    REQUIRE(server.eventually([&] { return server.handler.later.size() == 1; }));
    server.stop();
    CHECK(*server.handler.later[0].gone == 1);
    CHECK(*server.handler.streams[0].gone == 1);
    CHECK_FALSE(waits.reply());
}

TEST_CASE("server: stopped before it runs, or never run")
{
    Log log{LogLevel::off};
    HttpTestHandler handler;
    {
        HttpServer server{{}, handler, log};
        CHECK(server.port() != 0);
        server.stop();
        server.run();
    }
    CHECK(handler.stops == 1);
    {
        const HttpServer server{{}, handler, log};
    }
    CHECK(handler.stops == 1);
}

TEST_CASE("server: an exchange may outlive the server")
{
    std::shared_ptr<Exchange> kept;
    {
        auto limits = HttpTestServer::quick();
        limits.shutdown_patience = milliseconds{10};
        HttpTestServer server{limits};
        HttpPeer peer{server.port()};
        REQUIRE(peer.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));
        REQUIRE(server.eventually([&] { return server.handler.later.size() == 1; }));
        kept = server.on_io([&] { return server.handler.later[0].exchange; });
    }
    CHECK(kept->gone());
    kept->respond(HttpTestHandler::text("x"));
    kept.reset();
}

TEST_CASE("server: an address that cannot be had is named")
{
    Log log{LogLevel::off};
    HttpTestHandler handler;
    const HttpServer first{{}, handler, log};
    const auto error_of = [&](ServerSettings settings) {
        try {
            const HttpServer server{std::move(settings), handler, log};
        } catch (const std::runtime_error& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    CHECK(error_of({.port = first.port()}) ==
          "cannot listen on 127.0.0.1:" + std::to_string(first.port()) +
              ": Address already in use");
    CHECK(error_of({.host = "example.org"}) ==
          "cannot listen on \"example.org\": no numeric address");
    CHECK(error_of({.host = "192.0.2.1"}).starts_with("cannot listen on 192.0.2.1:0: "));
}
