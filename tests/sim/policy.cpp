// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/policy.hpp"

#include <algorithm>

namespace purse::sim {

namespace {
/// Members of a JSON object.
class Members {
public:
    Members& raw(const std::string& name, const std::string& value)
    {
        text_ += (text_.empty() ? "" : ", ") + ("\"" + name + "\": " + value);
        return *this;
    }
    Members& text(const std::string& name, const std::string& value)
    {
        return raw(name, "\"" + value + "\"");
    }
    Members& money(const std::string& name, const std::optional<Micro>& value)
    {
        return value ? text(name, money_text(*value)) : *this;
    }
    Members& seconds(const std::string& name, const std::optional<Seconds>& value)
    {
        return value ? text(name, std::to_string(*value) + "s") : *this;
    }
    bool empty() const { return text_.empty(); }
    std::string take() const { return "{ " + text_ + " }"; }

private:
    std::string text_;
};

std::string array_of(const std::vector<std::string>& items)
{
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
    return "[" + text + "]";
}

std::string quoted_list(const DrawnList& list)
{
    std::vector<std::string> items;
    for (const auto& name : list.names) items.push_back("\"" + name + "\"");
    if (list.any) items.emplace_back("\"*\"");
    return array_of(items);
}

std::string clock_text(int minute)
{
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(minute / 60) + ":" + two(minute % 60);
}

std::string times_text(const std::vector<DrawnHours>& times)
{
    static constexpr std::array kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::vector<std::string> entries;
    for (const auto& entry : times) {
        std::vector<std::string> days;
        for (std::size_t day = 0; day < kDays.size(); ++day)
            if ((entry.days >> day & 1) != 0) days.push_back("\"" + std::string{kDays[day]} + "\"");
        entries.push_back(Members{}
                              .raw("days", array_of(days))
                              .text("from", clock_text(entry.from))
                              .text("to", clock_text(entry.to))
                              .take());
    }
    return array_of(entries);
}

std::string spans_text(const std::vector<SpanLimit>& caps, bool is_money)
{
    std::vector<std::string> entries;
    for (const auto& cap : caps) {
        Members members;
        members.seconds("span", cap.span);
        is_money ? members.money("limit", cap.limit)
                 : members.raw("limit", std::to_string(cap.limit));
        entries.push_back(members.take());
    }
    return array_of(entries);
}

std::string approval_text(const DrawnApproval& approval)
{
    Members members;
    members.money("above", approval.above);
    if (approval.new_payee) members.raw("newPayee", "true");
    if (approval.services) members.raw("services", quoted_list(*approval.services));
    if (approval.outside_hours) members.raw("outsideHours", "true");
    if (approval.loop) members.raw("loop", "true");
    members.seconds("within", approval.within).seconds("lasts", approval.lasts);
    return members.money("outOfBandAbove", approval.out_of_band_above).take();
}

std::string lists_text(const std::optional<DrawnList>& services,
                       const std::optional<DrawnList>& payees)
{
    Members members;
    if (services) members.raw("services", quoted_list(*services));
    if (payees) members.raw("payees", quoted_list(*payees));
    return members.take();
}

std::string rules_text(const Policy& policy, const DrawnRules& rules)
{
    Members members;
    DrawnList shares;
    for (const int share : rules.shares)
        shares.names.push_back(policy.budgets[static_cast<std::size_t>(share)].name.substr(7));
    if (!shares.names.empty()) members.raw("budgets", quoted_list(shares));
    Members caps;
    caps.money("perTx", rules.per_tx);
    for (std::size_t i = 0; i < rules.caps.size(); ++i)
        caps.money(kCalendarNames[i], rules.caps[i]);
    if (!rules.rolling.empty()) caps.raw("rolling", spans_text(rules.rolling, true));
    if (!rules.count.empty()) caps.raw("count", spans_text(rules.count, false));
    members.raw("caps", caps.take());
    if (rules.loop)
        members.raw("loopGuard", Members{}
                                     .raw("times", std::to_string(rules.loop->limit))
                                     .seconds("span", rules.loop->span)
                                     .take());
    if (rules.allow_services || rules.allow_payees)
        members.raw("allow", lists_text(rules.allow_services, rules.allow_payees));
    if (rules.deny_services || rules.deny_payees)
        members.raw("deny", lists_text(rules.deny_services, rules.deny_payees));
    if (!rules.times.empty()) members.raw("times", times_text(rules.times));
    if (rules.ttl || rules.max_ttl)
        members.raw("hold",
                    Members{}.seconds("ttl", rules.ttl).seconds("maxTtl", rules.max_ttl).take());
    Members excess;
    if (rules.percent) excess.raw("percent", std::to_string(*rules.percent));
    excess.money("absolute", rules.absolute);
    if (!excess.empty()) members.raw("overCapture", excess.take());
    if (rules.refuses_late) members.text("lateSettle", "refuse");
    if (rules.approval) members.raw("approval", approval_text(*rules.approval));
    if (rules.frozen) members.raw("frozen", "true");
    return members.take();
}

std::string document_text(const Policy& policy, int number)
{
    Members services;
    for (const auto& service : policy.services)
        services.raw(
            service.name,
            Members{}.text("payee", service.payee).money("ceiling", service.ceiling).take());
    Members budgets;
    for (const auto& rules : policy.budgets)
        budgets.raw(rules.name.substr(7), rules_text(policy, rules));
    Members agents;
    for (const auto& rules : policy.agents)
        agents.raw(rules.name.substr(6), rules_text(policy, rules));
    return "// policy " + std::to_string(number) + "\n" +
           Members{}
               .raw("version", "1")
               .raw("services", services.take())
               .raw("budgets", budgets.take())
               .raw("agents", agents.take())
               .take();
}

/// Draws rules; about half of all members are left out.
class Draw {
public:
    /// Some policies refuse most, and most let most through.
    Draw(Dice& dice, const Plan& plan)
        : dice_{dice},
          plan_{plan},
          strictness_{dice.odds(1, 5) ? 3 : static_cast<int>(dice.between(0, 1))}
    {
    }

