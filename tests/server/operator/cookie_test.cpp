// SPDX-License-Identifier: Apache-2.0
#include "server/operator/cookie.hpp"

#include <catch2/catch.hpp>

using namespace purse;
using namespace purse::server;

namespace {
std::optional<std::string_view> cookie_in(std::string_view header,
                                          Reached reached = Reached::plainly)
{
    static http::Request request;
    request.headers = {{"host", "localhost"}, {"cookie", header}};
    return session_cookie(request, reached);
}
}  // namespace

TEST_CASE("cookie: found among others, and only by its whole name")
{
    CHECK(cookie_in("purse_operator=abc") == "abc");
    CHECK(cookie_in("a=b; purse_operator=abc; c=d") == "abc");
    CHECK(cookie_in("purse_operator=") == "");
    CHECK_FALSE(cookie_in("xpurse_operator=abc"));
    CHECK_FALSE(cookie_in("purse_operator2=abc"));
    CHECK_FALSE(cookie_in("purse_operator"));
    CHECK_FALSE(cookie_in("PURSE_OPERATOR=abc"));
    CHECK_FALSE(cookie_in(""));
}

TEST_CASE("cookie: two of one name are none")
{
    CHECK_FALSE(cookie_in("purse_operator=mine; purse_operator=planted"));
}

TEST_CASE("cookie: over TLS only the name that browsers guard counts")
{
    CHECK_FALSE(cookie_in("purse_operator=abc", Reached::by_tls));
    CHECK(cookie_in("__Secure-purse_operator=abc", Reached::by_tls) == "abc");
    CHECK_FALSE(cookie_in("__Secure-purse_operator=abc"));
}

TEST_CASE("cookie: for our addresses, unseen by scripts, never from another site")
{
    CHECK(set_session_cookie("s", Span::hours(12), Reached::plainly) ==
          "Set-Cookie: purse_operator=s; Path=/operator; HttpOnly; SameSite=Strict; "
          "Max-Age=43200\r\n");
    CHECK(set_session_cookie("s", Span::hours(12), Reached::by_tls) ==
          "Set-Cookie: __Secure-purse_operator=s; Path=/operator; HttpOnly; SameSite=Strict; "
          "Max-Age=43200; Secure\r\n");
    CHECK(drop_session_cookie(Reached::plainly) ==
          "Set-Cookie: purse_operator=; Path=/operator; HttpOnly; SameSite=Strict; "
          "Max-Age=0\r\n");
}

TEST_CASE("cookie: the secret of changes follows from the session's and does not tell it")
{
    const auto token = csrf_token("session secret");
    CHECK(token.size() == 43);
    CHECK(token == csrf_token("session secret"));
    CHECK(token != csrf_token("session secre"));
    CHECK(token.find("secret") == std::string::npos);
}
