// SPDX-License-Identifier: Apache-2.0
#include "rules_model.hpp"

#include <array>

namespace purse::policy::test {

namespace {
// "twin" has the payee of "search": a payee alone does not tell them apart.
const std::vector<std::string> kServices{"images", "search", "twin"};
const std::vector<std::string> kCategories{"media", "web"};
const std::vector<std::string> kPayees{std::string{kImages}, std::string{kSearch},
                                       std::string{kStranger}};
const std::vector<std::string> kCaps{"perTx",    "hourly",  "daily",       "weekly", "monthly",
                                     "lifetime", "perTask", "perWorkflow", "rolling"};

NameSet random_set(Dice& dice, const std::vector<std::string>& names, int star_one_in)
{
    NameSet set;
    for (const auto& name : names)
        if (!dice.one_in(3)) set.insert(name);
    if (star_one_in > 0 && dice.one_in(star_one_in)) set.insert("*");
    return set;
}

RulesModel random_rules(Dice& dice)
{
    RulesModel rules;
    for (const auto& cap : kCaps)
        if (dice.one_in(4)) rules.caps[cap] = dice.below(200);
    if (dice.one_in(3)) rules.count = 1 + dice.below(20);
    if (dice.one_in(3)) rules.loop = 2 + dice.below(20);
    if (dice.one_in(3)) rules.allow.services = random_set(dice, kServices, 2);
    if (dice.one_in(3)) rules.allow.payees = random_set(dice, kPayees, 2);
    if (dice.one_in(5)) rules.allow.categories = random_set(dice, kCategories, 0);
    if (dice.one_in(8)) rules.deny.services = NameSet{dice.pick(kServices)};
    if (dice.one_in(8)) rules.deny.payees = NameSet{dice.pick(kPayees)};
    if (dice.one_in(8)) rules.deny.categories = NameSet{dice.pick(kCategories)};
    if (dice.one_in(4)) rules.times.push_back({.days = {0, 1, 2, 3, 4}, .from = 6, .to = 20});
    if (!rules.times.empty() && dice.one_in(2))
        rules.times.push_back({.days = {5, 6}, .from = 20, .to = 8});
    if (dice.one_in(3)) rules.max_ttl = 60 + dice.below(600);
    if (dice.one_in(3)) rules.ttl = 1 + dice.below(rules.max_ttl.value_or(600));
    if (dice.one_in(3)) rules.percent = dice.below(101);
    if (dice.one_in(3)) rules.absolute = dice.below(50);
    rules.refuses_late = dice.one_in(8);
    rules.frozen = dice.one_in(12);
    return rules;
}

void lower(std::optional<int>& value, int start, Dice& dice)
{
    value = value ? dice.below(*value + 1) : start;
}

/// Takes a name from a list that is there; the names of a new list of services are the catalogue's.
void narrow_allow(ListsModel& allow, Dice& dice)
{
    const auto take = [&](std::optional<NameSet>& set) {
        if (set && !set->empty()) set->erase(std::string{dice.pick(*set)});
    };
    switch (dice.below(4)) {
        case 0: take(allow.services); break;
        case 1: take(allow.payees); break;
        case 2: take(allow.categories); break;
        default:
            if (!allow.services && !allow.categories)
                allow.services = NameSet{kServices.begin(), kServices.end()};
    }
}

void widen_deny(ListsModel& deny, Dice& dice)
{
    const auto add = [](std::optional<NameSet>& set, const std::string& name) {
        if (!set) set.emplace();
        set->insert(name);
    };
    switch (dice.below(3)) {
        case 0: add(deny.services, dice.pick(kServices)); break;
        case 1: add(deny.payees, dice.pick(kPayees)); break;
        default: add(deny.categories, dice.pick(kCategories));
    }
}

void narrow_times(std::vector<HoursModel>& times, Dice& dice)
{
    if (times.empty()) {
        times.push_back({.days = {0, 1, 2, 3, 4, 5, 6}, .from = 0, .to = 23});
    } else if (times.size() > 1 && dice.one_in(2)) {
        times.pop_back();
    } else if (auto& entry = times.front(); entry.days.size() > 1 && dice.one_in(2)) {
        entry.days.erase(entry.days.begin());
    } else if (entry.from < entry.to - 1) {
        ++entry.from;
    }
}

void shorten_holds(RulesModel& rules, Dice& dice)
{
    rules.max_ttl = 1 + dice.below(rules.max_ttl.value_or(600));
    if (rules.ttl) rules.ttl = std::min(*rules.ttl, *rules.max_ttl);
}

/// Only where a rule is there already: the first one is what allows any excess at all.
void lower_excess(RulesModel& rules, Dice& dice)
{
    if (!rules.percent && !rules.absolute) return;
    if (dice.one_in(2))
        lower(rules.percent, dice.below(101), dice);
    else
        lower(rules.absolute, dice.below(50), dice);
}

void make_stricter(RulesModel& rules, Dice& dice)
{
    switch (dice.below(9)) {
        case 0: {
            const auto& cap = dice.pick(kCaps);
            const auto known = rules.caps.find(cap);
            rules.caps[cap] =
                known == rules.caps.end() ? 50 + dice.below(150) : dice.below(known->second + 1);
            break;
        }
        case 1: rules.count = rules.count ? 1 + dice.below(*rules.count) : 20; break;
        case 2: rules.loop = rules.loop ? 2 + dice.below(*rules.loop - 1) : 20; break;
        case 3: narrow_allow(rules.allow, dice); break;
        case 4: widen_deny(rules.deny, dice); break;
        case 5: narrow_times(rules.times, dice); break;
        case 6: shorten_holds(rules, dice); break;
        case 7: lower_excess(rules, dice); break;
        default: (dice.one_in(2) ? rules.refuses_late : rules.frozen) = true;
    }
}

// ---- as text ----

std::string money(int cents)
{
    return "\"" + Money::from_micro(cents * 10'000).to_string() + "\"";
}

/// Joins members, leaving out empty ones.
class Members {
public:
    void add(const std::string& name, const std::string& value)
    {
        text_ += (text_.empty() ? "\"" : ", \"") + name + "\": " + value;
    }
    std::string take() const { return "{" + text_ + "}"; }

private:
    std::string text_;
};

std::string array(const NameSet& names)
{
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "\"" : ", \"") + name + "\"";
    return "[" + text + "]";
}

std::string text_of(const ListsModel& lists)
{
    Members members;
    if (lists.services) members.add("services", array(*lists.services));
    if (lists.payees) members.add("payees", array(*lists.payees));
    if (lists.categories) members.add("categories", array(*lists.categories));
    return members.take();
}

std::string text_of(const std::vector<HoursModel>& times)
{
    static constexpr std::array<const char*, 7> kDays{"mon", "tue", "wed", "thu",
                                                      "fri", "sat", "sun"};
    const auto hour = [](int h) { return (h < 10 ? "\"0" : "\"") + std::to_string(h) + ":00\""; };
    std::string text;
    for (const auto& entry : times) {
        NameSet days;
        for (const int day : entry.days) days.insert(kDays.at(static_cast<std::size_t>(day)));
        Members members;
        members.add("days", array(days));
        members.add("from", hour(entry.from));
        members.add("to", hour(entry.to));
        members.add("timeZone", "\"Europe/Berlin\"");
        text += (text.empty() ? "" : ", ") + members.take();
    }
    return "[" + text + "]";
}

std::string caps_of(const RulesModel& rules)
{
    Members caps;
    for (const auto& [name, cents] : rules.caps)
        caps.add(name, name == "rolling" ? "[{ \"span\": \"1h\", \"limit\": " + money(cents) + " }]"
                                         : money(cents));
    if (rules.count)
        caps.add("count",
                 "[{ \"span\": \"1m\", \"limit\": " + std::to_string(*rules.count) + " }]");
    return caps.take();
}

std::string text_of(const RulesModel& rules)
{
    Members members;
    members.add("budgets", array(rules.budgets));
    members.add("caps", caps_of(rules));
    members.add("allow", text_of(rules.allow));
    members.add("deny", text_of(rules.deny));
    if (!rules.times.empty()) members.add("times", text_of(rules.times));
    Members hold;
    if (rules.ttl) hold.add("ttl", "\"" + std::to_string(*rules.ttl) + "s\"");
    if (rules.max_ttl) hold.add("maxTtl", "\"" + std::to_string(*rules.max_ttl) + "s\"");
    members.add("hold", hold.take());
    Members excess;
    if (rules.percent) excess.add("percent", std::to_string(*rules.percent));
    if (rules.absolute) excess.add("absolute", money(*rules.absolute));
    if (rules.percent || rules.absolute) members.add("overCapture", excess.take());
    if (rules.loop)
        members.add("loopGuard",
                    "{ \"times\": " + std::to_string(*rules.loop) + ", \"span\": \"1m\" }");
    members.add("lateSettle", rules.refuses_late ? "\"refuse\"" : "\"recheck\"");
    members.add("frozen", rules.frozen ? "true" : "false");
    return members.take();
}

std::string service_text(std::string_view payee, const char* category, std::optional<int> ceiling)
{
    Members service;
    service.add("payee", "\"" + std::string{payee} + "\"");
    service.add("category", category);
    if (ceiling) service.add("ceiling", money(*ceiling));
    return service.take();
}
}  // namespace

DocumentModel random_document(Dice& dice)
{
    DocumentModel document{.ceilings = {},
                           .agent = random_rules(dice),
                           .team = random_rules(dice),
                           .organisation = random_rules(dice)};
    if (dice.one_in(2)) document.agent.budgets.insert("team");
    if (dice.one_in(3)) document.team.budgets.insert("org");
    for (const auto& service : kServices)
        document.ceilings[service] =
            dice.one_in(2) ? std::optional{20 + dice.below(100)} : std::nullopt;
    return document;
}

void make_stricter(DocumentModel& document, Dice& dice)
{
    switch (dice.below(4)) {
        case 0: make_stricter(document.agent, dice); break;
        case 1: make_stricter(document.team, dice); break;
        case 2: make_stricter(document.organisation, dice); break;
        default: lower(document.ceilings[dice.pick(kServices)], 120, dice);
    }
}

Ask random_ask(Dice& dice)
{
    Ask ask{.agent = "a",
            .what = {},
            .ttl = {},
            .now = at("2026-03-23T00:00:00") + Span::minutes(dice.below(9 * 24 * 60))};
    switch (dice.below(5)) {
        case 0: ask.what.payee = dice.pick(kPayees); break;
        case 1: ask.what.service = "elsewhere"; break;
        case 2:
            ask.what.service = dice.pick(kServices);
            ask.what.payee = dice.pick(kPayees);
            break;
        default: ask.what.service = dice.pick(kServices);
    }
    ask.what.amount = Money::from_micro(dice.below(1'500'000));
    if (!dice.one_in(3)) ask.what.task = "t";
    if (!dice.one_in(3)) ask.what.workflow = "w";
    if (dice.one_in(2)) ask.ttl = Span::seconds(1 + dice.below(900));
    return ask;
}

std::string text_of(const DocumentModel& document)
{
    Members services;
    services.add("images", service_text(kImages, "\"media\"", document.ceilings.at("images")));
    services.add("search", service_text(kSearch, "\"web\"", document.ceilings.at("search")));
    services.add("twin", service_text(kSearch, "\"web\"", document.ceilings.at("twin")));
    Members budgets;
    budgets.add("team", text_of(document.team));
    budgets.add("org", text_of(document.organisation));
    Members root;
    root.add("version", "1");
    root.add("services", services.take());
    root.add("budgets", budgets.take());
    root.add("agents", "{ \"a\": " + text_of(document.agent) + " }");
    return root.take();
}

}  // namespace purse::policy::test
