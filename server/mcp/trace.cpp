// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/trace.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kForm = "00-00000000000000000000000000000000-0000000000000000-00";

bool is_hex(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view text)
{
    return text.find_first_not_of('0') == std::string_view::npos;
}
}  // namespace

TraceParent::TraceParent(std::string_view text) noexcept
{
    if (text.size() != kForm.size() || text[2] != '-' || text[35] != '-' || text[52] != '-') return;
    const auto version = text.substr(0, 2);
    const auto trace = text.substr(3, 32);
    const auto parent = text.substr(36, 16);
    const auto last = text.substr(53, 2);
    // Version ff and ids of zeros are forbidden; what is not well-formed is to be ignored.
    if (!is_hex(version) || version == "ff" || !is_hex(trace) || !is_hex(parent) || !is_hex(last) ||
        is_zero(trace) || is_zero(parent))
        return;
    trace_id = trace;
    parent_id = parent;
    flags = last;
}

}  // namespace purse::server
