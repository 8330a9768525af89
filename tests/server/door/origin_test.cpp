// SPDX-License-Identifier: Apache-2.0
#include "server/door/origin.hpp"

#include <catch2/catch.hpp>

#include "ledger/json.hpp"

using namespace purse::server;

namespace {
const OriginSettings kLoopback{.bound_host = "127.0.0.1"};
const OriginSettings kAnywhere{.bound_host = "0.0.0.0", .is_loopback = false};

bool takes_host(const OriginSettings& settings, std::string_view host)
{
    const auto why = OriginRule{settings}.why_no_host(host);
    // Whoever is refused is told which flag would let it in.
    if (why) CHECK_THAT(*why, Catch::Contains("--allow-host") && Catch::Contains("--public-url"));
    return !why;
}

bool takes_origin(const OriginSettings& settings, std::string_view origin)
{
    const auto why = OriginRule{settings}.why_no_origin(origin);
    if (why) CHECK_THAT(*why, Catch::Contains("--allow-origin"));
    return !why;
}
}  // namespace

TEST_CASE("origin: the host of an authority")
{
    const std::vector<std::pair<const char*, const char*>> table{
        {"localhost", "localhost"},
        {"LocalHost:8377", "localhost"},
        {"127.0.0.1:1", "127.0.0.1"},
        {"127.0.0.1:65535", "127.0.0.1"},
        {"localhost:", "localhost"},
        {"[::1]", "::1"},
        {"[::1]:8377", "::1"},
        {"[2001:DB8::1]:8", "2001:db8::1"},
        // Malformed.
        {"", ""},
        {":8377", ""},
        {"localhost:port", ""},
        {"localhost:123456", ""},
        {"localhost:-1", ""},
        {"localhost:80:80", ""},
        {"::1", ""},
        {"[::1", ""},
        {"[::1]8377", ""},
        {"[::1]x:1", ""},
        {"[]", ""},
    };
    for (const auto& [authority, host] : table) {
        INFO(authority);
        CHECK(host_of_authority(authority) == host);
    }
}

