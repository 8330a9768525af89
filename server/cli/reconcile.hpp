// SPDX-License-Identifier: Apache-2.0
// purse reconcile: the chain against the ledger, in both directions.
#pragma once

#include <cstdint>
#include <optional>

#include "server/app.hpp"
#include "server/cli/output.hpp"
#include "server/wallet/wallet_files.hpp"

namespace purse::server::cli {

struct ReconcileOptions {
    std::optional<std::int64_t> from_block;  ///< default: where the ledger first saw the chain
    Form form = Form::words;
};
/// kDone: they agree up to what is still on its way. kNo: they do not, or the chain cannot be read.
int reconcile(App& app, const ReconcileOptions& options, Output& output);
/// The same with nodes that are open and checked.
int reconcile_with(App& app, Nodes& nodes, const Wallet& wallet, const ReconcileOptions& options,
                   Output& output);

}  // namespace purse::server::cli
