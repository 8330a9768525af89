// SPDX-License-Identifier: Apache-2.0
#include "ledger/hold.hpp"

namespace purse {

std::string_view wire_name(HoldState state) noexcept
{
    switch (state) {
        case HoldState::open: return "open";
        case HoldState::settled: return "settled";
        case HoldState::voided: return "voided";
        case HoldState::expired: return "expired";
        case HoldState::awaiting: return "awaiting_approval";
        case HoldState::denied: return "denied";
    }
    return "unknown";
}

}  // namespace purse
