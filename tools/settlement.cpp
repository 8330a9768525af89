// SPDX-License-Identifier: Apache-2.0
#include "tools/settlement.hpp"

#include "ledger/hash.hpp"

namespace purse::tools {

namespace {
std::string on_its_way(const Settlement& settlement)
{
    switch (settlement.stage) {
        case Stage::booked:
        case Stage::final_:
        case Stage::paid: break;
        case Stage::queued: return "; the USDC are queued for payment";
        case Stage::submitted: return "; the USDC are on their way";
        case Stage::held: return "; the payment waits (" + settlement.reason + "), the debt stands";
        case Stage::in_doubt:
            return "; the payment is in doubt: no node has confirmed it yet, and it is never "
                   "made twice";
    }
    return {};
}
}  // namespace

boost::json::object to_json(const Settlement& settlement)
{
    boost::json::object json;
    json["id"] = settlement.payout;
    if (!settlement.tx.empty()) json["tx"] = "0x" + to_hex(settlement.tx);
    if (settlement.block != 0) json["block"] = settlement.block;
    if (settlement.gas_used != 0) json["gasUsed"] = settlement.gas_used;
    if (!settlement.cost.empty()) json["costWei"] = settlement.cost;
    if (!settlement.reason.empty()) json["reason"] = settlement.reason;
    return json;
}

std::string settled_text(const Settlement& settlement, std::string_view amount,
                         std::string_view whom)
{
    const bool is_paid = settlement.stage == Stage::booked || settlement.stage == Stage::paid ||
                         settlement.stage == Stage::final_;
    return std::string{is_paid ? "Paid " : "Settled "} + std::string{amount} + " USDC to " +
           std::string{whom} + on_its_way(settlement);
}

}  // namespace purse::tools
