// SPDX-License-Identifier: Apache-2.0
#include "wallet/typed_data.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <vector>

#include "ledger/json.hpp"
#include "wallet/authorization.hpp"
#include "wallet/keccak.hpp"
#include "wallet/typed_values.hpp"

namespace purse {

namespace {
template <typename T>
using Result = std::expected<T, TypedDataError>;
// A caller's text is repeated in an error only so far.
constexpr std::size_t kShownMax = 60;
constexpr std::string_view kDomain = "EIP712Domain";

std::unexpected<TypedDataError> wrong(std::string what)
{
    return std::unexpected{TypedDataError{std::move(what)}};
}

std::string shown(std::string_view text)
{
    return "\"" + json::well_formed(text.substr(0, kShownMax)) + "\"";
}

struct Member {
    std::string_view name;
    std::string_view type;
};
struct Type {
    std::vector<Member> members;
    Digest hash{};
};
using Types = std::map<std::string_view, Type>;

bool is_identifier(std::string_view text) noexcept
{
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && !digit(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c); });
}

/// "T[2][]" is an array of no fixed length of "T[2]".
struct ArrayType {
    std::string_view element;
    std::optional<std::size_t> length;
};
std::optional<ArrayType> array_type(std::string_view type)
{
    const auto open = type.rfind('[');
    if (open == std::string_view::npos || !type.ends_with(']')) return std::nullopt;
    ArrayType array{.element = type.substr(0, open), .length = {}};
    const auto digits = type.substr(open + 1, type.size() - open - 2);
    if (digits.empty()) return array;
    std::size_t length = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, length);
    if (read.ec != std::errc{} || read.ptr != end || digits.starts_with('0')) return std::nullopt;
    array.length = length;
    return array;
}

std::string_view without_brackets(std::string_view type)
{
    while (const auto array = array_type(type)) type = array->element;
    return type;
}

Result<Type> read_type(const json::Value& value)
{
    Type type;
    if (!value.is(json::Kind::array)) return wrong("expected a list of members");
    if (value.items().size() > kTypedDataMembersMax) return wrong("has too many members");
    for (const auto& item : value.items()) {
        const auto* name = item.find("name");
        const auto* kind = item.find("type");
        if (name == nullptr || kind == nullptr || item.items().size() != 2 ||
            !name->is(json::Kind::string) || !kind->is(json::Kind::string))
            return wrong("a member is {\"name\": string, \"type\": string}");
        if (!is_identifier(name->text())) return wrong(shown(name->text()) + " is no name");
        if (std::ranges::count(type.members, name->text(), &Member::name) != 0)
            return wrong(shown(name->text()) + " is there twice");
        type.members.push_back({name->text(), kind->text()});
    }
    return type;
}

Result<Types> read_types(const json::Value* value)
{
    if (value == nullptr || !value->is(json::Kind::object)) return wrong("expected an object");
    if (value->items().size() > kTypedDataTypesMax) return wrong("has too many types");
    Types types;
    for (const auto& item : value->items()) {
        const auto name = item.key();
        if (!is_identifier(name) || simple_type(name))
            return wrong(shown(name) + " cannot name a type");
        auto type = read_type(item);
        if (!type) return wrong(shown(name) + ": " + type.error().what);
        types.emplace(name, std::move(*type));
    }
    return types;
}

/// The type itself and all that it needs, in the order of their names.
Result<std::set<std::string_view>> needed(const Types& types, std::string_view name)
{
    std::set<std::string_view> seen{name};
    std::vector<std::string_view> open{name};
    while (!open.empty()) {
        const auto now = open.back();
        open.pop_back();
        for (const auto& member : types.at(now).members) {
            const auto base = without_brackets(member.type);
            if (simple_type(base)) continue;
            if (!types.contains(base))
                return wrong(shown(now) + ": " + shown(member.type) + " is no type");
            if (seen.insert(base).second) open.push_back(base);
        }
    }
    return seen;
}

