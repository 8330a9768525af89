// SPDX-License-Identifier: Apache-2.0
#include "policy/rules_reader.hpp"

#include <algorithm>
#include <array>

#include "ledger/calendar.hpp"
#include "policy/limits.hpp"

namespace purse::policy {

namespace {
using json::Value;

struct SpannedLimit {
    std::optional<Span> span;
    std::optional<std::int64_t> limit;
};

/// The object "caps".
struct Caps {
    std::optional<Money> per_tx;
    std::optional<Money> hourly;
    std::optional<Money> daily;
    std::optional<Money> weekly;
    std::optional<Money> monthly;
    std::optional<Money> lifetime;
    std::optional<Money> per_task;
    std::optional<Money> per_workflow;
    std::vector<SpannedLimit> rolling;
    std::vector<SpannedLimit> count;
};

struct HoldRule {
    std::optional<Span> ttl;
    std::optional<Span> max_ttl;
};

/// What the tables below fill in.
struct Draft {
    const Catalogue* catalogue = nullptr;
    RulesDraft* out = nullptr;
    Caps caps;
    std::optional<SpannedLimit> loop;
};

struct ListsDraft {
    const Catalogue* catalogue = nullptr;
    Lists* out = nullptr;
};

// ---- lists ----

enum class Star : std::uint8_t { meant, refused };

/// Reads "services" or "categories": names that must be among the known ones.
NameList read_known(Reader& reader, const Value& value, const std::set<std::string_view>& known,
                    std::string_view kind, Star star)
{
    NameList list;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, limits::kListMax)) {
        const Reader::Step step{reader, index++};
        const auto name = reader.text(item, "the name of a " + std::string{kind});
        if (!name) continue;
        if (*name == "*" && star == Star::meant) {
            list.any = true;
        } else if (known.contains(*name)) {
            list.names.emplace_back(*name);
        } else {
            Nearest nearest{*name};
            for (const auto candidate : known) nearest.consider(candidate);
            reader.unknown(kind, *name, nearest);
        }
    }
    std::ranges::sort(list.names);
    return list;
}

NameList read_payees(Reader& reader, const Value& value, Star star)
{
    NameList list;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, limits::kListMax)) {
        const Reader::Step step{reader, index++};
        if (item.text() == "*" && star == Star::meant) {
            list.any = true;
        } else if (auto address = reader.address(item)) {
            list.names.push_back(std::move(*address));
        }
    }
    std::ranges::sort(list.names);
    return list;
}

template <Star star>
constexpr Field<ListsDraft> kListsFields[] = {
    {"services", [](Reader& r, const Value& v, ListsDraft& d) {
         d.out->services = read_known(r, v, d.catalogue->services, "service", star);
     }},
    {"payees", [](Reader& r, const Value& v, ListsDraft& d) { d.out->payees = read_payees(r, v, star); }},
    {"categories", [](Reader& r, const Value& v, ListsDraft& d) {
         d.out->categories = read_known(r, v, d.catalogue->categories, "category", Star::refused);
     }},
};

// ---- caps ----

constexpr Reader::SpanRange kWindowSpans{limits::kWindowSpanMin, limits::kWindowSpanMax};

void read_window(Reader& r, const Value& v, SpannedLimit& d) { d.span = r.span(v, kWindowSpans); }

constexpr Field<SpannedLimit> kRollingFields[] = {
    {"span", read_window, Need::required},
    {"limit", [](Reader& r, const Value& v, SpannedLimit& d) {
         if (const auto money = r.money(v)) d.limit = money->micro();
     }, Need::required},
};
constexpr Field<SpannedLimit> kCountFields[] = {
    {"span", read_window, Need::required},
    {"limit", [](Reader& r, const Value& v, SpannedLimit& d) {
         d.limit = r.integer(v, {.min = 1, .max = limits::kCallsMax});
     }, Need::required},
};

