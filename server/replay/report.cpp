// SPDX-License-Identifier: Apache-2.0
#include "server/replay/report.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace purse::server::replay {

namespace {
// Enough to look through; about 10 MB at the most.
constexpr std::size_t kDifferencesMax = 10'000;
// A policy with more rules that fail for more agents has other troubles. The rest is one row.
constexpr std::size_t kRowsMax = 10'000;
}  // namespace

std::string_view wire_name(Change change) noexcept
{
    static constexpr std::array<std::string_view, kChanges> kNames{
        "newly_refused",   "newly_allowed",        "newly_asked",
        "no_longer_asked", "settle_newly_refused", "settle_newly_allowed"};
    return kNames.at(static_cast<std::size_t>(change));
}

void Sum::add(Money amount) noexcept
{
    ++count;
    if (__builtin_add_overflow(micro, amount.micro(), &micro))
        micro = std::numeric_limits<std::int64_t>::max();
}

bool Report::has_changes() const
{
    return std::ranges::any_of(changes, [](const Sum& sum) { return sum.count > 0; });
}

void Report::note(Difference difference)
{
    changes[static_cast<std::size_t>(difference.change)].add(difference.amount);
    RowKey key{.change = difference.change, .agent = difference.agent, .reason = {}, .rule = {}};
    if (!difference.whys.empty()) {
        key.reason = difference.whys.front().reason;
        key.rule = difference.whys.front().rule;
    }
    if (rows.size() >= kRowsMax && !rows.contains(key))
        key = {.change = key.change, .agent = "(others)", .reason = {}, .rule = {}};
    rows[std::move(key)].add(difference.amount);
    if (differences.size() < kDifferencesMax)
        differences.push_back(std::move(difference));
    else
        ++differences_left_out;
}

}  // namespace purse::server::replay
