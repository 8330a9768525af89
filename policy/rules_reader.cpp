// SPDX-License-Identifier: Apache-2.0
#include "policy/rules_reader.hpp"

#include <algorithm>
#include <iterator>

#include "ledger/calendar.hpp"
#include "policy/caps_reader.hpp"
#include "policy/hours_reader.hpp"
#include "policy/limits.hpp"

namespace purse::policy {

namespace {
using json::Value;

struct HoldRule {
    std::optional<Span> ttl;
    std::optional<Span> max_ttl;
};

/// What the tables below fill in.
struct Draft {
    const Catalogue* catalogue = nullptr;
    RulesDraft* out = nullptr;
    CapsDraft caps;
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
            reader.unknown(kind, *name, known);
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
    {"services",
     [](Reader& r, const Value& v, ListsDraft& d) {
         d.out->services = read_known(r, v, d.catalogue->services, "service", star);
     }},
    {"payees",
     [](Reader& r, const Value& v, ListsDraft& d) { d.out->payees = read_payees(r, v, star); }},
    {"categories",
     [](Reader& r, const Value& v, ListsDraft& d) {
         d.out->categories = read_known(r, v, d.catalogue->categories, "category", Star::refused);
     }},
};

// ---- holds ----

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
        reader.wrong(purse::to_string(*hold.ttl) + " is above maxTtl",
                     "at most " + purse::to_string(*hold.max_ttl));
    }
    draft.out->budget.ttl = hold.ttl;
    draft.out->budget.max_ttl = hold.max_ttl;
}

constexpr Field<OverCapture> kOverCaptureFields[] = {
    {"percent",
     [](Reader& r, const Value& v, OverCapture& o) { o.percent_micro = r.percent_micro(v); }},
    {"absolute", [](Reader& r, const Value& v, OverCapture& o) { o.absolute = r.money(v); }},
};

void read_over_capture(Reader& reader, const Value& value, Draft& draft)
{
    OverCapture rule;
    if (!read_fields(reader, value, kOverCaptureFields, rule)) return;
    if (value.items().empty()) reader.wrong("says nothing", "\"percent\", \"absolute\" or both");
    draft.out->budget.over_capture = rule;
}

// ---- approval ----

constexpr Reader::SpanRange kApprovalSpans{limits::kApprovalWithinMin, limits::kApprovalWithinMax};

struct ApprovalDraft {
    const Catalogue* catalogue = nullptr;
    ApprovalRule rule;
};

constexpr Field<ApprovalDraft> kApprovalFields[] = {
    {"above", [](Reader& r, const Value& v, ApprovalDraft& d) { d.rule.above = r.money(v); }},
    {"newPayee", [](Reader& r, const Value& v,
                    ApprovalDraft& d) { d.rule.new_payee = r.boolean(v).value_or(true); }},
    {"services",
     [](Reader& r, const Value& v, ApprovalDraft& d) {
         d.rule.services = read_known(r, v, d.catalogue->services, "service", Star::meant);
     }},
    {"outsideHours", [](Reader& r, const Value& v,
                        ApprovalDraft& d) { d.rule.outside_hours = r.boolean(v).value_or(true); }},
    {"loop", [](Reader& r, const Value& v,
                ApprovalDraft& d) { d.rule.loop = r.boolean(v).value_or(true); }},
    {"within",
     [](Reader& r, const Value& v, ApprovalDraft& d) {
         d.rule.within = r.span(v, kApprovalSpans).value_or(d.rule.within);
     }},
    {"lasts", [](Reader& r, const Value& v,
                 ApprovalDraft& d) { d.rule.lasts = r.span(v, kTtlSpans).value_or(d.rule.lasts); }},
    {"outOfBandAbove",
     [](Reader& r, const Value& v, ApprovalDraft& d) { d.rule.out_of_band_above = r.money(v); }},
};

