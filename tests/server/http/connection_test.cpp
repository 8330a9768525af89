// SPDX-License-Identifier: Apache-2.0
// One connection with a made-up wire and a made-up time.
#include "server/http/connection.hpp"

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
constexpr auto kStream = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";

struct Bench {
    explicit Bench(Limits limits = {}) : hub{limits, handler, log} { hub.tick(start); }
    ~Bench() { hub.abandon_all(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    /// The time since the start.
    void at(milliseconds time) { hub.tick(start + time); }

    Hub::Clock::time_point start{std::chrono::hours{1}};
    Log log{LogLevel::off};
    HttpTestHandler handler;
    Hub hub;
};

std::string get(std::string_view path, std::string_view lines = {})
{
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n";
}

std::size_t count(std::string_view text, std::string_view part)
{
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

bool is(const std::string& answer, std::string_view status)
{
    return answer.starts_with("HTTP/1.1 " + std::string{status});
}
}  // namespace

TEST_CASE("connection: requests one after the other, then pipelined")
{
    Bench bench;
    FakePeer peer{bench.hub};
    CHECK(peer.ask(kGet).ends_with("Content-Length: 2\r\n\r\nok"));
    CHECK(peer.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
              .ends_with("\r\n\r\nabc"));
    std::string many;
    for (int i = 0; i < 2'000; ++i) many += kGet;
    CHECK(count(peer.ask(many), "HTTP/1.1 200 OK") == 2'000);
    CHECK(bench.handler.seen.size() == 2'002);
    CHECK(bench.hub.figures.requests_in_progress == 0);
    CHECK_FALSE(peer.state->closed);
}

TEST_CASE("connection: a request in any two pieces is the same request")
{
    const std::string text =
        "POST /echo?q HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Bench bench;
        FakePeer peer{bench.hub};
        peer.send(text.substr(0, cut));
        peer.send(text.substr(cut));
        REQUIRE(bench.handler.seen.size() == 2);
        REQUIRE(bench.handler.seen[0].body == "abc");
        REQUIRE(bench.handler.seen[0].query == "q");
        REQUIRE(bench.handler.seen[0].headers.size() == 2);
        REQUIRE(bench.handler.seen[1].body == "body");
        REQUIRE(count(peer.received(), " 200 OK") == 2);
    }
}

TEST_CASE("connection: pipelined requests wait for an answer that comes later")
{
    Bench bench;
    FakePeer peer{bench.hub};
    CHECK(peer.ask(std::string{kLater} + kGet + kGet).empty());
    CHECK(bench.handler.seen.size() == 1);
    CHECK(bench.hub.figures.requests_in_progress == 1);
    bench.handler.later[0].exchange->respond(HttpTestHandler::text("late"));
    // Not from inside the handler's call.
    CHECK(bench.handler.seen.size() == 1);
    peer.run();
    const auto answers = peer.received();
    CHECK(count(answers, "200 OK") == 3);
    CHECK(answers.find("late") < answers.find("ok"));
    CHECK(*bench.handler.later[0].gone == 0);
}

TEST_CASE("connection: one blank line before a request is forgiven, two are not")
{
    Bench bench;
    FakePeer peer{bench.hub};
    CHECK(is(peer.ask("\r\n" + std::string{kGet}), "200"));
    CHECK(is(peer.ask("\r\n" + std::string{kGet}), "200"));
    CHECK(is(peer.ask("\r\n\r\n" + std::string{kGet}), "400"));
    CHECK(bench.handler.seen.size() == 2);
}

TEST_CASE("connection: it ends where HTTP has it end")
{
    Bench bench;
    const auto ends = [&](const std::string& text) {
        FakePeer peer{bench.hub};
        const auto answer = peer.ask(text);
        CHECK(is(answer, "200"));
        CHECK(peer.state->shut_down == (count(answer, "Connection: close\r\n") == 1));
        return peer.state->shut_down;
    };
    CHECK_FALSE(ends(kGet));
    CHECK(ends(get("/", "Connection: close\r\n")));
    CHECK(ends(get("/close")));
    CHECK(ends("GET / HTTP/1.0\r\n\r\n"));
    CHECK_FALSE(ends("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    // What follows a last request is never looked at.
    const auto before = bench.handler.seen.size();
    CHECK(ends(get("/close") + kGet + kGet));
    CHECK(bench.handler.seen.size() == before + 1);
}

TEST_CASE("connection: no body for HEAD, 204 and 202, yet its length")
{
    Bench bench;
    FakePeer peer{bench.hub};
    const auto head = peer.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(head.ends_with("Content-Length: 2\r\n\r\n"));
    CHECK(bench.handler.seen[0].method == Method::head);
    CHECK(peer.ask(get("/empty")).ends_with("GMT\r\n\r\n"));
    CHECK(peer.ask(get("/accepted")).ends_with("Content-Length: 0\r\n\r\n"));
    CHECK(is(peer.ask("PUT / HTTP/1.1\r\nHost: a\r\n\r\n"), "200"));
    CHECK(bench.handler.seen.back().method == Method::other);
}

TEST_CASE("connection: what is no request is refused, and ends it")
{
    Bench bench;
    const auto refused = [&](const std::string& text, std::string_view status) {
        FakePeer peer{bench.hub};
        // Whatever hides behind it is never seen.
        const auto answer = peer.ask(text + kGet);
        return is(answer, status) && count(answer, "HTTP/1.1") == 1 &&
               count(answer, "Connection: close\r\n") == 1 && peer.state->shut_down;
    };
    CHECK(refused("\x16\x03\x01\r\n\r\n", "400"));
    CHECK(refused("GET / HTTP/1.1\n", "400"));
    CHECK(refused("GET / HTTP/1.1\r\n\r\n", "400"));
    CHECK(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n",
                  "400"));
    CHECK(refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx", "400"));
    CHECK(refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
                  "413"));
    CHECK(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", "413"));
    CHECK(refused(get("/", "X: " + std::string(9'000, 'x') + "\r\n"), "431"));
    CHECK(refused("GET /" + std::string(9'000, 'x'), "431"));
    CHECK(refused(get("/", "Expect: money\r\n"), "417"));
    CHECK(bench.handler.seen.empty());
    CHECK(bench.hub.figures.malformed == 10);
}

TEST_CASE("connection: 100-continue is said when the body is awaited, and only then")
{
    Bench bench;
    FakePeer peer{bench.hub};
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    CHECK(peer.ask(head) == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(peer.ask("ab").ends_with("\r\n\r\nab"));
    CHECK(is(peer.ask(head + "cd"), "200"));
    CHECK(peer.ask(head + "e").empty());  // it does not wait to be asked
    CHECK(is(peer.ask("f"), "200"));
    CHECK(is(peer.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\nExpect: "
                      "100-continue\r\n\r\n"),
             "413"));
}

TEST_CASE("connection: a handler that fails is answered for")
{
    Bench bench;
    FakePeer peer{bench.hub};
    CHECK(is(peer.ask(get("/throw")), "500"));
    CHECK(is(peer.ask(get("/drop")), "500"));
    CHECK(is(peer.ask(get("/throw-kept")), "500"));
    // The exchange it kept is spent.
    bench.handler.later[0].exchange->respond(HttpTestHandler::text("twice"));
    CHECK(bench.handler.later[0].exchange->gone());
    peer.run();
    CHECK(peer.received().empty());
    // Let go of later.
    CHECK(peer.ask(kLater).empty());
    bench.handler.later.clear();
    peer.run();
    CHECK(is(peer.received(), "500"));
    CHECK(is(peer.ask(kGet), "200"));
    CHECK(bench.hub.figures.requests_in_progress == 0);
}

TEST_CASE("connection: a peer that leaves is told of once, and calls then do nothing")
{
    Bench bench;
    FakePeer peer{bench.hub};
    SECTION("while an answer is made")
    {
        peer.send(kLater);
        peer.state->peer_left = true;
        peer.run();
        auto& kept = bench.handler.later[0];
        CHECK(*kept.gone == 1);
        CHECK(kept.exchange->gone());
        kept.exchange->respond(HttpTestHandler::text("x"));
        kept.exchange->start_stream({});
        CHECK_FALSE(kept.exchange->write("x"));
        kept.exchange->finish();
        CHECK(kept.exchange->queued() == 0);
    }
    SECTION("during a stream")
    {
        peer.send(kStream);
        CHECK(bench.hub.figures.streams == 1);
        peer.state->peer_left = true;
        peer.run();
        CHECK(*bench.handler.streams[0].gone == 1);
        CHECK_FALSE(bench.handler.streams[0].exchange->write("x"));
    }
    SECTION("found out by writing")
    {
        peer.send(kStream);
        peer.state->peer_broke = true;
        CHECK_FALSE(bench.handler.streams[0].exchange->write("x"));
        CHECK(*bench.handler.streams[0].gone == 0);  // never from inside the call
        peer.run();
        CHECK(*bench.handler.streams[0].gone == 1);
    }
    CHECK(peer.state->to_peer.find("500") == std::string::npos);
    CHECK(peer.state->closed);
    CHECK(peer.destroyed());
    CHECK(bench.hub.empty());
    CHECK(bench.hub.figures.streams == 0);
    CHECK(bench.hub.figures.requests_in_progress == 0);
}

TEST_CASE("connection: on_gone may let go of the exchange itself")
{
    Bench bench;
    FakePeer peer{bench.hub};
    peer.send(kLater);
    bench.handler.later[0].exchange->on_gone([&] { bench.handler.later.clear(); });
    peer.state->peer_left = true;
    peer.run();
    CHECK(bench.handler.later.empty());
    CHECK(peer.destroyed());
}

TEST_CASE("connection: a stream is chunked, ends in band and leaves the connection usable")
{
    Bench bench;
    FakePeer peer{bench.hub};
    const auto begun = peer.ask(kStream);
    CHECK(begun.ends_with("Transfer-Encoding: chunked\r\n\r\n8\r\n: open\n\n\r\n"));
    auto exchange = bench.handler.streams[0].exchange;
    CHECK(exchange->write("data: 1\n\n"));
    CHECK(exchange->write(""));
    CHECK(peer.received() == "9\r\ndata: 1\n\n\r\n");
    exchange->respond(HttpTestHandler::text("not on a stream"));
    peer.send(kGet);  // waits
    CHECK(peer.received().empty());
    exchange->finish();
    exchange->finish();
    CHECK_FALSE(exchange->write("late"));
    peer.run();
    const auto end = peer.received();
    CHECK(end.starts_with("0\r\n\r\nHTTP/1.1 200 OK"));
    CHECK(bench.hub.figures.streams == 0);
    CHECK(*bench.handler.streams[0].gone == 0);
}

TEST_CASE("connection: a stream for HTTP/1.0 and one for HEAD")
{
    Bench bench;
    FakePeer old{bench.hub};
    CHECK(old.ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
              .ends_with("Connection: close\r\n\r\n: open\n\n"));
    CHECK(bench.handler.streams[0].exchange->write("raw"));
    bench.handler.streams[0].exchange->finish();
    old.run();
    CHECK(old.received() == "raw");
    CHECK(old.state->shut_down);

    FakePeer head{bench.hub};
    CHECK(head.ask("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\n"));
    CHECK(bench.handler.streams[1].exchange->write("dropped"));
    bench.handler.streams[1].exchange->finish();
    head.run();
    CHECK(head.received().empty());
    CHECK(is(head.ask(kGet), "200"));
}

TEST_CASE("connection: a stream that is let go of is cut, not ended")
{
    Bench bench;
    FakePeer peer{bench.hub};
    peer.send(kStream);
    bench.handler.streams.clear();
    peer.run();
    CHECK(peer.state->closed);
    CHECK_FALSE(peer.received().ends_with("0\r\n\r\n"));
    CHECK(peer.destroyed());
}

TEST_CASE("connection: bytes on a stream are few or its end")
{
    Bench bench;
    FakePeer peer{bench.hub};
    peer.send(kStream);
    SECTION("after it began")
    {
        peer.send(std::string(1'024, 'x'));
        CHECK_FALSE(peer.state->closed);
        peer.send("x");
        CHECK(peer.state->closed);
        CHECK(*bench.handler.streams[0].gone == 1);
    }
    SECTION("with the request")
    {
        FakePeer eager{bench.hub};
        eager.send(kStream + std::string(2'000, 'x'));
        CHECK(eager.state->closed);
    }
}

TEST_CASE("connection: a stream's queue is bounded and leaves in order")
{
    Bench bench{{.stream_queue_max = 100}};
    FakePeer peer{bench.hub};
    peer.send(kStream);
    peer.received();
    peer.state->room = 10;
    auto exchange = bench.handler.streams[0].exchange;
    CHECK(exchange->write(std::string(50, 'a')));
    CHECK(exchange->queued() == 50 + 6 - 10);
    CHECK(exchange->write(std::string(40, 'b')));
    SECTION("the peer reads on")
    {
        peer.state->room = 1'000;
        peer.run();
        CHECK(peer.received() ==
              "32\r\n" + std::string(50, 'a') + "\r\n28\r\n" + std::string(40, 'b') + "\r\n");
        CHECK(exchange->queued() == 0);
    }
    SECTION("it does not")
    {
        CHECK_FALSE(exchange->write(std::string(40, 'c')));
        CHECK(exchange->gone());
        CHECK(*bench.handler.streams[0].gone == 0);
        peer.run();
        CHECK(*bench.handler.streams[0].gone == 1);
        CHECK(peer.destroyed());
    }
}

TEST_CASE("connection: patience ends")
{
    Bench bench{{.header_patience = milliseconds{100},
                 .body_patience = milliseconds{200},
                 .idle_patience = milliseconds{300},
                 .write_patience = milliseconds{400}}};
    FakePeer peer{bench.hub};
    const auto ends_at = [&](int time) {
        bench.at(milliseconds{time - 1});
        peer.run();
        CHECK_FALSE((peer.state->closed || peer.state->shut_down));
        bench.at(milliseconds{time});
        peer.run();
        CHECK((peer.state->closed || peer.state->shut_down));
        CHECK(bench.hub.figures.timed_out == 1);
    };
    SECTION("idle from the start")
    {
        ends_at(300);
    }
    SECTION("idle after a request")
    {
        bench.at(milliseconds{250});
        peer.send(kGet);
        ends_at(550);
    }
    SECTION("a head, byte by byte")
    {
        peer.send("G");
        bench.at(milliseconds{90});
        peer.send("ET ");
        ends_at(100);
        CHECK(is(peer.received(), "408"));
        bench.at(milliseconds{1'200});  // lingered long enough
        peer.run();
        CHECK(peer.destroyed());
    }
    SECTION("a second head behind a first request")
    {
        peer.send(std::string{kGet} + "GET /");
        ends_at(100);
    }
    SECTION("a body")
    {
        peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
        bench.at(milliseconds{150});
        peer.send("x");
        peer.received();
        ends_at(200);
        CHECK(is(peer.received(), "408"));
    }
    SECTION("a reader of a response that takes nothing")
    {
        peer.state->room = 10;
        peer.send(get("/large"));
        bench.at(milliseconds{350});
        peer.state->room = 10;
        peer.run();  // it took a little
        ends_at(750);
    }
    SECTION("a reader of a stream")
    {
        peer.send(kStream);
        bench.at(milliseconds{10'000});
        CHECK_FALSE(peer.state->closed);
        peer.state->room = 0;
        CHECK(bench.handler.streams[0].exchange->write("x"));
        ends_at(10'400);
        CHECK(*bench.handler.streams[0].gone == 1);
    }
}

TEST_CASE("connection: a handshake is bounded as a head is, then idleness begins")
{
    Bench bench{{.header_patience = milliseconds{100}, .idle_patience = milliseconds{300}}};
    auto state = std::make_shared<purse::test::WireState>();
    state->is_open = false;
    FakePeer peer{bench.hub, state};
    SECTION("never done")
    {
        bench.at(milliseconds{100});
        peer.run();
        CHECK(peer.destroyed());
        CHECK(peer.received().empty());
    }
    SECTION("done")
    {
        bench.at(milliseconds{90});
        state->is_open = true;
        peer.send(kGet);
        CHECK(is(peer.received(), "200"));
        bench.at(milliseconds{300});
        CHECK_FALSE(state->closed);
        bench.at(milliseconds{390});
        CHECK(state->closed);
    }
}

TEST_CASE("connection: so many requests in progress and no more")
{
    Bench bench{{.requests_max = 2}};
    FakePeer one{bench.hub};
    FakePeer two{bench.hub};
    FakePeer three{bench.hub};
    one.send(kLater);
    two.send(kLater);
    const auto busy = three.ask(kGet);
    CHECK(is(busy, "503"));
    CHECK(count(busy, "Retry-After: 1\r\n") == 1);
    CHECK(bench.hub.figures.refused_capacity == 1);
    bench.handler.later[0].exchange->respond(HttpTestHandler::text("x"));
    one.run();
    CHECK(is(three.ask(kGet), "200"));
}

TEST_CASE("connection: after a refusal it drains a little, then goes")
{
    Bench bench{{.linger_bytes_max = 100'000}};
    FakePeer peer{bench.hub};
    CHECK(is(peer.ask("bad\n"), "400"));
    CHECK(peer.state->shut_down);
    SECTION("the peer closes")
    {
        peer.state->peer_left = true;
        peer.run();
    }
    SECTION("it goes on and on")
    {
        peer.send(std::string(99'000, 'x'));
        CHECK_FALSE(peer.state->closed);
        peer.send(std::string(2'000, 'x'));
    }
    SECTION("it does nothing")
    {
        bench.at(milliseconds{999});
        CHECK_FALSE(peer.state->closed);
        bench.at(milliseconds{1'000});
        peer.run();
    }
    CHECK(peer.destroyed());
    CHECK(bench.hub.figures.timed_out == 0);
}

TEST_CASE("connection: a peer that pipelines and does not read is made to wait")
{
    Bench bench;
    FakePeer peer{bench.hub};
    peer.state->room = 0;
    std::string many;
    for (int i = 0; i < 1'000; ++i) many += kGet;
    for (int i = 0; i < 10; ++i) peer.send(many);
    CHECK(bench.handler.seen.size() < 500);
    CHECK(peer.state->to_server.size() > 100'000);  // not read any more
    peer.state->room = static_cast<std::size_t>(-1);
    peer.run();
    CHECK(count(peer.received(), "200 OK") == 10'000);
}

TEST_CASE("connection: what comes while an answer is made is bounded")
{
    Bench bench;
    FakePeer peer{bench.hub};
    peer.send(kLater);
    for (int i = 0; i < 100; ++i) peer.send(std::string(10'000, 'x'));
    CHECK(peer.state->to_server.size() > 800'000);
    bench.handler.later[0].exchange->respond(HttpTestHandler::text("x"));
    peer.run();
    CHECK(count(peer.received(), "HTTP/1.1 431") == 1);
}

TEST_CASE("connection: at a stop the idle go at once, the rest when answered")
{
    Bench bench;
    FakePeer idle{bench.hub};
    FakePeer half{bench.hub};
    FakePeer waits{bench.hub};
    FakePeer stream{bench.hub};
    FakePeer blank{bench.hub};
    half.send("GET / HT");
    blank.send("\r");
    waits.send(kLater);
    stream.send(kStream);
    bench.hub.begin_stop();
    bench.handler.stopping();
    for (auto* peer : {&idle, &half, &waits, &stream}) peer->run();
    CHECK(idle.destroyed());
    CHECK_FALSE(blank.state->closed);
    blank.send("\n");
    CHECK(blank.destroyed());
    CHECK(stream.received().ends_with("0\r\n\r\n"));
    CHECK(stream.state->shut_down);
    CHECK_FALSE(half.state->closed);
    bench.handler.later[0].exchange->respond(HttpTestHandler::text("x"));
    waits.run();
    CHECK(count(waits.received(), "Connection: close\r\n") == 1);
    CHECK(waits.state->shut_down);
    CHECK(count(half.ask("TP/1.1\r\nHost: a\r\n\r\n"), "Connection: close\r\n") == 1);
    bench.hub.cut_all();
    for (auto* peer : {&half, &waits, &stream}) peer->run();
    CHECK(bench.hub.empty());
}