template <std::size_t N>
std::vector<SpannedLimit> read_spanned(Reader& reader, const Value& value,
                                       const Field<SpannedLimit> (&fields)[N], std::size_t count_max)
{
    std::vector<SpannedLimit> caps;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, count_max)) {
        const Reader::Step step{reader, index++};
        SpannedLimit cap;
        read_fields(reader, item, fields, cap);
        // Two caps over one span would share their counters; the smaller makes the other idle.
        const auto is_twin = [&](const SpannedLimit& other) { return cap.span && other.span == cap.span; };
        if (std::ranges::any_of(caps, is_twin))
            reader.wrong("there is a cap over " + purse::to_string(*cap.span) + " already", "another span");
        else
            caps.push_back(cap);
    }
    return caps;
}

template <std::optional<Money> Caps::* member>
void read_cap(Reader& r, const Value& v, Caps& caps) { caps.*member = r.money(v); }

constexpr Field<Caps> kCapsFields[] = {
    {"perTx", read_cap<&Caps::per_tx>},
    {"hourly", read_cap<&Caps::hourly>},
    {"daily", read_cap<&Caps::daily>},
    {"weekly", read_cap<&Caps::weekly>},
    {"monthly", read_cap<&Caps::monthly>},
    {"lifetime", read_cap<&Caps::lifetime>},
    {"perTask", read_cap<&Caps::per_task>},
    {"perWorkflow", read_cap<&Caps::per_workflow>},
    {"rolling", [](Reader& r, const Value& v, Caps& caps) {
         caps.rolling = read_spanned(r, v, kRollingFields, limits::kRollingCapsMax);
     }},
    {"count", [](Reader& r, const Value& v, Caps& caps) {
         caps.count = read_spanned(r, v, kCountFields, limits::kCountCapsMax);
     }},
};

// ---- times ----

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

void read_days(Reader& reader, const Value& value, Hours& hours)
{
    hours.days = 0;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, kDays.size())) {
        const Reader::Step step{reader, index++};
        static constexpr std::string_view kExpected = "one of mon, tue, wed, thu, fri, sat, sun";
        const auto name = reader.text(item, kExpected);
        if (!name) continue;
        const auto day = std::ranges::find(kDays, *name);
        if (day == kDays.end())
            reader.wrong(quoted(*name) + " is not a day", std::string{kExpected});
        else
            hours.days = static_cast<std::uint8_t>(hours.days | 1U << (day - kDays.begin()));
    }
    if (value.is(json::Kind::array) && value.items().empty())
        reader.wrong("has no day", "at least one day, or no \"days\" for every day");
}

void read_zone(Reader& reader, const Value& value, Hours& hours)
{
    static constexpr std::string_view kExpected = "a name of the IANA time zone database such as \"Europe/Berlin\"";
    const auto name = reader.text(value, kExpected);
    if (!name) return;
    if (const auto zone = find_zone(*name)) {
        hours.zone_name = std::string{*name};
        hours.zone = *zone;
    } else {
        reader.wrong(quoted(*name) + " is not a time zone of this system", std::string{kExpected});
    }
}

constexpr Field<Hours> kTimesFields[] = {
    {"days", read_days},
    {"from", [](Reader& r, const Value& v, Hours& h) {
         if (const auto minute = r.time_of_day(v)) h.from_minute = *minute;
     }},
    {"to", [](Reader& r, const Value& v, Hours& h) {
         if (const auto minute = r.time_of_day(v)) h.to_minute = *minute;
     }},
    {"timeZone", read_zone},
};

void read_times(Reader& reader, const Value& value, Draft& draft)
{
    std::size_t index = 0;
    for (const auto& item : reader.array(value, limits::kTimesMax)) {
        const Reader::Step step{reader, index++};
        Hours hours;
        if (!read_fields(reader, item, kTimesFields, hours)) continue;
        if (hours.from_minute == hours.to_minute || hours.from_minute == Hours{}.to_minute)
            reader.wrong("opens and closes at the same time", "a \"from\" that differs from \"to\"");
        draft.out->budget.times.push_back(std::move(hours));
    }
    if (value.is(json::Kind::array) && value.items().empty())
        reader.wrong("has no entry", "at least one, or no \"times\" for always; to stop an agent use \"frozen\"");
}

// ---- the rest ----

constexpr Reader::SpanRange kTtlSpans{limits::kHoldTtlMin, limits::kHoldTtlMax};

