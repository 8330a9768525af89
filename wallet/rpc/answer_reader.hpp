// SPDX-License-Identifier: Apache-2.0
// Reads the fields of one object of a node's answer. Notes the first that is missing or wrong and
// goes on, so that the reading code has no branch a field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/hash.hpp"
#include "ledger/json.hpp"
#include "wallet/address.hpp"
#include "wallet/amounts.hpp"

namespace purse {

/// "0x" and pairs of hexadecimal digits.
std::optional<std::string> read_bytes(const json::Value& value);
/// 32 of them.
std::optional<Digest> read_digest(const json::Value& value);
std::optional<Address> read_account(const json::Value& value);
/// A quantity (JSON-RPC) of at most 128 bits, or of 64.
std::optional<Wei> read_wei(const json::Value& value);
std::optional<std::uint64_t> read_number(const json::Value& value);

class AnswerReader {
public:
    /// `of` is for messages: "a receipt".
    AnswerReader(const json::Value& value, std::string_view of);

    std::string bytes(std::string_view field);
    Digest digest(std::string_view field);
    Address account(std::string_view field);
    Wei wei(std::string_view field);
    std::uint64_t number(std::string_view field);
    /// 0 where the field is missing or null.
    Wei wei_or_zero(std::string_view field);
    /// nullptr when it is none, which is then noted.
    const json::Value* array(std::string_view field);
    /// Notes that a field does not fit what was asked.
    void must(bool good, std::string_view field);

    /// "a receipt's blockHash is not what it should be"; empty: all was good.
    const std::string& wrong() const noexcept { return wrong_; }

private:
    template <typename T>
    T read(std::string_view field, std::optional<T> (*as)(const json::Value&));

    const json::Value& value_;
    std::string_view of_;
    std::string wrong_;
};

}  // namespace purse
