// SPDX-License-Identifier: Apache-2.0
// An agent as its host runs it: the purse as a child process, spoken to in MCP over its
// standard input and output, one JSON-RPC message a line.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/json.hpp"
#include "ledger/money.hpp"
#include "tests/support/child.hpp"

namespace purse::demo {

/// A tool's answer.
class Answer {
public:
    /// From one line of JSON-RPC; throws std::runtime_error on anything but a tool's result.
    explicit Answer(std::string_view line);

    bool ok() const;
    /// What a chat shows: the first text block.
    std::string_view text() const noexcept { return text_; }
    /// A text member of the structured content; empty when it is not there.
    std::string_view get(std::string_view name) const;
    std::string_view reason() const { return get("reason"); }
    Money money(std::string_view name) const;
    bool truth(std::string_view name) const;
    /// The structured cap of pay_budget_status with this budget and kind, or nullptr.
    const json::Value* cap(std::string_view budget, std::string_view kind) const;

private:
    json::Document document_;
    const json::Value* structured_ = nullptr;
    std::string_view text_;
};

/// The program under demonstration and where it works.
struct Place {
    std::string purse;   ///< the binary
    std::string policy;  ///< the policy document
    std::string folder;  ///< state, and one file with a credential for each agent

    std::string state() const { return folder + "/state"; }
    std::string credential_file(std::string_view agent) const;
};

/// One live MCP session.
class Agent {
public:
    /// Starts the purse with the agent's credential and shakes hands.
    Agent(const Place& place, std::string_view name);

    Answer call(std::string_view tool, const boost::json::object& arguments);
    /// Ends the session; the exit code, or -1 when it does not end.
    int leave();

private:
    std::string ask(std::string_view method, const boost::json::object& params);

    std::unique_ptr<test::Child> child_;
    int last_id_ = 0;
};

/// A command of the operator, run to its end.
struct Command {
    int code = -1;
    std::string out;  ///< standard output
    std::string err;  ///< standard error
};
Command operate(const Place& place, std::initializer_list<std::string_view> words);

}  // namespace purse::demo
