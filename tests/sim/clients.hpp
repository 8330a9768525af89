// SPDX-License-Identifier: Apache-2.0
// The agents' clients: they ask, settle, look, ask again when an answer is lost, forget, and lie.
// They know only what they sent and what they read.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/call.hpp"
#include "tests/sim/plan.hpp"

namespace purse::sim {

/// A credential as its owner has it.
struct Login {
    Who who;
    std::string secret;
    std::string id;
};

class Clients {
public:
    Clients(const Plan& plan, Dice& dice) : plan_{plan}, dice_{dice} {}

    void add(Login login) { logins_.push_back(std::move(login)); }
    const std::vector<Login>& logins() const { return logins_; }

    /// The next call of somebody.
    std::unique_ptr<Call> next(Us now);
    /// What came back, or nothing: then it may be asked again.
    void read(const Call& call);
    /// Whether somebody still waits for an answer that never came.
    bool has_unanswered() const { return !again_.empty(); }
    std::unique_ptr<Call> next_unanswered();

    /// txIds that a person is asked about, the latest last; for operators.
    const std::vector<std::string>& asked() const { return asked_; }
    long lies = 0;
    long repeats = 0;
    long vanished = 0;

private:
    struct Held {
        std::string tx;
        std::size_t login = 0;
        Micro amount = 0;
        Micro most = 0;
        bool is_awaiting = false;
    };
    /// A call as it can be sent once more.
    struct Sent {
        Call::Kind kind = Call::Kind::hold;
        std::size_t login = 0;
        HoldAsk hold;
        SettleAsk settle;
    };
    std::unique_ptr<Call> make(const Sent& sent);
    std::unique_ptr<Call> odd(std::size_t login);
    std::unique_ptr<Call> lie();
    Sent new_hold(std::size_t login);
    Sent end_of(const Held& held);
    std::unique_ptr<Call> status(std::size_t login);
    std::unique_ptr<Call> talk();
    std::size_t login_of(const Call& call) const;
    std::size_t any(std::size_t count)
    {
        return static_cast<std::size_t>(dice_.between(0, static_cast<std::int64_t>(count) - 1));
    }
    void remember(const Sent& sent);

    const Plan& plan_;
    Dice& dice_;
    std::vector<Login> logins_;
    std::vector<Held> held_;      ///< open, as far as is known
    std::vector<Held> ended_;     ///< the last few that were ended: asked for again, and lied about
    std::deque<Sent> again_;      ///< no answer came
    std::vector<Sent> answered_;  ///< the last few that were answered
    std::vector<std::string> asked_;
    int keys_ = 0;
};

}  // namespace purse::sim
