// SPDX-License-Identifier: Apache-2.0
// Strict reading of a tool's arguments: every field by name, type and bounds, nothing
// unknown, and one clear error that names the field and what to do.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/ids.hpp"
#include "ledger/json.hpp"
#include "ledger/money.hpp"

namespace purse::tools {

struct ArgumentError {
    std::string field;    ///< empty: the arguments as a whole
    std::string message;  ///< starts with the field's name
};

/// Reads fields one by one; the first error is kept and later reads give empty values.
class Arguments {
public:
    /// `object`: the arguments, or nullptr for none. Fields outside `known` are an error.
    Arguments(const json::Value* object, std::initializer_list<std::string_view> known);

    struct TextRule {
        std::size_t chars_max = 128;  ///< UTF-8 bytes
        bool is_required = false;
    };
    /// A string without control characters, empty when absent.
    std::string text(std::string_view name, TextRule rule);
    /// One of `choices`; the first when absent.
    std::string choice(std::string_view name, std::initializer_list<std::string_view> choices);
    /// A decimal string, or a JSON number by its exact text. Nothing when absent.
    std::optional<Money> money(std::string_view name);
    /// false when absent.
    bool flag(std::string_view name);
    struct IntegerRule {
        std::int64_t min = 0;
        std::int64_t max = 0;
    };
    std::optional<std::int64_t> integer(std::string_view name, IntegerRule rule);
    /// 0x and 40 hexadecimal digits, in lower case; empty when absent.
    std::string address(std::string_view name);
    /// A txId; required.
    TxId tx_id(std::string_view name);

    void fail(std::string_view field, std::string message);
    const std::optional<ArgumentError>& error() const noexcept { return error_; }

private:
    const json::Value* find(std::string_view name) const;
    const json::Value* find(std::string_view name, json::Kind kind);

    const json::Value* object_;
    std::optional<ArgumentError> error_;
};

}  // namespace purse::tools
