// SPDX-License-Identifier: Apache-2.0
// One thing that somebody asks of a process, and what came back.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>

#include "ledger/ledger.hpp"
#include "tests/sim/shadow.hpp"

namespace purse::sim {

struct Call {
    enum class Kind { hold, settle, status, follow_up, operate, look };

    Kind kind = Kind::look;
    Who who;
    std::string secret;
    HoldAsk hold;
    SettleAsk settle;       ///< its tx is also that of a follow-up
    std::string answered;   ///< of a follow-up
    std::string arguments;  ///< JSON, as the client sends it
    bool is_odd = false;    ///< the arguments are wrong: nothing may come of it
    bool is_asked_again = false;

    const char* name() const
    {
        static constexpr std::array kNames{"hold",      "settle",   "status",
                                           "follow-up", "operator", "look"};
        return kNames.at(static_cast<std::size_t>(kind));
    }
    bool is_tool() const { return kind != Kind::operate && kind != Kind::look; }

    // operators
    std::string act;  ///< in words
    std::function<std::string(Books&)> run;
    std::function<std::string(Shadow&)> foretell;

    // what came back
    std::optional<boost::json::object> reply;
    std::string said;  ///< of an operator's act
    std::optional<StoreError::Kind> fault;
    bool is_done = false;  ///< an answer came, or a fault
    int attempt = 0;       ///< the transaction in which it ran last; 0: it did not run
    Us now = 0;            ///< the ledger's time there
};

}  // namespace purse::sim
