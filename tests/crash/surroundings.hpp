// SPDX-License-Identifier: Apache-2.0
// What surrounds a process and may fail or end it: the calls that change files, and the clock. A
// test arms it; preload.cpp, which the dynamic linker puts in front of the C library, obeys. The
// program under test is the one that users run.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace purse::test {

/// Calls that change what is stored below the folder. Shared memory does not count.
enum class Call : int { write, sync, naming };
inline constexpr int kCalls = 3;

/// What the call that was armed for does.
enum class Then : int {
    nothing,
    die_before,
    die_halfway,  ///< half of the bytes are written; of other calls: as die_before
    die_after,
    fail,   ///< it, and all after it, answer `error`
    sleep,  ///< SIGSTOP before it: somebody must wake the process
};

/// Shared by the test and its processes; plain data, for it lies in a file.
struct SurroundingsBlock {
    std::array<char, 256> folder;  ///< only files below it count
    std::array<char, 32> file;     ///< ... and of these the ones whose path ends so
    std::atomic<int> then;
    std::atomic<int> call;
    std::atomic<int> left;   ///< calls until the one that is armed for; that one: 1
    std::atomic<int> error;  ///< of Then::fail: an errno
    std::array<std::atomic<int>, kCalls> seen;
    std::atomic<int> struck;                   ///< how often what was armed for has happened
    std::atomic<std::int64_t> clock_ahead_us;  ///< of the wall clock alone
};

inline constexpr const char* kSurroundingsVariable = "PURSE_TEST_SURROUNDINGS";

/// The test's end of it. Processes that are started while it stands have it around them.
class Surroundings {
public:
    struct Blow {
        Call call = Call::sync;
        Then then = Then::die_before;
        int nth = 1;         ///< from now on
        std::string file{};  ///< how its path ends; empty: any below the folder
        int error = 0;       ///< of Then::fail
    };
    /// `library` is preload.cpp's; `desk` a folder for its block, `folder` the one that counts.
    Surroundings(const std::string& library, const std::string& desk, const std::string& folder);
    ~Surroundings();
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;

    /// Counts begin anew, too.
    void arm(const Blow& blow);
    void disarm();
    /// Counts of calls begin anew; only of files whose path ends so.
    void count(const std::string& file = {});
    int seen(Call call) const;
    /// Whether what was last armed for has happened.
    bool struck() const;
    /// Adds to the wall clock of all processes.
    void jump(std::int64_t us);
    /// Files below another folder count from now on.
    void watch(const std::string& folder);

private:
    std::string library_before_;
    SurroundingsBlock* block_ = nullptr;
};

}  // namespace purse::test
