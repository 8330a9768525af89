// SPDX-License-Identifier: Apache-2.0
// The program itself at a desk of its own: a state folder, a policy, credentials; commands that run
// to their end, and servers that are spoken to in MCP over standard input and output.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child.hpp"

namespace purse::test {

struct Ran {
    std::optional<int> code;  ///< 128 + n: killed by signal n
    std::string output;
};

/// The `program` at a desk; the state is in `desk`/state.
class Program {
public:
    Program(std::string program, std::string desk);

    const std::string& desk() const noexcept { return desk_; }
    std::string state() const { return desk_ + "/state"; }
    std::string policy_file() const { return desk_ + "/policy.jsonc"; }
    std::string credential_file(const std::string& agent) const { return desk_ + '/' + agent; }
    void write_policy(const std::string& text) const;
    /// Runs a command with the desk's settings.
    Ran run(std::vector<std::string> words) const;
    /// Puts a new credential into the agent's file. Throws std::runtime_error.
    void issue(const std::string& agent) const;
    /// The command line of a server of that agent; empty: of nobody, and without a policy.
    std::vector<std::string> server(const std::string& agent) const;

private:
    std::string program_;
    std::string desk_;
};

/// One server, greeted.
class Server {
public:
    using Object = boost::json::object;

    explicit Server(const std::vector<std::string>& command);
    /// Whether it has greeted.
    bool is_there() const noexcept { return is_there_; }

    /// Sends a call of a tool; false: nobody reads.
    bool ask(const std::string& tool, const Object& arguments);
    /// The structured answer to what was asked last; nothing: it ended, or said nothing in time.
    std::optional<Object> answer(std::chrono::milliseconds patience = kPatience);
    /// Both; throws std::runtime_error when there is no answer.
    Object call(const std::string& tool, const Object& arguments);
    Child& child() noexcept { return child_; }
    /// Closes its input and waits for its end: the exit code.
    std::optional<int> end();

private:
    Child child_;
    bool is_there_ = false;
    std::int64_t last_ = 0;
};

std::string text_of(const boost::json::object& answer, const char* name);
/// Micro-USDC of a decimal member.
std::int64_t micro_of(const boost::json::object& answer, const char* name);
/// The first column of the first row of a query on a folder's ledger. Throws std::runtime_error.
std::string text_in(const std::string& folder, const std::string& sql);
std::int64_t number_in(const std::string& folder, const std::string& sql);

}  // namespace purse::test
