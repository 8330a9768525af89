// SPDX-License-Identifier: Apache-2.0
#include "tools/toolbox.hpp"

#include <array>

#include "tools/budget_status.hpp"
#include "tools/preauthorize.hpp"
#include "tools/settle.hpp"

namespace purse::tools {

std::span<const Tool> PurseToolbox::list() const
{
    static const std::array tools{kPreauthorize, kSettle, kBudgetStatus};
    return tools;
}

bool PurseToolbox::call(std::string_view name, const json::Value* arguments, const Caller& caller,
                        CancelFlag cancelled, Reply reply)
{
    using Function = void (*)(Desk&, const json::Value*, const Caller&, CancelFlag, Reply);
    static constexpr std::array<std::pair<std::string_view, Function>, 3> kFunctions{
        {{"pay_preauthorize", &preauthorize},
         {"pay_settle", &settle},
         {"pay_budget_status", &budget_status}}};
    for (const auto& [known, function] : kFunctions) {
        if (known != name) continue;
        function(desk_, arguments, caller, std::move(cancelled), std::move(reply));
        return true;
    }
    return false;
}

}  // namespace purse::tools
