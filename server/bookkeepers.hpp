// SPDX-License-Identifier: Apache-2.0
// Ways to the ledger for workers with threads of their own, and for commands.
#pragma once

#include <functional>

#include "ledger/ledger.hpp"
#include "tools/till.hpp"
#include "wallet/bookkeeper.hpp"

namespace purse::server {

/// Through the writer: any thread.
class TillBookkeeper final : public Bookkeeper {
public:
    explicit TillBookkeeper(tools::Till& till) noexcept : till_{till} {}
    void transact(const std::function<void(Books&)>& run) override;

private:
    tools::Till& till_;
};

/// Straight: one thread.
class LedgerBookkeeper final : public Bookkeeper {
public:
    explicit LedgerBookkeeper(Ledger& ledger) noexcept : ledger_{ledger} {}
    void transact(const std::function<void(Books&)>& run) override { ledger_.transact(run); }

private:
    Ledger& ledger_;
};

}  // namespace purse::server
