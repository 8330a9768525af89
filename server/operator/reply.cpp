// SPDX-License-Identifier: Apache-2.0
#include "server/operator/reply.hpp"

#include <boost/json/serialize.hpp>

namespace purse::server {

namespace {
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kNoStore = "Cache-Control: no-store\r\n";
}  // namespace

std::string_view page_headers()
{
    return "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
           "img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'none'; "
           "frame-ancestors 'none'; base-uri 'none'\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "Referrer-Policy: no-referrer\r\n"
           "X-Frame-Options: DENY\r\n"
           "Cross-Origin-Opener-Policy: same-origin\r\n"
           "Cross-Origin-Resource-Policy: same-origin\r\n"
           "Permissions-Policy: accelerometer=(), camera=(), clipboard-read=(), "
           "display-capture=(), geolocation=(), gyroscope=(), hid=(), microphone=(), midi=(), "
           "payment=(), serial=(), usb=()\r\n";
}

http::Response json_answer(int status, const boost::json::object& body, std::string headers)
{
    headers += kNoStore;
    headers += page_headers();
    return {.status = status,
            .content_type = kJson,
            .body = boost::json::serialize(body),
            .headers = std::move(headers)};
}

http::Response json_text(std::string body)
{
    return {.status = 200,
            .content_type = kJson,
            .body = std::move(body),
            .headers = std::string{kNoStore}.append(page_headers())};
}

http::Response error_answer(const PageError& error, std::string headers)
{
    boost::json::object what{{"code", error.code}, {"message", error.message}};
    if (!error.field.empty()) what["field"] = error.field;
    return json_answer(error.status, {{"error", std::move(what)}}, std::move(headers));
}

}  // namespace purse::server