constexpr Field<HoldRule> kHoldFields[] = {
    {"ttl", [](Reader& r, const Value& v, HoldRule& h) { h.ttl = r.span(v, kTtlSpans); }},
    {"maxTtl", [](Reader& r, const Value& v, HoldRule& h) { h.max_ttl = r.span(v, kTtlSpans); }},
};

void read_hold(Reader& reader, const Value& value, Draft& draft)
{
    HoldRule hold;
    if (!read_fields(reader, value, kHoldFields, hold)) return;
    if (hold.ttl && hold.max_ttl && *hold.ttl > *hold.max_ttl) {
        const Reader::Step step{reader, "ttl"};
        reader.wrong(purse::to_string(*hold.ttl) + " is above maxTtl", "at most " + purse::to_string(*hold.max_ttl));
    }
    draft.out->budget.ttl = hold.ttl;
    draft.out->budget.max_ttl = hold.max_ttl;
}

constexpr Field<OverCapture> kOverCaptureFields[] = {
    {"percent", [](Reader& r, const Value& v, OverCapture& o) { o.percent_micro = r.percent_micro(v); }},
    {"absolute", [](Reader& r, const Value& v, OverCapture& o) { o.absolute = r.money(v); }},
};

void read_over_capture(Reader& reader, const Value& value, Draft& draft)
{
    OverCapture rule;
    if (!read_fields(reader, value, kOverCaptureFields, rule)) return;
    if (value.items().empty()) reader.wrong("says nothing", "\"percent\", \"absolute\" or both");
    draft.out->budget.over_capture = rule;
}

constexpr Field<SpannedLimit> kLoopGuardFields[] = {
    {"times", [](Reader& r, const Value& v, SpannedLimit& d) {
         d.limit = r.integer(v, {.min = limits::kLoopTimesMin, .max = limits::kCallsMax});
     }, Need::required},
    {"span", [](Reader& r, const Value& v, SpannedLimit& d) {
         d.span = r.span(v, {limits::kWindowSpanMin, limits::kLoopSpanMax});
     }, Need::required},
};

void read_shares(Reader& reader, const Value& value, Draft& draft)
{
    auto& shares = draft.out->shares;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, limits::kSharedBudgetsMax)) {
        const Reader::Step step{reader, index++};
        const auto name = reader.text(item, "the name of a budget under \"budgets\"");
        if (!name) continue;
        if (!draft.catalogue->budgets.contains(*name)) {
            Nearest nearest{*name};
            for (const auto candidate : draft.catalogue->budgets) nearest.consider(candidate);
            reader.unknown("budget", *name, nearest);
        } else if (std::ranges::find(shares, *name) != shares.end()) {
            reader.wrong(quoted(*name) + " stands here twice", "each budget once");
        } else {
            shares.push_back(*name);
        }
    }
}

void read_late_settle(Reader& reader, const Value& value, Draft& draft)
{
    static constexpr std::string_view kExpected = "\"recheck\" or \"refuse\"";
    const auto word = reader.text(value, kExpected);
    if (!word) return;
    if (*word == "refuse")
        draft.out->budget.late_settle = LateSettle::refuse;
    else if (*word != "recheck")
        reader.wrong(quoted(*word) + " is not a way to settle late", std::string{kExpected});
}

template <Lists Budget::* member, Star star>
void read_lists(Reader& reader, const Value& value, Draft& draft)
{
    ListsDraft lists{.catalogue = draft.catalogue, .out = &(draft.out->budget.*member)};
    read_fields(reader, value, kListsFields<star>, lists);
}

constexpr Field<Draft> kRulesFields[] = {
    {"description", [](Reader& r, const Value& v, Draft& d) {
         d.out->budget.description = r.description(v).value_or("");
     }},
    {"budgets", read_shares},
    {"caps", [](Reader& r, const Value& v, Draft& d) { read_fields(r, v, kCapsFields, d.caps); }},
    {"allow", read_lists<&Budget::allow, Star::meant>},
    {"deny", read_lists<&Budget::deny, Star::refused>},
    {"times", read_times},
    {"hold", read_hold},
    {"overCapture", read_over_capture},
    {"lateSettle", read_late_settle},
    {"loopGuard", [](Reader& r, const Value& v, Draft& d) {
         read_fields(r, v, kLoopGuardFields, d.loop.emplace());
     }},
    {"frozen", [](Reader& r, const Value& v, Draft& d) {
         d.out->budget.frozen = r.boolean(v).value_or(true);
     }},
};

