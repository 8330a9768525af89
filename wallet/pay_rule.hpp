// SPDX-License-Identifier: Apache-2.0
// When a payee is paid, and how much may be owed to it.
#pragma once

#include <optional>

#include "ledger/clock.hpp"
#include "ledger/money.hpp"

namespace purse {

struct PayRule {
    bool immediate = true;           ///< each debt at once; those that come meanwhile together
    std::optional<Money> threshold;  ///< otherwise: once so much is owed
    std::optional<Span> every;       ///< or: so long after the oldest debt that is not on its way
    Money owed_max = Money::from_micro(1'000'000'000);  ///< holds included

    bool is_due(Money owed, Span waiting) const noexcept
    {
        if (owed <= Money{}) return false;
        return immediate || (threshold && owed >= *threshold) || (every && waiting >= *every);
    }
};

}  // namespace purse
