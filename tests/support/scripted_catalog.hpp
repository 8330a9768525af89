// SPDX-License-Identifier: Apache-2.0
// A catalog whose tools a test writes itself, and a protocol before it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "fake_clock.hpp"
#include "seeded_entropy.hpp"
#include "server/mcp/protocol.hpp"

namespace purse::test {

class ScriptedCatalog final : public server::Catalog {
public:
    using Script = std::function<void(server::Responder)>;

    explicit ScriptedCatalog(server::Offer offer) : offer_{std::move(offer)} {}
    /// What tools/call, prompts/get (with "prompt:") and resources/read (with "resource:") do.
    Script& operator[](const std::string& name) { return scripts_[name]; }

    const server::Offer& offer() const override { return offer_; }
    bool call_tool(std::string_view name, const json::Value*, server::Responder& responder) override
    {
        return play(std::string{name}, responder);
    }
    bool get_prompt(std::string_view name, const json::Value*,
                    server::Responder& responder) override
    {
        return play("prompt:" + std::string{name}, responder);
    }
    bool read_resource(std::string_view uri, server::Responder& responder) override
    {
        return play("resource:" + std::string{uri}, responder);
    }

private:
    bool play(const std::string& name, server::Responder& responder)
    {
        const auto found = scripts_.find(name);
        if (found == scripts_.end()) return false;
        found->second(std::move(responder));
        return true;
    }

    server::Offer offer_;
    std::map<std::string, Script> scripts_;
};

struct ScriptedProtocol {
    explicit ScriptedProtocol(server::Offer offer = {}) : catalog{std::move(offer)} {}

    server::Log log{server::LogLevel::off};
    FakeClock clock;
    SeededEntropy entropy{1};
    ScriptedCatalog catalog;
    server::Protocol protocol{{.catalog = catalog, .entropy = entropy, .clock = clock, .log = log}};
};

}  // namespace purse::test
