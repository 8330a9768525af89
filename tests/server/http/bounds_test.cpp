// SPDX-License-Identifier: Apache-2.0
// What all connections may hold together.
#include <catch2/catch.hpp>

#include "tests/support/fake_wire.hpp"
#include "tests/support/http_handler.hpp"

using namespace purse::server;
using namespace purse::server::http;
using purse::test::FakePeer;
using purse::test::HttpTestHandler;

namespace {
constexpr auto kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr auto kLater = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kPost = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n";

struct Bench {
    explicit Bench(std::size_t bytes) : hub{Limits{.buffered_bytes_max = bytes}, handler, log}
    {
        hub.tick(Hub::Clock::time_point{std::chrono::hours{1}});
    }
    ~Bench() { hub.abandon_all(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    Log log{LogLevel::off};
    HttpTestHandler handler;
    Hub hub;
};

bool is_busy(const std::string& answer)
{
    return answer.starts_with("HTTP/1.1 503") &&
           answer.find("Retry-After: 1\r\n") != std::string::npos &&
           answer.find("Connection: close\r\n") != std::string::npos;
}
}  // namespace

TEST_CASE("bounds: bodies that have not come whole, all together")
{
    Bench bench{10'000};
    FakePeer one{bench.hub};
    FakePeer two{bench.hub};
    FakePeer three{bench.hub};
    CHECK(one.ask(kPost + std::string(3'000, 'x')).empty());
    CHECK(two.ask(kPost + std::string(3'000, 'x')).empty());
    CHECK(is_busy(three.ask(kPost + std::string(3'000, 'x'))));
    CHECK(three.state->shut_down);
    CHECK(bench.hub.figures.refused_capacity == 1);
    CHECK(bench.hub.figures.malformed == 0);
    // Whoever sends all at once is served, and whoever waited comes to his end.
    FakePeer four{bench.hub};
    CHECK(
        four.ask(kPost + std::string(5'000, 'x')).ends_with("\r\n\r\n" + std::string(5'000, 'x')));
    CHECK(one.ask(std::string(2'000, 'x')).starts_with("HTTP/1.1 200"));
    FakePeer five{bench.hub};
    CHECK(five.ask(kPost + std::string(3'000, 'x')).empty());
    two.state->peer_left = true;
    five.state->peer_left = true;
    two.run();
    five.run();
    CHECK(bench.hub.buffered == 0);
}

TEST_CASE("bounds: heads that have not come whole, all together")
{
    Bench bench{10'000};
    const auto head = "GET / HTTP/1.1\r\nX: " + std::string(4'000, 'x');
    FakePeer one{bench.hub};
    FakePeer two{bench.hub};
    FakePeer three{bench.hub};
    CHECK(one.ask(head).empty());
    CHECK(two.ask(head).empty());
    CHECK(is_busy(three.ask(head)));
    CHECK(two.ask("\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200"));
    CHECK(bench.hub.buffered < 5'000);
}

TEST_CASE("bounds: what comes behind a request counts, and costs the connection, not the answer")
{
    Bench bench{3'000};
    FakePeer peer{bench.hub};
    CHECK(peer.ask(kLater).empty());
    for (int i = 0; i < 200; ++i) peer.send(kGet);
    CHECK(bench.hub.buffered < 3'000);
    bench.handler.later[0].exchange->respond(HttpTestHandler::text("late"));
    peer.run();
    const auto answer = peer.received();
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(answer.ends_with("late"));
    CHECK(bench.handler.seen.size() == 1);
    CHECK(bench.hub.buffered == 0);
}

TEST_CASE("bounds: responses that are not read count, and who does not read goes")
{
    Bench bench{20'000};
    const auto text =
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n" + std::string(9'000, 'x');
    FakePeer one{bench.hub};
    FakePeer two{bench.hub};
    FakePeer three{bench.hub};
    for (auto* peer : {&one, &two, &three}) peer->state->room = 10;
    one.send(text);
    two.send(text);
    three.send(text);
    CHECK_FALSE(two.state->closed);
    CHECK(three.state->closed);
    CHECK(three.destroyed());
    one.state->room = 100'000;
    one.run();
    CHECK(one.received().ends_with(std::string(9'000, 'x')));
    CHECK(bench.hub.buffered < 10'000);
}
