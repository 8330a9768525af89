// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "ledger/calendar.hpp"
#include "ledger/store.hpp"

namespace purse::sqlite {

namespace {
// After the first alarm it rings on at this pace: one that comes just before flock() sleeps
// would otherwise be lost.
constexpr long kAlarmAgainNs = 50'000'000;

int open_lock_file(const std::string& path)
{
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        throw StoreError{StoreError::Kind::failed,
                         "cannot open the lock file " + path + ": " + std::strerror(errno)};
    return fd;
}

void on_alarm(int) {}  // only there to interrupt flock()

/// Interrupts this thread's system calls from `patience` on, until destroyed.
class Alarm {
public:
    explicit Alarm(Span patience)
    {
        struct sigaction action{};
        action.sa_handler = on_alarm;  // without SA_RESTART, so that flock() returns EINTR
        sigaction(SIGRTMIN, &action, nullptr);
        // A thread that blocks the signal would wait for ever.
        sigset_t ours;
        sigemptyset(&ours);
        sigaddset(&ours, SIGRTMIN);
        pthread_sigmask(SIG_UNBLOCK, &ours, &mask_before_);
        struct sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGRTMIN;
        event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
        armed_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
        const struct itimerspec times{.it_interval = {.tv_sec = 0, .tv_nsec = kAlarmAgainNs},
                                      .it_value = {.tv_sec = patience.us / 1'000'000,
                                                   .tv_nsec = patience.us % 1'000'000 * 1'000 + 1}};
        if (armed_) timer_settime(timer_, 0, &times, nullptr);
    }
    ~Alarm()
    {
        if (armed_) timer_delete(timer_);
        pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

private:
    timer_t timer_{};
    sigset_t mask_before_{};
    bool armed_ = false;
};

Span monotonic() noexcept
{
    struct timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return {now.tv_sec * 1'000'000 + now.tv_nsec / 1'000};
}

/// False when it was not to be had before `deadline`.
bool wait_for(int fd, Span deadline)
{
    while (flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR)
            throw StoreError{StoreError::Kind::failed,
                             std::string{"cannot lock the ledger: "} + std::strerror(errno)};
        if (monotonic() >= deadline) return false;
    }
    return true;
}
}  // namespace

FileLock::FileLock(const std::string& path)
    : turn_{open_lock_file(path + ".turn")},
      lock_{open_lock_file(path)}
{
}

FileLock::~FileLock()
{
    ::close(lock_);
    ::close(turn_);
}

void FileLock::lock(Span patience)
{
    // The quick way: nobody waits and nobody holds.
    if (flock(turn_, LOCK_EX | LOCK_NB) == 0) {
        const bool got = flock(lock_, LOCK_EX | LOCK_NB) == 0;
        flock(turn_, LOCK_UN);
        if (got) return;
    }
    const Span deadline{monotonic().us + patience.us};
    const Alarm alarm{patience};
    bool got = wait_for(turn_, deadline);
    if (got) {
        got = wait_for(lock_, deadline);
        flock(turn_, LOCK_UN);
    }
    if (!got)
        throw StoreError{StoreError::Kind::busy,
                         "another process has held the ledger's lock for " + to_string(patience)};
}

void FileLock::unlock() noexcept
{
    flock(lock_, LOCK_UN);
}

}  // namespace purse::sqlite
