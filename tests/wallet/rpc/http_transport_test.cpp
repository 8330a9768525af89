// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/http_transport.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/support/certificate.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse;
using purse::test::RawServer;
using Connection = RawServer::Connection;

namespace {
const Span kShort{300'000};

std::unique_ptr<RpcTransport> transport_to(const std::string& url, HttpOptions options = {})
{
    auto transport = http_transport(Endpoint::parse(url).value(), std::move(options));
    REQUIRE(transport.has_value());
    return std::move(*transport);
}

/// Answers every request of every connection with what it came as.
void echo(Connection& connection)
{
    while (const auto request = connection.request()) connection.answer(*request);
}

std::string fault_of(RpcTransport& transport, const std::string& body = "{}")
{
    const auto answer = transport.post(body);
    return answer ? "status " + std::to_string(answer->status) : answer.error().what;
}

/// The fault of a server that does this, within the time-out and a little.
std::string fault_with(std::function<void(Connection&)> serve, HttpOptions options = {})
{
    options.timeout = std::min(options.timeout, kShort);
    const RawServer server{std::move(serve)};
    const auto transport = transport_to(server.url(), options);
    const auto start = std::chrono::steady_clock::now();
    auto fault = fault_of(*transport);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{2});
    return fault;
}

constexpr const char* kTookLong = "it took longer than the time-out";
constexpr const char* kClosed = "the connection was closed before the answer ended";
}  // namespace

TEST_CASE("transport: what is sent, and that the connection is kept")
{
    const RawServer server{echo};
    auto url = server.url();
    url.insert(url.find("//") + 2, "user:pass@");
    const auto transport = transport_to(url + "/v2/secret?key=1");
    CHECK(transport->name() == server.url());
    const auto answer = transport->post(R"({"a":1})");
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    const auto has = [&](const char* text) { return answer->body.find(text) != std::string::npos; };
    CHECK(answer->body.starts_with("POST /v2/secret?key=1 HTTP/1.1\r\n"));
    CHECK(has(("\r\nHost: " + server.url().substr(7) + "\r\n").c_str()));
    CHECK(has("\r\nContent-Type: application/json\r\n"));
    CHECK(has("\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"));
    CHECK(has("\r\n\r\n{\"a\":1}"));
    for (int i = 0; i < 10; ++i) CHECK(transport->post("{}").has_value());
    CHECK(server.connections() == 1);
}

TEST_CASE("transport: a connection that went away while idle is opened anew, once")
{
    const RawServer server{[](Connection& connection) {
        if (connection.request()) connection.answer("{}");
        // and closes
    }};
    const auto transport = transport_to(server.url());
    for (int i = 0; i < 5; ++i) CHECK(transport->post("{}").has_value());
    CHECK(server.connections() == 5);
}

TEST_CASE("transport: a new connection that is cut is not tried again")
{
    const RawServer server{[](Connection& connection) { connection.request(); }};
    const auto transport = transport_to(server.url());
    CHECK(fault_of(*transport) == kClosed);
    CHECK(server.connections() == 1);
}

TEST_CASE("transport: one deadline for all that a slow node can do")
{
    CHECK(fault_with([](Connection& connection) { connection.idle(); }) == kTookLong);
    const auto drip = [](std::string_view head) {
        return [head](Connection& connection) {
            connection.request();
            connection.send(head);
            while (connection.send("a")) std::this_thread::sleep_for(std::chrono::milliseconds{20});
        };
    };
    CHECK(fault_with(drip("HTTP/1.1 200 OK\r\nX: ")) == kTookLong);
    CHECK(fault_with(drip("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")) == kTookLong);
    CHECK(fault_with(drip("HTTP/1.1 200 OK\r\n\r\n")) == kTookLong);
}

