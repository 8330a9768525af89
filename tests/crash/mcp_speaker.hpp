// SPDX-License-Identifier: Apache-2.0
// The language of the program itself: MCP over stdio. Two agents, each with a rolling cap and a
// count cap, share a team's daily cap; each party is one of them and bears its own credential.
#pragma once

#include "tests/crash/speaker.hpp"

namespace purse::test {

class McpSpeaker final : public Speaker {
public:
    static constexpr std::size_t kParties = 2;
    static constexpr std::int64_t kDailyCap = 500'000;

    /// Writes the policy into `desk` and has `program` issue the credentials there; the ledger is
    /// in `folder`. Throws std::runtime_error.
    McpSpeaker(std::string program, std::string desk, const std::string& folder);

    std::vector<std::string> command(const std::string& folder, std::size_t party) const override;
    std::string greeting() const override;
    std::string say(const Operation& operation) const override;
    std::optional<Outcome> hear(const std::string& line) const override;
    std::vector<std::string> caps() const override;
    /// What `journal verify` and `doctor` say.
    std::vector<std::string> complaints(const std::string& folder) const override;

private:
    std::string policy_file() const { return desk_ + "/policy.jsonc"; }
    std::string credential_file(std::size_t party) const;

    std::string program_;
    std::string desk_;
};

}  // namespace purse::test
