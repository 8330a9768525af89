// SPDX-License-Identifier: Apache-2.0
// A journal entry as the operator page shows it, and what entries can be looked for by. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/store.hpp"

namespace purse::server {

/// What a person looks for entries by: several kinds of entry in one word.
enum class Decision : std::uint8_t {
    hold,
    refused,
    settled,
    voided,
    expired,
    approval,
    operator_,  ///< policy, credentials, freezes, sign-ins
    payout,
};
std::string_view wire_name(Decision decision) noexcept;
std::optional<Decision> decision_of(std::string_view name) noexcept;
/// Of an entry's kind. Kinds that this version does not know are the operator's matter.
Decision decision_of_kind(std::string_view kind) noexcept;

/// Empty members let everything through.
struct EntryFilter {
    std::string agent;
    std::string task;
    std::string service;
    std::optional<Decision> decision;

    bool is_empty() const { return agent.empty() && task.empty() && service.empty() && !decision; }
};

/// The entry as JSON, if the filter lets it through. The text is looked through before it is read:
/// most entries are not wanted.
std::optional<std::string> entry_json(const JournalRow& row, const EntryFilter& filter = {});

}  // namespace purse::server
