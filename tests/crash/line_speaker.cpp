// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "tests/crash/speaker.hpp"

namespace purse::test {

std::string LineSpeaker::say(const Operation& operation) const
{
    const auto id = std::to_string(operation.id);
    const auto amount = std::to_string(operation.amount);
    switch (operation.kind) {
        case Operation::Kind::hold:
            return id + " hold " + operation.task + " " + amount + " " + operation.key + "\n";
        case Operation::Kind::settle: return id + " settle " + operation.tx + " " + amount + "\n";
        case Operation::Kind::give_back: return id + " void " + operation.tx + "\n";
    }
    return {};
}

std::optional<Outcome> LineSpeaker::hear(const std::string& line) const
{
    std::istringstream in{line};
    Outcome outcome;
    std::string word;
    if (!(in >> outcome.id >> word)) return std::nullopt;
    if (word == "approved") {
        outcome.kind = Outcome::Kind::approved;
        if (!(in >> outcome.tx >> outcome.amount)) return std::nullopt;
    } else if (word == "settled") {
        outcome.kind = Outcome::Kind::settled;
        if (!(in >> outcome.amount)) return std::nullopt;
    } else if (word == "voided") {
        outcome.kind = Outcome::Kind::voided;
    } else if (word == "lapsed") {
        outcome.kind = Outcome::Kind::lapsed;
    } else if (word == "refused") {
        outcome.kind = Outcome::Kind::refused;
    } else {
        outcome.kind = Outcome::Kind::failed;
    }
    return outcome;
}

}  // namespace purse::test
