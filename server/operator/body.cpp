// SPDX-License-Identifier: Apache-2.0
#include "server/operator/body.hpp"

#include <algorithm>

#include "ledger/json.hpp"
#include "server/operator/limits.hpp"

namespace purse::server {

namespace {
PageError wrong(std::string message)
{
    return {.status = 400, .code = "invalid_argument", .message = std::move(message), .field = {}};
}
}  // namespace

PageError wrong_field(std::string_view field, std::string_view what)
{
    return {.status = 400,
            .code = "invalid_argument",
            .message = std::string{field}.append(" ").append(what),
            .field = std::string{field}};
}

std::expected<Body, PageError> Body::parse(std::string_view text,
                                           std::initializer_list<std::string_view> known)
{
    Body body;
    if (text.empty()) return body;
    const auto document = json::parse(text, {.depth_max = kOperatorDepthMax});
    if (!document) return std::unexpected{wrong("The body is not JSON: " + document.error().what)};
    if (!document->root().is(json::Kind::object))
        return std::unexpected{wrong("The body must be an object")};
    for (const auto& member : document->root().items()) {
        const auto found = std::ranges::find(known, member.key());
        if (found == known.end())
            return std::unexpected{wrong("The body has a member that is not known here")};
        if (member.is(json::Kind::null)) continue;
        if (!member.is(json::Kind::string))
            return std::unexpected{wrong_field(*found, "must be a string")};
        body.members_.emplace_back(*found, member.text());
    }
    return body;
}

const std::string& Body::text(std::string_view name) const
{
    static const std::string kNone;
    for (const auto& [key, value] : members_)
        if (key == name) return value;
    return kNone;
}

}  // namespace purse::server
