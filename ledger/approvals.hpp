// SPDX-License-Identifier: Apache-2.0
// The ledger's rules for approvals: a hold waits, and one answer of a person or of the clock ends
// the waiting. Whoever answers second changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/store.hpp"

namespace purse {

class Books;

/// Who answers, and how.
struct Ruling {
    TxId id;
    std::string by;  ///< for the record: an operator's session, a user's name, a client
    Channel channel = Channel::command;
    std::string note;
};

/// A hold and what a person was asked about it.
struct AskedHold {
    Hold hold;
    Approval approval;
};

/// What a ruling has done.
enum class Ruled : std::uint8_t {
    done,
    decided_before,  ///< by somebody else, or by the clock; nothing was changed
    unknown,         ///< no hold of that id was ever asked about
};

/// One transaction's view of the approvals.
class Approvals {
public:
    explicit Approvals(Books& books);

    /// Takes the hold out of waiting: it may be settled from now on, until the approval's `lasts`
    /// is over. The caller has found that the rules of this moment allow it.
    Ruled grant(const Ruling& ruling);
    /// Ends the hold; its amount goes back to the caps. `as`: denied, cancelled or disconnected.
    Ruled deny(const Ruling& ruling, ApprovalState as = ApprovalState::denied);

    /// The hold of that id, where somebody was asked about it. One whose time is over is ended by
    /// this look.
    std::optional<AskedHold> find(TxId id);
    /// Those that wait, the first to time out first; those decided, the latest first.
    std::vector<AskedHold> waiting(std::size_t count_max);
    std::vector<AskedHold> decided(std::size_t count_max);

    /// The answer to the request that took this hold, as things stand now.
    HoldAnswer answer(AskedHold asked) const;
    /// The idempotency key with which that request can be made again.
    std::string key_of(const Hold& hold);

private:
    friend class Books;

    /// Starts the waiting of a hold that was just taken.
    void ask(const Hold& hold, const ApprovalTerms& terms);
    /// Nobody has answered: ends the hold; the approval as it then stands.
    Approval time_out(HoldRow& row);
    /// The agent has given a waiting hold back.
    void withdraw(const Hold& hold);
    bool has_room(std::string_view agent);

    std::optional<std::pair<HoldRow, Approval>> load(TxId id);
    std::vector<AskedHold> with_holds(std::vector<Approval> rows);
    void decide(Approval& row, ApprovalState state, const Ruling& ruling);

    Books& books_;
    ApprovalRows& rows_;
};

}  // namespace purse
