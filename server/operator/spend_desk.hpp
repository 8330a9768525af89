// SPDX-License-Identifier: Apache-2.0
// Keeps the SpendBook up to date, in pieces of work on the ledger. Lives on the I/O thread.
#pragma once

#include <functional>
#include <vector>

#include "server/operator/clerk.hpp"
#include "server/operator/spend_book.hpp"

namespace purse::server {

class SpendDesk {
public:
    explicit SpendDesk(Clerk& clerk) : clerk_{clerk} {}

    /// Looks at all entries that there are; `then` is told the ledger's time, or what is wrong.
    using CaughtUp = std::move_only_function<void(const LedgerFault* fault, Instant now)>;
    void catch_up(CaughtUp then);

    boost::json::object day(Instant now) const { return book_.day(now); }
    using Month =
        std::move_only_function<void(const LedgerFault* fault, const boost::json::object& month)>;
    void month(Instant now, Month then);

private:
    struct Slice;
    struct Reading;
    void read_on();
    void add_agents(const std::shared_ptr<Reading>& reading);
    void finish(const LedgerFault* fault, Instant now);

    Clerk& clerk_;
    SpendBook book_;
    std::vector<CaughtUp> waiting_;
};

}  // namespace purse::server
