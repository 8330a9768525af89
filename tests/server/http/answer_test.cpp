// SPDX-License-Identifier: Apache-2.0
#include "server/http/answer.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_wire.hpp"
#include "tests/support/http_handler.hpp"

using namespace purse::server;
using namespace purse::server::http;
using purse::test::FakePeer;
using purse::test::HttpTestHandler;

namespace {
constexpr auto kLater = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr auto kStream = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";

struct Bench {
    Bench() { hub.tick(Hub::Clock::time_point{std::chrono::hours{1}}); }
    ~Bench() { hub.abandon_all(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    Log log{LogLevel::off};
    HttpTestHandler handler;
    Hub hub{Limits{}, handler, log};
};
}  // namespace

// A stream's owner writes, learns that the peer is gone, ends the stream and forgets it, all before
// the connection is told to clean up. Only a sanitizer sees what a mistake here does.
TEST_CASE("answer: an exchange may end and go between the loss of its peer and the notice")
{
    Bench bench;
    FakePeer peer{bench.hub};
    SECTION("a stream")
    {
        peer.send(kStream);
        auto kept = std::move(bench.handler.streams.at(0));
        bench.handler.streams.clear();
        peer.state->peer_broke = true;
        CHECK_FALSE(kept.exchange->write("x"));
        kept.exchange->finish();
        kept.exchange.reset();
        peer.run();
        CHECK(*kept.gone == 0);
    }
    SECTION("a response")
    {
        peer.send(kLater);
        auto kept = std::move(bench.handler.later.at(0));
        bench.handler.later.clear();
        peer.state->peer_left = true;
        peer.turn();  // it sees the end of the input, but has not woken up yet
        kept.exchange->respond(HttpTestHandler::text("too late"));
        kept.exchange.reset();
        peer.run();
        CHECK(*kept.gone == 0);
    }
    CHECK(peer.destroyed());
}