void read_approval(Reader& reader, const Value& value, Draft& draft)
{
    ApprovalDraft approval{.catalogue = draft.catalogue, .rule = {}};
    auto& rule = approval.rule;
    rule.within = limits::kApprovalWithinDefault;
    rule.lasts = limits::kApprovalLastsDefault;
    const auto mistakes = reader.mistakes().size();
    if (!read_fields(reader, value, kApprovalFields, approval)) return;
    const bool asks = rule.above || rule.new_payee || !rule.services.names.empty() ||
                      rule.services.any || rule.outside_hours || rule.loop;
    // A mistake that was noted is no silence.
    if (!asks && reader.mistakes().size() == mistakes)
        reader.wrong("asks for nothing",
                     "\"above\", \"newPayee\", \"services\", \"outsideHours\" or \"loop\"");
    draft.out->budget.approval = std::move(rule);
}

/// A wish that can never come true is a mistake of whoever wrote it.
void check_approval(Reader& reader, const Value& value, const Draft& draft)
{
    const auto& budget = draft.out->budget;
    if (!budget.approval) return;
    const Reader::Step approval{reader, "approval"};
    const auto needs = [&](std::string_view member, std::string_view other) {
        const Reader::Step step{reader, member};
        reader.wrong("needs \"" + std::string{other} + "\" beside \"approval\"");
    };
    if (budget.approval->outside_hours && value.find("times") == nullptr)
        needs("outsideHours", "times");
    if (budget.approval->loop && value.find("loopGuard") == nullptr) needs("loop", "loopGuard");
}

// ---- shared budgets, words ----

void read_shares(Reader& reader, const Value& value, Draft& draft)
{
    auto& shares = draft.out->shares;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, limits::kSharedBudgetsMax)) {
        const Reader::Step step{reader, index++};
        const auto name = reader.text(item, "the name of a budget under \"budgets\"");
        if (!name) continue;
        if (!draft.catalogue->budgets.contains(*name)) {
            reader.unknown("budget", *name, draft.catalogue->budgets);
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
    {"description", [](Reader& r, const Value& v,
                       Draft& d) { d.out->budget.description = r.description(v).value_or(""); }},
    {"budgets", read_shares},
    {"caps", [](Reader& r, const Value& v, Draft& d) { read_caps(r, v, d.caps); }},
    {"allow", read_lists<&Budget::allow, Star::meant>},
    {"deny", read_lists<&Budget::deny, Star::refused>},
    {"times", [](Reader& r, const Value& v, Draft& d) { d.out->budget.times = read_times(r, v); }},
    {"hold", read_hold},
    {"overCapture", read_over_capture},
    {"lateSettle", read_late_settle},
    {"approval", read_approval},
    {"loopGuard", [](Reader& r, const Value& v, Draft& d) { read_loop_guard(r, v, d.caps); }},
    {"frozen", [](Reader& r, const Value& v,
                  Draft& d) { d.out->budget.frozen = r.boolean(v).value_or(true); }},
};

}  // namespace

RulesDraft read_rules(Reader& reader, const RulesSource& source, const Catalogue& catalogue)
{
    RulesDraft rules;
    const bool is_agent = source.holder == Holder::agent;
    rules.budget.name = (is_agent ? "agent/" : "budget/") + std::string{source.value.key()};
    Draft draft{.catalogue = &catalogue, .out = &rules, .caps = {}};
    read_fields(reader, source.value, kRulesFields, draft);
    check_approval(reader, source.value, draft);
    if (const auto& approval = rules.budget.approval) {
        draft.caps.loop_asks = approval->loop ? Asks::when_full : Asks::never;
        draft.caps.asks_new_payee = approval->new_payee;
    }
    rules.budget.per_tx = draft.caps.per_tx;
    rules.budget.needs_task = draft.caps.per_task.has_value();
    rules.budget.needs_workflow = draft.caps.per_workflow.has_value();
    rules.budget.caps = build_caps(draft.caps, {rules.budget.name, source.holder});
    return rules;
}

std::vector<KnownFields> known_rules_fields()
{
    std::vector<KnownFields> known{{"rules", names_of(kRulesFields)},
                                   {"allow", names_of(kListsFields<Star::meant>)},
                                   {"deny", names_of(kListsFields<Star::refused>)},
                                   {"hold", names_of(kHoldFields)},
                                   {"overCapture", names_of(kOverCaptureFields)},
                                   {"approval", names_of(kApprovalFields)},
                                   known_times_fields()};
    std::ranges::move(known_caps_fields(), std::back_inserter(known));
    return known;
}

}  // namespace purse::policy
