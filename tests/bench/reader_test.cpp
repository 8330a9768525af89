// SPDX-License-Identifier: Apache-2.0
#include "bench/http/reader.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

using purse::bench::ResponseReader;

namespace {

const std::string kJson = R"({"ok":true})";

const std::string kPlain =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nMCP-Session-ID: abc\r\n"
    "Content-Length: 11\r\n\r\n" +
    kJson;
const std::string kChunked =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\n{\"ok\"\r\n6\r\n:true}\r\n0\r\n\r\n";
const std::string kEvents =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    "c\r\nid: 1\ndata:\n\r\n21\r\n\n: x\n\nevent: message\ndata: {\"ok\":\r\n7\r\ntrue}\n\n\r\n"
    "0\r\n\r\n";

/// Gives the bytes in two pieces: nothing is whole before the second.
ResponseReader read(const std::string& bytes, std::size_t split)
{
    ResponseReader reader;
    REQUIRE_FALSE(reader.take(std::string_view(bytes).substr(0, split)));
    REQUIRE(reader.take(bytes));
    return reader;
}

}  // namespace

TEST_CASE("http reader: a body by length, by chunks and in events, however it is cut")
{
    for (const auto& bytes : {kPlain, kChunked, kEvents})
        for (std::size_t split = 0; split < bytes.size(); ++split) {
            const auto reader = read(bytes, split);
            REQUIRE(reader.status() == 200);
            REQUIRE(reader.message() == kJson);
        }
}

TEST_CASE("http reader: the session of any spelling, forgotten at the next response")
{
    auto reader = read(kPlain, 10);
    CHECK(reader.session() == "abc");
    reader.reset();
    CHECK(reader.take(kChunked));
    CHECK(reader.session().empty());
    CHECK(reader.message() == kJson);
}

TEST_CASE("http reader: the head of a stream that stays open")
{
    ResponseReader reader;
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK_FALSE(reader.take(head));
    CHECK(reader.has_head());
    CHECK(reader.is_event_stream());
    CHECK_FALSE(reader.take(head + "3\r\n:\n\n\r\n"));
    CHECK(reader.body() == ":\n\n");
}

TEST_CASE("http reader: an accepted notification needs no length, an answer does")
{
    ResponseReader reader;
    CHECK(reader.take("HTTP/1.1 202 Accepted\r\n\r\n"));
    CHECK(reader.status() == 202);
    reader.reset();
    CHECK_THROWS_AS(reader.take("HTTP/1.1 200 OK\r\n\r\n"), std::runtime_error);
}

TEST_CASE("http reader: more than one answer, and what is no HTTP, end the run")
{
    for (const auto& bytes : {kPlain + "x", kChunked + "x", std::string("HTTP/1.0 200 OK\r\n\r\n"),
                              std::string("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")}) {
        ResponseReader reader;
        CHECK_THROWS_AS(reader.take(bytes), std::runtime_error);
    }
}
