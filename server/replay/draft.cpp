// SPDX-License-Identifier: Apache-2.0
#include "server/replay/draft.hpp"

#include <algorithm>
#include <array>

#include "policy/limits.hpp"

namespace purse::server::replay {

namespace {
constexpr std::int64_t kPercentMax = 100;  // what overCapture can say

std::int64_t with_headroom(std::int64_t used, std::int64_t percent, std::int64_t most)
{
    __extension__ using Wide = __int128;
    const auto more = (static_cast<Wide>(used) * (100 + percent) + 99) / 100;
    if (more >= most) return most;
    return std::min(most, nice_up(static_cast<std::int64_t>(more)));
}

std::int64_t most_of(Unit unit)
{
    return unit == Unit::calls ? policy::limits::kCallsMax : Money::max().micro();
}

std::string words(Unit unit, std::int64_t count)
{
    return unit == Unit::calls ? std::to_string(count) + (count == 1 ? " request" : " requests")
                               : Money::from_micro(count).to_string() + " USDC";
}

std::string headroom_words(std::int64_t headroom)
{
    return headroom == 0 ? "" : "; + " + std::to_string(headroom) + " %";
}

std::string day_of(Instant at)
{
    return to_words(at).substr(0, std::string_view{"2026-11-20"}.size());
}
std::string minute_of(Instant at)
{
    return to_words(at).substr(0, std::string_view{"2026-11-20 17:04"}.size()) + " UTC";
}

Proposal proposal(std::string cap, Unit unit, std::int64_t used, std::string why,
                  std::int64_t headroom)
{
    return {.cap = std::move(cap),
            .unit = unit,
            .limit = with_headroom(used, headroom, most_of(unit)),
            .observed = used,
            .reason = std::move(why) + ": " + words(unit, used) + headroom_words(headroom)};
}

std::string list(const std::set<std::string>& names)
{
    if (names.size() > policy::limits::kListMax) return R"(["*"])";
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + json::quoted(name);
    return "[" + text + "]";
}

void add_services(std::string& text, const policy::Document& catalogue)
{
    text += "  \"services\": {\n";
    for (const auto& service : catalogue.services()) {
        text += "    " + json::quoted(service.name) + ": { \"payee\": \"" + service.payee + "\"";
        if (service.ceiling) text += ", \"ceiling\": \"" + service.ceiling->to_string() + "\"";
        if (!service.category.empty()) text += ", \"category\": " + json::quoted(service.category);
        if (!service.description.empty())
            text += ", \"description\": " + json::quoted(service.description);
        text += " },\n";
    }
    text += "  },\n";
}

void add_caps(std::string& text, const Habit& habit, const DraftOptions& options)
{
    text += "      \"caps\": {\n";
    for (const auto& found : proposals(habit, options.headroom)) {
        const bool is_window = found.cap != "perTx";
        const auto limit =
            is_window && options.kind == Draft::measuring ? most_of(found.unit) : found.limit;
        text += "        \"" + found.cap + "\": ";
        text += found.unit == Unit::calls
                    ? R"([{ "span": "1m", "limit": )" + std::to_string(limit) + " }]"
                    : "\"" + Money::from_micro(limit).to_string() + "\"";
        text += ",  // " + found.reason + "\n";
    }
    text += "      },\n";
}

void add_lists(std::string& text, const Habit& habit)
{
    const auto services = habit.is_beyond_catalogue ? R"(["*"])" : list(habit.services);
    text += "      \"allow\": { \"services\": " + services;
    // A service outside the catalogue may be paid by its name, which no list of payees can hold.
    if (habit.is_beyond_catalogue)
        text += ", \"payees\": " + (habit.is_paid_by_name ? R"(["*"])" : list(habit.payees));
    text += habit.is_beyond_catalogue ? " },  // it has paid outside the catalogue\n"
                                      : " },  // all that it has bought\n";
}

void add_excess(std::string& text, const Habit& habit)
{
    if (habit.excess == Money{}) return;
    const auto most = "  // the most over a hold: " + habit.excess.to_string() + " USDC, " +
                      std::to_string(habit.excess_percent) + " %, on " + day_of(habit.excess_at) +
                      "\n";
    text += habit.excess_percent <= kPercentMax
                ? "      \"overCapture\": { \"percent\": " + std::to_string(habit.excess_percent) +
                      " }," + most
                : "      \"overCapture\": { \"absolute\": \"" + habit.excess.to_string() + "\" }," +
                      most;
}
}  // namespace

std::int64_t nice_up(std::int64_t value)
{
    static constexpr std::array<std::int64_t, 10> kSteps{10, 12, 15, 20, 25, 30, 40, 50, 60, 80};
    if (value <= kSteps.front()) return value;
    std::int64_t unit = 1;
    while (value / unit >= 100) unit *= 10;
    for (const auto step : kSteps)
        if (step * unit >= value) return step * unit;
    return 100 * unit;
}

std::vector<Proposal> proposals(const Habit& habit, std::int64_t headroom)
{
    std::vector<Proposal> all;
    all.push_back(proposal("perTx", Unit::micro_usdc, habit.largest.micro(),
                           "the largest, on " + day_of(habit.largest_at), headroom));
    const auto add = [&](std::string_view kind, std::string cap, Unit unit, const auto& why) {
        const auto found = habit.peaks.find(kind);
        const auto peak = found == habit.peaks.end() ? Peak{} : found->second;
        // A count of nothing is none that a policy can have.
        const auto used = std::max<std::int64_t>(peak.used, unit == Unit::calls ? 1 : 0);
        all.push_back(proposal(std::move(cap), unit, used, why(peak.at), headroom));
    };
    add("hourly", "hourly", Unit::micro_usdc, [](Instant at) {
        return "the busiest hour, from " + minute_of(window_start(Window::hour, at));
    });
    add("daily", "daily", Unit::micro_usdc,
        [](Instant at) { return "the busiest day, " + day_of(at); });
    add("count 1m", "count", Unit::calls,
        [](Instant at) { return "the busiest minute, to " + to_words(at); });
    return all;
}

std::string draft(const policy::Document& catalogue, const Habits& habits,
                  const DraftOptions& options)
{
    std::string text = "{\n";
    for (const auto& line : options.heading) text += "  // " + line + "\n";
    text += "  \"version\": 1,\n";
    add_services(text, catalogue);
    text += "  \"agents\": {\n";
    for (const auto& [agent, habit] : habits.agents()) {
        text += "    " + json::quoted(agent) + ": {\n";
        text += "      // " + words(Unit::calls, habit.requests.count) + " allowed, " +
                words(Unit::micro_usdc, habit.settled.micro) + " settled; " +
                words(Unit::calls, habit.refused) + " refused\n";
        add_caps(text, habit, options);
        add_lists(text, habit);
        add_excess(text, habit);
        text += "    },\n";
    }
    return text + "  },\n}\n";
}

}  // namespace purse::server::replay
