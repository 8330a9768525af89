// SPDX-License-Identifier: Apache-2.0
#include "audit/policy.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "audit/words.hpp"

namespace purse::auditor {

namespace {
using boost::json::object;
using boost::json::value;

const object* object_in(const object& parent, std::string_view name)
{
    const auto* member = parent.if_contains(name);
    return member == nullptr ? nullptr : &member->as_object();
}

/// Money stands as text, or as a number; with decimals that has become text (see quote_decimals).
std::int64_t money_of(const value& money)
{
    if (money.is_int64()) return micro_of(std::to_string(money.as_int64()));
    return micro_of(std::string{money.as_string()});
}

/// Where a comment or a text that begins at `at` ends; `at` where none begins there.
std::size_t skip(std::string_view text, std::size_t at)
{
    const auto after = [&](std::string_view end) {
        const auto found = text.find(end, at + 2);
        return found == std::string_view::npos ? text.size() : found + end.size();
    };
    const auto two = text.substr(at, 2);
    if (two == "//") return after("\n");
    if (two == "/*") return after("*/");
    if (text[at] != '"') return at;
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return std::min(at + 1, text.size());
}

/// The document with each number that has decimals made a text: money is never a floating-point
/// number, and the library would make it one.
std::string quote_decimals(std::string_view text)
{
    constexpr std::string_view kOfNumbers = "0123456789.+-eE";
    std::string quoted;
    for (std::size_t at = 0; at < text.size();) {
        auto end = skip(text, at);
        const bool is_number = end == at && text[at] >= '0' && text[at] <= '9';
        if (is_number) end = std::min(text.find_first_not_of(kOfNumbers, at), text.size());
        end = std::max(end, at + 1);
        const auto part = text.substr(at, end - at);
        const bool has_decimals = is_number && part.find('.') != std::string_view::npos;
        quoted += has_decimals ? "\"" + std::string{part} + "\"" : std::string{part};
        at = end;
    }
    return quoted;
}

class Reader {
public:
    explicit Reader(const object& document) : document_{document} {}

    std::map<std::string, PolicyAgent> agents() const
    {
        std::map<std::string, PolicyAgent> agents;
        const auto* all = object_in(document_, "agents");
        if (all == nullptr) return agents;
        for (const auto& [name, rules] : *all)
            agents.emplace(std::string{name}, agent(std::string{name}, rules.as_object()));
        return agents;
    }

    /// Of every budget, whether an agent reaches it or not.
    std::vector<PolicyCap> caps() const
    {
        PolicyAgent all;
        for (const auto* kind : {"agent", "budget"})
            if (const auto* list = object_in(document_, std::string{kind} + "s"))
                for (const auto& [name, rules] : *list)
                    add(all, std::string{kind} + "/" + std::string{name}, rules.as_object(), false);
        return std::move(all.caps);
    }

private:
    PolicyAgent agent(const std::string& name, const object& rules) const
    {
        PolicyAgent agent;
        add(agent, "agent/" + name, rules, true);
        // Every shared budget that can be reached, each once.
        std::vector<std::string> reached = named_by(rules);
        for (std::size_t i = 0; i < reached.size(); ++i) {
            const auto& shared = object_in(document_, "budgets")->at(reached[i]).as_object();
            add(agent, "budget/" + reached[i], shared, false);
            for (auto& next : named_by(shared))
                if (std::ranges::find(reached, next) == reached.end()) reached.push_back(next);
        }
        return agent;
    }

    static std::vector<std::string> named_by(const object& rules)
    {
        std::vector<std::string> names;
        if (const auto* list = rules.if_contains("budgets"))
            for (const auto& name : list->as_array()) names.emplace_back(name.as_string());
        return names;
    }

    static void add(PolicyAgent& agent, const std::string& budget, const object& rules, bool is_own)
    {
        agent.budgets.push_back(budget);
        if (const auto* frozen = rules.if_contains("frozen")) agent.is_frozen |= frozen->as_bool();
        const auto cap = [&](std::string kind, std::int64_t limit) {
            agent.caps.push_back({budget, std::move(kind), limit});
        };
        const object none;
        const auto* given = object_in(rules, "caps");
        const auto& caps = given == nullptr ? none : *given;
        const auto limit = [&](const char* name) {
            const auto* money = caps.if_contains(name);
            return money == nullptr ? kNoLimit : money_of(*money);
        };
        if (caps.contains("perTx"))
            agent.most = std::min(agent.most.value_or(kNoLimit), limit("perTx"));
        for (const auto* kind : {"daily", "weekly", "monthly", "lifetime"}) cap(kind, limit(kind));
        for (const auto* kind : {"perTask", "perWorkflow"})
            if (is_own || caps.contains(kind)) cap(kind, limit(kind));
        if (caps.contains("hourly")) cap("hourly", limit("hourly"));
        for (const auto* word : {"rolling", "count"}) {
            const auto* list = caps.if_contains(word);
            if (list == nullptr) continue;
            for (const auto& item : list->as_array())
                cap(spanned(word, item.as_object()), money_or_calls(word, item.as_object()));
        }
        if (const auto* guard = object_in(rules, "loopGuard"))
            cap(spanned("loop", *guard), guard->at("times").as_int64());
    }

    /// "rolling 1h": spans are written with the largest unit that divides them.
    static std::string spanned(const std::string& word, const object& cap)
    {
        const auto micros = span_of(std::string{cap.at("span").as_string()});
        struct Unit {
            const char* name;
            std::int64_t micros;
        };
        for (const auto& unit :
             {Unit{"w", 604'800'000'000}, Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000},
              Unit{"m", 60'000'000}, Unit{"s", 1'000'000}})
            if (micros % unit.micros == 0)
                return word + " " + std::to_string(micros / unit.micros) + unit.name;
        return word + " " + std::to_string(micros / 1'000) + "ms";
    }

    static std::int64_t money_or_calls(std::string_view word, const object& cap)
    {
        return word == "count" ? cap.at("limit").as_int64() : money_of(cap.at("limit"));
    }

    const object& document_;
};
}  // namespace

Policy::Policy(std::string_view text)
{
    boost::json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const auto document = boost::json::parse(quote_decimals(text), {}, options);
    const Reader reader{document.as_object()};
    agents_ = reader.agents();
    for (auto& cap : reader.caps())
        limits_.emplace(std::pair{std::move(cap.budget), std::move(cap.kind)}, cap.limit);
}

std::int64_t Policy::limit(const std::string& budget, const std::string& kind) const
{
    const auto found = limits_.find({budget, kind});
    return found == limits_.end() ? kNoLimit : found->second;
}

const PolicyAgent* Policy::agent(const std::string& name) const
{
    const auto found = agents_.find(name);
    return found == agents_.end() ? nullptr : &found->second;
}

}  // namespace purse::auditor
