// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/lock.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "ledger/sqlite/store.hpp"
#include "ledger/store.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse;
using namespace purse::test;
using sqlite::FileLock;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {
constexpr Span kPatient = Span::seconds(20);

milliseconds time_of(const std::function<void()>& work)
{
    const auto start = steady_clock::now();
    work();
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

bool is_busy(FileLock& lock, Span patience)
{
    try {
        lock.lock(patience);
    } catch (const StoreError& error) {
        return error.kind() == StoreError::Kind::busy;
    }
    lock.unlock();
    return false;
}
}  // namespace

TEST_CASE("lock: one holder at a time, free again after unlock")
{
    TempFolder folder;
    FileLock one{folder / "lock"};
    FileLock two{folder / "lock"};
    one.lock(kPatient);
    CHECK(is_busy(two, {1'000}));
    one.unlock();
    CHECK_FALSE(is_busy(two, {1'000}));
}

TEST_CASE("lock: patience ends when it should")
{
    TempFolder folder;
    FileLock one{folder / "lock"};
    FileLock two{folder / "lock"};
    one.lock(kPatient);
    for (const auto patience : {Span{0}, Span{20'000}, Span{300'000}}) {
        const auto waited = time_of([&] { CHECK(is_busy(two, patience)); });
        CHECK(waited.count() >= patience.us / 1'000);
        CHECK(waited.count() < patience.us / 1'000 + 500);
    }
    // A waiter that gave up stands in nobody's way.
    one.unlock();
    FileLock three{folder / "lock"};
    CHECK_FALSE(is_busy(three, {1'000}));
}

TEST_CASE("lock: patience ends also in a thread that blocks every signal")
{
    TempFolder folder;
    FileLock one{folder / "lock"};
    one.lock(kPatient);
    std::atomic<bool> done = false;
    std::thread waiter{[&] {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        FileLock two{folder / "lock"};
        CHECK(is_busy(two, {50'000}));
        sigset_t now;
        pthread_sigmask(SIG_SETMASK, nullptr, &now);
        CHECK(sigismember(&now, SIGTERM) == 1);
        CHECK(sigismember(&now, SIGRTMIN) == 1);  // as it was before
        done = true;
    }};
    for (int i = 0; i < 300 && !done; ++i) std::this_thread::sleep_for(milliseconds{10});
    CHECK(done);
    one.unlock();  // so that a waiter without patience comes to an end too
    waiter.join();
}

TEST_CASE("lock: a waiter gets it as soon as it is free")
{
    TempFolder folder;
    FileLock one{folder / "lock"};
    FileLock two{folder / "lock"};
    one.lock(kPatient);
    std::atomic<bool> is_free = false;
    std::thread later{[&] {
        std::this_thread::sleep_for(milliseconds{100});  // so that the other waits by then
        is_free = true;
        one.unlock();
    }};
    const auto waited = time_of([&] { CHECK_FALSE(is_busy(two, kPatient)); });
    CHECK(is_free);
    later.join();
    CHECK(waited.count() < kPatient.us / 1'000);
}

TEST_CASE("lock: a busy holder does not starve another")
{
    TempFolder folder;
    std::atomic<bool> stop = false;
    std::atomic<long> quick_turns = 0;
    std::thread quick{[&] {
        FileLock lock{folder / "lock"};
        while (!stop) {
            lock.lock(kPatient);
            std::this_thread::sleep_for(std::chrono::microseconds{200});
            ++quick_turns;
            lock.unlock();  // and at once again
        }
    }};
    while (quick_turns < 10) std::this_thread::yield();
    FileLock lock{folder / "lock"};
    milliseconds longest{0};
    for (int i = 0; i < 100; ++i) {
        longest = std::max(longest, time_of([&] { lock.lock(kPatient); }));
        lock.unlock();
    }
    stop = true;
    quick.join();
    CHECK(longest.count() < 500);  // one turn of the other is a fraction of a millisecond
}

TEST_CASE("lock: the kernel frees it when its holder is killed")
{
    TempFolder folder;
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const auto child = fork();
    if (child == 0) {
        FileLock lock{folder / "lock"};
        lock.lock(kPatient);
        if (write(ready[1], "x", 1) != 1) _exit(1);
        for (;;) pause();
    }
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    FileLock lock{folder / "lock"};
    CHECK(is_busy(lock, {10'000}));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    CHECK_FALSE(is_busy(lock, {100'000}));
    close(ready[0]);
    close(ready[1]);
}

TEST_CASE("store: each transaction takes the ledger's lock, not only SQLite's")
{
    // SQLite's own lock would let a transaction begin while another process folds the log.
    TempFolder folder;
    sqlite::SqliteStore store{{.folder = folder.path(), .lock_patience = {50'000}}};
    store.begin()->commit();
    FileLock other{folder / sqlite::kLockFile};
    other.lock(Span::seconds(1));
    try {
        store.begin();
        FAIL("a transaction without the lock");
    } catch (const StoreError& error) {
        CHECK(error.kind() == StoreError::Kind::busy);
    }
    other.unlock();
    store.begin()->commit();
    // And gives it back.
    other.lock(Span{50'000});
}

TEST_CASE("store: busy when another holds the lock, nothing begun, and fine afterwards")
{
    TempFolder folder;
    sqlite::SqliteStore one{{.folder = folder.path()}};
    sqlite::SqliteStore two{{.folder = folder.path(), .lock_patience = {50'000}}};
    two.begin()->commit();
    {
        const auto held = one.begin();
        try {
            two.begin();
            FAIL("two transactions at once");
        } catch (const StoreError& error) {
            CHECK(error.kind() == StoreError::Kind::busy);
        }
        sqlite::SqliteStore three{{.folder = folder.path(), .lock_patience = {50'000}}};
        CHECK_THROWS_AS(three.begin(), StoreError);  // opening waits its turn as well
    }
    two.begin()->commit();
}
