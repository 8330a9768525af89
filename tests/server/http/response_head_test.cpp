// SPDX-License-Identifier: Apache-2.0
#include "server/http/response_head.hpp"

#include <catch2/catch.hpp>

#include "server/http/date.hpp"

using namespace purse::server::http;
using Body = ResponseFrame::Body;
using After = ResponseFrame::After;

namespace {
std::string head_of(const Response& response, ResponseFrame frame = {})
{
    std::string text;
    append_head(text, response, frame, "NOW");
    return text;
}
}  // namespace

TEST_CASE("response head: sized, chunked, without a body")
{
    Response response{.content_type = "a/b", .body = "12345", .headers = "X: y\r\nZ: 1\r\n"};
    CHECK(head_of(response) ==
          "HTTP/1.1 200 OK\r\nDate: NOW\r\nContent-Type: a/b\r\nContent-Length: 5\r\nX: y\r\nZ: "
          "1\r\n\r\n");
    response.headers.clear();
    CHECK(head_of(response, {Body::chunked, After::close}) ==
          "HTTP/1.1 200 OK\r\nDate: NOW\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n"
          "Connection: close\r\n\r\n");
    CHECK(head_of(response, {Body::until_close, After::say_keep}) ==
          "HTTP/1.1 200 OK\r\nDate: NOW\r\nContent-Type: a/b\r\nConnection: keep-alive\r\n\r\n");
    CHECK(head_of({.status = 202, .body = "dropped"}) ==
          "HTTP/1.1 202 Accepted\r\nDate: NOW\r\nContent-Length: 0\r\n\r\n");
    CHECK(head_of({.status = 204}) == "HTTP/1.1 204 No Content\r\nDate: NOW\r\n\r\n");
    CHECK(head_of({.status = 299}) ==
          "HTTP/1.1 299 Unknown\r\nDate: NOW\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("response head: an empty chunk is none, for it would end the body")
{
    std::string text;
    append_chunk(text, "");
    CHECK(text.empty());
    append_chunk(text, std::string(26, 'x'));
    CHECK(text == "1a\r\n" + std::string(26, 'x') + "\r\n");
}

TEST_CASE("date: as HTTP writes it")
{
    CHECK(date_of(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(date_of(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(date_of(1709251199) == "Thu, 29 Feb 2024 23:59:59 GMT");
    CHECK(Date{}.text().size() == 29);
}
