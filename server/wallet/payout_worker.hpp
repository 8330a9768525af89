// SPDX-License-Identifier: Apache-2.0
// The one worker that pays, among all processes on a ledger: whoever holds its lock, which the
// kernel frees when a process dies.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "ledger/ledger.hpp"
#include "server/file_turn.hpp"
#include "server/log.hpp"
#include "server/wallet/crash_point.hpp"
#include "server/wallet/wallet_files.hpp"
#include "server/worker_rest.hpp"
#include "wallet/bookkeeper.hpp"

namespace purse::server {

struct WorkerParts {
    const Wallet& wallet;
    std::string lock_file;
    Bookkeeper& books;
    const Clock& clock;
    Entropy& entropy;
    Log& log;
    WalletEnvironment environment;
    CrashPoint crash;
};

class PayoutWorker {
public:
    enum class Until {
        stopped,  ///< works until stop()
        idle,     ///< until nothing is on its way
    };
    explicit PayoutWorker(WorkerParts parts);
    ~PayoutWorker();
    PayoutWorker(const PayoutWorker&) = delete;
    PayoutWorker& operator=(const PayoutWorker&) = delete;

    /// Works in a thread of its own until stop(). `refused` is called from it when the wallet
    /// cannot be used as it is set up: keys that do not open, a chain that is not the one it should
    /// be.
    void start(std::function<void(const std::string&)> refused);
    /// Ends after the step at hand: a few time-outs of a node at most.
    void stop();

    /// Works in the caller's thread. The error: the wallet cannot be used as it is set up, or
    /// another process is at work.
    std::expected<void, std::string> run(Until until);

private:
    class Watcher;

    std::expected<void, std::string> work(Until until);

    WorkerParts parts_;
    std::unique_ptr<FileTurn> lock_;
    WorkerRest rest_;
    std::thread thread_;
};

}  // namespace purse::server
