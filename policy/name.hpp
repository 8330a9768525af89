// SPDX-License-Identifier: Apache-2.0
// Names of agents, budgets, services and categories: [A-Za-z0-9][A-Za-z0-9._-]{0,63}.
#pragma once

#include <algorithm>
#include <string_view>

#include "policy/limits.hpp"

namespace purse::policy {

constexpr bool is_name(std::string_view text) noexcept
{
    constexpr auto is_alnum = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    constexpr auto is_inner = [is_alnum](char c) {
        return is_alnum(c) || c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= limits::kNameCharsMax && is_alnum(text.front()) &&
           std::ranges::all_of(text, is_inner);
}

}  // namespace purse::policy
