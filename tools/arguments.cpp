// SPDX-License-Identifier: Apache-2.0
#include "tools/arguments.hpp"

#include <algorithm>

namespace purse::tools {

namespace {
constexpr std::size_t kAddressChars = 42;

bool has_control(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

std::string listed(std::initializer_list<std::string_view> names)
{
    std::string list;
    for (const auto name : names) {
        if (!list.empty()) list += ", ";
        list += name;
    }
    return list;
}

// What a caller sent may be long or odd; enough of it comes back to recognise it.
std::string shown(std::string_view text)
{
    static constexpr std::size_t kShownMax = 40;
    std::string quoted;
    json::append_quoted(quoted, text.substr(0, kShownMax));
    return text.size() > kShownMax ? quoted + "..." : quoted;
}
}  // namespace

Arguments::Arguments(const json::Value* object, std::initializer_list<std::string_view> known)
    : object_{object}
{
    if (object_ == nullptr) return;
    if (!object_->is(json::Kind::object)) {
        fail("", "the arguments must be an object, not " + std::string{describe(object_->kind())});
        object_ = nullptr;
        return;
    }
    for (const auto& member : object_->items())
        if (std::ranges::find(known, member.key()) == known.end())
            fail(member.key(), "is not an argument of this tool; known are: " + listed(known));
}

void Arguments::fail(std::string_view field, std::string message)
{
    if (error_) return;
    std::string sentence = field.empty() ? std::string{} : std::string{field.substr(0, 64)} + " ";
    error_ = ArgumentError{std::string{field.substr(0, 64)}, sentence + std::move(message)};
}

const json::Value* Arguments::find(std::string_view name) const
{
    const auto* value = object_ == nullptr ? nullptr : object_->find(name);
    // Models send null for what they leave out.
    return value != nullptr && value->is(json::Kind::null) ? nullptr : value;
}

const json::Value* Arguments::find(std::string_view name, json::Kind kind)
{
    const auto* value = find(name);
    if (value == nullptr || value->is(kind)) return value;
    fail(name, "must be " + std::string{describe(kind)} + ", not " +
                   std::string{describe(value->kind())});
    return nullptr;
}

std::string Arguments::text(std::string_view name, TextRule rule)
{
    const bool was_fine = !error_;
    const auto* value = find(name, json::Kind::string);
    if (value == nullptr) {
        if (rule.is_required && was_fine && !error_) fail(name, "is required");
        return {};
    }
    const auto text = value->text();
    if (text.empty())
        fail(name, "must not be empty; leave it out instead");
    else if (text.size() > rule.chars_max)
        fail(name, "is too long: " + std::to_string(text.size()) + " bytes, at most " +
                       std::to_string(rule.chars_max));
    else if (has_control(text))
        fail(name, "must not contain control characters or line breaks");
    return std::string{text};
}

std::string Arguments::choice(std::string_view name,
                              std::initializer_list<std::string_view> choices)
{
    const auto* value = find(name, json::Kind::string);
    if (value == nullptr) return std::string{*choices.begin()};
    if (std::ranges::find(choices, value->text()) == choices.end())
        fail(name, "is " + shown(value->text()) + "; allowed: " + listed(choices));
    return std::string{value->text()};
}

bool Arguments::flag(std::string_view name)
{
    const auto* value = find(name, json::Kind::boolean);
    return value != nullptr && value->truth();
}

std::optional<Money> Arguments::money(std::string_view name)
{
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is(json::Kind::string) && !value->is(json::Kind::number)) {
        fail(name, "must be a decimal string such as \"0.08\", not " +
                       std::string{describe(value->kind())});
        return std::nullopt;
    }
    const auto amount = Money::parse(value->text());
    if (amount) return *amount;
    fail(name, "(" + shown(value->text()) + ") " + std::string{message(amount.error())});
    return std::nullopt;
}

std::optional<std::int64_t> Arguments::integer(std::string_view name, IntegerRule rule)
{
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto number = value->integer();
    if (number && *number >= rule.min && *number <= rule.max) return number;
    fail(name, "must be a whole number from " + std::to_string(rule.min) + " to " +
                   std::to_string(rule.max));
    return std::nullopt;
}

std::string Arguments::address(std::string_view name)
{
    auto text = this->text(name, {});
    if (text.empty()) return text;
    const bool good = text.size() == kAddressChars && text.starts_with("0x") &&
                      text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
    if (!good) fail(name, "(" + shown(text) + ") must be 0x and 40 hexadecimal digits");
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

TxId Arguments::tx_id(std::string_view name)
{
    const auto text = this->text(name, {.chars_max = 64, .is_required = true});
    if (error_) return {};
    const auto id = TxId::parse(text);
    if (!id)
        fail(name, "(" + shown(text) +
                       ") is no txId; give the one that pay_preauthorize returned (tx_...)");
    return id.value_or(TxId{});
}

}  // namespace purse::tools
