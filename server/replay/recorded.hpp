// SPDX-License-Identifier: Apache-2.0
// One entry of the journal, read back: what was asked, what was answered, how it ended.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/journal.hpp"
#include "ledger/store.hpp"

namespace purse::server::replay {

/// What became of a request.
enum class Outcome : std::uint8_t {
    allowed,
    asked,  ///< a person was asked
    refused,
};

/// One reason why a request was refused, or a person asked.
struct Why {
    std::string reason;  ///< wire name of a Reason, or of an ApprovalCause
    std::string rule;    ///< "agent/painter daily", "service/images", "budget/team"
    std::string detail;  ///< a sentence for people; may be empty
};

std::vector<Why> whys_of(const std::vector<Refusal>& refusals,
                         const std::vector<CapState>& failing);
std::vector<Why> whys_of(const std::vector<ApprovalWish>& wishes);

class Recorded {
public:
    /// Throws std::runtime_error for an entry that cannot be read.
    explicit Recorded(const JournalRow& row);

    std::int64_t seq() const noexcept { return seq_; }
    Instant at() const noexcept { return at_; }
    std::string_view kind() const { return text("kind"); }

    /// Empty when there is no such member.
    std::string_view text(std::string_view name) const;
    std::int64_t number(std::string_view name) const;
    /// Throws std::runtime_error when it is not there or none.
    Money money(std::string_view name) const;
    std::optional<Instant> time(std::string_view name) const;

    /// Of a request: an entry of kind hold, awaiting_approval or refused.
    std::optional<Outcome> outcome() const;
    Purchase purchase() const;
    std::vector<Refusal> refusals() const;
    std::vector<Why> whys() const;
    /// Whether the entry was charged to that cap.
    bool was_charged_to(const CapRule& rule) const;
    /// How long a request that a person was asked about could wait and last in all.
    Span approval_span() const;

private:
    const json::Value* find(std::string_view name) const { return body_->root().find(name); }
    [[noreturn]] void damaged(std::string_view what) const;

    std::int64_t seq_;
    Instant at_;
    std::optional<json::Document> body_;
};

}  // namespace purse::server::replay
