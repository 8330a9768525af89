// SPDX-License-Identifier: Apache-2.0
#include "server/shadow/worker.hpp"

#include <unistd.h>

#include "server/file_turn.hpp"
#include "server/shadow/limits.hpp"

namespace purse::server {

ShadowWorker::ShadowWorker(Parts parts) : parts_{std::move(parts)} {}

ShadowWorker::~ShadowWorker()
{
    stop();
}

void ShadowWorker::tick()
{
    if (thread_.joinable() || rest_.is_over()) return;
    if (::access(parts_.lock_file.c_str(), F_OK) == 0) thread_ = std::thread{[this] { run(); }};
}

void ShadowWorker::stop()
{
    rest_.end();
    if (thread_.joinable()) thread_.join();
}

void ShadowWorker::run()
{
    using Round = ShadowFollower::Round;
    auto& log = parts_.ports.log;
    try {
        FileTurn turn{parts_.lock_file};
        while (!turn.take())
            if (!rest_.pause(kShadowTurnEvery)) return;
        ShadowFollower follower{parts_.ports};
        auto next = kShadowPulse;
        do {
            try {
                auto round = Round::more;
                while (round == Round::more && !rest_.is_over()) round = follower.round();
                next = round == Round::none ? kShadowPulseIdle : kShadowPulse;
            } catch (const StoreError& error) {
                log.warn(std::string{"shadow policy: "} + error.what());
                next = kShadowPulseIdle;
            }
        } while (rest_.pause(next));
    } catch (const std::exception& error) {
        log.error(std::string{"the shadow policy is not followed: "} + error.what());
    }
}

}  // namespace purse::server
