// SPDX-License-Identifier: Apache-2.0
#include "tools/identity.hpp"

#include "policy/decision.hpp"
#include "tools/refusal.hpp"

namespace purse::tools {

namespace {
constexpr std::string_view kSubject = "Not let in";

std::string text_of(const boost::json::object& json, std::string_view key)
{
    const auto* value = json.if_contains(key);
    return value == nullptr || !value->is_string() ? std::string{}
                                                   : std::string{value->as_string()};
}

Identity from_result(const Result& result)
{
    if (!result.is_error) return {.refused = {}, .agent = result.text, .message = {}};
    return {
        .refused =
            reason_of(text_of(result.structured, "reason")).value_or(Reason::ledger_unavailable),
        .agent = {},
        .message = result.text};
}
}  // namespace

void identify(Desk& desk, std::string credential, IdentityReply reply)
{
    struct Answer {
        std::string agent;
        std::vector<Refusal> refusals;
    };
    desk.run(
        {.credential = std::move(credential), .session = {}, .client = {}}, nullptr,
        [](Books& books, const Standing& standing) {
            return Answer{.agent = standing.who.agent,
                          .refusals = policy::who_refusals(
                              *standing.document, standing.facts(),
                              {.agent = standing.who.agent, .now = books.now()})};
        },
        [](const Answer& answer) {
            if (answer.refusals.empty())
                return Result{.structured = {}, .text = answer.agent, .is_error = false};
            return refused(Verdict{.refusals = answer.refusals, .subject = std::string{kSubject}});
        },
        [reply = std::move(reply)](const Result& result) mutable { reply(from_result(result)); });
}

}  // namespace purse::tools
