// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/endpoint.hpp"

#include <catch2/catch.hpp>

using namespace purse;

namespace {
Endpoint good(std::string_view url)
{
    auto endpoint = Endpoint::parse(url);
    INFO(url);
    REQUIRE(endpoint.has_value());
    return *endpoint;
}

std::string wrong(std::string_view url)
{
    const auto endpoint = Endpoint::parse(url);
    return endpoint ? std::string{} : endpoint.error();
}
}  // namespace

TEST_CASE("endpoint: the parts of a URL")
{
    const auto plain = good("https://mainnet.base.org");
    CHECK(plain.is_https());
    CHECK(plain.host() == "mainnet.base.org");
    CHECK(plain.port() == 443);
    CHECK(plain.host_header() == "mainnet.base.org");
    CHECK(plain.target() == "/");
    CHECK(plain.authorization().empty());
    CHECK(plain.name() == "https://mainnet.base.org");

    const auto full = good("http://user:p%40ss@Node.Example:8545/v2/KEY%20KEY?apikey=0123456789");
    CHECK_FALSE(full.is_https());
    CHECK(full.host() == "node.example");
    CHECK(full.port() == 8545);
    CHECK(full.target() == "/v2/KEY%20KEY?apikey=0123456789");
    CHECK(full.authorization() == "Basic dXNlcjpwQHNz");  // user:p@ss
    CHECK(full.name() == "http://node.example:8545");

    const auto six = good("https://[::1]:8545/");
    CHECK(six.host() == "::1");
    CHECK(six.host_is_ip());
    CHECK(six.host_header() == "[::1]:8545");
    CHECK(six.name() == "https://[::1]:8545");
}

TEST_CASE("endpoint: which are on this machine")
{
    for (const auto* url : {"http://localhost", "http://LOCALHOST:1", "http://127.0.0.1:8545",
                            "http://127.9.9.9", "http://[::1]"})
        CHECK(good(url).is_loopback());
    for (const auto* url : {"http://localhost.example", "http://10.0.0.1", "http://[::2]",
                            "http://128.0.0.1", "http://127.example"}) {
        CAPTURE(url);
        CHECK_FALSE(good(url).is_loopback());
    }
}

TEST_CASE("endpoint: what is no URL of a node, said without repeating it")
{
    CHECK(wrong("") == "is not a URL");
    CHECK(wrong("mainnet.base.org") == "is not a URL");
    CHECK(wrong("https://ho st/") == "is not a URL");
    CHECK(wrong("http://127.0.0.1.example") == "is not a URL");
    CHECK(wrong("http://user@127.0.0.1.example:80/") == "is not a URL");
    CHECK(wrong("ftp://host/") == "begins neither with https:// nor with http://");
    CHECK(wrong("wss://host/") == "begins neither with https:// nor with http://");
    CHECK(wrong("https:///path") == "has no host");
    CHECK(wrong("https:path") == "has no host");
    CHECK(wrong("https://host:0/") == "has a port that is none");
    CHECK(wrong("https://host:65536/") == "has a port that is none");
    CHECK(wrong("https://host/#part") == "has a fragment (#), which a node never sees");
    CHECK(wrong("https://host/" + std::string(2048, 'a')) == "is longer than 2048 bytes");
}

TEST_CASE("endpoint: what a node repeats is shown without secrets")
{
    const auto endpoint =
        good("https://alice:opensesame@node.example/v2/K3Y-0123%2Fx?token=t0ken+value&n=1");
    const auto shown = [&](const char* text) { return endpoint.without_secrets(text); };
    CHECK(shown("cannot POST /v2/K3Y-0123%2Fx?token=t0ken+value&n=1") == "cannot POST ***?***");
    CHECK(shown("key K3Y-0123%2Fx is unknown") == "key *** is unknown");
    CHECK(shown("key K3Y-0123/x is unknown") == "key *** is unknown");
    CHECK(shown("no token t0ken+value") == "no *** ***");
    CHECK(shown("alice may not, with opensesame") == "*** may not, with ***");
    CHECK(shown("Basic YWxpY2U6b3BlbnNlc2FtZQ==") == "Basic ***");
    CHECK(shown("nothing to see, v2 is old") == "nothing to see, v2 is old");
    CHECK(good("https://node.example").without_secrets("/ is / here") == "/ is / here");
}
