// SPDX-License-Identifier: Apache-2.0
// The words of what became of a request for a hold: taken, refused, or waiting for a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/hold.hpp"
#include "ledger/receipts.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

/// The ledger's answer, and what was to be bought by whom.
struct HoldStory {
    std::string agent;
    HoldAnswer hold;
    Purchase what;
    std::vector<std::string> notes;    ///< of the decision, for the caller
    bool is_told = false;              ///< the caller knows that it waits, and asks what came of it
    std::optional<Receipt> receipt{};  ///< where one was asked for
};

/// The answer of pay_preauthorize. `link`: where a person decides about it; may be empty.
Result to_result(const HoldStory& story, const std::string& link);

}  // namespace purse::tools
