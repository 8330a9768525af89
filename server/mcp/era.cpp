// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/era.hpp"

#include <algorithm>
#include <array>

#include "server/limits.hpp"

namespace purse::server {

namespace {
constexpr std::array<std::string_view, kVersionCount> kNames = {
    "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kClientKey = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view kLogLevelKey = "io.modelcontextprotocol/logLevel";

constexpr std::array<std::string_view, 8> kLogLevels = {"alert", "critical", "debug",  "emergency",
                                                        "error", "info",     "notice", "warning"};

RpcError invalid(std::string message)
{
    return {ErrorCode::invalid_params, std::move(message), {}};
}

RpcError unsupported(std::string_view requested)
{
    RpcError error{ErrorCode::unsupported_protocol_version, "Unsupported protocol version", {}};
    error.data = R"({"supported":[)";
    json::append_quoted(error.data, name_of(kModern));
    error.data += R"(],"requested":)";
    json::append_quoted(error.data, excerpt(requested, kEchoBytesMax));
    error.data += '}';
    return error;
}

bool is_log_level(const json::Value& value)
{
    return value.is(json::Kind::string) &&
           std::ranges::find(kLogLevels, value.text()) != kLogLevels.end();
}

// The members an envelope may have besides the two it must have.
const char* wrong_option(const json::Value& meta)
{
    const auto* client = meta.find(kClientKey);
    if (client != nullptr && !client->is(json::Kind::object))
        return "_meta: io.modelcontextprotocol/clientInfo must be an object";
    const auto* level = meta.find(kLogLevelKey);
    if (level != nullptr && !is_log_level(*level))
        return "_meta: io.modelcontextprotocol/logLevel is not a log level";
    const auto* progress = meta.find("progressToken");
    if (progress != nullptr && !read_id(*progress))
        return "_meta: progressToken must be a string or an integer";
    return nullptr;
}
}  // namespace

std::string_view name_of(Version version) noexcept
{
    return kNames[static_cast<std::size_t>(version)];
}

Version negotiate(std::string_view requested) noexcept
{
    for (const auto version : {Version::v2024_11_05, Version::v2025_03_26, Version::v2025_06_18})
        if (name_of(version) == requested) return version;
    return kNewestLegacy;
}

std::optional<Version> parse_version(std::string_view name) noexcept
{
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<Version>(found - kNames.begin());
}

bool has_claim(const json::Value* params) noexcept
{
    const auto* meta = params == nullptr ? nullptr : params->find("_meta");
    return meta != nullptr && meta->find(kVersionKey) != nullptr;
}

std::expected<std::optional<Envelope>, RpcError> read_envelope(const json::Value* params)
{
    const auto* meta = params == nullptr ? nullptr : params->find("_meta");
    if (meta == nullptr) return std::nullopt;
    if (!meta->is(json::Kind::object)) return std::unexpected{invalid("_meta must be an object")};
    const auto* version = meta->find(kVersionKey);
    const auto* capabilities = meta->find(kCapabilitiesKey);
    if (version == nullptr && capabilities == nullptr) return std::nullopt;

    if (version == nullptr || !version->is(json::Kind::string))
        return std::unexpected{
            invalid("_meta needs io.modelcontextprotocol/protocolVersion, a string")};
    if (capabilities == nullptr || !capabilities->is(json::Kind::object))
        return std::unexpected{
            invalid("_meta needs io.modelcontextprotocol/clientCapabilities, an object")};
    if (const auto* wrong = wrong_option(*meta)) return std::unexpected{invalid(wrong)};
    const auto* level = meta->find(kLogLevelKey);
    return Envelope{.version = version->text(),
                    .capabilities = capabilities,
                    .client_info = meta->find(kClientKey),
                    .log_level = level == nullptr ? std::string_view{} : level->text()};
}

std::optional<RpcError> why_not_served(const Envelope& envelope)
{
    if (envelope.version == name_of(kModern)) return std::nullopt;
    return unsupported(envelope.version);
}

}  // namespace purse::server
