// SPDX-License-Identifier: Apache-2.0
#include "server/toolbox_catalog.hpp"

#include <algorithm>
#include <utility>

#include "server/limits.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kInstructions =
    "Purse holds the money for paid services under hard spending caps. Before a paid call, ask "
    "pay_preauthorize with the most it may cost, and make the call only if the answer is ok; then "
    "report the real cost with pay_settle and the txId (outcome \"void\" if nothing was used up). "
    "If a payment is refused, tell the user the message and do not try to get around the cap; "
    "pay_budget_status shows what is left.";

/// A reply that answers the call with what `turn` makes of the result.
template <typename Turn>
tools::Reply reply_to(Responder& responder, Turn turn)
{
    return [responder = std::move(responder), turn = std::move(turn)](
               tools::Result result) mutable { responder(turn(std::move(result))); };
}

Outcome resource_result(const std::string& uri, const tools::Result& result)
{
    if (result.is_error) {
        // Nothing there for this caller, or the caller may not look: the reason says which.
        RpcError error{ErrorCode::invalid_params, result.text, {}};
        error.data =
            R"({"uri":)" + json::quoted(uri) + R"(,"refusal":)" + tools::render(result)->json + "}";
        return error;
    }
    std::string members =
        R"("contents":[{"uri":)" + json::quoted(uri) + R"(,"mimeType":"application/json","text":)";
    members += tools::render(result)->json_literal;
    return Done{members + "}]"};
}

Done view_result(const tools::View& view)
{
    std::string members = R"("contents":[{"uri":)" + json::quoted(view.uri);
    members += R"(,"mimeType":"text/html;profile=mcp-app","text":)" + json::quoted(view.html);
    members += R"(,"_meta":{"ui":)" + std::string{view.meta} + "}}]";
    return {.members = std::move(members), .is_constant = true};
}

Outcome prompt_result(const std::string& description, const tools::Result& result)
{
    if (result.is_error) return RpcError{ErrorCode::invalid_params, result.text, {}};
    return Done{R"("description":)" + json::quoted(description) +
                R"(,"messages":[{"role":"user","content":{"type":"text","text":)" +
                json::quoted(result.text) + "}}]"};
}
}  // namespace

ToolboxCatalog::ToolboxCatalog(tools::Toolbox& toolbox, std::string version, Observer observer)
    : toolbox_{toolbox},
      offer_{.name = "purse",
             .title = "Purse",
             .version = std::move(version),
             .instructions = std::string{kInstructions},
             .tools = {toolbox.list().begin(), toolbox.list().end()},
             .resources = {toolbox.resources().begin(), toolbox.resources().end()},
             .resource_templates = {toolbox.resource_templates().begin(),
                                    toolbox.resource_templates().end()},
             .prompts = {toolbox.prompts().begin(), toolbox.prompts().end()}},
      approvals_{toolbox, std::move(observer)}
{
}

bool ToolboxCatalog::call_tool(std::string_view name, const json::Value* arguments,
                               Responder& responder)
{
    if (!toolbox_.knows(name)) return false;
    const auto call = responder.shared();
    if (ApprovalChat::is_back(*call)) {
        approvals_.resume(std::move(responder));
        return true;
    }
    toolbox_.call(name, arguments, call->traced_caller(), Call::flag_of(call),
                  [this, responder = std::move(responder)](tools::Result result) mutable {
                      approvals_.answer(std::move(responder), std::move(result));
                  });
    return true;
}

bool ToolboxCatalog::read_resource(std::string_view uri, Responder& responder)
{
    const auto views = toolbox_.views();
    if (const auto view = std::ranges::find(views, uri, &tools::View::uri); view != views.end()) {
        responder(view_result(*view));
        return true;
    }
    const auto call = responder.shared();
    toolbox_.read(
        uri, call->caller(), Call::flag_of(call),
        reply_to(responder,
                 [uri = excerpt(uri, kEchoBytesMax)](const tools::Result& result) -> Outcome {
                     return resource_result(uri, result);
                 }));
    return true;
}

bool ToolboxCatalog::get_prompt(std::string_view name, const json::Value* arguments,
                                Responder& responder)
{
    const auto found = std::ranges::find(offer_.prompts, name, &tools::Prompt::name);
    if (found == offer_.prompts.end()) return false;
    const auto call = responder.shared();
    toolbox_.prompt(name, arguments, call->caller(), Call::flag_of(call),
                    reply_to(responder,
                             [description = std::string{found->description}](
                                 const tools::Result& result) -> Outcome {
                                 return prompt_result(description, result);
                             }));
    return true;
}

}  // namespace purse::server
