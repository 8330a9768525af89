// SPDX-License-Identifier: Apache-2.0
// What a serving process has of a wallet: the judge of what can be paid, and a worker that pays
// when it is this process's turn.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/bookkeepers.hpp"
#include "server/settings.hpp"
#include "server/wallet/payout_worker.hpp"
#include "tools/till.hpp"
#include "wallet/funding.hpp"

namespace purse::server {

class WalletService {
public:
    struct Ports {
        tools::Till& till;
        const Clock& clock;
        Entropy& entropy;
        Log& log;
        WalletEnvironment environment;
    };

    /// nullptr: there is no wallet, so the books are the payment. Throws std::runtime_error when
    /// there is one that cannot be used.
    static std::unique_ptr<WalletService> find(Ports ports, const Settings& settings);

    const Funding& funding() const noexcept { return funding_; }

    /// As PayoutWorker's.
    void start(std::function<void(const std::string&)> refused);
    void stop() { worker_.stop(); }

private:
    WalletService(Ports ports, const Settings& settings, Wallet wallet);

    const Wallet wallet_;
    const Funding funding_;
    TillBookkeeper books_;
    PayoutWorker worker_;
};

struct PayoutRun {
    Ledger& ledger;
    const Clock& clock;
    Entropy& entropy;
    Log& log;
    WalletEnvironment environment;
};

/// `purse payout run`: the worker alone, in the caller's thread. Returns the exit code.
int run_payouts(PayoutRun parts, const Settings& settings, PayoutWorker::Until until);

}  // namespace purse::server
