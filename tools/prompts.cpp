// SPDX-License-Identifier: Apache-2.0
#include "tools/prompts.hpp"

#include <array>

#include "tools/arguments.hpp"
#include "tools/budget_status.hpp"
#include "tools/refusal.hpp"

namespace purse::tools {

std::span<const Prompt> prompt_list()
{
    static const std::array prompts{
        Prompt{.name = "spending_report",
               .title = "Spending report",
               .description = "A short report of what this agent has spent and what is left.",
               .arguments = {{.name = "audience",
                              .description = "Who will read it, such as \"my manager\""}}}};
    return prompts;
}

void spending_report(Desk& desk, const json::Value* object, const Caller& caller,
                     CancelFlag cancelled, Reply reply)
{
    Arguments arguments{object, {"audience"}};
    auto audience = arguments.text("audience", {});
    if (arguments.error()) return reply(invalid_argument(*arguments.error()));
    budget_status(
        desk, nullptr, caller, std::move(cancelled),
        [audience = std::move(audience), reply = std::move(reply)](Result status) mutable {
            if (!status.is_error)
                status.text = "Write a short spending report" +
                              (audience.empty() ? "" : " for " + audience) +
                              " from these figures: what was spent, under which caps, "
                              "what is held and left, and which cap is nearest to its "
                              "limit. Invent nothing; pay_budget_status has newer "
                              "figures.\n\n" +
                              status.text;
            reply(std::move(status));
        });
}

}  // namespace purse::tools
