// SPDX-License-Identifier: Apache-2.0
// Delivers webhooks in one process among all on a ledger: whoever holds the turn. A thread for
// each webhook, so that none waits for another's receiver; payments wait for none of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/webhook/sender.hpp"
#include "server/worker_rest.hpp"

namespace purse::server {

class WebhookWorker {
public:
    struct Parts {
        std::string lock_file;
        SenderPorts ports;
    };
    explicit WebhookWorker(Parts parts);
    ~WebhookWorker();
    WebhookWorker(const WebhookWorker&) = delete;
    WebhookWorker& operator=(const WebhookWorker&) = delete;

    /// From one thread, about twice a second: begins to work once there was ever a webhook, which
    /// the lock's file shows. Before that it costs a look into the folder and no ledger.
    void tick();
    /// Ends at once, whatever is being sent: it is sent again, under the same id.
    void stop();

    /// Delivers in the caller's process what can be delivered now. False: another process is at
    /// it. Throws StoreError.
    bool deliver_once();

private:
    class Line;

    void run();
    /// How long to sleep before the next look.
    Span look_around();

    Parts parts_;
    WorkerRest rest_;
    std::thread thread_;
    std::vector<std::unique_ptr<Line>> lines_;  // of the thread alone
};

}  // namespace purse::server
