// SPDX-License-Identifier: Apache-2.0
#include "tools/receipt.hpp"

namespace purse::tools {

void add_receipt(const std::optional<Receipt>& receipt, Result& result)
{
    if (!receipt) return;
    boost::json::object json{{"entry", receipt->seq}};
    if (receipt->proof.empty())
        json["unavailable"] = receipt->why_not;
    else
        json["proof"] = receipt->proof;
    result.structured["receipt"] = std::move(json);
}

}  // namespace purse::tools
