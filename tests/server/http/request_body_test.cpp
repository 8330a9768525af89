// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_reader.hpp"

#include <catch2/catch.hpp>

using namespace purse::server::http;
using Body = RequestReader::Body;

namespace {
struct Outcome {
    Body state = Body::more;
    int status = 0;
    std::string body;
    std::string left;
};

/// As a connection does: what is left of one piece comes again before the next.
Outcome read(std::string_view text, std::size_t piece = 1'000'000, std::size_t bytes_max = 100)
{
    const Limits limits{.header_bytes_max = 1'000, .body_bytes_max = bytes_max};
    Request request;
    RequestReader reader{limits, request};
    std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    REQUIRE(reader.read_head(head) == 0);
    CHECK_FALSE(reader.length());
    Outcome outcome;
    while (!text.empty() && outcome.state == Body::more) {
        outcome.left += text.substr(0, piece);
        text.remove_prefix(std::min(piece, text.size()));
        std::span<char> bytes{outcome.left};
        outcome.state = reader.read_body(bytes);
        outcome.left.erase(0, outcome.left.size() - bytes.size());
        REQUIRE((outcome.state != Body::more || bytes.size() <= limits.header_bytes_max));
    }
    outcome.left += text;
    outcome.status = reader.status();
    outcome.body = request.body;
    return outcome;
}

/// 0 for a whole body, -1 for one that is not at its end, or the status it is refused with.
int status_of(std::string_view text)
{
    const auto whole = read(text);
    const auto bytes = read(text, 1);
    CHECK(whole.state == bytes.state);
    CHECK(whole.status == bytes.status);
    if (whole.state == Body::more) return -1;
    CHECK((whole.status == 0) == (whole.state == Body::whole));
    return whole.status;
}
}  // namespace

TEST_CASE("chunked body: any pieces make the same body")
{
    const std::string text =
        "5\r\nhello\r\n1;name=\"v\"\r\n \r\n005\r\nworld\r\n0;x\r\nTrailer: y\r\nZ: \r\n\r\nGET";
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
        const auto outcome = read(text, piece);
        REQUIRE(outcome.state == Body::whole);
        REQUIRE(outcome.body == "hello world");
        REQUIRE(outcome.left == "GET");
    }
}

TEST_CASE("chunked body: what is no chunk is refused, when its line or the end has come")
{
    CHECK(status_of("0\r\n\r\n") == 0);
    CHECK(status_of("a\r\n0123456789\r\n0\r\n\r\n") == 0);
    CHECK(status_of("\r\n\r\n\r\n") == 400);
    CHECK(status_of("0\n\n\r\n\r\n") == 400);
    CHECK(status_of("0 \r\n\r\n") == 400);
    CHECK(status_of(" 0\r\n\r\n") == 400);
    CHECK(status_of("0x1\r\na\r\n\r\n") == 400);
    CHECK(status_of("-1\r\na\r\n") == 400);
    CHECK(status_of("g\r\na\r\n") == 400);
    CHECK(status_of(";\r\na\r\n") == 400);
    CHECK(status_of("1\r\nab\r\n0\r\n\r\n") == 400);
    CHECK(status_of("1\r\na\n0\r\n\r\n") == 400);
    CHECK(status_of("1\r\na\r0\r\n\r\n") == 400);
    CHECK(status_of("1;a\nb\r\na\r\n") == 400);
    CHECK(status_of("1;a\rb\r\na\r\n") == 400);
    CHECK(status_of("1 ;a\r\na\r\n") == 400);
    CHECK(status_of("1;\r\na\r\n") == 400);
    CHECK(status_of("1;a=\"b\nc\"\r\na\r\n") == 400);
    CHECK(status_of("1;a=\"b\x7f\"\r\na\r\n") == 400);
    CHECK(status_of("0\r\n X: y\r\n\r\n") == 400);
    CHECK(status_of("0\r\nX: y\n\r\n\r\n") == 400);
    CHECK(status_of("0\r\nX: y\r\n z\r\n\r\n") == 400);
    CHECK(status_of("0\r\nX:\r\n\tz\r\n\r\n") == 400);
    CHECK(status_of("0\r\n\rX\r\n\r\n") == 400);
    CHECK(status_of("0\r\nX\x01: y\r\n\r\n") == 400);
    CHECK(status_of("0\r\nContent-Length: 3\r\n\r\n") == 400);
    CHECK(status_of("0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    // Quotes that are not closed in their line: Beast goes on looking, we wait, and no more.
    CHECK(status_of("1;a=\"\r\n\"\r\na\r\n0\r\n\r\n") == 400);
}

TEST_CASE("chunked body: a trailer changes nothing of the request")
{
    const Limits limits;
    Request request;
    RequestReader reader{limits, request};
    std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    REQUIRE(reader.read_head(head) == 0);
    std::string body = "1\r\nx\r\n0\r\nHost: b\r\nConnection: close\r\nExpect: x\r\n\r\n";
    std::span<char> bytes{body};
    REQUIRE(reader.read_body(bytes) == Body::whole);
    CHECK(request.headers.size() == 2);
    CHECK(request.header("host") == "a");
    CHECK(reader.keeps_alive());
}

TEST_CASE("chunked body: it is bounded")
{
    const std::string full = "64\r\n" + std::string(100, 'x') + "\r\n";
    CHECK(status_of(full + "0\r\n\r\n") == 0);
    CHECK(status_of(full + "1\r\nx\r\n") == 413);
    CHECK(status_of("65\r\nx\r\n") == 413);
    CHECK(status_of("ffffffffffffffff\r\n") == 413);
    CHECK(status_of("10000000000000000\r\n") == 400);  // no number of 64 bits
    CHECK(status_of("1;" + std::string(20'000, 'x')) == 400);
    CHECK(status_of("1;" + std::string(2'000, 'x') + "\r\nx\r\n0\r\n\r\n") == 400);
    CHECK(status_of(std::string(2'000, '0') + "1\r\nx\r\n0\r\n\r\n") == 400);
    CHECK(status_of("0\r\n" + std::string(20'000, 'x')) == 400);
    CHECK(status_of("0\r\nX: " + std::string(2'000, 'x') + "\r\n\r\n") == 400);
    std::string trailers = "0\r\n";
    for (int i = 0; i < 5'000; ++i) trailers += "X: y\r\n";
    CHECK(status_of(trailers) == 400);
    std::string padded;
    for (int i = 0; i < 100; ++i) padded += "1;" + std::string(200, 'p') + "\r\nx\r\n";
    CHECK(status_of(padded + "0\r\n\r\n") == 400);
    std::string small;
    for (int i = 0; i < 100; ++i) small += "1\r\nx\r\n";
    CHECK(status_of(small + "0\r\n\r\n") == 0);
}
