// SPDX-License-Identifier: Apache-2.0
#include <openssl/ssl.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/certificate.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/http_test_server.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse::server;
using namespace purse::server::http;
using purse::test::HttpPeer;
using purse::test::HttpTestHandler;
using purse::test::HttpTestServer;
using purse::test::TempFolder;

namespace {
/// A TLS client on a blocking socket that trusts one certificate.
class TlsPeer {
public:
    TlsPeer(std::uint16_t port, const std::string& trusted, int version_max = 0)
        : peer_{port},
          context_{SSL_CTX_new(TLS_client_method())},
          ssl_{nullptr}
    {
        SSL_CTX_load_verify_locations(context_, trusted.c_str(), nullptr);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_security_level(context_, 0);
        SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_, version_max);
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, peer_.descriptor());
        is_open_ = SSL_connect(ssl_) == 1;
    }
    ~TlsPeer()
    {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    TlsPeer(const TlsPeer&) = delete;
    TlsPeer& operator=(const TlsPeer&) = delete;

    bool is_open() const { return is_open_; }
    int version() const { return SSL_version(ssl_); }
    void send(std::string_view bytes)
    {
        REQUIRE(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) ==
                static_cast<int>(bytes.size()));
    }
    /// Until `text` came; empty when the connection ended before.
    std::string read_to(std::string_view text)
    {
        while (pending_.find(text) == std::string::npos) {
            std::array<char, 4096> room;
            const int size = SSL_read(ssl_, room.data(), room.size());
            if (size <= 0) return {};
            pending_.append(room.data(), static_cast<std::size_t>(size));
        }
        const auto end = pending_.find(text) + text.size();
        auto all = pending_.substr(0, end);
        pending_.erase(0, end);
        return all;
    }
    std::string rest()
    {
        read_to("\xff never there");
        return std::exchange(pending_, {});
    }
    /// Whether the end was said and not cut.
    bool was_closed() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }
    SSL* ssl() { return ssl_; }

private:
    HttpPeer peer_;
    SSL_CTX* context_;
    SSL* ssl_;
    std::string pending_;
    bool is_open_ = false;
};

struct Certificate {
    Certificate() { purse::test::make_certificate(folder.path(), "server"); }
    TlsFiles files() const { return {folder / "server.crt", folder / "server.key"}; }
    TempFolder folder;
};

constexpr auto kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
}  // namespace

TEST_CASE("tls: requests, a large response and pipelining, with 1.2 and 1.3")
{
    const Certificate certificate;
    HttpTestServer server{HttpTestServer::quick(), certificate.files()};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsPeer peer{server.port(), certificate.files().certificate, version};
        REQUIRE(peer.is_open());
        CHECK(peer.version() == version);
        peer.send(kGet);
        CHECK(peer.read_to("\r\n\r\nok").starts_with("HTTP/1.1 200 OK"));
        std::string many;
        for (int i = 0; i < 1'000; ++i) many += kGet;
        peer.send(many);
        for (int i = 0; i < 1'000; ++i) REQUIRE_FALSE(peer.read_to("\r\n\r\nok").empty());
        peer.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        CHECK_FALSE(peer.read_to("\r\n\r\n").empty());
        CHECK(peer.rest() == std::string(8'000'000, 'x'));
        CHECK(peer.was_closed());
    }
    CHECK(server.eventually([&] { return server.server().figures().connections == 0; }));
}

TEST_CASE("tls: a body in many records, then a key update, then a stream")
{
    const Certificate certificate;
    HttpTestServer server{HttpTestServer::quick(), certificate.files()};
    TlsPeer peer{server.port(), certificate.files().certificate};
    REQUIRE(peer.is_open());
    const std::string body(60'000, 'b');
    peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 1'000) peer.send(body.substr(at, 1'000));
    CHECK(peer.read_to(body).size() > body.size());
    REQUIRE(SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_REQUESTED) == 1);
    peer.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_FALSE(peer.read_to(": open\n\n").empty());
    server.on_io([&] { return server.handler.streams[0].exchange->write("data: 1\n\n"); });
    CHECK_FALSE(peer.read_to("data: 1\n\n").empty());
    server.stop();
    CHECK(peer.rest().ends_with("0\r\n\r\n"));
    CHECK(peer.was_closed());
}

TEST_CASE("tls: old versions, plain HTTP and silence get no request through")
{
    auto limits = HttpTestServer::quick();
    limits.header_patience = milliseconds{200};
    const Certificate certificate;
    HttpTestServer server{limits, certificate.files()};
    {
        const TlsPeer old{server.port(), certificate.files().certificate, TLS1_1_VERSION};
        CHECK_FALSE(old.is_open());
    }
    {
        HttpPeer plain{server.port()};
        plain.send(kGet);
        CHECK(plain.rest().find("HTTP/1.1 200") == std::string::npos);
    }
    {
        HttpPeer silent{server.port()};
        CHECK(silent.rest().empty());
    }
    CHECK(server.figures().timed_out == 1);
    CHECK(server.on_io([&] { return server.handler.seen.empty(); }));
    CHECK(server.eventually([&] { return server.server().figures().connections == 0; }));
}

TEST_CASE("tls: the same bounds hold")
{
    auto limits = HttpTestServer::quick();
    limits.idle_patience = milliseconds{200};
    limits.header_patience = milliseconds{200};
    const Certificate certificate;
    HttpTestServer server{limits, certificate.files()};
    TlsPeer idle{server.port(), certificate.files().certificate};
    CHECK(idle.rest().empty());
    TlsPeer slow{server.port(), certificate.files().certificate};
    slow.send("GET / HT");
    CHECK(slow.rest().starts_with("HTTP/1.1 408"));
    TlsPeer large{server.port(), certificate.files().certificate};
    large.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
    CHECK(large.rest().starts_with("HTTP/1.1 413"));
}

TEST_CASE("tls: files that will not do are named at the start")
{
    const Certificate good;
    purse::test::make_certificate(good.folder.path(), "other");
    std::ofstream{good.folder / "bad.crt"} << "no certificate\n";
    Log log{LogLevel::off};
    HttpTestHandler handler;
    const auto error_of = [&](const char* certificate, const char* key) {
        try {
            const HttpServer server{
                {.tls = TlsFiles{good.folder / certificate, good.folder / key}}, handler, log};
        } catch (const std::runtime_error& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    CHECK(error_of("server.crt", "server.key").empty());
    CHECK_THAT(error_of("none.crt", "server.key"), Catch::Contains("certificate") &&
                                                       Catch::Contains("none.crt") &&
                                                       Catch::Contains("No such file"));
    CHECK_THAT(error_of("bad.crt", "server.key"), Catch::Contains("bad.crt"));
    CHECK_THAT(error_of("server.crt", "none.key"),
               Catch::Contains("key") && Catch::Contains("none.key"));
    CHECK_THAT(error_of("server.crt", "server.crt"), Catch::Contains("key"));
    CHECK_THAT(error_of("server.crt", "other.key"), Catch::Contains("other.key"));
    purse::test::make_certificate(good.folder.path(), "locked", "a password");
    CHECK_THAT(error_of("locked.crt", "locked.key"), Catch::Contains("locked.key"));
}
