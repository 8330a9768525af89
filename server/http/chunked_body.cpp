// SPDX-License-Identifier: Apache-2.0
#include "server/http/chunked_body.hpp"

#include <algorithm>

namespace purse::server::http {

namespace {
/// For sizes, extensions and trailers together: one-byte chunks of a whole body fit in, padding
/// without end does not.
constexpr std::size_t kOverheadPerByte = 8;
constexpr std::size_t kOverheadBase = std::size_t{8} * 1024;

int hex_of(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}
}  // namespace

ChunkedBody::State ChunkedBody::read(std::string_view& bytes, std::string& body)
{
    while (!bytes.empty()) {
        if (at_ == At::data) {
            const auto part = std::min(left_, bytes.size());
            body.append(bytes.substr(0, part));
            bytes.remove_prefix(part);
            left_ -= part;
            taken_ += part;
            if (left_ == 0) at_ = At::data_cr;
            continue;
        }
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (++overhead_ > kOverheadBase + taken_ * kOverheadPerByte) return State::malformed;
        const auto state = next(c);
        if (state != State::more) return state;
    }
    return State::more;
}

ChunkedBody::State ChunkedBody::next(char c)
{
    switch (at_) {
        case At::size: return size_digit(c);
        case At::extension:
            if (c == '\r')
                at_ = At::size_lf;
            else if (is_control(c))
                return State::malformed;
            return State::more;
        case At::size_lf:
            if (c != '\n') return State::malformed;
            digits_ = 0;
            at_ = left_ == 0 ? At::trailer : At::data;
            return State::more;
        case At::data_cr: at_ = At::data_lf; return c == '\r' ? State::more : State::malformed;
        case At::data_lf: at_ = At::size; return c == '\n' ? State::more : State::malformed;
        case At::trailer: return trailer(c);
        case At::data: break;
    }
    return State::malformed;
}

ChunkedBody::State ChunkedBody::size_digit(char c)
{
    const int digit = hex_of(c);
    if (digit < 0) {
        // No blanks before the extension: what one reader skips another counts.
        if (digits_ == 0 || (c != ';' && c != '\r')) return State::malformed;
        at_ = c == ';' ? At::extension : At::size_lf;
        return State::more;
    }
    // Sixteen digits fill 64 bits; any size that is too large is refused long before that.
    if (++digits_ > 16) return State::malformed;
    left_ = left_ * 16 + static_cast<std::size_t>(digit);
    return left_ > bytes_max_ - taken_ ? State::too_large : State::more;
}

ChunkedBody::State ChunkedBody::trailer(char c)
{
    if (line_cr_) {
        if (c != '\n') return State::malformed;
        line_cr_ = false;
        if (line_ == 0) return State::done;
        line_ = 0;
        return State::more;
    }
    if (c == '\r')
        line_cr_ = true;
    else if (is_control(c) || (line_ == 0 && (c == ' ' || c == '\t')))
        return State::malformed;
    else
        ++line_;
    return State::more;
}

}  // namespace purse::server::http
