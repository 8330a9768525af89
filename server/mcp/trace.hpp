// SPDX-License-Identifier: Apache-2.0
// The trace that a request belongs to: `traceparent` in its `_meta` (MCP 2026-07-28), in the form
// of W3C Trace Context, section 3.2.
#pragma once

#include <string_view>

namespace purse::server {

/// The parts of a well-formed `traceparent`, as they stand; empty for any other text.
struct TraceParent {
    std::string_view trace_id;   ///< 32 hexadecimal digits
    std::string_view parent_id;  ///< 16, of the span that asked
    std::string_view flags;      ///< 2

    explicit TraceParent(std::string_view text) noexcept;
    bool is_empty() const noexcept { return trace_id.empty(); }
};

}  // namespace purse::server
