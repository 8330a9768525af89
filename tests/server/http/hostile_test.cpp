// SPDX-License-Identifier: Apache-2.0
// Clients that mean harm, on real sockets: each ends within its bound, and others are served.
#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "tests/support/http_peer.hpp"
#include "tests/support/http_test_server.hpp"

using namespace purse::server::http;
using purse::test::HttpPeer;
using purse::test::HttpTestServer;

namespace {
/// Resident memory of this process, server and clients, in KiB.
long resident()
{
    std::ifstream status{"/proc/self/status"};
    std::string line;
    while (std::getline(status, line))
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    return 0;
}

/// So many connections, both ends in this process, or as many as the system allows.
std::size_t connections(std::size_t wanted)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return std::min<std::size_t>(wanted, (limit.rlim_cur - 200) / 2);
}

Limits impatient()
{
    auto limits = HttpTestServer::quick();
    limits.header_patience = milliseconds{150};
    limits.body_patience = milliseconds{150};
    limits.idle_patience = milliseconds{150};
    limits.write_patience = milliseconds{150};
    return limits;
}

/// Sends `piece` until the server stops taking it or answers, at most `times`; how often it went.
int send_on(HttpPeer& peer, std::string_view piece, int times, int pause_ms = 0)
{
    for (int i = 0; i < times; ++i) {
        pollfd ready{.fd = peer.descriptor(), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, pause_ms) > 0 || !peer.send(piece)) return i;
    }
    return times;
}
}  // namespace

