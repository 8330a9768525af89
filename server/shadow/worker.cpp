// SPDX-License-Identifier: Apache-2.0
#include "server/shadow/worker.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>

#include "server/file_turn.hpp"
#include "server/shadow/limits.hpp"

namespace purse::server {

ShadowWorker::ShadowWorker(Parts parts)
    : parts_{std::move(parts)},
      wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}
{
    if (wake_ < 0) throw std::runtime_error{"the system gives no event descriptor"};
}

ShadowWorker::~ShadowWorker()
{
    stop();
    ::close(wake_);
}

void ShadowWorker::tick()
{
    if (thread_.joinable() || stop_) return;
    if (::access(parts_.lock_file.c_str(), F_OK) == 0) thread_ = std::thread{[this] { run(); }};
}

void ShadowWorker::stop()
{
    stop_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    if (thread_.joinable()) thread_.join();
}

bool ShadowWorker::pause(Span length)
{
    pollfd waiting{wake_, POLLIN, 0};
    if (!stop_) ::poll(&waiting, 1, static_cast<int>(length.us / 1000));
    return !stop_;
}

void ShadowWorker::run()
{
    using Round = ShadowFollower::Round;
    auto& log = parts_.ports.log;
    try {
        FileTurn turn{parts_.lock_file};
        while (!turn.take())
            if (!pause(kShadowTurnEvery)) return;
        ShadowFollower follower{parts_.ports};
        auto next = kShadowPulse;
        do {
            try {
                auto round = Round::more;
                while (round == Round::more && !stop_) round = follower.round();
                next = round == Round::none ? kShadowPulseIdle : kShadowPulse;
            } catch (const StoreError& error) {
                log.warn(std::string{"shadow policy: "} + error.what());
                next = kShadowPulseIdle;
            }
        } while (pause(next));
    } catch (const std::exception& error) {
        log.error(std::string{"the shadow policy is not followed: "} + error.what());
    }
}

}  // namespace purse::server
