// SPDX-License-Identifier: Apache-2.0
// Cuts a byte stream into lines in a buffer that never grows. A line that is too long is
// reported once and its bytes are thrown away as they come. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace purse::server {

class LineReader {
public:
    explicit LineReader(std::size_t line_bytes_max);

    struct Line {
        std::string_view text;  ///< without its end (LF or CRLF); valid until the next room()
        bool too_long = false;  ///< then without text
    };

    /// Where the next bytes go; never empty when next() has returned nothing.
    std::span<char> room();
    void filled(std::size_t bytes);
    /// The next line that is not blank, or nothing: more bytes are needed.
    std::optional<Line> next();
    /// At the end of input: the last line if it had no end.
    std::optional<Line> rest();

private:
    std::optional<Line> cut(std::size_t end) const;

    const std::size_t line_bytes_max_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;    // of the line that is being read
    std::size_t scanned_ = 0;  // no line end before this
    std::size_t end_ = 0;
    bool discarding_ = false;  // inside a line already reported as too long
};

}  // namespace purse::server
