// SPDX-License-Identifier: Apache-2.0
// What Boost.Beast lets through and Purse refuses: whatever two readers could understand in two
// ways, so that nobody can hide a second request in the first (RFC 9112, section 11.2). Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "server/http/message.hpp"

namespace purse::server::http {

/// How far a search for the end of a head has come.
struct HeadSearch {
    std::size_t scanned = 0;     ///< bytes that need not be looked at again
    std::size_t line_start = 0;  ///< of the line being read
};

enum class HeadEnd { found, missing, malformed };

/// Looks on from where the last search of these bytes ended. Found: `search.scanned` is the length
/// of the head, its empty line included. Malformed as soon as a line does not end in CR LF, or
/// begins with a blank: Beast would join it to the one before.
HeadEnd find_head_end(std::string_view bytes, HeadSearch& search) noexcept;

/// Sees one head as it is read. Each answers 0, or the status to refuse the request with.
class RequestCheck {
public:
    /// Splits the target into path and query; of an absolute one only these are left.
    int target(std::string_view text, Request& request);
    int field(const Header& header);
    int end(bool http_1_0) const;
    bool expects_continue() const noexcept { return expects_continue_; }

private:
    std::string_view host_;
    std::string_view authority_;  ///< of a target in absolute form
    bool has_length_ = false;
    bool has_encoding_ = false;
    bool expects_continue_ = false;
};

}  // namespace purse::server::http
