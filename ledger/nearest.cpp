// SPDX-License-Identifier: Apache-2.0
#include "ledger/nearest.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace purse {

namespace {
constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_but_for_case(std::string_view a, std::string_view b) noexcept
{
    return std::ranges::equal(a, b, {}, lower, lower);
}
}  // namespace

int edit_distance(std::string_view from, std::string_view to, int bound)
{
    const auto difference =
        static_cast<std::ptrdiff_t>(from.size()) - static_cast<std::ptrdiff_t>(to.size());
    if (std::abs(difference) > bound) return bound + 1;
    std::vector<int> row(to.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = static_cast<int>(j);
    for (std::size_t i = 0; i < from.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i) + 1;
        for (std::size_t j = 1; j < row.size(); ++j) {
            const int replaced = diagonal + (from[i] == to[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
        // A catalogue can be long: most names are out of reach after a few characters.
        if (*std::ranges::min_element(row) > bound) return bound + 1;
    }
    return std::min(row.back(), bound + 1);
}

void Nearest::consider(std::string_view candidate)
{
    const int distance =
        same_but_for_case(name_, candidate) ? 0 : edit_distance(name_, candidate, kDistanceMax);
    const bool is_related = distance < static_cast<int>(std::max(name_.size(), candidate.size()));
    if (!is_related || distance >= best_distance_) return;
    best_distance_ = distance;
    best_ = candidate;
}

}  // namespace purse
