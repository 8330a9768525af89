// SPDX-License-Identifier: Apache-2.0
// What the torture asks of a process and what it hears back, whatever language the process
// speaks: the worker's lines, or MCP over stdio.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/replay.hpp"

namespace purse::test {

struct Operation {
    enum class Kind { hold, settle, give_back };
    std::int64_t id = 0;
    Kind kind = Kind::hold;
    std::size_t party = 0;    ///< who asks: a key and a hold belong to one party
    std::string key;          ///< hold: idempotency key, or empty
    std::string task;         ///< hold
    std::string tx;           ///< settle and give_back
    std::int64_t amount = 0;  ///< micro-USDC
};

/// What an answer said about one cap, in the cap's unit.
struct CapUse {
    std::string cap;
    std::int64_t used = 0;
    std::int64_t limit = 0;
    std::int64_t refusals = 0;
};

struct Outcome {
    enum class Kind {
        approved,
        refused,
        settled,
        voided,
        lapsed,     ///< a void that came after the hold had expired
        failed,     ///< not now: the same may be asked again
        unexpected  ///< what no process should ever say
    };
    std::int64_t id = 0;
    Kind kind = Kind::failed;
    std::string tx;            ///< approved
    std::int64_t amount = 0;   ///< approved: held; settled: captured
    std::vector<CapUse> caps;  ///< those it names
    std::string words;         ///< unexpected
};

class Speaker {
public:
    virtual ~Speaker() = default;
    /// The program and its arguments.
    virtual std::vector<std::string> command(const std::string& folder,
                                             std::size_t party) const = 0;
    /// What is said first; may be empty.
    virtual std::string greeting() const = 0;
    /// The bytes of one operation, with their line end.
    virtual std::string say(const Operation& operation) const = 0;
    /// What a line means; nothing when it answers no operation.
    virtual std::optional<Outcome> hear(const std::string& line) const = 0;
    /// The caps that must have refused something, or the run proves little.
    virtual std::vector<std::string> caps() const { return {}; }
    /// What the audit of the folder holds the caps against.
    virtual auditor::Rules rules() const { return auditor::Rules::judged; }
    /// What the program itself finds wrong with the folder when all is over.
    virtual std::vector<std::string> complaints(const std::string&) const { return {}; }
};

/// The language of tests/crash/worker.cpp:
///   ID hold TASK AMOUNT [KEY] | ID settle TX AMOUNT | ID void TX
///   ID approved TX AMOUNT | ID refused | ID settled AMOUNT | ID voided | ID lapsed
///   ID failed WORDS
class LineSpeaker final : public Speaker {
public:
    explicit LineSpeaker(std::string program) : program_{std::move(program)} {}
    std::vector<std::string> command(const std::string& folder, std::size_t) const override
    {
        return {program_, folder};
    }
    std::string greeting() const override { return {}; }
    std::string say(const Operation& operation) const override;
    std::optional<Outcome> hear(const std::string& line) const override;
    // The worker makes its rules by hand: no document in the journal has them.
    auditor::Rules rules() const override { return auditor::Rules::as_recorded; }

private:
    std::string program_;
};

}  // namespace purse::test