void append_type(std::string& out, std::string_view name, const Type& type)
{
    out += name;
    out += '(';
    for (const auto& member : type.members) {
        if (out.back() != '(') out += ',';
        out += member.type;
        out += ' ';
        out += member.name;
    }
    out += ')';
}

/// encodeType: the type first, then what it needs by name.
Result<Digest> type_hash(const Types& types, std::string_view name)
{
    auto all = needed(types, name);
    if (!all) return std::unexpected{all.error()};
    std::string text;
    append_type(text, name, types.at(name));
    all->erase(name);
    for (const auto other : *all) append_type(text, other, types.at(other));
    return keccak256(text);
}

class Hasher {
public:
    explicit Hasher(const Types& types) : types_{types} {}

    /// hashStruct. Recursion is bounded by the depth of the JSON text.
    Result<Digest> structure(std::string_view name, const json::Value& value) const
    {
        const auto& type = types_.at(name);
        if (!value.is(json::Kind::object)) return wrong(": expected an object");
        std::string data{as_bytes(type.hash)};
        for (const auto& member : type.members) {
            const auto path = "." + std::string{member.name};
            const auto* item = value.find(member.name);
            if (item == nullptr) return wrong(path + ": is missing");
            const auto part = word_of(member.type, *item);
            if (!part) return wrong(path + part.error().what);
            data += as_bytes(*part);
        }
        if (value.items().size() != type.members.size())
            return wrong(": has members that " + std::string{name} + " has not");
        return keccak256(data);
    }

private:
    Result<Digest> word_of(std::string_view type, const json::Value& value) const
    {
        if (const auto array = array_type(type)) return array_of(*array, value);
        const auto simple = simple_type(type);
        if (!simple) return structure(type, value);
        auto word = encode_simple(*simple, value);
        if (!word) return wrong(": " + word.error());
        return *word;
    }

    Result<Digest> array_of(const ArrayType& type, const json::Value& value) const
    {
        if (!value.is(json::Kind::array)) return wrong(": expected an array");
        const auto items = value.items();
        if (type.length && items.size() != *type.length)
            return wrong(": expected " + std::to_string(*type.length) + " elements");
        std::string data;
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto part = word_of(type.element, items[i]);
            if (!part) return wrong("[" + std::to_string(i) + "]" + part.error().what);
            data += as_bytes(*part);
        }
        return keccak256(data);
    }

    const Types& types_;
};

Result<Digest> hash_of(const Types& types, std::string_view type, const json::Value& root,
                       const char* member)
{
    const auto* value = root.find(member);
    if (value == nullptr) return wrong(std::string{member} + ": is missing");
    const auto hash = Hasher{types}.structure(type, *value);
    if (!hash) return wrong(member + hash.error().what);
    return hash;
}
}  // namespace

Result<Digest> typed_data_digest(std::string_view json)
{
    if (json.size() > kTypedDataBytesMax)
        return wrong("the typed data is longer than " + std::to_string(kTypedDataBytesMax) +
                     " bytes");
    const auto document = json::parse(json, {.depth_max = kTypedDataDepthMax});
    if (!document) return wrong("the typed data is no JSON: " + document.error().what);
    const auto& root = document->root();
    auto types = read_types(root.find("types"));
    if (!types) return wrong("types: " + types.error().what);
    const auto* primary = root.find("primaryType");
    if (primary == nullptr || !types->contains(primary->text()))
        return wrong("primaryType: expected the name of one of the types");
    if (!types->contains(kDomain)) return wrong("types: EIP712Domain is missing");
    // Wallets differ in what they sign then.
    if (primary->text() == kDomain) return wrong("primaryType: a domain is no message");
    for (auto& [name, type] : *types) {
        const auto hash = type_hash(*types, name);
        if (!hash) return wrong("types: " + hash.error().what);
        type.hash = *hash;
    }
    const auto domain = hash_of(*types, kDomain, root, "domain");
    if (!domain) return domain;
    const auto message = hash_of(*types, primary->text(), root, "message");
    if (!message) return message;
    return signing_digest(*domain, *message);
}

}  // namespace purse
