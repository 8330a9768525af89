// SPDX-License-Identifier: Apache-2.0
#include "fixture_catalog.hpp"

#include <algorithm>
#include <utility>

namespace purse::conformance {

namespace {
using server::ErrorCode;
using server::Offer;
using server::Responder;
using server::RpcError;

const ToolFixture* find_tool(std::string_view name)
{
    for (const auto tools : {plain_tools(), asking_tools()})
        for (const auto& one : tools)
            if (one.tool.name == name) return &one;
    return nullptr;
}

Offer everything()
{
    Offer offer{.name = "purse-fixtures",
                .title = "Purse's fixtures",
                .version = "1.0.0",
                .resources = {resources().begin(), resources().end()},
                .resource_templates = {resource_templates().begin(), resource_templates().end()},
                .completions = true,
                .logging = true,
                .lists_change = true,
                .subscriptions = true};
    for (const auto tools : {plain_tools(), asking_tools()})
        for (const auto& one : tools) offer.tools.push_back(one.tool);
    for (const auto& one : prompts()) offer.prompts.push_back(one.prompt);
    return offer;
}

// The first argument that a prompt needs and does not get.
std::string_view missing_argument(const tools::Prompt& prompt, const json::Value* arguments)
{
    for (const auto& one : prompt.arguments)
        if (one.is_required && (arguments == nullptr || arguments->find(one.name) == nullptr))
            return one.name;
    return {};
}

bool answer(Responder& responder, std::optional<server::Outcome> outcome)
{
    if (!outcome) return false;
    responder(*std::move(outcome));
    return true;
}
}  // namespace

FixtureCatalog::FixtureCatalog() : offer_{everything()} {}

bool FixtureCatalog::call_tool(std::string_view name, const json::Value* arguments,
                               Responder& responder)
{
    const auto* found = find_tool(name);
    if (found == nullptr) return false;
    found->run(stage_, arguments, std::move(responder));
    return true;
}

bool FixtureCatalog::read_resource(std::string_view uri, Responder& responder)
{
    return answer(responder, conformance::read_resource(uri));
}

bool FixtureCatalog::get_prompt(std::string_view name, const json::Value* arguments,
                                Responder& responder)
{
    for (const auto& one : prompts()) {
        if (one.prompt.name != name) continue;
        const auto missing = missing_argument(one.prompt, arguments);
        if (missing.empty())
            responder(one.get(arguments, responder.call()));
        else
            responder(RpcError{
                ErrorCode::invalid_params, "The prompt needs " + std::string{missing}, {}});
        return true;
    }
    return false;
}

bool FixtureCatalog::complete(const json::Value& params, Responder& responder)
{
    return answer(responder, conformance::complete(params));
}

}  // namespace purse::conformance