TEST_CASE("transport: an answer has bounds")
{
    const HttpOptions small{.body_bytes_max = 100, .header_bytes_max = 1'000};
    CHECK(fault_with(
              [](Connection& connection) {
                  connection.request();
                  connection.answer(std::string(101, 'x'));
              },
              small) == "the answer is too large");
    CHECK(fault_with(
              [](Connection& connection) {
                  connection.request();
                  connection.answer(std::string(100, 'x'));
              },
              small) == "status 200");
    CHECK(fault_with(
              [](Connection& connection) {
                  connection.request();
                  connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                  while (connection.send("20\r\n" + std::string(32, 'x') + "\r\n")) {}
              },
              small) == "the answer is too large");
    CHECK(fault_with(
              [](Connection& connection) {
                  connection.request();
                  connection.send("HTTP/1.1 200 OK\r\n\r\n");
                  while (connection.send(std::string(1000, 'x'))) {}
              },
              small) == "the answer is too large");
    CHECK(fault_with(
              [](Connection& connection) {
                  connection.request();
                  connection.send("HTTP/1.1 200 OK\r\nX: ");
                  while (connection.send(std::string(1000, 'x'))) {}
              },
              small) == "the header of the answer is too large");
}

TEST_CASE("transport: connections that are cut, and what is no HTTP")
{
    const auto after_request = [](std::string_view bytes) {
        return fault_with([bytes](Connection& connection) {
            connection.request();
            connection.send(bytes);
        });
    };
    CHECK(after_request("") == kClosed);
    CHECK(after_request("HTTP/1.1 200 OK\r\nContent-Le") == kClosed);
    CHECK(after_request("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf") == kClosed);
    CHECK(after_request("SSH-2.0-OpenSSH\r\n\r\n") == "bad version");
}

TEST_CASE("transport: a redirect is an answer, not a way")
{
    const RawServer target{echo};
    const RawServer server{[&](Connection& connection) {
        while (connection.request())
            connection.answer("", "307 Temporary Redirect", "Location: " + target.url() + "\r\n");
    }};
    const auto answer = transport_to(server.url())->post("{}");
    REQUIRE(answer.has_value());
    CHECK(answer->status == 307);
    CHECK(target.connections() == 0);
}

TEST_CASE("transport: nobody listens there")
{
    std::string url;
    {
        const RawServer server{echo};
        url = server.url();
    }
    CHECK(fault_of(*transport_to(url)) == "no connection: Connection refused");
    CHECK(fault_of(*transport_to("http://no-such-host.invalid"))
              .starts_with("the name cannot be looked up: "));
}

TEST_CASE("transport: a certificate must be trusted, and be the host's")
{
    const test::TempFolder folder;
    test::make_certificate(folder.path(), "node");
    const RawServer server{echo, folder / "node"};
    const HttpOptions trusting{.ca_file = folder / "node.crt"};

    const auto untrusted = fault_of(*transport_to(server.url("https", "localhost")));
    CHECK(untrusted.starts_with("no TLS: "));
    CHECK(untrusted.find("certificate verify failed") != std::string::npos);

    const auto good = transport_to(server.url("https", "localhost"), trusting);
    CHECK(fault_of(*good) == "status 200");
    CHECK(fault_of(*good, std::string(1'000'000, 'x')) == "status 200");
    CHECK(fault_of(*transport_to(server.url("https"), trusting)).starts_with("no TLS: "));

    const auto none = http_transport(Endpoint::parse("https://localhost").value(),
                                     {.ca_file = folder / "missing.crt"});
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().starts_with("the certificates cannot be read from the file: "));
}

TEST_CASE("transport: a plain answer to TLS, and TLS that never ends")
{
    const RawServer plain{
        [](Connection& connection) { connection.send("HTTP/1.1 400 No\r\n\r\n"); }};
    CHECK(fault_of(*transport_to(plain.url("https"))).starts_with("no TLS: "));
    const RawServer mute{[](Connection& connection) { connection.idle(); }};
    CHECK(fault_of(*transport_to(mute.url("https"), {.timeout = kShort})) ==
          std::string{"no TLS: "} + kTookLong);
}

TEST_CASE("poster: the status is the answer, whatever becomes of the body")
{
    const auto status_with = [](std::function<void(Connection&)> serve) {
        const RawServer server{std::move(serve)};
        const auto poster = http_poster(Endpoint::parse(server.url()).value(),
                                        {.timeout = Span{300'000}, .body_bytes_max = 1'000})
                                .value();
        const std::vector<HttpField> fields{{"webhook-id", "msg_1"}};
        const auto reply = poster->post("{}", fields);
        if (!reply) return reply.error().what;
        CHECK(reply->body.size() < 200'000);
        return "status " + std::to_string(reply->status) + " " + reply->retry_after;
    };
    CHECK(status_with([](Connection& connection) {
              const auto asked = connection.request();
              CHECK(asked->find("\r\nwebhook-id: msg_1\r\n") != std::string::npos);
              connection.answer(std::string(1'000'000, 'x'), "503 Busy", "Retry-After: 7\r\n");
          }) == "status 503 7");
    CHECK(status_with([](Connection& connection) {
              connection.request();
              connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              while (connection.send("20\r\n" + std::string(32, 'x') + "\r\n")) {}
          }) == "status 200 ");
    CHECK(status_with([](Connection& connection) {
              connection.request();
              connection.send("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf");
              connection.idle();
          }) == "status 202 ");
    CHECK(status_with([](Connection& connection) {
              connection.request();
              connection.idle();
          }) == kTookLong);
}

TEST_CASE("poster: cancelled from another thread it ends, and begins nothing more")
{
    std::atomic<bool> has_asked = false;
    const RawServer server{[&](Connection& connection) {
        connection.request();
        has_asked = true;
        connection.idle();
    }};
    const auto poster =
        http_poster(Endpoint::parse(server.url()).value(), {.timeout = Span::minutes(10)}).value();
    std::thread other{[&] {
        while (!has_asked) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        poster->cancel();
    }};
    CHECK_FALSE(poster->post("{}", {}).has_value());
    other.join();
    CHECK_FALSE(poster->post("{}", {}).has_value());
    CHECK(server.connections() == 1);
}
