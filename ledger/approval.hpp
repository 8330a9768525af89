// SPDX-License-Identifier: Apache-2.0
// An approval: what a person is asked before a hold may be used, and what came of it. One a hold;
// it is given once, for that hold's agent, payee and amount, and ends with the hold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/clock.hpp"
#include "ledger/ids.hpp"
#include "ledger/json.hpp"

namespace purse {

/// Why a person is asked.
enum class ApprovalCause : std::uint8_t { amount, new_payee, service, outside_hours, loop };

/// One rule that wants a person asked.
struct ApprovalWish {
    ApprovalCause cause = ApprovalCause::amount;
    std::string rule;    ///< "agent/painter", "budget/team"
    std::string detail;  ///< a sentence for the person
};

/// What the rules say about asking for one hold.
struct ApprovalTerms {
    std::vector<ApprovalWish> wishes;  ///< none: only counters may still want it (Asks)
    Span within;                       ///< how long a person has; then the answer is no
    Span lasts;                        ///< how long the hold stays for use, from the approval on
    bool in_chat = true;               ///< it may be given in the agent's own chat
};

enum class ApprovalState : std::uint8_t {
    waiting = 0,
    granted = 1,
    denied = 2,
    timed_out = 3,
    withdrawn = 4,     ///< the agent gave the hold back
    cancelled = 5,     ///< the question was put away without an answer
    disconnected = 6,  ///< the client went away while the question was open
};

/// By what way a person answered.
enum class Channel : std::uint8_t { none = 0, chat = 1, page = 2, command = 3 };

/// As stored.
struct Approval {
    TxId id;  ///< of the hold
    ApprovalState state = ApprovalState::waiting;
    std::vector<ApprovalWish> wishes;
    std::string client;  ///< of the request, for the person; never trusted
    Instant asked_at;
    Instant until;
    Span lasts;
    bool in_chat = true;
    Instant decided_at;  ///< meaningful once it is not waiting
    std::string by;      ///< who decided; empty for the clock
    Channel channel = Channel::none;
    std::string note;
};

inline constexpr std::array<std::string_view, 5> kCauseNames{"amount", "new_payee", "service",
                                                             "outside_hours", "loop"};
inline constexpr std::array<std::string_view, 7> kApprovalStateNames{
    "waiting", "granted", "denied", "timed_out", "withdrawn", "cancelled", "disconnected"};
inline constexpr std::array<std::string_view, 4> kChannelNames{"", "chat", "page", "command"};

constexpr std::string_view wire_name(ApprovalCause cause) noexcept
{
    return kCauseNames[static_cast<std::size_t>(cause)];
}
constexpr std::string_view wire_name(ApprovalState state) noexcept
{
    return kApprovalStateNames[static_cast<std::size_t>(state)];
}
constexpr std::string_view wire_name(Channel channel) noexcept
{
    return kChannelNames[static_cast<std::size_t>(channel)];
}

/// As a journal entry has them.
std::string to_json(const ApprovalTerms& terms);
/// A JSON array of wishes, as entries and rows hold them, and back.
std::string to_json(const std::vector<ApprovalWish>& wishes);
std::vector<ApprovalWish> wishes_from_json(const json::Value* array);

}  // namespace purse
