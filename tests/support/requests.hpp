// SPDX-License-Identifier: Apache-2.0
// Short words for caps, legs and requests.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "ledger/hold.hpp"

namespace purse::test {

inline Money usdc(std::string_view text)
{
    return Money::parse(text).value();
}
inline Money micro(std::int64_t count)
{
    return Money::from_micro(count);
}

inline constexpr const char* kAgent = "painter";
inline constexpr const char* kPayee = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";

/// Rules of caps; legs point into it, so it outlives them. A deque: addresses stay.
class Rules {
public:
    /// A money cap over a calendar window or for ever.
    CapRule& money(std::string kind, Window window, std::int64_t limit,
                   std::string budget = "agent/painter")
    {
        return rules_.emplace_back(CapRule{.budget = std::move(budget),
                                           .kind = std::move(kind),
                                           .window = window,
                                           .limit = limit});
    }
    CapRule& rolling(Span span, std::int64_t limit, std::string budget = "agent/painter")
    {
        return rules_.emplace_back(CapRule{.budget = std::move(budget),
                                           .kind = "rolling " + to_string(span),
                                           .window = Window::rolling,
                                           .span = span,
                                           .limit = limit});
    }
    CapRule& count(Span span, std::int64_t limit, std::string budget = "agent/painter")
    {
        return rules_.emplace_back(CapRule{.budget = std::move(budget),
                                           .kind = "count " + to_string(span),
                                           .unit = Unit::calls,
                                           .window = Window::rolling,
                                           .span = span,
                                           .limit = limit,
                                           .reason = Reason::rate_limit_reached});
    }

    /// One leg for each rule, without a scope.
    std::vector<Leg> legs() const
    {
        std::vector<Leg> all;
        for (const auto& rule : rules_) all.push_back({.rule = &rule, .scope = {}});
        return all;
    }
    /// The limits as they stand, as a settle asks for them.
    LimitOf limits() const
    {
        return [this](std::string_view budget, std::string_view kind) {
            for (const auto& rule : rules_)
                if (rule.budget == budget && rule.kind == kind) return rule.limit;
            return kNoLimit;
        };
    }
    CapRule& operator[](std::size_t i) { return rules_.at(i); }

private:
    std::deque<CapRule> rules_;
};

/// A request for a hold; tests change what matters to them.
inline HoldRequest ask(const Rules& rules, Money amount, std::string key = {})
{
    HoldRequest request;
    request.who = {.agent = kAgent, .credential = "c1", .session = "s1", .client = "test 1"};
    request.what = {.service = "images",
                    .payee = kPayee,
                    .amount = amount,
                    .purpose = "a picture",
                    .task = "t1",
                    .workflow = {}};
    request.fingerprint = sha256({key, amount.to_string()});
    request.key = std::move(key);
    request.ttl = Span::minutes(2);
    request.max_capture = amount;
    request.legs = rules.legs();
    return request;
}

}  // namespace purse::test
