// SPDX-License-Identifier: Apache-2.0
// Everything at a glance for the operator page: budgets and what is used of them, freezes, open
// holds. Read in pieces, so that no payment waits for all of it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/budget_view.hpp"
#include "server/operator/rules_cache.hpp"
#include "wallet/rail.hpp"

namespace purse::server {

class Overview {
public:
    /// The first piece: all but the counters. In a transaction.
    static Overview begin(Books& books, RulesCache& rules);
    /// The next piece: some counters. False: there are none left. In a transaction.
    bool count_some(Books& books);

    boost::json::object json(Rail rail) const;

private:
    void choose_budgets(Books& books);
    boost::json::object budget_json(const BudgetView& view) const;
    bool is_frozen(const policy::Budget& budget) const;

    Instant now_;
    std::int64_t seq_ = 0;
    std::shared_ptr<const Rules> rules_;  // the views point into it
    std::string trouble_;                 // why there are none; may be empty
    std::vector<FreezeRow> freezes_;
    std::size_t holds_open_ = 0;
    std::size_t approvals_waiting_ = 0;
    std::unordered_map<std::string, std::size_t> holds_by_agent_;
    std::vector<BudgetView> budgets_;
    std::size_t counted_ = 0;  // of budgets_
    bool is_truncated_ = false;
};

/// {"target","since","note","byPolicy"}: what the operator has frozen, then what the policy has.
boost::json::array freezes_json(const std::vector<FreezeRow>& freezes, const Rules* rules);

}  // namespace purse::server