TEST_CASE("hostile: a header byte by byte")
{
    HttpTestServer server{impatient()};
    HttpPeer peer{server.port()};
    REQUIRE(peer.send("GET / HTTP/1.1\r\nX: "));
    CHECK(send_on(peer, "x", 2'000, 10) < 2'000);
    CHECK(peer.reply()->status == 408);
    CHECK(server.figures().timed_out == 1);
}

TEST_CASE("hostile: a body byte by byte, sized and chunked")
{
    HttpTestServer server{impatient()};
    HttpPeer sized{server.port()};
    REQUIRE(sized.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"));
    CHECK(send_on(sized, "x", 2'000, 10) < 2'000);
    CHECK(sized.reply()->status == 408);
    HttpPeer chunked{server.port()};
    REQUIRE(chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
    CHECK(send_on(chunked, "1\r\nx\r\n", 2'000, 10) < 2'000);
    CHECK(chunked.reply()->status == 408);
}

TEST_CASE("hostile: half-open and idle connections go by themselves")
{
    HttpTestServer server{impatient()};
    std::vector<HttpPeer> peers;
    for (int i = 0; i < 20; ++i) peers.emplace_back(server.port());
    for (std::size_t i = 0; i < 10; ++i) REQUIRE(peers[i].get("/"));
    for (auto& peer : peers) CHECK(peer.rest().empty());
    CHECK(server.figures().timed_out == 20);
    CHECK(server.figures().connections == 0);
}

TEST_CASE("hostile: a header of 100 MB, a body of 200 MB, chunks without end")
{
    HttpTestServer server;
    const auto before = resident();
    const std::string piece(65'536, 'x');
    {
        HttpPeer peer{server.port()};
        REQUIRE(peer.send("GET / HTTP/1.1\r\nX: "));
        CHECK(send_on(peer, piece, 1'600) < 200);
        const auto reply = peer.reply();
        if (reply) CHECK(reply->status == 431);
    }
    {
        HttpPeer peer{server.port()};
        REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000000\r\n\r\n"));
        CHECK(peer.reply()->status == 413);
    }
    {
        HttpPeer peer{server.port()};
        REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        CHECK(send_on(peer, "1000\r\n" + std::string(4'096, 'x') + "\r\n", 50'000) < 5'000);
    }
    {
        HttpPeer peer{server.port()};
        REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;"));
        CHECK(send_on(peer, piece, 1'600) < 200);
    }
    {
        HttpPeer peer{server.port()};
        std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
        for (int i = 0; i < 200; ++i) many += "X: y\r\n";
        CHECK(peer.ask(many + "\r\n")->status == 431);
    }
    CHECK(resident() - before < 16 * 1024);
    CHECK(HttpPeer{server.port()}.get("/")->status == 200);
}

TEST_CASE("hostile: the answer to a refused body can be read")
{
    HttpTestServer server;
    // All of it is on its way before the answer is looked at: without a drain, a reset eats it.
    for (int i = 0; i < 20; ++i) {
        HttpPeer peer{server.port()};
        REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n"));
        peer.send(std::string(500'000, 'x'));
        const auto reply = peer.reply();
        REQUIRE(reply);
        CHECK(reply->status == 413);
        CHECK(peer.rest().empty());
    }
}

TEST_CASE("hostile: bytes that are no HTTP")
{
    HttpTestServer server;
    for (const auto& bytes :
         {std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12}, std::string{"\n"},
          std::string{"\0\0\0\0\r\n\r\n", 8}, std::string{"SSH-2.0-x\r\n\r\n"},
          std::string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}}) {
        HttpPeer peer{server.port()};
        const auto reply = peer.ask(bytes);
        REQUIRE(reply);
        CHECK((reply->status == 400 || reply->status == 505));
        CHECK(peer.rest().empty());
    }
    CHECK(server.figures().malformed == 5);
    CHECK(server.on_io([&] { return server.handler.seen.empty(); }));
}

TEST_CASE("hostile: a hidden request is never seen")
{
    HttpTestServer server;
    const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
    const auto length = "Content-Length: " + std::to_string(hidden.size() + 5) + "\r\n";
    for (const auto& text : {
             post + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
             post + "Transfer-Encoding: chunked\r\n" + length + "\r\n0\r\n\r\n" + hidden,
             post + "Content-Length: 0\r\n" + length + "\r\n" + hidden,
             post + "Content-Length: 0, 5\r\n\r\n" + hidden,
             post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
             post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
             post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
             post + "X: y\r\n Content-Length: 0\r\n" + length + "\r\n" + hidden,
             post + "X: y\nContent-Length: 0\r\n\r\n" + hidden,
             post + "Transfer-Encoding: chunked\r\n\r\n0\n\n" + hidden,
             post + "Transfer-Encoding: chunked\r\n\r\n0 \r\n\r\n" + hidden,
             post + "Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n" + hidden,
             "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden,
             "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
         }) {
        CAPTURE(text);
        HttpPeer peer{server.port()};
        const auto reply = peer.ask(text);
        REQUIRE(reply);
        CHECK(reply->status == 400);
        CHECK(peer.rest().empty());
    }
    CHECK(server.on_io([&] { return server.handler.seen.empty(); }));
}

TEST_CASE("hostile: an SSE reader that never reads")
{
    auto limits = impatient();
    HttpTestServer server{limits};
    HttpPeer peer{server.port(), 4'096};
    REQUIRE(peer.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(server.eventually([&] { return server.handler.streams.size() == 1; }));
    SECTION("floods its queue")
    {
        const bool refused = server.on_io([&] {
            for (int i = 0; i < 100'000; ++i)
                if (!server.handler.streams[0].exchange->write(std::string(1'000, 'x')))
                    return true;
            return false;
        });
        CHECK(refused);
    }
    SECTION("leaves a little in it")
    {
        server.on_io([&] {
            auto& exchange = *server.handler.streams[0].exchange;
            while (exchange.queued() == 0 && exchange.write(std::string(1'000, 'x'))) {}
            return 0;
        });
    }
    CHECK(server.eventually([&] { return *server.handler.streams[0].gone == 1; }));
    CHECK(server.figures().connections == 0);
}

TEST_CASE("hostile: a reader of a large response that never reads")
{
    HttpTestServer server{impatient()};
    HttpPeer peer{server.port(), 4'096};
    REQUIRE(peer.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(server.eventually([&] { return server.server().figures().timed_out == 1; }));
    CHECK(server.figures().connections == 0);
}

TEST_CASE("hostile: thousands that are idle, slow or streaming, and one that is served")
{
    HttpTestServer server;
    std::vector<HttpPeer> crowd;
    const auto third = connections(3'000) / 3;
    for (std::size_t i = 0; i < third * 3; ++i) {
        crowd.emplace_back(server.port());
        if (i % 3 == 1) REQUIRE(crowd.back().send("GET / HT"));
        if (i % 3 == 2) REQUIRE(crowd.back().send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    HttpPeer one{server.port()};
    auto slowest = std::chrono::steady_clock::duration::zero();
    for (int i = 0; i < 200; ++i) {
        const auto start = std::chrono::steady_clock::now();
        REQUIRE(one.get("/"));
        slowest = std::max(slowest, std::chrono::steady_clock::now() - start);
    }
    CHECK(slowest < std::chrono::seconds{5});
    CHECK(server.eventually([&] { return server.server().figures().streams == third; }));
    CHECK(server.figures().connections == third * 3 + 1);
    crowd.clear();
    CHECK(server.eventually([&] { return server.server().figures().connections == 1; }));
    CHECK(server.on_io([&] {
        std::size_t gone = 0;
        for (const auto& stream : server.handler.streams)
            gone += static_cast<std::size_t>(*stream.gone);
        return gone;
    }) == third);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("hostile: a stream, its client's end included, costs less than 4 KiB")
{
    HttpTestServer server;
    std::vector<HttpPeer> peers;
    const auto count = connections(4'000);
    peers.reserve(count);
    REQUIRE(HttpPeer{server.port()}.get("/"));
    const auto before = resident();
    for (std::size_t i = 0; i < count; ++i) {
        peers.emplace_back(server.port());
        REQUIRE(peers.back().send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
        REQUIRE(peers.back().read_to(": open\n\n\r\n"));
    }
    CHECK((resident() - before) * 1'024 / static_cast<long>(count) < 4'096);
}
#endif

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("hostile: thousands of slow bodies, heads and readers cost 16 MB at most")
{
    auto limits = HttpTestServer::quick();
    HttpTestServer server{limits};
    const auto count = connections(3'000);
    std::vector<HttpPeer> peers;
    peers.reserve(count);
    for (std::size_t i = 0; i < count; ++i) peers.emplace_back(server.port());
    const std::string body =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65000\r\n\r\n" + std::string(30'000, 'x');
    const std::string chunk = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              ("7530\r\n" + std::string(30'000, 'x')) + "\r\n1;" +
                              std::string(7'000, 'x');
    const std::string head = "GET / HTTP/1.1\r\nX: " + std::string(8'000, 'x');
    const std::string behind = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(8'000, 'x');
    REQUIRE(HttpPeer{server.port()}.get("/"));
    const auto before = resident();
    for (std::size_t i = 0; i < count; ++i)
        peers[i].send(std::array{&body, &chunk, &head, &behind}[i % 4]->c_str());
    CHECK(server.eventually([&] { return server.server().figures().refused_capacity > 0; }));
    // Whoever sends its request at once is served.
    CHECK(HttpPeer{server.port()}.get("/")->status == 200);
    CHECK(resident() - before < 16 * 1024);
}
#endif

TEST_CASE("hostile: a stop under load")
{
    HttpTestServer server;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
        clients.emplace_back([port = server.port()] {
            try {
                for (int connections = 0; connections < 10'000; ++connections) {
                    HttpPeer peer{port};
                    for (int requests = 0; requests < 20; ++requests) {
                        const auto reply = peer.get("/");
                        if (!reply || reply->has("Connection: close")) break;
                    }
                }
            } catch (const std::runtime_error&) {
                // No connection any more: it has stopped.
            }
        });
    CHECK(server.eventually([&] { return server.handler.seen.size() > 1'000; }));
    server.stop();
    for (auto& client : clients) client.join();
    CHECK(server.server().figures().connections == 0);
    CHECK(server.server().figures().requests_in_progress == 0);
}
