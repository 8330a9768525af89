// SPDX-License-Identifier: Apache-2.0
// Reads the values of a policy document: those of any document, and those that only a policy has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/document_reader.hpp"

namespace purse::policy {

class Reader : public DocumentReader {
public:
    // Each reads one value; nothing when it was a mistake, which is then noted.
    std::optional<std::int64_t> percent_micro(const json::Value& value);
    std::optional<std::string> description(const json::Value& value);
    std::optional<std::string> name(const json::Value& value);
    /// Lower-cased.
    std::optional<std::string> address(const json::Value& value);
    /// Minutes after midnight of "HH:MM", 00:00 to 24:00.
    std::optional<int> time_of_day(const json::Value& value);
};

/// One member that an object may have, and how it is read into a T.
template <class T>
using Field = purse::Field<T, Reader>;

}  // namespace purse::policy
