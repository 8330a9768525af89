// SPDX-License-Identifier: Apache-2.0
// Processes that are asked, heard and killed, and the record of all they have acknowledged.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/crash/speaker.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace purse::test {

/// What was acknowledged. Every contradiction between two answers is a mistake.
class Record {
public:
    struct Held {
        std::int64_t amount = 0;
        std::string key;
        std::string end;  ///< "settled N", "voided" or "lapsed" once that was acknowledged
    };
    void hear(const Operation& asked, const Outcome& outcome);
    void mistake(std::string what) { mistakes_.push_back(std::move(what)); }

    const std::map<std::string, Held>& holds() const noexcept { return holds_; }
    const std::vector<std::string>& mistakes() const noexcept { return mistakes_; }
    /// Every cap that an answer named: the most it was used, and how often it refused.
    const std::map<std::string, CapUse>& caps() const noexcept { return caps_; }
    /// Some hold of `party` to end, recent ones more often; empty when there is none.
    std::string some_hold(std::size_t party, Dice& dice) const;

    std::int64_t answers = 0;
    std::int64_t refused = 0;
    std::int64_t failed = 0;
    std::int64_t ends = 0;

private:
    void hear_approved(const Operation& asked, const Outcome& outcome);
    void hear_end(const Operation& asked, const Outcome& outcome);
    void hear_caps(const Outcome& outcome);

    std::map<std::string, Held> holds_;
    std::map<std::size_t, std::vector<std::string>> recent_;  ///< by party
    std::map<std::string, std::string> tx_of_key_;            ///< empty: refused
    std::map<std::string, CapUse> caps_;
    std::vector<std::string> mistakes_;
};

class Fleet {
public:
    struct Settings {
        std::string folder;
        std::size_t processes = 8;
        std::size_t in_flight = 16;
        std::size_t parties = 1;
        int lifetime_max_ms = 400;
        int keyed_percent = 50;
        std::int64_t amount_max = 8'000;
        /// Captures grow with the kills, so that a calendar cap lasts for the whole run.
        std::int64_t captures_a_kill = 1'000'000'000'000;
        std::uint64_t seed = 1;
    };
    Fleet(const Speaker& speaker, Settings settings);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Asks, listens and kills for a moment.
    void turn();
    /// Kills all, asks again what they left unanswered, and lets the last ones end in peace.
    void end();

    int kills() const noexcept { return kills_; }
    int working_kills() const noexcept { return working_kills_; }
    int repeats() const noexcept { return repeats_; }
    Record& record() noexcept { return record_; }

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Process {
        pid_t pid = -1;
        int to = -1;
        int from = -1;
        std::size_t party = 0;
        std::string heard;  ///< an unfinished line
        std::map<std::int64_t, Operation> asked;
        std::vector<Operation> again;  ///< left unanswered, and safe to repeat
        bool has_answered = false;
        Time dies_at;
    };

    void start(Process& process);
    void kill_and_hear(Process& process);
    void part_from(Process& process);
    void repeat_later(Process& process, const Operation& operation);
    void ask(Process& process);
    /// False at the end of what it says.
    bool listen(Process& process);
    bool has_questions() const;
    bool say(Process& process, const Operation& operation);
    Operation next_operation(std::size_t party);
    std::int64_t amount_from(std::int64_t thousandth) const;

    const Speaker& speaker_;
    const Settings settings_;
    Dice dice_;
    Record record_;
    std::vector<Process> processes_;
    std::int64_t last_id_ = 0;
    std::int64_t captures_ = 0;  ///< asked for
    bool is_ending_ = false;
    int repeats_ = 0;
    int kills_ = 0;
    int working_kills_ = 0;  ///< of processes that had answered something
};

}  // namespace purse::test
