// SPDX-License-Identifier: Apache-2.0
// What a client may read besides calling tools: purse://budget, and purse://journal/{txId}, the
// story of one hold of the caller's own.
#pragma once

#include <array>
#include <string_view>

#include "tools/desk.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

extern const std::array<Resource, 1> kResources;
extern const std::array<ResourceTemplate, 1> kResourceTemplates;

/// The document at `uri`; an error result when there is none for this caller.
void read_resource(Desk& desk, std::string_view uri, const Caller& caller, CancelFlag cancelled,
                   Reply reply);

}  // namespace purse::tools
