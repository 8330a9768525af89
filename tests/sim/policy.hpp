// SPDX-License-Identifier: Apache-2.0
// A random policy: as the document that the product reads, and as the plain fields that the
// shadow works with. Both come from one draw and share nothing with the product's reader.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/plan.hpp"

namespace purse::sim {

using Micro = std::int64_t;  ///< micro-USDC
using Seconds = std::int64_t;

struct DrawnService {
    std::string name;
    std::string payee;
    std::optional<Micro> ceiling;
};

struct SpanLimit {
    Seconds span = 0;
    std::int64_t limit = 0;  ///< micro-USDC or calls
};

/// Calendar caps by kind, in the order in which they are listed.
enum Calendar { hourly, daily, weekly, monthly, lifetime, per_task, per_workflow };
inline constexpr std::array<const char*, 7> kCalendarNames{
    "hourly", "daily", "weekly", "monthly", "lifetime", "perTask", "perWorkflow"};

/// A list that lets through what it names, or everything ("*").
struct DrawnList {
    std::vector<std::string> names;
    bool any = false;
    bool has(const std::string& name) const;
};

/// Open on these days (bit 0: Monday) from minute to minute, UTC; `to` may be up to 24:00.
struct DrawnHours {
    int days = 0;
    int from = 0;
    int to = 0;
};

struct DrawnApproval {
    std::optional<Micro> above;
    bool new_payee = false;
    std::optional<DrawnList> services;
    bool outside_hours = false;
    bool loop = false;
    Seconds within = 600;
    Seconds lasts = 900;
    std::optional<Micro> out_of_band_above;
};

struct DrawnRules {
    std::string name;         ///< "agent/a1", "budget/b1"
    std::vector<int> shares;  ///< places among the shared budgets
    std::optional<Micro> per_tx;
    std::array<std::optional<Micro>, 7> caps;  ///< by Calendar
    std::vector<SpanLimit> rolling;
    std::vector<SpanLimit> count;
    std::optional<SpanLimit> loop;
    std::optional<DrawnList> allow_services;
    std::optional<DrawnList> allow_payees;
    std::optional<DrawnList> deny_services;
    std::optional<DrawnList> deny_payees;
    std::vector<DrawnHours> times;
    std::optional<Seconds> ttl;
    std::optional<Seconds> max_ttl;
    std::optional<std::int64_t> percent;
    std::optional<Micro> absolute;
    bool refuses_late = false;
    bool frozen = false;
    std::optional<DrawnApproval> approval;
};

struct Policy {
    std::vector<DrawnService> services;
    std::vector<DrawnRules> budgets;
    std::vector<DrawnRules> agents;
    std::string text;  ///< the document

    const DrawnRules* agent(const std::string& name) const;  ///< without "agent/"
    const DrawnRules* rules(const std::string& name) const;  ///< "agent/a1" or "budget/b1"
    const DrawnService* service(const std::string& name) const;
    /// The agent's own rules, then every shared budget it reaches, in the document's order.
    std::vector<const DrawnRules*> charged(const DrawnRules& agent) const;
};

std::shared_ptr<const Policy> draw_policy(Dice& dice, const Plan& plan, int number);

std::string money_text(Micro amount);

inline constexpr std::array<const char*, 4> kPayees{
    "0x9900000000000000000000000000000000000001", "0x9900000000000000000000000000000000000002",
    "0x9900000000000000000000000000000000000003", "0x9900000000000000000000000000000000000004"};

}  // namespace purse::sim
