// SPDX-License-Identifier: Apache-2.0
// Follows the shadow policy in one process among all on a ledger: whoever holds the turn.
#pragma once

#include <string>
#include <thread>

#include "server/shadow/follower.hpp"
#include "server/worker_rest.hpp"

namespace purse::server {

class ShadowWorker {
public:
    struct Parts {
        std::string lock_file;
        ShadowFollower::Ports ports;
    };
    explicit ShadowWorker(Parts parts);
    ~ShadowWorker();
    ShadowWorker(const ShadowWorker&) = delete;
    ShadowWorker& operator=(const ShadowWorker&) = delete;

    /// From one thread, now and then: begins to work once there was ever a shadow policy, which the
    /// lock's file shows. Before that it costs a look into the folder and no ledger.
    void tick();
    /// Ends after the round at hand.
    void stop();

private:
    void run();

    Parts parts_;
    WorkerRest rest_;
    std::thread thread_;
};

}  // namespace purse::server
