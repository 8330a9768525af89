// SPDX-License-Identifier: Apache-2.0
#include "wallet/typed_values.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "wallet/address.hpp"
#include "wallet/keccak.hpp"
#include "wallet/words.hpp"

namespace purse {

namespace {
using Result = std::expected<Digest, std::string>;
using Kind = SimpleType::Kind;
// The digits of 2^256.
constexpr std::size_t kDigitsMax = 78;
// A greater JSON number is rounded by programs that read it as a double.
constexpr std::int64_t kExactMax = (std::int64_t{1} << 53) - 1;

/// value * base + digit; false when it leaves 256 bits.
bool push_digit(Digest& value, unsigned base, unsigned digit) noexcept
{
    unsigned carry = digit;
    for (auto& byte : std::views::reverse(value)) {
        carry += byte * base;
        byte = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return carry == 0;
}

std::optional<Digest> magnitude(std::string_view digits, unsigned base)
{
    if (digits.empty() || digits.size() > kDigitsMax) return std::nullopt;
    Digest value{};
    for (const char c : digits) {
        unsigned digit = base;
        const auto* end = &c + 1;
        const auto read = std::from_chars(&c, end, digit, static_cast<int>(base));
        if (read.ec != std::errc{} || read.ptr != end || !push_digit(value, base, digit))
            return std::nullopt;
    }
    return value;
}

/// Nothing but zeros above the lowest `bits`.
bool fits(const Digest& value, unsigned bits) noexcept
{
    for (unsigned bit = bits; bit < 256; ++bit)
        if ((value[31 - bit / 8] >> (bit % 8) & 1) != 0) return false;
    return true;
}

Digest negated(Digest value) noexcept
{
    unsigned carry = 1;
    for (auto& byte : std::views::reverse(value)) {
        carry += static_cast<std::uint8_t>(~byte);
        byte = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return value;
}

/// The least number of that width: only its highest bit is set.
bool is_least(const Digest& value, unsigned bits) noexcept
{
    Digest least{};
    least[32 - bits / 8] = 0x80;
    return value == least;
}

Result number(const SimpleType& type, const json::Value& value)
{
    const bool is_signed = type.kind == Kind::signed_number;
    const auto wrong = [&] {
        return std::unexpected{"expected an integer that fits " +
                               std::string{is_signed ? "int" : "uint"} + std::to_string(type.size)};
    };
    auto text = value.text();
    if (value.is(json::Kind::number)) {
        const auto exact = value.integer();
        if (!exact || *exact > kExactMax || *exact < -kExactMax)
            return std::unexpected{"a number of 2^53 or more must be a string"};
    } else if (!value.is(json::Kind::string)) {
        return wrong();
    }
    const bool negative = is_signed && text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const bool hexadecimal = text.starts_with("0x") && !negative;
    const auto size = hexadecimal ? magnitude(text.substr(2), 16) : magnitude(text, 10);
    if (!size) return wrong();
    const auto bits = is_signed ? type.size - 1 : type.size;
    if (!fits(*size, bits) && !(negative && is_least(*size, type.size))) return wrong();
    return negative ? negated(*size) : *size;
}

std::optional<std::string> hex_bytes(const json::Value& value)
{
    const auto text = value.text();
    if (!value.is(json::Kind::string) || !text.starts_with("0x")) return std::nullopt;
    return from_hex(text.substr(2));
}

Result fixed_bytes(unsigned size, const json::Value& value)
{
    const auto bytes = hex_bytes(value);
    if (!bytes || bytes->size() != size)
        return std::unexpected{"expected 0x and " + std::to_string(size * 2) +
                               " hexadecimal digits"};
    return word_of_text(*bytes);
}

Result dynamic_bytes(const json::Value& value)
{
    const auto bytes = hex_bytes(value);
    if (!bytes) return std::unexpected{"expected 0x and pairs of hexadecimal digits"};
    return keccak256(*bytes);
}

Result account(const json::Value& value)
{
    if (!value.is(json::Kind::string)) return std::unexpected{"expected an address, as a string"};
    const auto address = parse_address(value.text());
    if (!address) return std::unexpected{std::string{message(address.error())}};
    return word(*address);
}

/// The number behind a type's name: canonical, within bounds and a multiple of `step`.
std::optional<unsigned> width(std::string_view digits, unsigned max, unsigned step)
{
    unsigned value = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || digits.starts_with('0')) return std::nullopt;
    if (value > max || value % step != 0) return std::nullopt;
    return value;
}

std::optional<SimpleType> sized(Kind kind, std::string_view digits, unsigned max, unsigned step)
{
    const auto size = width(digits, max, step);
    if (!size) return std::nullopt;
    return SimpleType{kind, *size};
}
}  // namespace

std::optional<SimpleType> simple_type(std::string_view name)
{
    if (name == "bool") return SimpleType{Kind::boolean};
    if (name == "address") return SimpleType{Kind::address};
    if (name == "string") return SimpleType{Kind::text};
    if (name == "bytes") return SimpleType{Kind::bytes};
    if (name.starts_with("bytes")) return sized(Kind::fixed_bytes, name.substr(5), 32, 1);
    if (name.starts_with("uint")) return sized(Kind::unsigned_number, name.substr(4), 256, 8);
    if (name.starts_with("int")) return sized(Kind::signed_number, name.substr(3), 256, 8);
    return std::nullopt;
}

Result encode_simple(const SimpleType& type, const json::Value& value)
{
    switch (type.kind) {
        case Kind::boolean:
            if (!value.is(json::Kind::boolean)) return std::unexpected{"expected true or false"};
            return word(Wei{value.truth() ? 1U : 0U});
        case Kind::address: return account(value);
        case Kind::unsigned_number:
        case Kind::signed_number: return number(type, value);
        case Kind::fixed_bytes: return fixed_bytes(type.size, value);
        case Kind::bytes: return dynamic_bytes(value);
        case Kind::text: break;
    }
    if (!value.is(json::Kind::string)) return std::unexpected{"expected a string"};
    return keccak256(value.text());
}

}  // namespace purse
