// SPDX-License-Identifier: Apache-2.0
#include "server/stdio/line_reader.hpp"

#include <algorithm>
#include <cstring>

#include "ledger/require.hpp"

namespace purse::server {

LineReader::LineReader(std::size_t line_bytes_max)
    // A whole line, its end, and as much again: a read is then never a few bytes short.
    : line_bytes_max_{line_bytes_max},
      buffer_(2 * line_bytes_max + 2)
{
    require(line_bytes_max > 0, "lines may have bytes");
}

std::span<char> LineReader::room()
{
    if (begin_ == end_) {
        begin_ = scanned_ = end_ = 0;
    } else if (buffer_.size() - end_ < line_bytes_max_) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        scanned_ -= begin_;
        end_ -= begin_;
        begin_ = 0;
    }
    return std::span{buffer_}.subspan(end_);
}

void LineReader::filled(std::size_t bytes)
{
    require(bytes <= buffer_.size() - end_, "no more than there was room for");
    end_ += bytes;
}

std::optional<LineReader::Line> LineReader::next()
{
    while (scanned_ < end_) {
        const auto* start = buffer_.data() + scanned_;
        const auto* newline = static_cast<const char*>(std::memchr(start, '\n', end_ - scanned_));
        if (newline == nullptr) {
            scanned_ = end_;
            break;
        }
        const auto stop = static_cast<std::size_t>(newline - buffer_.data());
        const auto line = discarding_ ? std::nullopt : cut(stop);
        discarding_ = false;
        begin_ = scanned_ = stop + 1;
        if (line) return line;
    }
    if (discarding_) {
        begin_ = end_;
    } else if (end_ - begin_ > line_bytes_max_ + 1) {  // the CR of a line end may be among them
        discarding_ = true;
        begin_ = end_;
        return Line{{}, true};
    }
    return std::nullopt;
}

std::optional<LineReader::Line> LineReader::rest()
{
    const auto line = discarding_ ? std::nullopt : cut(end_);
    begin_ = scanned_ = end_;
    return line;
}

std::optional<LineReader::Line> LineReader::cut(std::size_t end) const
{
    auto text = std::string_view{buffer_.data() + begin_, end - begin_};
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > line_bytes_max_) return Line{{}, true};
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    if (std::ranges::all_of(text, blank)) return std::nullopt;
    return Line{text, false};
}

}  // namespace purse::server
