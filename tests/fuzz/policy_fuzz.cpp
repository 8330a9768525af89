// SPDX-License-Identifier: Apache-2.0
// A policy document that somebody wrote or generated. Mistakes are few, placed and printable; what
// is taken keeps to its bounds, means the same when it is written without comments, and can be
// decided by: what is refused is refused in the published order, and legs are the agent's own.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/json.hpp"
#include "policy/decision.hpp"
#include "policy/limits.hpp"
#include "policy/name.hpp"
#include "tests/fuzz/check.hpp"

namespace {
using namespace purse;
using namespace purse::policy;
using fuzz::check;

/// A Monday, 2026-11-23 12:00 UTC.
constexpr Instant kNoon{1'795'435'200'000'000};

void check_mistakes(const Mistakes& mistakes)
{
    check(!mistakes.empty() && mistakes.size() <= kMistakesMax, "a few mistakes");
    for (const auto& mistake : mistakes) {
        check(mistake.path.starts_with('$') && !mistake.what.empty(), "what is wrong, and where");
        check(!to_string(mistake).empty(), "a mistake has words");
    }
    const auto all = to_string(mistakes);
    check(json::well_formed(all) == all, "mistakes are fit for JSON");
}

void check_times(const Budget& budget)
{
    check(budget.times.size() <= limits::kTimesMax, "the number of times");
    for (const auto& hours : budget.times) {
        check(hours.days != 0 && hours.days < 128, "days of a week");
        check(hours.from_minute >= 0 && hours.from_minute < 24 * 60, "an opening");
        check(hours.to_minute > 0 && hours.to_minute <= 24 * 60, "a closing");
    }
    if (budget.times.empty()) return;
    check(!to_string(budget.times).empty(), "times have words");
    const auto change = next_change(budget.times, kNoon);
    if (!change) return;
    check(*change > kNoon && *change <= kNoon + limits::kHoursSearch, "a change is ahead");
    check(open_at(budget.times, *change) != open_at(budget.times, kNoon), "a change changes");
    const Instant before{change->us - 1};
    check(open_at(budget.times, before) == open_at(budget.times, kNoon), "the first change");
}

void check_budget(const Document& document, const Budget& budget)
{
    for (const auto& cap : budget.caps) {
        check(cap.budget == budget.name && !cap.kind.empty(), "a cap knows its budget");
        check(cap.limit >= 0, "a limit is not negative");
        check(cap.unit == Unit::calls || cap.limit == kNoLimit || cap.limit <= Money::max().micro(),
              "a limit is an amount");
        if (cap.window == Window::rolling)
            check(cap.span >= limits::kWindowSpanMin && cap.span <= limits::kWindowSpanMax,
                  "the span of a window");
        check(limit_of(document, budget.name, cap.kind) == cap.limit, "a limit is found again");
    }
    if (budget.over_capture)
        check(budget.over_capture->excess(Money::max()) <= Money::max(), "what is captured over");
    if (budget.max_ttl) check(*budget.max_ttl <= limits::kHoldTtlMax, "how long a hold lasts");
    if (budget.approval) {
        check(budget.approval->within >= limits::kApprovalWithinMin &&
                  budget.approval->within <= limits::kApprovalWithinMax,
              "how long a person has");
    }
    check_times(budget);
}

void check_decision(const Document& document, const Agent& agent, const Purchase& what)
{
    const Ask ask{.agent = agent.name, .what = what, .ttl = {}, .now = kNoon};
    const auto now = decide(document, {}, ask);
    check(now.ttl >= limits::kHoldTtlMin && now.ttl <= limits::kHoldTtlMax, "how long it holds");
    for (const auto& decision : {now, decide_late(document, {}, ask)}) {
        check(std::ranges::is_sorted(decision.refusals, {}, &Refusal::reason), "published order");
        for (const auto& refusal : decision.refusals)
            check(!refusal.rule.empty() && !refusal.detail.empty(), "a refusal has words");
        check(decision.max_capture >= what.amount && decision.max_capture.micro() >= 0,
              "a capture is not less than the hold");
        check(decision.valid_until > kNoon, "an answer holds for a moment");
        for (const auto& leg : decision.legs)
            check(std::ranges::any_of(agent.charges,
                                      [&](const Charge& one) { return one.rule == leg.rule; }),
                  "a leg is one of the agent's");
    }
}

void check_agent(const Document& document, const Agent& agent)
{
    check(is_name(agent.name) && document.agent(agent.name) == &agent, "an agent is found again");
    check(!agent.charged.empty() && agent.charged.size() <= 1 + limits::kSharedBudgetsMax,
          "the number of budgets");
    for (const auto* budget : agent.charged) check_budget(document, *budget);
    check(std::ranges::is_sorted(agent.charges, {},
                                 [](const Charge& charge) { return charge.rule->reason; }),
          "charges are in the published order");
    Purchase what{.service = {},
                  .payee = {},
                  .amount = Money::from_micro(1),
                  .purpose = "x",
                  .task = "t",
                  .workflow = {}};
    for (const auto& service :
         document.services().first(std::min<std::size_t>(document.services().size(), 4))) {
        what.service = service.name;
        check_decision(document, agent, what);
    }
    what.service = "images";
    what.amount = Money::max();
    check_decision(document, agent, what);
    what.service.clear();
    what.payee = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";
    check_decision(document, agent, what);
}

/// Without comments, blanks and trailing commas.
std::string compact(std::string_view text)
{
    const auto tree = json::parse(text, {.depth_max = limits::kDepthMax, .comments = true});
    check(tree.has_value(), "what is taken is JSON with comments");
    std::string out;
    json::append(out, tree->root());
    return out;
}
}  // namespace

// The name and the linkage are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto document = parse_document(text);
    if (!document) {
        check_mistakes(document.error());
        return 0;
    }
    const auto& read = **document;
    for (const auto& service : read.services()) {
        check(is_name(service.name) && is_address(service.payee), "a service and its payee");
        check(read.service(service.name) == &service, "a service is found again");
        const auto payees = read.services_of(service.payee);
        check(std::ranges::find(payees, &service) != payees.end(), "a payee leads to its service");
    }
    for (const auto& agent : read.agents().first(std::min<std::size_t>(read.agents().size(), 8)))
        check_agent(read, agent);
    check(decide(read, {}, {.agent = "nobody", .what = {}, .ttl = {}, .now = kNoon})
                      .refusals.front()
                      .reason == Reason::agent_unknown ||
              read.agent("nobody") != nullptr,
          "strangers are strangers");
    const auto again = parse_document(compact(text));
    check(again.has_value(), "comments do not matter");
    check((*again)->agents().size() == read.agents().size(), "and mean nothing");
    return 0;
}
