// SPDX-License-Identifier: Apache-2.0
// Port: where approvals are kept, as a part of the Store. Rows in, rows out; the rules are in
// approvals.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/approval.hpp"

namespace purse {

/// A part of one write transaction. Every member throws StoreError.
class ApprovalRows {
public:
    virtual ~ApprovalRows() = default;

    virtual void insert(const Approval& row, std::string_view agent) = 0;
    /// By the hold's place in the journal.
    virtual std::optional<Approval> find(std::int64_t seq) = 0;
    /// Stores how a waiting one was decided: state, decided_at, by, channel and note.
    virtual void decide(const Approval& row) = 0;
    /// Those that wait, the one whose time is over first; up to `count_max`.
    virtual std::vector<Approval> waiting(std::size_t count_max) = 0;
    /// Those that are decided, the latest request first; up to `count_max`.
    virtual std::vector<Approval> decided(std::size_t count_max) = 0;
    /// How many of an agent wait.
    virtual std::int64_t count_waiting(std::string_view agent) = 0;
};

}  // namespace purse
