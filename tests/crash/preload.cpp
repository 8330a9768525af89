// SPDX-License-Identifier: Apache-2.0
// Stands in front of the C library in a process under test (LD_PRELOAD) and does what
// surroundings.hpp says. Everything else goes straight to the kernel.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/crash/surroundings.hpp"

namespace {
using purse::test::Call;
using purse::test::SurroundingsBlock;
using purse::test::Then;

SurroundingsBlock* block() noexcept
{
    static SurroundingsBlock* const found = []() -> SurroundingsBlock* {
        const char* path = std::getenv(purse::test::kSurroundingsVariable);
        if (path == nullptr) return nullptr;
        const int fd = ::open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0) return nullptr;
        void* memory =
            ::mmap(nullptr, sizeof(SurroundingsBlock), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        syscall(SYS_close, fd);
        return memory == MAP_FAILED ? nullptr : static_cast<SurroundingsBlock*>(memory);
    }();
    return found;
}

bool counts(const SurroundingsBlock& at, std::string_view path) noexcept
{
    return path.starts_with(at.folder.data()) && path.ends_with(at.file.data()) &&
           !path.ends_with("-shm");
}

[[noreturn]] void die() noexcept
{
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/// What is to happen to this call.
Then verdict(Call call, std::string_view path) noexcept
{
    auto* at = block();
    if (at == nullptr || at->folder[0] == '\0' || !counts(*at, path)) return Then::nothing;
    ++at->seen[static_cast<std::size_t>(call)];
    const auto then = static_cast<Then>(at->then.load());
    if (then == Then::nothing || at->call != static_cast<int>(call)) return Then::nothing;
    const int left = --at->left;
    if (left > 0 || (left < 0 && then != Then::fail)) return Then::nothing;
    ++at->struck;
    return then;
}

Then verdict(Call call, int fd) noexcept
{
    char link[32] = "/proc/self/fd/";
    auto* digit = link + std::strlen(link);
    char digits[12];
    int count = 0;
    for (int rest = fd; rest > 0 || count == 0; rest /= 10)
        digits[count++] = static_cast<char>('0' + rest % 10);
    while (count > 0) *digit++ = digits[--count];
    char path[512];
    const auto size = syscall(SYS_readlink, link, path, sizeof path);
    return size <= 0 ? Then::nothing
                     : verdict(call, std::string_view{path, static_cast<std::size_t>(size)});
}

/// A call that does all or nothing.
template <typename Real>
int whole(Then then, Real real) noexcept
{
    switch (then) {
        case Then::die_before:
        case Then::die_halfway: die();
        case Then::fail: errno = block()->error; return -1;
        // To this thread: another might take the signal of the process while this one goes on.
        case Then::sleep: syscall(SYS_tgkill, getpid(), gettid(), SIGSTOP); break;
        case Then::die_after: real(); die();
        case Then::nothing: break;
    }
    return static_cast<int>(real());
}

/// A write, which may be done in part.
template <typename Real>
ssize_t in_part(Then then, size_t size, Real real) noexcept
{
    if (then == Then::die_halfway) {
        real(size / 2);
        die();
    }
    if (then == Then::die_after) {
        real(size);
        die();
    }
    if (then == Then::nothing) return real(size);
    if (whole(then, [] { return 0L; }) != 0) return -1;
    return real(size);
}

ssize_t positioned_write(int fd, const void* from, size_t size, off64_t at) noexcept
{
    return in_part(verdict(Call::write, fd), size, [&](size_t count) {
        return static_cast<ssize_t>(syscall(SYS_pwrite64, fd, from, count, at));
    });
}

int cut(int fd, off64_t size) noexcept
{
    return whole(verdict(Call::write, fd), [&] { return syscall(SYS_ftruncate, fd, size); });
}
}  // namespace

#define PRELOADED extern "C" __attribute__((visibility("default")))

PRELOADED ssize_t pwrite(int fd, const void* from, size_t size, off_t at)
{
    return positioned_write(fd, from, size, at);
}
PRELOADED ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at)
{
    return positioned_write(fd, from, size, at);
}
PRELOADED ssize_t write(int fd, const void* from, size_t size)
{
    return in_part(verdict(Call::write, fd), size, [&](size_t count) {
        return static_cast<ssize_t>(syscall(SYS_write, fd, from, count));
    });
}
PRELOADED int ftruncate(int fd, off_t size) noexcept
{
    return cut(fd, size);
}
PRELOADED int ftruncate64(int fd, off64_t size) noexcept
{
    return cut(fd, size);
}
PRELOADED int fsync(int fd)
{
    return whole(verdict(Call::sync, fd), [&] { return syscall(SYS_fsync, fd); });
}
PRELOADED int fdatasync(int fd)
{
    return whole(verdict(Call::sync, fd), [&] { return syscall(SYS_fdatasync, fd); });
}
PRELOADED int link(const char* from, const char* to) noexcept
{
    return whole(verdict(Call::naming, to), [&] { return syscall(SYS_link, from, to); });
}
PRELOADED int rename(const char* from, const char* to) noexcept
{
    return whole(verdict(Call::naming, to), [&] { return syscall(SYS_rename, from, to); });
}
PRELOADED int unlink(const char* path) noexcept
{
    return whole(verdict(Call::naming, path), [&] { return syscall(SYS_unlink, path); });
}

PRELOADED int clock_gettime(clockid_t clock, struct timespec* now) noexcept
{
    const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
    const auto* at = block();
    if (result != 0 || clock != CLOCK_REALTIME || at == nullptr) return result;
    constexpr std::int64_t kMicrosecondsASecond = 1'000'000;
    const auto us = now->tv_sec * kMicrosecondsASecond + now->tv_nsec / 1'000 + at->clock_ahead_us;
    now->tv_sec = us / kMicrosecondsASecond;
    now->tv_nsec = us % kMicrosecondsASecond * 1'000;
    return 0;
}
