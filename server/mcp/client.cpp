// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/client.hpp"

#include "server/limits.hpp"
#include "server/mcp/jsonrpc.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kAppsKey = "io.modelcontextprotocol/ui";

bool has_object(const json::Value* parent, std::string_view key)
{
    const auto* value = parent == nullptr ? nullptr : parent->find(key);
    return value != nullptr && value->is(json::Kind::object);
}
}  // namespace

std::uint8_t ClientAbilities::bits() const noexcept
{
    return static_cast<std::uint8_t>((elicits_forms ? 1 : 0) | (elicits_urls ? 2 : 0) |
                                     (samples ? 4 : 0) | (lists_roots ? 8 : 0) |
                                     (shows_apps ? 16 : 0));
}

ClientAbilities ClientAbilities::of(std::uint8_t bits) noexcept
{
    return {.elicits_forms = (bits & 1) != 0,
            .elicits_urls = (bits & 2) != 0,
            .samples = (bits & 4) != 0,
            .lists_roots = (bits & 8) != 0,
            .shows_apps = (bits & 16) != 0};
}

ClientAbilities read_abilities(const json::Value* capabilities)
{
    ClientAbilities abilities;
    if (capabilities == nullptr) return abilities;
    if (const auto* elicitation = capabilities->find("elicitation");
        elicitation != nullptr && elicitation->is(json::Kind::object)) {
        abilities.elicits_urls = has_object(elicitation, "url");
        abilities.elicits_forms = has_object(elicitation, "form") || !abilities.elicits_urls;
    }
    abilities.samples = has_object(capabilities, "sampling");
    abilities.lists_roots = has_object(capabilities, "roots");
    abilities.shows_apps = has_object(capabilities->find("extensions"), kAppsKey);
    return abilities;
}

std::string client_name(const json::Value* client_info)
{
    const auto* name = client_info == nullptr ? nullptr : client_info->find("name");
    if (name == nullptr || !name->is(json::Kind::string)) return {};
    std::string text{name->text()};
    const auto* version = client_info->find("version");
    if (version != nullptr && version->is(json::Kind::string)) {
        text += '/';
        text += version->text();
    }
    return excerpt(text, kClientBytesMax);
}

AbilityCheck check_ability(const ClientAbilities& abilities, std::string_view method,
                           const json::Value& params)
{
    if (method == "sampling/createMessage") return {abilities.samples, R"({"sampling":{}})"};
    if (method == "roots/list") return {abilities.lists_roots, R"({"roots":{}})"};
    const auto* mode = params.find("mode");
    if (mode != nullptr && mode->text() == "url")
        return {abilities.elicits_urls, R"({"elicitation":{"url":{}}})"};
    return {abilities.elicits_forms, R"({"elicitation":{"form":{}}})"};
}

}  // namespace purse::server
