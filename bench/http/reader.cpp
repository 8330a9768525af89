// SPDX-License-Identifier: Apache-2.0
#include "bench/http/reader.hpp"

#include <charconv>
#include <stdexcept>

namespace purse::bench {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

[[noreturn]] void unexpected(std::string_view what, std::string_view bytes)
{
    throw std::runtime_error("a response " + std::string(what) + ": " +
                             std::string(bytes.substr(0, 2000)));
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with(std::string_view text, std::string_view lower_case)
{
    if (text.size() < lower_case.size()) return false;
    for (std::size_t i = 0; i < lower_case.size(); ++i)
        if (lower(text[i]) != lower_case[i]) return false;
    return true;
}

std::size_t number(std::string_view text, int base)
{
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end == text.data()) unexpected("with a bad number", text);
    return value;
}

}  // namespace

void ResponseReader::reset()
{
    head_bytes_ = length_ = chunk_at_ = 0;
    has_length_ = chunked_ = event_stream_ = false;
    status_ = 0;
    session_.clear();
    plain_ = {};
    joined_.clear();
}

bool ResponseReader::take(std::string_view bytes)
{
    if (head_bytes_ == 0) {
        constexpr std::string_view kHeadEnd = "\r\n\r\n";
        const auto end = bytes.find(kHeadEnd);
        if (end == std::string_view::npos) return false;
        head_bytes_ = end + kHeadEnd.size();
        chunk_at_ = head_bytes_;
        read_head(bytes.substr(0, end + kLineEnd.size()));
        constexpr int kAccepted = 202;
        constexpr int kNoContent = 204;
        // A server may leave out both fields where there is no body.
        if (!has_length_ && !chunked_ && (status_ == kAccepted || status_ == kNoContent))
            has_length_ = true;
        if (!has_length_ && !chunked_) unexpected("without an end", bytes);
    }
    if (chunked_) return read_chunks(bytes);
    plain_ = bytes.substr(head_bytes_, length_);
    if (bytes.size() > head_bytes_ + length_) unexpected("longer than it says", bytes);
    return plain_.size() == length_;
}

void ResponseReader::read_head(std::string_view head)
{
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    if (!head.starts_with(kVersion)) unexpected("that is not HTTP/1.1", head);
    status_ = static_cast<int>(number(head.substr(kVersion.size()), 10));
    auto at = head.find(kLineEnd) + kLineEnd.size();
    while (at < head.size()) {
        const auto end = head.find(kLineEnd, at);
        read_field(head.substr(at, end - at));
        at = end + kLineEnd.size();
    }
}

void ResponseReader::read_field(std::string_view line)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) unexpected("with a bad header", line);
    const auto begin = line.find_first_not_of(' ', colon + 1);
    const auto value = begin == std::string_view::npos ? std::string_view{} : line.substr(begin);
    if (starts_with(line, "content-length:")) {
        length_ = number(value, 10);
        has_length_ = true;
    } else if (starts_with(line, "transfer-encoding:")) {
        chunked_ = starts_with(value, "chunked");
    } else if (starts_with(line, "content-type:")) {
        event_stream_ = starts_with(value, "text/event-stream");
    } else if (starts_with(line, "mcp-session-id:")) {
        session_ = value;
    }
}

bool ResponseReader::read_chunks(std::string_view bytes)
{
    constexpr int kHex = 16;
    for (;;) {
        const auto line_end = bytes.find(kLineEnd, chunk_at_);
        if (line_end == std::string_view::npos) return false;
        const auto size = number(bytes.substr(chunk_at_, line_end - chunk_at_), kHex);
        const auto data = line_end + kLineEnd.size();
        const auto next = data + size + kLineEnd.size();
        if (bytes.size() < next) return false;
        if (bytes.substr(data + size, kLineEnd.size()) != kLineEnd)
            unexpected("with a bad chunk", bytes);
        joined_ += bytes.substr(data, size);
        chunk_at_ = next;
        if (size > 0) continue;
        if (bytes.size() > next) unexpected("longer than it says", bytes);
        return true;
    }
}

std::string_view ResponseReader::message() const
{
    const auto whole = body();
    if (!event_stream_) return whole;
    constexpr std::string_view kData = "data:";
    // An event without data opens the stream (2025-11-25): it is no message.
    for (std::size_t at = 0; at < whole.size();) {
        const auto end = std::min(whole.find('\n', at), whole.size());
        auto line = whole.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with(kData)) continue;
        line.remove_prefix(kData.size());
        if (line.starts_with(' ')) line.remove_prefix(1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) return line;
    }
    return {};
}

}  // namespace purse::bench
