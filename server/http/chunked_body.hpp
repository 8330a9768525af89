// SPDX-License-Identifier: Apache-2.0
// Takes a chunked body apart, RFC 9112 section 7.1 taken strictly. Extensions and trailers are
// checked, bounded and dropped. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace purse::server::http {

class ChunkedBody {
public:
    enum class State { more, done, malformed, too_large };

    explicit ChunkedBody(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    /// Takes what it can from `bytes`, which lose it, and appends the content to `body`.
    State read(std::string_view& bytes, std::string& body);

private:
    enum class At : std::uint8_t { size, extension, size_lf, data, data_cr, data_lf, trailer };
    State size_digit(char c);
    State next(char c);
    State trailer(char c);

    std::size_t bytes_max_;
    std::size_t taken_ = 0;     ///< bytes of content so far
    std::size_t left_ = 0;      ///< of the chunk being read
    std::size_t overhead_ = 0;  ///< bytes of everything that is not content
    std::size_t digits_ = 0;    ///< of the chunk's size
    std::size_t line_ = 0;      ///< bytes in the trailer's line
    bool line_cr_ = false;      ///< the trailer's line has come to its CR
    At at_ = At::size;
};

}  // namespace purse::server::http
