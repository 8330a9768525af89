// SPDX-License-Identifier: Apache-2.0
#include "server/http/response_head.hpp"

#include <array>
#include <charconv>

namespace purse::server::http {

namespace {
void append_number(std::string& text, std::size_t number, int base)
{
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    text.append(digits.data(), end);
}
}  // namespace

bool has_body(int status) noexcept
{
    return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& text, const Response& response, ResponseFrame frame,
                 std::string_view date)
{
    text += "HTTP/1.1 ";
    append_number(text, static_cast<std::size_t>(response.status), 10);
    text.append(" ").append(reason_of(response.status)).append("\r\nDate: ").append(date);
    if (!response.content_type.empty())
        text.append("\r\nContent-Type: ").append(response.content_type);
    if (has_body(response.status)) {
        if (frame.body == ResponseFrame::Body::sized) {
            text += "\r\nContent-Length: ";
            append_number(text, response.content_type.empty() ? 0 : response.body.size(), 10);
        } else if (frame.body == ResponseFrame::Body::chunked) {
            text += "\r\nTransfer-Encoding: chunked";
        }
    }
    if (frame.after == ResponseFrame::After::close) text += "\r\nConnection: close";
    if (frame.after == ResponseFrame::After::say_keep) text += "\r\nConnection: keep-alive";
    text.append("\r\n").append(response.headers).append("\r\n");
}

void append_chunk(std::string& text, std::string_view bytes)
{
    if (bytes.empty()) return;
    append_number(text, bytes.size(), 16);
    text.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace purse::server::http
