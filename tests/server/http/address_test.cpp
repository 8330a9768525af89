// SPDX-License-Identifier: Apache-2.0
#include "server/http/address.hpp"

#include <catch2/catch.hpp>

using namespace purse::server::http;

TEST_CASE("address: what an operator may write")
{
    const auto is = [](const char* text, const char* host, std::uint16_t port) {
        return parse_address(text) == Address{host, port};
    };
    CHECK(is("127.0.0.1:8080", "127.0.0.1", 8080));
    CHECK(is(":8080", "127.0.0.1", 8080));
    CHECK(is("localhost:0", "127.0.0.1", 0));
    CHECK(is("0.0.0.0:65535", "0.0.0.0", 65535));
    CHECK(is("[::1]:1", "::1", 1));
    CHECK(is("[::]:443", "::", 443));
}

TEST_CASE("address: a mistake is named")
{
    const auto says = [](const char* text, const char* part) {
        const auto address = parse_address(text);
        return !address && address.error().find(part) != std::string::npos &&
               address.error().find(text) != std::string::npos;
    };
    CHECK(says("127.0.0.1", "no port"));
    CHECK(says("", "no port"));
    CHECK(says("[::1]", "no port"));
    CHECK(says("127.0.0.1:", "the port"));
    CHECK(says("127.0.0.1:65536", "the port"));
    CHECK(says("127.0.0.1:-1", "the port"));
    CHECK(says("127.0.0.1:+1", "the port"));
    CHECK(says("127.0.0.1: 80", "the port"));
    CHECK(says("127.0.0.1:80x", "the port"));
    CHECK(says("::1:80", "brackets"));
    CHECK(says("example.org:80", "numeric"));
    CHECK(says("127.1:80", "numeric"));
    CHECK(says("256.0.0.1:80", "numeric"));
    CHECK(says("[127.0.0.1]:80", "brackets"));
    CHECK(says("[]:80", "numeric"));
    CHECK(says("http://127.0.0.1:80", "brackets"));
}

TEST_CASE("address: loopback is what only this machine reaches")
{
    CHECK(is_loopback("127.0.0.1"));
    CHECK(is_loopback("127.255.0.9"));
    CHECK(is_loopback("::1"));
    CHECK(is_loopback("0:0:0:0:0:0:0:1"));
    CHECK(is_loopback("::ffff:127.0.0.1"));
    CHECK_FALSE(is_loopback("0.0.0.0"));
    CHECK_FALSE(is_loopback("::"));
    CHECK_FALSE(is_loopback("128.0.0.1"));
    CHECK_FALSE(is_loopback("::ffff:10.0.0.1"));
    CHECK_FALSE(is_loopback("fe80::1"));
    CHECK_FALSE(is_loopback("localhost"));
    CHECK_FALSE(is_loopback(""));
    CHECK_FALSE(is_loopback(std::string(100'000, '1')));
}
