// SPDX-License-Identifier: Apache-2.0
// What the official conformance suite wants a server to have, by noun. Each fixture is named and
// worded as the suite's scenarios say; nothing here is part of the product.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "later.hpp"
#include "server/mcp/call.hpp"
#include "server/mcp/notices.hpp"
#include "tools/tool.hpp"

namespace purse::conformance {

/// What a fixture works with.
struct Stage {
    Later& later;
    server::Notices* notices = nullptr;  ///< nullptr: nobody can be told of changes
};

/// `arguments` is an object, or nullptr for none.
struct ToolFixture {
    tools::Tool tool;
    void (*run)(Stage& stage, const json::Value* arguments, server::Responder responder) = nullptr;
};
std::span<const ToolFixture> plain_tools();
/// Those that ask the client something first.
std::span<const ToolFixture> asking_tools();

struct PromptFixture {
    tools::Prompt prompt;
    server::Outcome (*get)(const json::Value* arguments, const server::Call& call) = nullptr;
};
std::span<const PromptFixture> prompts();

std::span<const tools::Resource> resources();
std::span<const tools::ResourceTemplate> resource_templates();
/// Nothing for a URI that is no resource.
std::optional<server::Outcome> read_resource(std::string_view uri);

/// completion/complete; nothing when `params` names no argument of ours.
std::optional<server::Outcome> complete(const json::Value& params);

/// The prompt that asks first; of fixture_inputs.cpp.
server::Outcome get_asking_prompt(const json::Value* arguments, const server::Call& call);

}  // namespace purse::conformance
