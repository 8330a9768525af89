// SPDX-License-Identifier: Apache-2.0
#include "server/http/chunked_body.hpp"

#include <catch2/catch.hpp>

using namespace purse::server::http;
using State = ChunkedBody::State;

namespace {
struct Outcome {
    State state = State::more;
    std::string body;
    std::string left;
};

Outcome read(std::string_view text, std::size_t piece = 1'000'000, std::size_t bytes_max = 100)
{
    ChunkedBody chunks{bytes_max};
    Outcome outcome;
    std::string_view rest = text;
    while (!rest.empty() && outcome.state == State::more) {
        auto part = rest.substr(0, piece);
        const auto size = part.size();
        outcome.state = chunks.read(part, outcome.body);
        rest.remove_prefix(size - part.size());
    }
    outcome.left = rest;
    return outcome;
}

State state_of(std::string_view text)
{
    const auto whole = read(text);
    const auto bytes = read(text, 1);
    CHECK(whole.state == bytes.state);
    return whole.state;
}
}  // namespace

TEST_CASE("chunked body: any pieces make the same body")
{
    const std::string text =
        "5\r\nhello\r\n1;name=\"v\"\r\n \r\n005\r\nworld\r\n0;x\r\nTrailer: y\r\nZ: \r\n\r\nGET";
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
        const auto outcome = read(text, piece);
        REQUIRE(outcome.state == State::done);
        REQUIRE(outcome.body == "hello world");
        REQUIRE(outcome.left == "GET");
    }
}

TEST_CASE("chunked body: what is no chunk is refused")
{
    CHECK(state_of("0\r\n\r\n") == State::done);
    CHECK(state_of("a\r\n0123456789\r\n0\r\n\r\n") == State::done);
    CHECK(state_of("\r\n") == State::malformed);
    CHECK(state_of("0\n\n") == State::malformed);
    CHECK(state_of("0 \r\n\r\n") == State::malformed);
    CHECK(state_of(" 0\r\n\r\n") == State::malformed);
    CHECK(state_of("0x1\r\na\r\n") == State::malformed);
    CHECK(state_of("-1\r\n") == State::malformed);
    CHECK(state_of("g\r\n") == State::malformed);
    CHECK(state_of(";\r\n") == State::malformed);
    CHECK(state_of("1\r\nab\r\n") == State::malformed);
    CHECK(state_of("1\r\na\n") == State::malformed);
    CHECK(state_of("1\r\na\r0\r\n") == State::malformed);
    CHECK(state_of("1;a\nb\r\na\r\n") == State::malformed);
    CHECK(state_of("1;a\rb\r\na\r\n") == State::malformed);
    CHECK(state_of("00000000000000001\r\na\r\n") == State::malformed);
    CHECK(state_of("0\r\n X: y\r\n\r\n") == State::malformed);
    CHECK(state_of("0\r\nX: y\n\r\n") == State::malformed);
    CHECK(state_of("0\r\n\rX") == State::malformed);
}

TEST_CASE("chunked body: it is bounded")
{
    const std::string full = "64\r\n" + std::string(100, 'x') + "\r\n";
    CHECK(state_of(full + "0\r\n\r\n") == State::done);
    CHECK(state_of(full + "1") == State::too_large);
    CHECK(state_of("65") == State::too_large);
    CHECK(state_of("ffffffffffffffff") == State::too_large);
    CHECK(state_of("10000000000000000") == State::too_large);
    CHECK(state_of("1;" + std::string(20'000, 'x')) == State::malformed);
    CHECK(state_of("0\r\n" + std::string(20'000, 'x')) == State::malformed);
    std::string trailers = "0\r\n";
    for (int i = 0; i < 5'000; ++i) trailers += "X: y\r\n";
    CHECK(state_of(trailers) == State::malformed);
    std::string small;
    for (int i = 0; i < 100; ++i) small += "1\r\nx\r\n";
    CHECK(state_of(small + "0\r\n\r\n") == State::done);
}