// ---- what the ledger counts ----

class CapList {
public:
    CapList(std::vector<CapRule>& caps, std::string_view budget) : caps_{caps}, budget_{budget} {}

    void calls(std::string_view word, const SpannedLimit& cap, Reason reason)
    {
        if (!cap.span || !cap.limit) return;  // a mistake, noted before
        caps_.push_back({.budget = budget_, .kind = std::string{word} + " " + purse::to_string(*cap.span),
                         .unit = Unit::calls, .window = Window::rolling, .span = *cap.span,
                         .limit = *cap.limit, .reason = reason});
    }
    void money(std::string_view kind, Window window, std::optional<Money> limit)
    {
        caps_.push_back({.budget = budget_, .kind = std::string{kind}, .window = window, .span = {},
                         .limit = limit ? limit->micro() : kNoLimit});
    }
    void money_if(std::string_view kind, Window window, std::optional<Money> limit)
    {
        if (limit) money(kind, window, limit);
    }
    void rolling(const SpannedLimit& cap)
    {
        if (!cap.span || !cap.limit) return;
        caps_.push_back({.budget = budget_, .kind = "rolling " + purse::to_string(*cap.span),
                         .window = Window::rolling, .span = *cap.span, .limit = *cap.limit});
    }

private:
    std::vector<CapRule>& caps_;
    std::string budget_;
};

/// In published order. What is not capped is counted all the same where a cap may come later.
void build_caps(const Draft& draft, Holder holder)
{
    auto& budget = draft.out->budget;
    const auto& caps = draft.caps;
    CapList list{budget.caps, budget.name};
    if (draft.loop) list.calls("loop", *draft.loop, Reason::loop_detected);
    for (const auto& count : caps.count) list.calls("count", count, Reason::rate_limit_reached);
    list.money_if("hourly", Window::hour, caps.hourly);
    list.money("daily", Window::day, caps.daily);
    list.money("weekly", Window::week, caps.weekly);
    list.money("monthly", Window::month, caps.monthly);
    list.money("lifetime", Window::lifetime, caps.lifetime);
    if (holder == Holder::agent || caps.per_task) list.money("perTask", Window::lifetime, caps.per_task);
    if (holder == Holder::agent || caps.per_workflow)
        list.money("perWorkflow", Window::lifetime, caps.per_workflow);
    for (const auto& rolling : caps.rolling) list.rolling(rolling);
}
}  // namespace

RulesDraft read_rules(Reader& reader, const RulesSource& source, const Catalogue& catalogue)
{
    RulesDraft rules;
    const bool is_agent = source.holder == Holder::agent;
    rules.budget.name = (is_agent ? "agent/" : "budget/") + std::string{source.value.key()};
    Draft draft{.catalogue = &catalogue, .out = &rules, .caps = {}, .loop = {}};
    read_fields(reader, source.value, kRulesFields, draft);
    rules.budget.per_tx = draft.caps.per_tx;
    rules.budget.needs_task = draft.caps.per_task.has_value();
    rules.budget.needs_workflow = draft.caps.per_workflow.has_value();
    build_caps(draft, source.holder);
    return rules;
}

std::vector<KnownFields> known_rules_fields()
{
    return {{"rules", names_of(kRulesFields)},
            {"caps", names_of(kCapsFields)},
            {"rolling", names_of(kRollingFields)},
            {"count", names_of(kCountFields)},
            {"allow", names_of(kListsFields<Star::meant>)},
            {"deny", names_of(kListsFields<Star::refused>)},
            {"times", names_of(kTimesFields)},
            {"hold", names_of(kHoldFields)},
            {"overCapture", names_of(kOverCaptureFields)},
            {"loopGuard", names_of(kLoopGuardFields)}};
}

}  // namespace purse::policy
