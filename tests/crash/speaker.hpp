// SPDX-License-Identifier: Apache-2.0
// What the torture asks of a process and what it hears back, whatever language the process
// speaks: the worker's lines, or MCP over stdio.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace purse::test {

struct Operation {
    enum class Kind { hold, settle, give_back };
    std::int64_t id = 0;
    Kind kind = Kind::hold;
    std::string key;          ///< hold: idempotency key, or empty
    std::string task;         ///< hold
    std::string tx;           ///< settle and give_back
    std::int64_t amount = 0;  ///< micro-USDC
};

struct Outcome {
    enum class Kind { approved, refused, settled, voided, failed };
    std::int64_t id = 0;
    Kind kind = Kind::failed;
    std::string tx;           ///< approved
    std::int64_t amount = 0;  ///< approved: held; settled: captured
};

class Speaker {
public:
    virtual ~Speaker() = default;
    /// The program and its arguments.
    virtual std::vector<std::string> command(const std::string& folder) const = 0;
    /// What is said first; may be empty.
    virtual std::string greeting() const = 0;
    /// The bytes of one operation, with their line end.
    virtual std::string say(const Operation& operation) const = 0;
    /// What a line means; nothing when it answers no operation.
    virtual std::optional<Outcome> hear(const std::string& line) const = 0;
};

/// The language of tests/crash/worker.cpp:
///   ID hold TASK AMOUNT [KEY] | ID settle TX AMOUNT | ID void TX
///   ID approved TX AMOUNT | ID refused | ID settled AMOUNT | ID voided | ID failed WORDS
class LineSpeaker final : public Speaker {
public:
    explicit LineSpeaker(std::string program) : program_{std::move(program)} {}
    std::vector<std::string> command(const std::string& folder) const override
    {
        return {program_, folder};
    }
    std::string greeting() const override { return {}; }
    std::string say(const Operation& operation) const override;
    std::optional<Outcome> hear(const std::string& line) const override;

private:
    std::string program_;
};

}  // namespace purse::test
