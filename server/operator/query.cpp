// SPDX-License-Identifier: Apache-2.0
#include "server/operator/query.hpp"

#include <algorithm>
#include <charconv>

#include "ledger/hash.hpp"
#include "ledger/json.hpp"

namespace purse::server {

namespace {
// As for names and ids at the tools.
constexpr std::size_t kValueBytesMax = 256;

PageError wrong(std::string_view field, const std::string& what)
{
    return {.status = 400,
            .code = "invalid_argument",
            .message = std::string{field} + " " + what,
            .field = std::string{field}};
}

std::optional<std::string> decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        out += *byte;
        i += 2;
    }
    if (json::well_formed(out) != out) return std::nullopt;
    return out;
}
}  // namespace

std::expected<Query, PageError> Query::parse(std::string_view text,
                                             std::initializer_list<std::string_view> known)
{
    Query query;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto name = pair.substr(0, equals);
        const auto found = std::ranges::find(known, name);
        if (found == known.end())
            return std::unexpected{wrong("query", "has a parameter that is not known here")};
        auto value = decoded(equals == std::string_view::npos ? std::string_view{}
                                                              : pair.substr(equals + 1));
        if (!value) return std::unexpected{wrong(*found, "is not encoded as a URL has it")};
        if (value->size() > kValueBytesMax)
            return std::unexpected{
                wrong(*found, "is longer than " + std::to_string(kValueBytesMax) + " bytes")};
        if (query.has(name)) return std::unexpected{wrong(*found, "is there twice")};
        query.members_.emplace_back(name, std::move(*value));
    }
    return query;
}

bool Query::has(std::string_view name) const
{
    return std::ranges::find(members_, name, &Member::first) != members_.end();
}

const std::string& Query::text(std::string_view name) const
{
    static const std::string kNone;
    for (const auto& [key, value] : members_)
        if (key == name) return value;
    return kNone;
}

std::expected<std::int64_t, PageError> Query::number(std::string_view name, std::int64_t min,
                                                     std::int64_t max, std::int64_t absent) const
{
    const auto& value = text(name);
    if (value.empty()) return absent;
    std::int64_t number = 0;
    const auto* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || stop != end || number < min || number > max)
        return std::unexpected{wrong(name, "must be a whole number from " + std::to_string(min) +
                                               " to " + std::to_string(max))};
    return number;
}

}  // namespace purse::server