    DrawnRules rules(std::string name)
    {
        DrawnRules rules;
        rules.name = std::move(name);
        // A shared budget has more room, as it has more who share it.
        const auto scale =
            (rules.name.starts_with("agent/") ? 1 : dice_.between(1, 4)) * (4 - strictness_);
        caps(rules, scale);
        lists(rules);
        holds(rules);
        if (is_strict(15)) times(rules);
        if (is_strict(20))
            rules.loop = SpanLimit{dice_.between(1, 600), dice_.between(2, 12 / (1 + strictness_))};
        rules.frozen = dice_.odds(strictness_, 300);
        if (plan_.has_people && dice_.odds(1, 3)) approval(rules);
        return rules;
    }

private:
    /// Rarely in a loose policy.
    bool is_strict(int one_in) { return dice_.odds(strictness_ + 1, one_in); }

    Micro dollars(std::int64_t low, std::int64_t high)
    {
        const auto cents = dice_.between(low * 100, high * 100);
        return cents * 10'000 + (dice_.odds(1, 4) ? dice_.between(0, 9'999) : 0);
    }

    void caps(DrawnRules& rules, std::int64_t scale)
    {
        static constexpr std::array<std::int64_t, 7> kTop{40, 90, 200, 600, 1500, 15, 60};
        if (is_strict(8)) rules.per_tx = dollars(0, 2);
        for (std::size_t i = 0; i < rules.caps.size(); ++i)
            if (dice_.odds(1, i < lifetime ? 3 : 6))
                rules.caps[i] =
                    dollars(dice_.odds(1, 100) ? 0 : kTop.at(i) / 10, kTop.at(i) * scale);
        spans(rules.rolling, [&] { return dollars(2, 30 * scale); });
        spans(rules.count, [&] { return dice_.between(3, 60 * scale); });
    }

    template <typename Limit>
    void spans(std::vector<SpanLimit>& caps, Limit limit)
    {
        for (auto left = dice_.between(0, 1 + strictness_ / 2); left > 0; --left) {
            static constexpr std::array<Seconds, 7> kSpans{1, 10, 60, 600, 3600, 90'000, 604'800};
            const auto span = kSpans.at(static_cast<std::size_t>(dice_.between(0, 6)));
            if (std::ranges::find(caps, span, &SpanLimit::span) == caps.end())
                caps.push_back({span, limit()});
        }
    }

    template <typename Names>
    DrawnList list(const Names& names, int any_of_ten)
    {
        DrawnList list;
        for (const auto& name : names)
            if (dice_.odds(9, 10)) list.names.emplace_back(name);
        list.any = dice_.odds(any_of_ten, 10);
        return list;
    }

    void lists(DrawnRules& rules)
    {
        static constexpr std::array kServices{"s1", "s2", "s3", "s4"};
        if (is_strict(12)) rules.allow_services = list(kServices, 6);
        if (is_strict(20)) rules.allow_payees = list(kPayees, 5);
        if (is_strict(40))
            rules.deny_services =
                DrawnList{{kServices.at(static_cast<std::size_t>(dice_.between(0, 3)))}, false};
        if (is_strict(40))
            rules.deny_payees =
                DrawnList{{kPayees.at(static_cast<std::size_t>(dice_.between(0, 3)))}, false};
    }

