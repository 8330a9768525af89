// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_check.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <cstring>
#include <utility>

namespace purse::server::http {

using boost::beast::iequals;
using std::string_view;

namespace {
bool is_authority(string_view text) noexcept
{
    static constexpr string_view kOthers = "-._:[]%";
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kOthers.find(c) != string_view::npos;
    });
}
}  // namespace

HeadEnd find_head_end(string_view bytes, HeadSearch& search) noexcept
{
    while (search.scanned < bytes.size()) {
        const auto newline = bytes.find('\n', search.scanned);
        search.scanned = std::min(newline, bytes.size() - 1) + 1;
        if (newline == string_view::npos) return HeadEnd::missing;
        const auto line = bytes.substr(search.line_start, newline - search.line_start);
        if (!line.ends_with('\r') || line.starts_with(' ') || line.starts_with('\t'))
            return HeadEnd::malformed;
        search.line_start = search.scanned;
        if (line.size() == 1) return HeadEnd::found;
    }
    return HeadEnd::missing;
}

int RequestCheck::target(string_view text, Request& request)
{
    request.query = {};
    request.path = text;
    // As char is signed or not, what is no ASCII is one or the other.
    if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c >= 0x7f || c == '#'; }))
        return 400;
    if (text == "*") return request.method == Method::options ? 0 : 400;
    if (!text.starts_with('/')) {
        const auto scheme = text.substr(0, std::min(text.find("://"), text.size()));
        if (scheme.size() == text.size() || (!iequals(scheme, "http") && !iequals(scheme, "https")))
            return 400;
        text.remove_prefix(scheme.size() + 3);
        authority_ = text.substr(0, text.find_first_of("/?"));
        if (!is_authority(authority_)) return 400;
        text.remove_prefix(authority_.size());
    }
    const auto question = std::min(text.find('?'), text.size());
    request.path = question == 0 ? string_view{"/"} : text.substr(0, question);
    request.query = text.substr(std::min(question + 1, text.size()));
    return 0;
}

int RequestCheck::field(const Header& header)
{
    const auto& [name, value] = header;
    if (name == "host") {
        if (!host_.empty() || !is_authority(value)) return 400;
        host_ = value;
    } else if (name == "content-length") {
        // Beast takes the same length twice, and a list of it.
        if (std::exchange(has_length_, true)) return 400;
        if (value.find_first_not_of("0123456789") != string_view::npos) return 400;
    } else if (name == "transfer-encoding") {
        // Beast takes any name, and then sees no body.
        has_encoding_ = true;
        if (!iequals(value, "chunked")) return 400;
    } else if (name == "expect") {
        expects_continue_ = iequals(value, "100-continue");
        if (!expects_continue_) return 417;
    }
    return 0;
}

int RequestCheck::end(bool http_1_0) const
{
    if (host_.empty() && !http_1_0) return 400;
    // Whoever checks the Host must not be led past the one the request is really for.
    if (!authority_.empty() && !host_.empty() && authority_ != host_) return 400;
    return has_encoding_ && (http_1_0 || has_length_) ? 400 : 0;
}

}  // namespace purse::server::http
