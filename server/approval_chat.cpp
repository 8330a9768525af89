// SPDX-License-Identifier: Apache-2.0
#include "server/approval_chat.hpp"

#include <optional>
#include <utility>

#include "server/limits.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kKey = "approval";
constexpr std::string_view kFormState = "form ";
constexpr std::string_view kUrlState = "url ";

// No default and the cautious choice first: a client that fills in forms by itself approves
// nothing.
constexpr std::string_view kFormSchema =
    R"({"type":"object","properties":{"decision":{"type":"string","title":"Your decision",)"
    R"("description":"approve: it may be paid once, up to this amount. deny: it is refused.",)"
    R"("enum":["deny","approve"]}},"required":["decision"]})";

/// URL mode for what must not be approved in the chat, and where there is no form.
std::optional<Call::Mode> way_to_ask(const Call& call, const tools::Question& question)
{
    const bool can_open = !question.url.empty() && call.can_ask(Call::Mode::url);
    if (!question.in_chat) return can_open ? std::optional{Call::Mode::url} : std::nullopt;
    if (call.can_ask(Call::Mode::form)) return Call::Mode::form;
    return can_open ? std::optional{Call::Mode::url} : std::nullopt;
}

std::string question_params(const tools::Question& question, Call::Mode mode)
{
    std::string params = R"({"mode":)";
    params += mode == Call::Mode::form ? R"("form")" : R"("url")";
    params += R"(,"message":)" + json::quoted(question.message);
    if (mode == Call::Mode::form)
        params += R"(,"requestedSchema":)" + std::string{kFormSchema};
    else
        params += R"(,"url":)" + json::quoted(question.url);
    return params + "}";
}

/// What the client has answered; nullptr: nothing.
const json::Value* input_of(const Call& call)
{
    return call.inputs() == nullptr ? nullptr : call.inputs()->find(kKey);
}

/// What that means; anything that is no clear answer decides nothing.
tools::Answered answered(const json::Value* input, Call::Mode mode)
{
    if (input == nullptr) return tools::Answered::nothing;
    const auto action = input->text_of("action");
    if (action == "decline") return tools::Answered::deny;
    if (action == "cancel") return tools::Answered::cancel;
    if (action != "accept" || mode == Call::Mode::url) return tools::Answered::nothing;
    const auto* content = input->find("content");
    const auto decision = content == nullptr ? std::string_view{} : content->text_of("decision");
    if (decision == "approve") return tools::Answered::approve;
    return decision == "deny" ? tools::Answered::deny : tools::Answered::nothing;
}

tools::Answered meaning(Unanswered why)
{
    switch (why) {
        case Unanswered::gone: return tools::Answered::disconnect;
        case Unanswered::cancelled: return tools::Answered::cancel;
        case Unanswered::late: break;  // the payment's own time decides
    }
    return tools::Answered::nothing;
}
}  // namespace

ApprovalChat::ApprovalChat(tools::Toolbox& toolbox, Observer observer)
    : toolbox_{toolbox},
      observer_{std::move(observer)},
      decisions_{toolbox}
{
}

void ApprovalChat::end(Responder responder, tools::Result result)
{
    if (observer_) observer_(result);
    responder(std::move(result));
}

void ApprovalChat::answer(Responder responder, tools::Result result)
{
    if (result.question == nullptr) return end(std::move(responder), std::move(result));
    const auto question = result.question;
    if (const auto mode = way_to_ask(responder.call(), *question))
        return ask(std::move(responder), std::move(result), *mode);
    // Told at once the first time, so that the user learns of it; who asks again may wait a while.
    if (question->is_asked) return wait_elsewhere(std::move(responder), question->id);
    end(std::move(responder), std::move(result));
}

void ApprovalChat::ask(Responder responder, tools::Result result, Call::Mode mode)
{
    const auto question = result.question;
    const auto call = responder.shared();
    NeedsInput needs;
    needs.requests.push_back({.key = std::string{kKey},
                              .method = "elicitation/create",
                              .params = question_params(*question, mode)});
    needs.state = std::string{mode == Call::Mode::form ? kFormState : kUrlState} + question->id;
    needs.otherwise = std::move(result);
    needs.unanswered = [this, id = question->id](Responder unheard, Unanswered why) {
        follow_up(std::move(unheard), id, meaning(why), &ApprovalChat::end);
    };
    responder(std::move(needs));
    if (call->version() != kModern && !call->closed()) watch_form(call, question->id);
}

void ApprovalChat::watch_form(const std::shared_ptr<Call>& call, const std::string& id)
{
    decisions_.add({.id = id,
                    .ticks = kAskTicks,
                    .is_over = [call] { return call->closed(); },
                    .done =
                        [this, call, id] {
                            if (call->take_back_questions())
                                follow_up(Responder{call}, id, tools::Answered::nothing,
                                          &ApprovalChat::end);
                        }});
}

bool ApprovalChat::is_back(const Call& call)
{
    return call.state().starts_with(kFormState) || call.state().starts_with(kUrlState);
}

void ApprovalChat::resume(Responder responder)
{
    const auto& call = responder.call();
    const bool is_form = call.state().starts_with(kFormState);
    const auto id = call.state().substr(is_form ? kFormState.size() : kUrlState.size());
    const auto* input = input_of(call);
    const auto said = answered(input, is_form ? Call::Mode::form : Call::Mode::url);
    // The page is open, or was: the person needs a moment there.
    if (!is_form && said == tools::Answered::nothing && input != nullptr)
        return wait_elsewhere(std::move(responder), id);
    follow_up(std::move(responder), id, said, &ApprovalChat::answer);
}

void ApprovalChat::follow_up(Responder responder, const std::string& id, tools::Answered said,
                             void (ApprovalChat::*then)(Responder, tools::Result))
{
    const auto caller = responder.call().caller();
    toolbox_.follow_up(
        id, said, caller,
        [this, then, responder = std::move(responder)](tools::Result result) mutable {
            (this->*then)(std::move(responder), std::move(result));
        });
}

void ApprovalChat::wait_elsewhere(Responder responder, const std::string& id)
{
    // std::function wants a copy; the responder is used once.
    auto waiting = std::make_shared<Responder>(std::move(responder));
    const auto call = waiting->shared();
    decisions_.add({.id = id,
                    .ticks = kDecisionTicks,
                    .is_over = [call] { return call->closed(); },
                    .done =
                        [this, waiting, id] {
                            follow_up(std::move(*waiting), id, tools::Answered::nothing,
                                      &ApprovalChat::end);
                        }});
}

}  // namespace purse::server
