// SPDX-License-Identifier: Apache-2.0
#include "audit/counters.hpp"

namespace purse::auditor {

std::string CapKey::text() const
{
    return budget + " " + kind + (scope.empty() ? "" : " " + scope);
}

void Counter::let_leave(std::int64_t now)
{
    while (!shares_.empty() && std::get<0>(shares_.begin()->first) <= now) {
        held_ -= shares_.begin()->second.held;
        spent_ -= shares_.begin()->second.spent;
        shares_.erase(shares_.begin());
    }
}

void Counter::add(const Share& share)
{
    held_ += share.held;
    spent_ += share.spent;
}

void Counter::add(const Place& place, const Share& share)
{
    shares_.emplace(place, share);
    add(share);
}

void Counter::end(const Share& held, std::int64_t spent)
{
    held_ -= held.held;
    spent_ += spent;
}

bool Counter::end(const Place& place, std::int64_t spent)
{
    const auto found = shares_.find(place);
    if (found == shares_.end()) return false;
    end(found->second, spent);
    found->second = {.held = 0, .spent = spent};
    return true;
}

}  // namespace purse::auditor
