// SPDX-License-Identifier: Apache-2.0
// What a server offers, in the modern shape: the lists that clients read. Constant for the life of
// the process.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tools/tool.hpp"

namespace purse::server {

struct Offer {
    std::string name;
    std::string title;
    std::string version;
    std::string instructions;  ///< for the model; may be empty

    std::vector<tools::Tool> tools;
    std::vector<tools::Resource> resources;
    std::vector<tools::ResourceTemplate> resource_templates;
    std::vector<tools::Prompt> prompts;

    bool completions = false;    ///< completion/complete is served
    bool logging = false;        ///< notifications/message may be sent
    bool lists_change = false;   ///< notices of changed lists may be sent
    bool subscriptions = false;  ///< notices of changed resources may be sent

    bool has_resources() const
    {
        return !resources.empty() || !resource_templates.empty() || has_views();
    }
    /// Whether a page may be shown beside the result of any tool.
    bool has_views() const
    {
        return std::ranges::any_of(tools, [](const auto& tool) { return !tool.view.empty(); });
    }
    bool has_prompts() const { return !prompts.empty(); }
};

}  // namespace purse::server
