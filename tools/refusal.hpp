// SPDX-License-Identifier: Apache-2.0
// The words of a refusal: which rule, how much is used, when it resets, what is allowed
// now and whether to try again. One shape for all tools.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "tools/arguments.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

/// Everything that said no, in published order.
struct Verdict {
    std::vector<Refusal> refusals;
    std::vector<CapState> failing;
    std::optional<Instant> at;    ///< when it was decided; empty: before the ledger was asked
    std::optional<Money> wanted;  ///< what was asked for, for the sentences
    bool is_replay = false;
    std::string subject;  ///< the first sentence, without its end: "Not settled"
};

/// The refusal as an isError result. There is at least one refusal or failing cap.
Result refused(const Verdict& verdict);

/// One refusal that needs no counters.
Result refused(Reason reason, std::string detail);

/// A bad argument, as an isError result: the model can mend it.
Result invalid_argument(const ArgumentError& error);

/// The ledger gave no answer; in doubt says so, and how to find out.
Result unavailable(const LedgerFault& fault);

/// A counter for machines: the members of the contract's "caps".
boost::json::object to_json(const CapState& cap);

/// A counter for people: "daily limit of agent/a: 4.10 of 5.00 USDC used (0.10 held), 0.90 left".
std::string to_sentence(const CapState& cap);

/// "warnings": caps at 80 percent or more, with their level, 80 or 95.
boost::json::array warnings_json(const std::vector<CapState>& near);
/// The same for people, a line each; empty when there are none.
std::string warnings_text(const std::vector<CapState>& near);

}  // namespace purse::tools
