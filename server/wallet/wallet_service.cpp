// SPDX-License-Identifier: Apache-2.0
#include "server/wallet/wallet_service.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <future>
#include <map>
#include <stdexcept>

namespace purse::server {

namespace {
std::string lock_file(const Settings& settings)
{
    return settings.state_folder + "/" + kPayoutLockFile;
}

CrashPoint crash_point(const WalletEnvironment& environment)
{
    return CrashPoint{environment("PURSE_CRASH_AT").value_or("")};
}

std::expected<std::optional<Wallet>, std::string> wallet_of(const Settings& settings)
{
    return find_wallet(settings.wallet_file,
                       settings.wallet_is_named ? Absent::is_an_error : Absent::is_fine);
}
}  // namespace

std::unique_ptr<WalletService> WalletService::find(Ports ports, const Settings& settings)
{
    auto wallet = wallet_of(settings);
    if (!wallet) throw std::runtime_error{wallet.error()};
    if (!*wallet) return nullptr;
    return std::unique_ptr<WalletService>{
        new WalletService{std::move(ports), settings, std::move(**wallet)}};
}

WalletService::WalletService(Ports ports, const Settings& settings, Wallet wallet)
    : wallet_{std::move(wallet)},
      funding_{wallet_.settings, wallet_.treasury},
      books_{ports.till},
      worker_{{.wallet = wallet_,
               .lock_file = lock_file(settings),
               .books = books_,
               .clock = ports.clock,
               .entropy = ports.entropy,
               .log = ports.log,
               .environment = ports.environment,
               .crash = crash_point(ports.environment)}}
{
}

void WalletService::start(std::function<void(const std::string&)> refused)
{
    worker_.start(std::move(refused));
}

int run_payouts(PayoutRun parts, const Settings& settings, PayoutWorker::Until until)
{
    const auto wallet = find_wallet(settings.wallet_file, Absent::is_an_error);
    if (!wallet) throw std::runtime_error{wallet.error()};
    LedgerBookkeeper books{parts.ledger};
    PayoutWorker worker{{.wallet = **wallet,
                         .lock_file = lock_file(settings),
                         .books = books,
                         .clock = parts.clock,
                         .entropy = parts.entropy,
                         .log = parts.log,
                         .environment = parts.environment,
                         .crash = crash_point(parts.environment)}};
    std::expected<void, std::string> result;
    if (until == PayoutWorker::Until::idle) {
        // A signal ends it where it stands, which is as good a place as any.
        result = worker.run(until);
    } else {
        sigset_t signals{};
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        const int stop_fd = ::signalfd(-1, &signals, SFD_CLOEXEC);
        std::promise<std::string> refused;
        auto refusal = refused.get_future();
        worker.start([&](const std::string& why) {
            refused.set_value(why);
            ::kill(::getpid(), SIGTERM);
        });
        pollfd waiting{stop_fd, POLLIN, 0};
        while (::poll(&waiting, 1, -1) < 0) {}
        worker.stop();
        if (refusal.wait_for(std::chrono::seconds{0}) == std::future_status::ready)
            result = std::unexpected{refusal.get()};
        ::close(stop_fd);
    }
    if (result) return 0;
    throw std::runtime_error{result.error()};
}

}  // namespace purse::server