TEST_CASE("origin: the origin of a URL")
{
    const std::vector<std::pair<const char*, std::optional<std::string>>> table{
        {"https://purse.example.org", "https://purse.example.org"},
        {"HTTPS://Purse.Example.ORG:8443/mcp?x#y", "https://purse.example.org:8443"},
        {"http://[::1]:80/", "http://[::1]:80"},
        {"http://a?b", "http://a"},
        {"http://a#b", "http://a"},
        {"ftp://a", std::nullopt},
        {"file:///etc", std::nullopt},
        {"purse.example.org", std::nullopt},
        {"https://", std::nullopt},
        {"https:///mcp", std::nullopt},
        {"https://a:port", std::nullopt},
        {"null", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& [url, origin] : table) {
        INFO(url);
        CHECK(origin_of_url(url) == origin);
    }
}

TEST_CASE("origin: hosts on loopback are this machine's names, with any port")
{
    for (const auto* host :
         {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8377", "[::1]", "[::1]:8377"}) {
        INFO(host);
        CHECK(takes_host(kLoopback, host));
    }
    for (const auto* host : {"", "evil.example", "localhost.evil.example", "evil-localhost",
                             "localhost.", "127.0.0.2", "10.0.0.1", "[::2]", "::1", "[::1",
                             "localhost:x", "localhost@evil.example", "0.0.0.0", "127.0.0.1 "}) {
        INFO(host);
        CHECK_FALSE(takes_host(kLoopback, host));
    }
}

TEST_CASE("origin: another loopback address is a name of its own server")
{
    const OriginSettings second{.bound_host = "127.0.0.2"};
    CHECK(takes_host(second, "127.0.0.2:8377"));
    CHECK(takes_host(second, "localhost"));
    CHECK_FALSE(takes_host(second, "127.0.0.3"));
}

TEST_CASE("origin: beyond loopback an address is let in, a name only when it was given")
{
    for (const auto* host : {"10.0.0.1", "192.168.1.5:8377", "[2001:db8::1]:1", "0.0.0.0"}) {
        INFO(host);
        CHECK(takes_host(kAnywhere, host));
    }
    // What is bound to the outside is nobody's localhost.
    for (const auto* host : {"localhost", "purse.lan", "evil.example", "1.2.3", "10.0.0.1.evil",
                             "010.0.0.1", "0x7f000001", "2130706433"}) {
        INFO(host);
        CHECK_FALSE(takes_host(kAnywhere, host));
    }
    auto named = kAnywhere;
    named.hosts = {"Purse.LAN", "[fe80::1]"};
    CHECK(takes_host(named, "purse.lan:8377"));
    CHECK(takes_host(named, "[fe80::1]:8377"));
    named = kLoopback;
    named.hosts = {"purse.lan:8377", "[fe80::1]"};  // a port says nothing
    CHECK(takes_host(named, "purse.lan:1"));
    CHECK(takes_host(named, "PURSE.lan"));
    CHECK(takes_host(named, "[fe80::1]:8377"));
    CHECK_FALSE(takes_host(named, "a.purse.lan"));
}

TEST_CASE("origin: the public URL names a host and an origin")
{
    auto settings = kLoopback;
    settings.public_url = "https://Purse.Example.org:8443/path";
    CHECK(takes_host(settings, "purse.example.org"));
    CHECK(takes_host(settings, "purse.example.org:8443"));
    CHECK(takes_origin(settings, "https://purse.example.org:8443"));
    CHECK_FALSE(takes_host(settings, "example.org"));
    CHECK_FALSE(takes_origin(settings, "https://example.org"));
    CHECK_FALSE(takes_origin(settings, "https://purse.example.org.evil.example"));
}

TEST_CASE("origin: pages of this server and of what was allowed, no others")
{
    auto settings = kLoopback;
    settings.origins = {"https://App.example.org", "chrome-extension://abc"};
    for (const auto* origin :
         {"http://localhost", "http://localhost:3000", "https://localhost:3000",
          "HTTP://LOCALHOST:3000", "http://127.0.0.1:6274", "http://[::1]:1",
          "https://app.example.org", "HTTPS://APP.example.org", "chrome-extension://abc"}) {
        INFO(origin);
        CHECK(takes_origin(settings, origin));
    }
    for (const auto* origin :
         {"null", "", "https://evil.example", "http://localhost.evil.example",
          "http://localhost/path", "http://localhost/", "file://localhost",
          "http://localhost@evil.example", "localhost", "http://app.example.org",
          "https://app.example.org:444", "http://10.0.0.1", "http://", "http://[::1",
          "chrome-extension://abd", "http://localhost, http://evil.example"}) {
        INFO(origin);
        CHECK_FALSE(takes_origin(settings, origin));
    }
}

// Whoever writes an address into a link has not been led astray by a name. But a page that was
// served from an address is a stranger's page like any other.
TEST_CASE("origin: beyond loopback a page from some address is a stranger's")
{
    CHECK_FALSE(takes_origin(kAnywhere, "http://6.6.6.6"));
    CHECK_FALSE(takes_origin(kAnywhere, "http://[2001:db8::66]:80"));
    CHECK_FALSE(takes_origin(kAnywhere, "http://localhost:3000"));
    const OriginSettings bound{.bound_host = "192.168.1.5", .is_loopback = false};
    CHECK(takes_origin(bound, "http://192.168.1.5:8377"));
    CHECK_FALSE(takes_origin(bound, "http://192.168.1.6:8377"));
}

TEST_CASE("origin: what a stranger wrote is repeated in part and without control characters")
{
    const OriginRule rule{kLoopback};
    const auto why = rule.why_no_host("evil\x1b[2J" + std::string(5'000, 'x')).value();
    CHECK(why.size() < 400);
    CHECK(why.find('\x1b') == std::string::npos);
    CHECK(rule.why_no_origin(std::string(5'000, 'x')).value().size() < 400);
    // Any byte may stand in a header; what is said of it is JSON later.
    for (const auto* odd : {"ev\xcf.example", "\xff", "\xc3\xc3", "\xed\xa0\x80"}) {
        const auto host = rule.why_no_host(odd).value();
        CHECK(host == purse::json::well_formed(host));
        const auto origin = rule.why_no_origin(odd).value();
        CHECK(origin == purse::json::well_formed(origin));
    }
}
