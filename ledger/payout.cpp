// SPDX-License-Identifier: Apache-2.0
#include "ledger/payout.hpp"

namespace purse {

std::string_view wire_name(PayoutState state) noexcept
{
    switch (state) {
        case PayoutState::queued: return "queued";
        case PayoutState::signed_: return "signed";
        case PayoutState::sent: return "sent";
        case PayoutState::included: return "included";
        case PayoutState::final_: return "final";
        case PayoutState::held: return "held";
        case PayoutState::expired: return "expired";
        case PayoutState::canceled: return "canceled";
    }
    return "unknown";
}

std::string_view wire_name(Stage stage) noexcept
{
    switch (stage) {
        case Stage::booked: return "settled";
        case Stage::queued: return "queued";
        case Stage::submitted: return "submitted";
        case Stage::paid: return "paid";
        case Stage::final_: return "final";
        case Stage::held: return "held";
        case Stage::in_doubt: return "in_doubt";
    }
    return "unknown";
}

std::string_view wire_name(SlotKind kind) noexcept
{
    switch (kind) {
        case SlotKind::pay: return "pay";
        case SlotKind::batch: return "batch";
        case SlotKind::cancel: return "cancel";
        case SlotKind::fill: return "fill";
    }
    return "unknown";
}

}  // namespace purse
