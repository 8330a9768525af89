// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/answer_reader.hpp"

#include <limits>
#include <utility>

namespace purse {

std::optional<std::string> read_bytes(const json::Value& value)
{
    const auto text = value.text();
    if (!value.is(json::Kind::string) || !text.starts_with("0x")) return std::nullopt;
    return from_hex(text.substr(2));
}

std::optional<Digest> read_digest(const json::Value& value)
{
    const auto bytes = read_bytes(value);
    return bytes ? to_digest(*bytes) : std::nullopt;
}

std::optional<Address> read_account(const json::Value& value)
{
    // Some nodes write checksums, most do not: the case says nothing about what is meant.
    const auto bytes = read_bytes(value);
    Address address;
    if (!bytes || bytes->size() != address.bytes.size()) return std::nullopt;
    for (std::size_t i = 0; i < bytes->size(); ++i)
        address.bytes[i] = static_cast<std::uint8_t>((*bytes)[i]);
    return address;
}

std::optional<Wei> read_wei(const json::Value& value)
{
    if (!value.is(json::Kind::string)) return std::nullopt;
    return parse_quantity(value.text());
}

std::optional<std::uint64_t> read_number(const json::Value& value)
{
    const auto wide = read_wei(value);
    if (!wide || *wide > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    return static_cast<std::uint64_t>(*wide);
}

AnswerReader::AnswerReader(const json::Value& value, std::string_view of) : value_{value}, of_{of}
{
    if (!value_.is(json::Kind::object)) wrong_ = std::string{of_} + " is no object";
}

void AnswerReader::must(bool good, std::string_view field)
{
    if (good || !wrong_.empty()) return;
    wrong_ = std::string{of_} + "'s " + std::string{field} + " is not what it should be";
}

template <typename T>
T AnswerReader::read(std::string_view field, std::optional<T> (*as)(const json::Value&))
{
    const auto* found = value_.find(field);
    auto value = found == nullptr ? std::nullopt : as(*found);
    must(value.has_value(), field);
    return value ? std::move(*value) : T{};
}

std::string AnswerReader::bytes(std::string_view field)
{
    return read(field, &read_bytes);
}

Digest AnswerReader::digest(std::string_view field)
{
    return read(field, &read_digest);
}

Address AnswerReader::account(std::string_view field)
{
    return read(field, &read_account);
}

Wei AnswerReader::wei(std::string_view field)
{
    return read(field, &read_wei);
}

std::uint64_t AnswerReader::number(std::string_view field)
{
    return read(field, &read_number);
}

Wei AnswerReader::wei_or_zero(std::string_view field)
{
    const auto* found = value_.find(field);
    return found == nullptr || found->is(json::Kind::null) ? 0 : wei(field);
}

const json::Value* AnswerReader::array(std::string_view field)
{
    const auto* found = value_.find(field);
    const bool is_array = found != nullptr && found->is(json::Kind::array);
    must(is_array, field);
    return is_array ? found : nullptr;
}

}  // namespace purse
