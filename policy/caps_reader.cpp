// SPDX-License-Identifier: Apache-2.0
#include "policy/caps_reader.hpp"

#include <algorithm>

#include "ledger/calendar.hpp"
#include "policy/limits.hpp"

namespace purse::policy {

namespace {
using json::Value;

constexpr Reader::SpanRange kWindowSpans{limits::kWindowSpanMin, limits::kWindowSpanMax};

void read_window(Reader& r, const Value& v, SpannedLimit& d)
{
    d.span = r.span(v, kWindowSpans);
}

constexpr Field<SpannedLimit> kRollingFields[] = {
    {"span", read_window, Need::required},
    {"limit",
     [](Reader& r, const Value& v, SpannedLimit& d) {
         if (const auto money = r.money(v)) d.limit = money->micro();
     },
     Need::required},
};
constexpr Field<SpannedLimit> kCountFields[] = {
    {"span", read_window, Need::required},
    {"limit",
     [](Reader& r, const Value& v, SpannedLimit& d) {
         d.limit = r.integer(v, {.min = 1, .max = limits::kCallsMax});
     },
     Need::required},
};

template <std::size_t N>
std::vector<SpannedLimit> read_spanned(Reader& reader, const Value& value,
                                       const Field<SpannedLimit> (&fields)[N],
                                       std::size_t count_max)
{
    std::vector<SpannedLimit> caps;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, count_max)) {
        const Reader::Step step{reader, index++};
        SpannedLimit cap;
        read_fields(reader, item, fields, cap);
        // Two caps over one span would share their counters; the smaller makes the other idle.
        const auto is_twin = [&](const SpannedLimit& other) {
            return cap.span && other.span == cap.span;
        };
        if (std::ranges::any_of(caps, is_twin))
            reader.wrong("there is a cap over " + purse::to_string(*cap.span) + " already",
                         "another span");
        else
            caps.push_back(cap);
    }
    return caps;
}

template <std::optional<Money> CapsDraft::* member>
void read_cap(Reader& r, const Value& v, CapsDraft& caps)
{
    caps.*member = r.money(v);
}

constexpr Field<CapsDraft> kCapsFields[] = {
    {"perTx", read_cap<&CapsDraft::per_tx>},
    {"hourly", read_cap<&CapsDraft::hourly>},
    {"daily", read_cap<&CapsDraft::daily>},
    {"weekly", read_cap<&CapsDraft::weekly>},
    {"monthly", read_cap<&CapsDraft::monthly>},
    {"lifetime", read_cap<&CapsDraft::lifetime>},
    {"perTask", read_cap<&CapsDraft::per_task>},
    {"perWorkflow", read_cap<&CapsDraft::per_workflow>},
    {"rolling",
     [](Reader& r, const Value& v, CapsDraft& caps) {
         caps.rolling = read_spanned(r, v, kRollingFields, limits::kRollingCapsMax);
     }},
    {"count",
     [](Reader& r, const Value& v, CapsDraft& caps) {
         caps.count = read_spanned(r, v, kCountFields, limits::kCountCapsMax);
     }},
};

constexpr Field<SpannedLimit> kLoopGuardFields[] = {
    {"times",
     [](Reader& r, const Value& v, SpannedLimit& d) {
         d.limit = r.integer(v, {.min = limits::kLoopTimesMin, .max = limits::kCallsMax});
     },
     Need::required},
    {"span",
     [](Reader& r, const Value& v, SpannedLimit& d) {
         d.span = r.span(v, {limits::kWindowSpanMin, limits::kLoopSpanMax});
     },
     Need::required},
};

class CapList {
public:
    CapList(std::vector<CapRule>& caps, std::string_view budget) : caps_{caps}, budget_{budget} {}

    void calls(std::string_view word, const SpannedLimit& cap, Reason reason,
               Asks asks = Asks::never)
    {
        if (!cap.span || !cap.limit) return;  // a mistake, noted before
        caps_.push_back({.budget = budget_,
                         .kind = std::string{word} + " " + purse::to_string(*cap.span),
                         .unit = Unit::calls,
                         .window = Window::rolling,
                         .span = *cap.span,
                         .limit = *cap.limit,
                         .reason = reason,
                         .asks = asks});
    }
    void money(std::string_view kind, Window window, std::optional<Money> limit)
    {
        caps_.push_back({.budget = budget_,
                         .kind = std::string{kind},
                         .window = window,
                         .span = {},
                         .limit = limit ? limit->micro() : kNoLimit});
    }
    void money_if(std::string_view kind, Window window, std::optional<Money> limit)
    {
        if (limit) money(kind, window, limit);
    }
    /// What was ever paid to each payee: never a limit, only a memory.
    void payees()
    {
        caps_.push_back({.budget = budget_,
                         .kind = "payee",
                         .window = Window::lifetime,
                         .span = {},
                         .asks = Asks::when_unspent});
    }
    void rolling(const SpannedLimit& cap)
    {
        if (!cap.span || !cap.limit) return;
        caps_.push_back({.budget = budget_,
                         .kind = "rolling " + purse::to_string(*cap.span),
                         .window = Window::rolling,
                         .span = *cap.span,
                         .limit = *cap.limit});
    }

private:
    std::vector<CapRule>& caps_;
    std::string budget_;
};
}  // namespace

void read_caps(Reader& reader, const Value& value, CapsDraft& caps)
{
    read_fields(reader, value, kCapsFields, caps);
}

void read_loop_guard(Reader& reader, const Value& value, CapsDraft& caps)
{
    read_fields(reader, value, kLoopGuardFields, caps.loop.emplace());
}

std::vector<CapRule> build_caps(const CapsDraft& caps, CapsOf of)
{
    std::vector<CapRule> rules;
    CapList list{rules, of.budget};
    const bool is_agent = of.holder == Holder::agent;
    if (caps.loop) list.calls("loop", *caps.loop, Reason::loop_detected, caps.loop_asks);
    for (const auto& count : caps.count) list.calls("count", count, Reason::rate_limit_reached);
    list.money_if("hourly", Window::hour, caps.hourly);
    list.money("daily", Window::day, caps.daily);
    list.money("weekly", Window::week, caps.weekly);
    list.money("monthly", Window::month, caps.monthly);
    list.money("lifetime", Window::lifetime, caps.lifetime);
    if (is_agent || caps.per_task) list.money("perTask", Window::lifetime, caps.per_task);
    if (is_agent || caps.per_workflow)
        list.money("perWorkflow", Window::lifetime, caps.per_workflow);
    for (const auto& rolling : caps.rolling) list.rolling(rolling);
    if (caps.asks_new_payee) list.payees();
    return rules;
}

std::vector<KnownFields> known_caps_fields()
{
    return {{"caps", names_of(kCapsFields)},
            {"rolling", names_of(kRollingFields)},
            {"count", names_of(kCountFields)},
            {"loopGuard", names_of(kLoopGuardFields)}};
}

}  // namespace purse::policy
