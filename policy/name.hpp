// SPDX-License-Identifier: Apache-2.0
// The forms of names and addresses in a policy document.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "policy/limits.hpp"

namespace purse::policy {

constexpr bool is_alnum(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Names of agents, budgets, services and categories: [A-Za-z0-9][A-Za-z0-9._-]{0,63}.
constexpr bool is_name(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= limits::kNameCharsMax && is_alnum(text.front()) &&
           std::ranges::all_of(
               text, [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

/// A lower-case address: 0x[0-9a-f]{40}. Its EIP-55 checksum is in the case, hence gone.
constexpr bool is_address(std::string_view text) noexcept
{
    constexpr std::size_t kChars = 42;
    return text.size() == kChars && text.starts_with("0x") &&
           std::ranges::all_of(text.substr(2), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// ASCII letters only.
inline std::string lower_case(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace purse::policy
