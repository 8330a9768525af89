// SPDX-License-Identifier: Apache-2.0
// The people who own the purse: they change policies, freeze, end credentials, and say yes or no
// to payments that wait, at any moment.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "policy/document.hpp"
#include "tests/sim/clients.hpp"
#include "tests/sim/process.hpp"

namespace purse::sim {

class Operators {
public:
    Operators(const Plan& plan, Dice& dice) : plan_{plan}, dice_{dice} {}

    /// The policy of the beginning: in the file, or to be put in force by the act that is returned.
    std::unique_ptr<Call> begin();
    /// A credential for the agent, as `login` says once it is issued.
    std::unique_ptr<Call> issue(const std::string& agent, Us expires, Login& login);
    /// What somebody does now; nothing: it was done to the file.
    std::unique_ptr<Call> next(Clients& clients, Us now);
    /// Ends all freezes, for the second phase.
    std::unique_ptr<Call> thaw();

    const PolicyFile& file() const { return file_; }
    /// What the file says, where it is a valid policy.
    const std::shared_ptr<const Policy>& in_file() const { return in_file_; }
    /// The file's policy is in force: from here on a broken file changes nothing.
    void note_in_force(const std::shared_ptr<const Policy>& policy)
    {
        is_in_force_ = policy == in_file_;
    }

private:
    std::unique_ptr<Call> act(std::string words);
    std::unique_ptr<Call> apply();
    std::unique_ptr<Call> freeze();
    std::unique_ptr<Call> rule(const std::string& tx);
    std::shared_ptr<const policy::Document> document_of(const std::string& text);

    const Plan& plan_;
    Dice& dice_;
    PolicyFile file_;
    std::shared_ptr<const Policy> in_file_;
    bool is_in_force_ = false;
    int policies_ = 0;
    std::string last_frozen_;
    int credentials_ = 0;
    std::map<std::string, std::shared_ptr<const policy::Document>> documents_;
};

}  // namespace purse::sim
