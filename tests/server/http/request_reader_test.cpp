// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_reader.hpp"

#include <catch2/catch.hpp>

using namespace purse::server::http;

namespace {
constexpr Limits kLimits;

/// 0 for a head that is taken, or the status it is refused with.
int status_of(std::string head)
{
    HeadSearch search;
    if (find_head_end(head, search) == HeadEnd::malformed) return 400;
    REQUIRE(search.scanned == head.size());
    Request request;
    return RequestReader{kLimits, request}.read_head(head);
}

int get(const std::string& lines)
{
    return status_of("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
}

int request_line(const std::string& line)
{
    return status_of(line + "\r\nHost: a\r\n\r\n");
}
}  // namespace

TEST_CASE("request reader: what is in it")
{
    std::string head =
        "POST /mcp?a=1&b=/?c HTTP/1.1\r\nHOST: Example.org:80\r\nX-Empty:\r\n"
        "Accept: \t text/event-stream ,  x \t\r\nContent-length: 12\r\nX: \xc3\xa9\r\n\r\n";
    Request request;
    RequestReader reader{kLimits, request};
    REQUIRE(reader.read_head(head) == 0);
    CHECK(request.method == Method::post);
    CHECK(request.path == "/mcp");
    CHECK(request.query == "a=1&b=/?c");
    REQUIRE(request.headers.size() == 5);
    CHECK(request.header("host") == "Example.org:80");
    CHECK(request.header("x-empty") == "");
    CHECK(request.header("accept") == "text/event-stream ,  x");
    CHECK(request.header("x") == "\xc3\xa9");
    CHECK(reader.length() == 12);
    CHECK(reader.keeps_alive());
    // Once more, as for a body that comes late.
    CHECK(RequestReader{kLimits, request}.read_head(head) == 0);
    CHECK(request.headers.size() == 5);
}

TEST_CASE("request reader: methods")
{
    const auto method = [](const std::string& name) {
        std::string head = name + " / HTTP/1.0\r\n\r\n";
        Request request;
        REQUIRE(RequestReader{kLimits, request}.read_head(head) == 0);
        return request.method;
    };
    CHECK(method("GET") == Method::get);
    CHECK(method("POST") == Method::post);
    CHECK(method("DELETE") == Method::del);
    CHECK(method("OPTIONS") == Method::options);
    CHECK(method("HEAD") == Method::head);
    CHECK(method("PUT") == Method::other);
    CHECK(method("get") == Method::other);
    CHECK(method("M-SEARCH") == Method::other);
}

TEST_CASE("request reader: request lines that are refused")
{
    CHECK(request_line("GET / HTTP/1.1") == 0);
    CHECK(request_line("GET  / HTTP/1.1") == 400);
    CHECK(request_line("GET /  HTTP/1.1") == 400);
    CHECK(request_line("GET / a HTTP/1.1") == 400);
    CHECK(request_line(" GET / HTTP/1.1") == 400);
    CHECK(request_line("GET / HTTP/1.1 ") == 400);
    CHECK(request_line("GET\t/\tHTTP/1.1") == 400);
    CHECK(request_line("GET /") == 400);
    CHECK(request_line("GET") == 400);
    CHECK(request_line("G\x01T / HTTP/1.1") == 400);
    CHECK(request_line("G(T / HTTP/1.1") == 400);
    CHECK(request_line("GET / HTTP/1.2") == 505);
    CHECK(request_line("GET / HTTP/2.0") == 505);
    CHECK(request_line("GET / HTTP/1.10") == 400);
    CHECK(request_line("GET / http/1.1") == 400);
    CHECK(request_line("GET / HTTP/11") == 400);
    CHECK(request_line("GET / XTTP/1.1") == 400);
    CHECK(request_line(std::string{"GET /\0 HTTP/1.1", 15}) == 400);
    CHECK(request_line("GET /\x7f HTTP/1.1") == 400);
    CHECK(request_line("GET /\xff HTTP/1.1") == 400);
    CHECK(request_line("GET /#a HTTP/1.1") == 400);
    CHECK(request_line("GET mcp HTTP/1.1") == 400);
    CHECK(request_line("CONNECT a:443 HTTP/1.1") == 400);
    CHECK(request_line("GET a:443 HTTP/1.1") == 400);
    CHECK(request_line("GET * HTTP/1.1") == 400);
    CHECK(request_line("OPTIONS * HTTP/1.1") == 0);
    CHECK(request_line("GET ftp://a/ HTTP/1.1") == 400);
    CHECK(request_line("GET http:/a HTTP/1.1") == 400);
    CHECK(request_line("GET http:///a HTTP/1.1") == 400);
    CHECK(request_line("GET http://a@b/ HTTP/1.1") == 400);
    CHECK(request_line("GET http://b/ HTTP/1.1") == 400);  // not the Host
    CHECK(status_of("\r\n") == 400);
}

TEST_CASE("request reader: a target in absolute form is its path and query")
{
    const auto target = [](const std::string& text) {
        std::string head = "GET " + text + " HTTP/1.1\r\nHost: a:80\r\n\r\n";
        Request request;
        REQUIRE(RequestReader{kLimits, request}.read_head(head) == 0);
        return std::string{request.path} + '|' + std::string{request.query};
    };
    CHECK(target("http://a:80/mcp?x=1") == "/mcp|x=1");
    CHECK(target("HTTPS://a:80/mcp") == "/mcp|");
    CHECK(target("http://a:80") == "/|");
    CHECK(target("http://a:80?x") == "/|x");
    CHECK(target("//a/b") == "//a/b|");
    CHECK(target("/?") == "/|");
}

TEST_CASE("request reader: pairs that two readers understand in two ways")
{
    CHECK(get("") == 0);
    CHECK(get("Content-Length: 3\r\n") == 0);
    CHECK(get("Content-Length: 3\r\nContent-Length: 4\r\n") == 400);
    CHECK(get("Content-Length: 3\r\nContent-Length: 3\r\n") == 400);
    CHECK(get("Content-Length: 3, 3\r\n") == 400);
    CHECK(get("Content-Length: +3\r\n") == 400);
    CHECK(get("Content-Length: -3\r\n") == 400);
    CHECK(get("Content-Length: 0x3\r\n") == 400);
    CHECK(get("Content-Length: 3 4\r\n") == 400);
    CHECK(get("Content-Length: 3;\r\n") == 400);
    CHECK(get("Content-Length:\r\n") == 400);
    CHECK(get("Content-Length: 65536\r\n") == 0);
    CHECK(get("Content-Length: 65537\r\n") == 413);
    CHECK(get("Content-Length: 18446744073709551619\r\n") == 400);  // 3, for who wraps
    CHECK(get("Content-Length: 99999999999999999999999999999999\r\n") == 400);
    CHECK(get("Transfer-Encoding: chunked\r\n") == 0);
    CHECK(get("Transfer-Encoding: CHUNKED\r\n") == 0);
    CHECK(get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") == 400);
    CHECK(get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") == 400);
    CHECK(get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") == 400);
    CHECK(get("Transfer-Encoding: chunked, identity\r\n") == 400);
    CHECK(get("Transfer-Encoding: identity, chunked\r\n") == 400);
    CHECK(get("Transfer-Encoding: gzip\r\n") == 400);
    CHECK(get("Transfer-Encoding: xchunked\r\n") == 400);
    CHECK(get("Transfer-Encoding: x chunked\r\n") == 400);
    CHECK(get("Transfer-Encoding: \"chunked\"\r\n") == 400);
    CHECK(get("Transfer-Encoding: chunked\x0b\r\n") == 400);
    CHECK(get("Transfer-Encoding:\r\n") == 400);
    CHECK(get("Transfer-Encoding : chunked\r\n") == 400);
    CHECK(get("Transfer-Encoding\t: chunked\r\n") == 400);
    CHECK(get("Transfer-Encoding\r\n: chunked\r\n") == 400);
    CHECK(get(" Transfer-Encoding: chunked\r\n") == 400);
    CHECK(get("X: y\r\n Transfer-Encoding: chunked\r\n") == 400);
    CHECK(get("X: y\r\n\tz\r\n") == 400);
    CHECK(get("X: y\rTransfer-Encoding: chunked\r\n") == 400);
    CHECK(get("X: y\nTransfer-Encoding: chunked\r\n") == 400);
    CHECK(get("X: y\r\r\n") == 400);
    CHECK(get("\nX: y\r\n") == 400);
    CHECK(get("Transfer-Encoding\x01: chunked\r\n") == 400);
    CHECK(get(std::string{"Transfer-Encoding\0: chunked\r\n", 29}) == 400);
    CHECK(get(std::string{"X: a\0b\r\n", 8}) == 400);
    CHECK(get("X: a\x7f\r\n") == 400);
    CHECK(get("X\xc3\xa9: a\r\n") == 400);
    CHECK(get(": a\r\n") == 400);
    CHECK(get("X a\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("request reader: the Host")
{
    const auto host = [](const std::string& lines, const char* version = "1.1") {
        return status_of(std::string{"GET / HTTP/"} + version + "\r\n" + lines + "\r\n");
    };
    CHECK(host("Host: a\r\n") == 0);
    CHECK(host("Host: [::1]:80\r\n") == 0);
    CHECK(host("") == 400);
    CHECK(host("", "1.0") == 0);
    CHECK(host("Host: a\r\nHost: a\r\n") == 400);
    CHECK(host("Host: a\r\nHost: a\r\n", "1.0") == 400);
    CHECK(host("Host:\r\n") == 400);
    CHECK(host("Host: a b\r\n") == 400);
    CHECK(host("Host: a, b\r\n") == 400);
    CHECK(host("Host: a@b\r\n") == 400);
    CHECK(host("Host: a/b\r\n") == 400);
}

TEST_CASE("request reader: what follows the request")
{
    const auto keeps = [](const std::string& lines, const char* version = "1.1") {
        std::string head =
            std::string{"GET / HTTP/"} + version + "\r\nHost: a\r\n" + lines + "\r\n";
        Request request;
        RequestReader reader{kLimits, request};
        REQUIRE(reader.read_head(head) == 0);
        return reader.keeps_alive();
    };
    CHECK(keeps(""));
    CHECK_FALSE(keeps("Connection: close\r\n"));
    CHECK_FALSE(keeps("Connection: foo ,Close\r\n"));
    CHECK_FALSE(keeps("Connection: keep-alive\r\nConnection: close\r\n"));
    CHECK(keeps("Connection: closed, x\r\n"));
    CHECK_FALSE(keeps("", "1.0"));
    CHECK(keeps("Connection: Keep-Alive\r\n", "1.0"));
    CHECK_FALSE(keeps("Connection: keep-alive, close\r\n", "1.0"));
}

TEST_CASE("request reader: bounds and expectations")
{
    std::string many;
    for (int i = 0; i < 63; ++i) many += "X: y\r\n";
    CHECK(get(many) == 0);
    CHECK(get(many + "X: y\r\n") == 431);
    CHECK(get("Expect: 100-continue\r\n") == 0);
    CHECK(get("Expect: 100-CONTINUE\r\n") == 0);
    CHECK(get("Expect: payment\r\n") == 417);
}

TEST_CASE("request reader: its end is found in any pieces, and only once")
{
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET";
    const auto length = text.size() - 3;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        HeadSearch search;
        const auto first = find_head_end(std::string_view{text}.substr(0, cut), search);
        if (cut < length) {
            REQUIRE(first == HeadEnd::missing);
            REQUIRE(find_head_end(text, search) == HeadEnd::found);
        } else {
            REQUIRE(first == HeadEnd::found);
        }
        REQUIRE(search.scanned == length);
    }
}
