// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <limits>

namespace purse::server::http {

namespace {
namespace beast = boost::beast::http;

/// The lines of all chunks together may be this many times the body, and a head's bytes more:
/// one-byte chunks of a whole body fit in, padding without end does not.
constexpr std::size_t kOverheadPerByte = 8;

/// The least that is left of a chunked body before its end. Beast 1.81 asserts it where a last
/// chunk comes in pieces.
constexpr std::size_t kLastChunkBytes = 5;

Method method_of(beast::verb verb) noexcept
{
    switch (verb) {
        case beast::verb::post: return Method::post;
        case beast::verb::get: return Method::get;
        case beast::verb::delete_: return Method::del;
        case beast::verb::options: return Method::options;
        case beast::verb::head: return Method::head;
        default: return Method::other;
    }
}

/// Whether the request line ends as one of another version of HTTP does.
bool has_other_version(std::string_view head) noexcept
{
    const auto line = head.substr(0, head.find('\r'));
    const auto last = line.substr(std::min(line.rfind(' '), line.size()));
    return last.size() == 9 && last.starts_with(" HTTP/") && last[7] == '.' &&
           !last.ends_with("/1.1") && !last.ends_with("/1.0");
}

bool has_control(std::string_view text) noexcept
{
    return std::ranges::any_of(text, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}
}  // namespace

RequestReader::RequestReader(const Limits& limits, Request& request)
    : limits_{limits},
      request_{request}
{
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    header_limit(static_cast<std::uint32_t>(std::min(limits.header_bytes_max, kMost)));
    body_limit(limits.body_bytes_max);
    eager(true);
}

int RequestReader::read_head(std::span<char> head)
{
    request_.headers.clear();
    request_.body.clear();
    head_ = head;
    Error error;
    const auto used = put(boost::asio::const_buffer{head.data(), head.size()}, error);
    if (!error && used == head.size() && head_done_) return 0;
    return status_of(error, {head.data(), head.size()});
}

int RequestReader::status_of(const Error& error, std::string_view head) const
{
    if (status_ != 0) return status_;
    if (error == beast::error::header_limit) return 431;
    if (error == beast::error::body_limit) return 413;
    return error == beast::error::bad_version && has_other_version(head) ? 505 : 400;
}

void RequestReader::refuse_with(int status, Error& error)
{
    if (status == 0) return;
    status_ = status;
    error = beast::error::bad_value;  // any: it only stops the parser
}

void RequestReader::on_request_impl(Verb verb, View /*name*/, View target, int version,
                                    Error& error)
{
    http_1_0_ = version == 10;
    request_.method = method_of(verb);
    refuse_with(check_.target(target, request_), error);
}

void RequestReader::on_field_impl(Field field, View name, View value, Error& error)
{
    if (head_done_) return;  // of the trailer, which is dropped
    if (request_.headers.size() == limits_.headers_max) return refuse_with(431, error);
    const auto lower = head_.subspan(static_cast<std::size_t>(name.data() - head_.data()));
    for (auto& c : lower.first(name.size()))
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (field == Field::connection && beast::token_list{value}.exists("close")) close_ = true;
    request_.headers.push_back({name, value});
    refuse_with(check_.field(request_.headers.back()), error);
}

void RequestReader::on_header_impl(Error& error)
{
    head_done_ = true;
    // Now, for Beast lets the trailer change it. And in HTTP/1.0 it lets "keep-alive" win.
    keeps_alive_ = keep_alive() && !close_;
    refuse_with(check_.end(http_1_0_), error);
}

std::optional<std::size_t> RequestReader::length() const
{
    if (chunked()) return std::nullopt;
    return static_cast<std::size_t>(content_length().value_or(0));
}

RequestReader::Body RequestReader::read_body(std::span<char>& bytes)
{
    if (is_done()) return Body::whole;
    if (bytes.empty() || (chunked() && bytes.size() < kLastChunkBytes)) return Body::more;
    line_ = bytes.data();
    Error error;
    const auto used = put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error);
    bytes = bytes.subspan(used);
    if (error == beast::error::need_more) error = {};
    if (!error && is_done() && !is_trailer_good(bytes.data())) refuse_with(400, error);
    // What waits is one line, or the end with its trailer.
    if (!error && !is_done() && bytes.size() > limits_.header_bytes_max) refuse_with(400, error);
    if (error) return status_ = status_of(error, {}), Body::refused;
    return is_done() ? Body::whole : Body::more;
}

std::size_t RequestReader::on_body_impl(View bytes, Error& /*error*/)
{
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

void RequestReader::on_chunk_header_impl(std::uint64_t size, View extension, Error& error)
{
    const auto* end = extension.data() + extension.size() + 2;
    const auto line = static_cast<std::size_t>(end - line_);
    overhead_ += line;
    if (size == 0) trailer_ = end;
    const auto overhead_max = limits_.header_bytes_max + request_.body.size() * kOverheadPerByte;
    // A blank before the extension is one that another reader may count; in quotes Beast takes all.
    const bool is_good = extension.empty() || (extension.front() == ';' && !has_control(extension));
    if (!is_good || line > limits_.header_bytes_max || overhead_ > overhead_max)
        refuse_with(400, error);
}

std::size_t RequestReader::on_chunk_body_impl(std::uint64_t /*left*/, View bytes, Error& error)
{
    line_ = bytes.data() + bytes.size();
    return on_body_impl(bytes, error);
}

/// No line of it is folded, and it is bounded however it came.
bool RequestReader::is_trailer_good(const char* end) const
{
    if (trailer_ == nullptr) return true;
    HeadSearch search;
    return find_head_end({trailer_, end}, search) == HeadEnd::found &&
           static_cast<std::size_t>(end - line_) <= limits_.header_bytes_max;
}

PartialRequest::PartialRequest(const Limits& limits, std::string_view part, std::size_t headers)
    : head{part},
      reader{limits, request}
{
    request.headers.reserve(headers);
    reader.read_head(head);
}

std::size_t PartialRequest::size() const noexcept
{
    return sizeof(*this) + head.capacity() + request.body.capacity() +
           request.headers.capacity() * sizeof(Header);
}

}  // namespace purse::server::http
