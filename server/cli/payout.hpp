// SPDX-License-Identifier: Apache-2.0
// purse payout list, show, hold, retry, run: what is on its way to payees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct PayoutListOptions {
    std::string state;       ///< only those in this state; empty: all
    std::string payee;       ///< only those to this address; empty: all
    std::int64_t count = 0;  ///< the latest so many; 0: all
    Form form = Form::words;
};
int list_payouts(App& app, const PayoutListOptions& options, Output& output);

struct PayoutOptions {
    std::int64_t id = 0;
    std::string note;
    Form form = Form::words;
};
int show_payout(App& app, const PayoutOptions& options, Output& output);
/// Keeps a payout from being sent until `retry`. What is sent already may still be mined.
int hold_payout(App& app, const PayoutOptions& options, Output& output);
/// Lets a held payout go on now.
int retry_payout(App& app, const PayoutOptions& options, Output& output);

/// Pays in this process: until nothing is on its way, or until a signal.
int run_payouts(App& app, PayoutWorker::Until until, Output& output);

}  // namespace purse::server::cli
