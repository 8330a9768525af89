// SPDX-License-Identifier: Apache-2.0
// Requests of ours that a legacy client has not answered yet (elicitation/create and the like), and
// the calls that wait for them. One table a session. Any thread may ask; the reading thread brings
// the answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/mcp/call.hpp"
#include "server/mcp/guarded.hpp"

namespace purse::server {

class Asks {
public:
    /// Sends the questions of one round on the call's own transport; the call goes on when all are
    /// answered. False: too many are open already, or no answers will come any more (take_all);
    /// nothing was sent.
    bool ask(const std::shared_ptr<Call>& call, NeedsInput needs);

    /// What an answer brought.
    struct Arrival {
        std::shared_ptr<Call> call;  ///< nullptr: not complete yet, or nobody waits for it
        std::string inputs;          ///< the JSON object of all answers, by key
        std::string state;
    };
    /// `message` is a response of the client.
    Arrival answer(const Message& message);

    /// A call that waits for answers, and what to do when none come (NeedsInput::unanswered).
    struct Waiting {
        std::shared_ptr<Call> call;
        std::function<void(Responder, Unanswered)> unanswered;
    };
    /// Counts one tick; returns the calls that have waited for kAskTicks, for the last time. Their
    /// questions are withdrawn (notifications/cancelled).
    std::vector<Waiting> tick();
    /// The client has gone: every call that waits, for the last time. None can wait after it.
    std::vector<Waiting> take_all();
    /// A call waits no longer, its questions are withdrawn. Nothing: it did not wait.
    std::optional<Waiting> forget(const Call& call);

private:
    struct Round {
        std::shared_ptr<Call> call;
        std::function<void(Responder, Unanswered)> unanswered;
        std::string state;
        std::string inputs;
        std::size_t missing = 0;
        std::uint64_t since = 0;  // in ticks
        bool ended = false;
    };
    struct Question {
        std::shared_ptr<Round> round;
        std::string key;
    };
    struct Table {
        std::unordered_map<std::string, Question> questions;  // by id, as JSON text
        std::uint64_t asked = 0;
        std::uint64_t ticks = 0;
        bool closed = false;
    };
    struct Ended {
        std::vector<Waiting> calls;
        std::vector<std::pair<std::shared_ptr<Call>, std::string>> questions;  // with their ids
    };
    /// Removes the questions of rounds that `ends` picks.
    template <typename Ends>
    static Ended end_rounds(Table& table, Ends ends);
    static void withdraw(const Ended& ended);

    Guarded<Table> table_;
};

}  // namespace purse::server