    void holds(DrawnRules& rules)
    {
        if (dice_.odds(1, 3)) rules.max_ttl = dice_.between(10, dice_.odds(1, 4) ? 86'400 : 900);
        if (dice_.odds(1, 3)) rules.ttl = dice_.between(1, rules.max_ttl.value_or(600));
        if (dice_.odds(2, 5)) rules.percent = dice_.between(0, 100);
        if (dice_.odds(1, 4)) rules.absolute = dollars(0, 1);
        rules.refuses_late = dice_.odds(1, 8);
    }

    void times(DrawnRules& rules)
    {
        for (auto left = dice_.between(1, 2); left > 0; --left) {
            const auto from = static_cast<int>(dice_.between(0, 20 * 60));
            rules.times.push_back({.days = static_cast<int>(dice_.between(1, 127)) | 0x1f,
                                   .from = from,
                                   .to = static_cast<int>(dice_.between(from + 1, 24 * 60))});
        }
    }

    void approval(DrawnRules& rules)
    {
        DrawnApproval approval;
        if (dice_.odds(1, 2)) approval.above = dollars(0, 1);
        approval.new_payee = dice_.odds(1, 3);
        if (dice_.odds(1, 5)) approval.services = DrawnList{{"s2"}, dice_.odds(1, 4)};
        approval.outside_hours = !rules.times.empty() && dice_.odds(1, 2);
        approval.loop = rules.loop && dice_.odds(1, 2);
        approval.within = dice_.between(1, dice_.odds(1, 5) ? 86'400 : 900);
        approval.lasts = dice_.between(1, dice_.odds(1, 5) ? 86'400 : 900);
        if (dice_.odds(1, 3)) approval.out_of_band_above = dollars(0, 1);
        if (!approval.above && !approval.new_payee && !approval.services &&
            !approval.outside_hours && !approval.loop)
            approval.above = dollars(0, 1);
        rules.approval = std::move(approval);
    }

    Dice& dice_;
    const Plan& plan_;
    const int strictness_;  ///< 0 to 3
};
}  // namespace

std::string money_text(Micro amount)
{
    auto text = std::to_string(amount / 1'000'000);
    const auto rest = amount % 1'000'000;
    if (rest == 0) return text;
    auto digits = std::to_string(1'000'000 + rest).substr(1);
    while (digits.back() == '0') digits.pop_back();
    return text + "." + digits;
}

bool DrawnList::has(const std::string& name) const
{
    return any || std::ranges::find(names, name) != names.end();
}

const DrawnRules* Policy::agent(const std::string& name) const
{
    const auto found = std::ranges::find(agents, "agent/" + name, &DrawnRules::name);
    return found == agents.end() ? nullptr : &*found;
}

const DrawnRules* Policy::rules(const std::string& name) const
{
    for (const auto* list : {&agents, &budgets})
        if (const auto found = std::ranges::find(*list, name, &DrawnRules::name);
            found != list->end())
            return &*found;
    return nullptr;
}

const DrawnService* Policy::service(const std::string& name) const
{
    const auto found = std::ranges::find(services, name, &DrawnService::name);
    return found == services.end() ? nullptr : &*found;
}

std::vector<const DrawnRules*> Policy::charged(const DrawnRules& agent) const
{
    std::vector<bool> reached(budgets.size());
    // A budget shares only budgets that stand before it, so one pass backwards reaches all.
    for (const int share : agent.shares) reached[static_cast<std::size_t>(share)] = true;
    for (auto i = budgets.size(); i-- > 0;)
        if (reached[i])
            for (const int share : budgets[i].shares)
                reached[static_cast<std::size_t>(share)] = true;
    std::vector<const DrawnRules*> all{&agent};
    for (std::size_t i = 0; i < budgets.size(); ++i)
        if (reached[i]) all.push_back(&budgets[i]);
    return all;
}

std::shared_ptr<const Policy> draw_policy(Dice& dice, const Plan& plan, int number)
{
    auto policy = std::make_shared<Policy>();
    for (int i = 0; i < 4; ++i) {
        // The third and fourth are paid to one address.
        DrawnService service{.name = "s" + std::to_string(i + 1),
                             .payee = kPayees.at(static_cast<std::size_t>(std::min(i, 2))),
                             .ceiling = {}};
        if (dice.odds(1, 6)) service.ceiling = dice.between(5, 200) * 10'000;
        policy->services.push_back(std::move(service));
    }
    Draw draw{dice, plan};
    for (int i = 0; i < 3; ++i) {
        policy->budgets.push_back(draw.rules("budget/b" + std::to_string(i + 1)));
        for (int share = 0; share < i; ++share)
            if (dice.odds(1, 3)) policy->budgets.back().shares.push_back(share);
    }
    for (int i = 0; i < plan.agents; ++i) {
        if (number > 0 && dice.odds(1, 20)) continue;  // an agent that is removed
        policy->agents.push_back(draw.rules("agent/a" + std::to_string(i + 1)));
        for (int share = 0; share < 3; ++share)
            if (dice.odds(2, 5)) policy->agents.back().shares.push_back(share);
    }
    policy->text = document_text(*policy, number);
    return policy;
}

}  // namespace purse::sim
