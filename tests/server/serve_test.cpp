// SPDX-License-Identifier: Apache-2.0
#include "server/serve.hpp"

#include <catch2/catch.hpp>

using namespace purse::server;

namespace {
HttpSettings settled(const HttpFlags& flags)
{
    auto settings = settle_http(flags);
    if (!settings) FAIL(settings.error());
    return *std::move(settings);
}
}  // namespace

TEST_CASE("serve: loopback needs nothing but an address")
{
    for (const auto* address :
         {"127.0.0.1:8377", ":8377", "localhost:8377", "[::1]:8377", "127.0.0.2:8377"}) {
        INFO(address);
        const auto settings = settled({.address = address});
        CHECK(settings.server.port == 8377);
        CHECK_FALSE(settings.server.tls);
        CHECK(settings.door.origin.is_loopback);
        CHECK(settings.door.origin.bound_host == settings.server.host);
        CHECK(settings.door.legacy_sse == Switch::on);
        CHECK(settings.door.open_metrics == Switch::off);
        CHECK(settings.door.scheme_and_host.empty());
    }
}

TEST_CASE("serve: beyond loopback, HTTP+SSE is off unless it is asked for")
{
    HttpFlags flags{.address = "0.0.0.0:1", .insecure_http = true};
    CHECK_FALSE(settled(flags).door.origin.is_loopback);
    CHECK(settled(flags).door.legacy_sse == Switch::off);
    flags.legacy_sse = "on";
    CHECK(settled(flags).door.legacy_sse == Switch::on);
    flags = {.address = "127.0.0.1:1", .legacy_sse = "off"};
    CHECK(settled(flags).door.legacy_sse == Switch::off);
}

TEST_CASE("serve: every flag arrives where it belongs")
{
    const auto settings = settled({.address = "[2001:db8::1]:443",
                                   .tls_certificate = "c.pem",
                                   .tls_key = "k.pem",
                                   .public_url = "https://Purse.example.org/mcp",
                                   .allow_hosts = {"purse.lan"},
                                   .allow_origins = {"https://app.example.org"},
                                   .open_metrics = true});
    CHECK(settings.server.host == "2001:db8::1");
    REQUIRE(settings.server.tls);
    CHECK(settings.server.tls->certificate == "c.pem");
    CHECK(settings.server.tls->key == "k.pem");
    CHECK(settings.door.scheme_and_host == "https://purse.example.org");
    CHECK(settings.door.open_metrics == Switch::on);
    const OriginRule rule{settings.door.origin};
    CHECK_FALSE(rule.why_no_host("purse.lan:443"));
    CHECK_FALSE(rule.why_no_host("purse.example.org"));
    CHECK_FALSE(rule.why_no_origin("https://app.example.org"));
}

TEST_CASE("serve: what is let through the settings is let through the door")
{
    for (const auto* host : {"purse.lan", "Purse.LAN", "purse.lan:8377", "[fe80::1]", "10.0.0.1"}) {
        INFO(host);
        const OriginRule rule{settled({.address = ":1", .allow_hosts = {host}}).door.origin};
        CHECK_FALSE(rule.why_no_host(host));
    }
    const OriginRule rule{settled({.address = "127.0.0.2:1"}).door.origin};
    CHECK_FALSE(rule.why_no_host("127.0.0.2:1"));
}

TEST_CASE("serve: every refusal names the flag that would mend it")
{
    const std::string local = "127.0.0.1:1";
    const std::vector<std::pair<HttpFlags, std::vector<std::string>>> table{
        {{.address = ""}, {"--http"}},
        {{.address = "127.0.0.1"}, {"--http"}},
        {{.address = "127.0.0.1:70000"}, {"--http"}},
        {{.address = "purse.lan:80"}, {"--http"}},
        {{.address = "::1:80"}, {"--http"}},
        {{.address = "0.0.0.0:1"}, {"--tls-cert", "--tls-key", "--insecure-http", "0.0.0.0"}},
        {{.address = "[::]:1"}, {"--tls-cert", "--tls-key", "--insecure-http"}},
        {{.address = local, .tls_certificate = "c"}, {"--tls-cert", "--tls-key"}},
        {{.address = local, .tls_key = "k"}, {"--tls-cert", "--tls-key"}},
        {{.address = "0.0.0.0:1", .tls_key = "k", .insecure_http = true},
         {"--tls-cert", "--tls-key"}},
        {{.address = local, .public_url = "purse.example.org"}, {"--public-url"}},
        {{.address = local, .public_url = "ftp://purse.example.org"}, {"--public-url"}},
        {{.address = local, .public_url = "https://"}, {"--public-url"}},
        {{.address = local, .allow_hosts = {"purse.lan", ""}}, {"--allow-host"}},
        {{.address = local, .allow_hosts = {"http://purse.lan"}}, {"--allow-host"}},
        {{.address = local, .allow_hosts = {"fe80::1"}}, {"--allow-host"}},
        {{.address = local, .allow_origins = {"https://App.example.org"}}, {"--allow-origin"}},
        {{.address = local, .allow_origins = {"https://app.example.org/"}}, {"--allow-origin"}},
        {{.address = local, .allow_origins = {"app.example.org"}}, {"--allow-origin"}},
        {{.address = local, .allow_origins = {"*"}}, {"--allow-origin"}},
        {{.address = local, .allow_origins = {"null"}}, {"--allow-origin"}},
        {{.address = local, .legacy_sse = "yes"}, {"--legacy-sse"}},
    };
    for (const auto& [flags, words] : table) {
        const auto settings = settle_http(flags);
        INFO(flags.address << " " << words[0]);
        REQUIRE_FALSE(settings);
        INFO(settings.error());
        for (const auto& word : words) CHECK(settings.error().find(word) != std::string::npos);
    }
}
