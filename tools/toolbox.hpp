// SPDX-License-Identifier: Apache-2.0
// The three tools of a purse behind the Toolbox seam.
#pragma once

#include "tools/desk.hpp"
#include "tools/identity.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

class PurseToolbox final : public Toolbox {
public:
    explicit PurseToolbox(Desk::Ports ports) : desk_{ports} {}

    std::span<const Tool> list() const override;
    void call(std::string_view name, const json::Value* arguments, const Caller& caller,
              CancelFlag cancelled, Reply reply) override;
    std::span<const Resource> resources() const override;
    std::span<const ResourceTemplate> resource_templates() const override;
    void follow_up(std::string_view id, Answered answered, const Caller& caller,
                   Reply reply) override;
    void look_for_decisions(std::vector<std::string> ids, Decided decided) override;
    void read(std::string_view uri, const Caller& caller, CancelFlag cancelled,
              Reply reply) override;
    std::span<const View> views() const override;
    std::span<const Prompt> prompts() const override;
    void prompt(std::string_view name, const json::Value* arguments, const Caller& caller,
                CancelFlag cancelled, Reply reply) override;

    /// As tools::identify.
    void identify(std::string credential, IdentityReply reply);

private:
    Desk desk_;
};

}  // namespace purse::tools
