// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_head.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace purse::server::http {

namespace {
using std::string_view;

constexpr bool is_alnum(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// A table of the characters that are letters, digits or among `others`.
constexpr std::array<bool, 256> alnum_and(string_view others)
{
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 256; ++c)
        table[c] = c < 128 && (is_alnum(static_cast<char>(c)) ||
                               others.find(static_cast<char>(c)) != string_view::npos);
    return table;
}
constexpr auto kToken = alnum_and("!#$%&'*+-.^_`|~");
constexpr auto kAuthority = alnum_and("-._:[]%");

bool all_in(const std::array<bool, 256>& table, string_view text) noexcept
{
    for (const char c : text)
        if (!table[static_cast<unsigned char>(c)]) return false;
    return !text.empty();
}

/// Field content: no control characters but the tab.
bool is_content(string_view text) noexcept
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7f) return false;
    }
    return true;
}

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_word(string_view text, string_view lower_word) noexcept
{
    if (text.size() != lower_word.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (lower(text[i]) != lower_word[i]) return false;
    return true;
}

string_view trimmed(string_view text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

Method method_of(string_view name) noexcept
{
    if (name == "POST") return Method::post;
    if (name == "GET") return Method::get;
    if (name == "DELETE") return Method::del;
    if (name == "OPTIONS") return Method::options;
    if (name == "HEAD") return Method::head;
    return Method::other;
}

/// Reads one head; a status of 0 is success.
class HeadReader {
public:
    HeadReader(const Limits& limits, Request& request) : limits_{limits}, request_{request} {}

    int request_line(string_view line)
    {
        const auto first = line.find(' ');
        const auto last = line.rfind(' ');
        if (first == string_view::npos || first == last) return 400;
        const auto method = line.substr(0, first);
        if (!all_in(kToken, method)) return 400;
        request_.method = method_of(method);
        if (const int status = version(line.substr(last + 1)); status != 0) return status;
        return target(line.substr(first + 1, last - first - 1));
    }

    int field(std::span<char> line)
    {
        if (request_.headers.size() == limits_.headers_max) return 431;
        const string_view text{line.data(), line.size()};
        const auto colon = text.find(':');
        // A blank before the colon or at the start of the line (a folded line) is no token.
        if (colon == string_view::npos || !all_in(kToken, text.substr(0, colon))) return 400;
        if (!is_content(text.substr(colon + 1))) return 400;
        for (auto& c : line.first(colon)) c = lower(c);
        const Header header{text.substr(0, colon), trimmed(text.substr(colon + 1))};
        request_.headers.push_back(header);
        return framing_field(header);
    }

    std::expected<Framing, int> end()
    {
        // RFC 9112, section 3.2: a 1.1 request has exactly one Host.
        if (hosts_ > 1 || (hosts_ == 0 && !framing_.http_1_0)) return std::unexpected{400};
        // Whoever checks the Host must not be led past the one the request is really for.
        if (!authority_.empty() && hosts_ == 1 && authority_ != host_) return std::unexpected{400};
        // Section 6.1: both lengths at once, or a chunked 1.0 body, is how requests are smuggled.
        if (framing_.chunked && (has_length_ || framing_.http_1_0)) return std::unexpected{400};
        framing_.keep_alive = !close_ && (!framing_.http_1_0 || keep_);
        if (unknown_expectation_) return std::unexpected{417};
        if (framing_.http_1_0) framing_.expects_continue = false;
        if (framing_.content_length > limits_.body_bytes_max) return std::unexpected{413};
        return framing_;
    }

private:
    int version(string_view text)
    {
        if (text == "HTTP/1.1") return 0;
        framing_.http_1_0 = text == "HTTP/1.0";
        if (framing_.http_1_0) return 0;
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        const bool is_version = text.size() == 8 && text.starts_with("HTTP/") &&
                                is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
        return is_version ? 505 : 400;
    }

    int target(string_view text)
    {
        for (const char c : text)
            if (c <= 0x20 || c >= 0x7f || c == '#') return 400;
        if (!text.starts_with('/')) {
            if (text == "*" && request_.method == Method::options) {
                request_.path = text;
                return 0;
            }
            const auto scheme = text.find("://");
            if (scheme == string_view::npos || (!same_word(text.substr(0, scheme), "http") &&
                                                !same_word(text.substr(0, scheme), "https")))
                return 400;
            text.remove_prefix(scheme + 3);
            const auto end = std::min(text.find_first_of("/?"), text.size());
            authority_ = text.substr(0, end);
            if (!all_in(kAuthority, authority_)) return 400;
            text.remove_prefix(end);
        }
        const auto question = std::min(text.find('?'), text.size());
        request_.path = question == 0 ? string_view{"/"} : text.substr(0, question);
        request_.query = text.substr(std::min(question + 1, text.size()));
        return 0;
    }

    /// The few fields that say where the request ends and what follows it.
    int framing_field(const Header& header)
    {
        // By length first: nearly every field is none of these.
        switch (header.name.size()) {
            case 4: return header.name == "host" ? host(header.value) : 0;
            case 6: return header.name == "expect" ? expect(header.value) : 0;
            case 10: return header.name == "connection" ? connection(header.value) : 0;
            case 14: return header.name == "content-length" ? length(header.value) : 0;
            case 17:
                if (header.name != "transfer-encoding") return 0;
                if (framing_.chunked || !same_word(header.value, "chunked")) return 400;
                framing_.chunked = true;
                return 0;
            default: return 0;
        }
    }

    int host(string_view value)
    {
        ++hosts_;
        host_ = value;
        return all_in(kAuthority, value) ? 0 : 400;
    }

    int length(string_view value)
    {
        const auto* end = value.data() + value.size();
        if (has_length_ || value.empty()) return 400;
        for (const char c : value)
            if (c < '0' || c > '9') return 400;
        const auto read = std::from_chars(value.data(), end, framing_.content_length);
        if (read.ec == std::errc::result_out_of_range) return 413;
        has_length_ = true;
        return 0;
    }

    int connection(string_view value)
    {
        while (!value.empty()) {
            const auto comma = std::min(value.find(','), value.size());
            const auto option = trimmed(value.substr(0, comma));
            close_ = close_ || same_word(option, "close");
            keep_ = keep_ || same_word(option, "keep-alive");
            value.remove_prefix(std::min(comma + 1, value.size()));
        }
        return 0;
    }

    int expect(string_view value)
    {
        if (same_word(value, "100-continue"))
            framing_.expects_continue = true;
        else
            unknown_expectation_ = true;
        return 0;
    }

    const Limits& limits_;
    Request& request_;
    Framing framing_;
    string_view host_;
    string_view authority_;  ///< of a target in absolute form
    std::size_t hosts_ = 0;
    bool has_length_ = false;
    bool close_ = false;
    bool keep_ = false;
    bool unknown_expectation_ = false;
};
}  // namespace

HeadEnd find_head_end(std::string_view bytes, HeadSearch& search) noexcept
{
    while (search.scanned < bytes.size()) {
        const auto* start = bytes.data() + search.scanned;
        const auto* found =
            static_cast<const char*>(std::memchr(start, '\n', bytes.size() - search.scanned));
        if (found == nullptr) {
            search.scanned = bytes.size();
            return HeadEnd::missing;
        }
        const auto newline = static_cast<std::size_t>(found - bytes.data());
        if (newline == search.line_start || bytes[newline - 1] != '\r') return HeadEnd::malformed;
        const bool empty_line = newline - 1 == search.line_start;
        search.scanned = newline + 1;
        search.line_start = newline + 1;
        if (empty_line) return HeadEnd::found;
    }
    return HeadEnd::missing;
}

std::expected<Framing, int> read_head(std::span<char> head, const Limits& limits, Request& request)
{
    request.headers.clear();
    request.query = {};
    HeadReader reader{limits, request};
    bool first = true;
    while (!head.empty()) {
        const string_view rest{head.data(), head.size()};
        // A CR anywhere but at the end of its line is a control character, refused below.
        const auto end = rest.find("\r\n");
        if (end == string_view::npos) return std::unexpected{400};
        if (end == 0) break;
        const int status =
            first ? reader.request_line(rest.substr(0, end)) : reader.field(head.first(end));
        if (status != 0) return std::unexpected{status};
        first = false;
        head = head.subspan(end + 2);
    }
    if (first) return std::unexpected{400};
    return reader.end();
}

}  // namespace purse::server::http
