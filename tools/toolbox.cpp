// SPDX-License-Identifier: Apache-2.0
#include "tools/toolbox.hpp"

#include <array>

#include "tools/approvals.hpp"
#include "tools/budget_status.hpp"
#include "tools/card.hpp"
#include "tools/preauthorize.hpp"
#include "tools/prompts.hpp"
#include "tools/resources.hpp"
#include "tools/settle.hpp"

namespace purse::tools {

std::span<const Tool> PurseToolbox::list() const
{
    static const std::array tools{kPreauthorize, kSettle, kBudgetStatus};
    return tools;
}

void PurseToolbox::call(std::string_view name, const json::Value* arguments, const Caller& caller,
                        CancelFlag cancelled, Reply reply)
{
    using Function = void (*)(Desk&, const json::Value*, const Caller&, CancelFlag, Reply);
    static constexpr std::array<std::pair<std::string_view, Function>, 3> kFunctions{
        {{"pay_preauthorize", &preauthorize},
         {"pay_settle", &settle},
         {"pay_budget_status", &budget_status}}};
    for (const auto& [known, function] : kFunctions)
        if (known == name)
            return function(desk_, arguments, caller, std::move(cancelled), std::move(reply));
}

std::span<const Resource> PurseToolbox::resources() const
{
    return kResources;
}

std::span<const ResourceTemplate> PurseToolbox::resource_templates() const
{
    return kResourceTemplates;
}

void PurseToolbox::read(std::string_view uri, const Caller& caller, CancelFlag cancelled,
                        Reply reply)
{
    read_resource(desk_, uri, caller, std::move(cancelled), std::move(reply));
}

std::span<const View> PurseToolbox::views() const
{
    return card_views();
}

std::span<const Prompt> PurseToolbox::prompts() const
{
    return prompt_list();
}

void PurseToolbox::prompt(std::string_view, const json::Value* arguments, const Caller& caller,
                          CancelFlag cancelled, Reply reply)
{
    // There is one, and only listed ones come here.
    spending_report(desk_, arguments, caller, std::move(cancelled), std::move(reply));
}

void PurseToolbox::follow_up(std::string_view id, Answered answered, const Caller& caller,
                             Reply reply)
{
    tools::follow_up(desk_, id, answered, caller, std::move(reply));
}

void PurseToolbox::look_for_decisions(std::vector<std::string> ids, Decided decided)
{
    tools::look_for_decisions(desk_, std::move(ids), std::move(decided));
}

void PurseToolbox::identify(std::string credential, IdentityReply reply)
{
    tools::identify(desk_, std::move(credential), std::move(reply));
}

}  // namespace purse::tools
