// SPDX-License-Identifier: Apache-2.0
#include "server/operator/spend_book.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>

#include "ledger/calendar.hpp"
#include "server/operator/hold_story.hpp"
#include "server/operator/limits.hpp"

namespace purse::server {

namespace {
constexpr Span kStep = Span::minutes(15);
constexpr std::int64_t kSteps = 96;
constexpr Span kDay = Span::days(1);
constexpr std::int64_t kDays = 30;
constexpr std::size_t kAgentsShown = 50;
// Rows of one agent's counters that hold its last days: they are sorted by kind, the newest first,
// and only counts of calls stand before them.
constexpr std::size_t kDailyRowsMax = 64;

Instant floor_to(Instant at, Span step)
{
    return {at.us - at.us % step.us};
}

/// A text member of the entry itself. Entries are canonical and quotes within texts are escaped, so
/// the name in quotes stands where it is a name; the first one is not of an inner object where that
/// comes later in the order of names.
std::string_view member_of(std::string_view body, std::string_view name_with_quotes)
{
    const auto at = body.find(name_with_quotes);
    if (at == std::string_view::npos) return {};
    const auto from = at + name_with_quotes.size();
    const auto end = body.find('"', from);
    return end == std::string_view::npos ? std::string_view{} : body.substr(from, end - from);
}

bool has(std::string_view body, std::string_view text)
{
    return body.find(text) != std::string_view::npos;
}

bool is_settled(std::string_view body)
{
    return has(body, R"(,"kind":"settled",)") || has(body, R"(,"kind":"settled_late",)");
}

bool is_refused(std::string_view body)
{
    return has(body, R"(,"kind":"refused",)") || has(body, R"(,"kind":"settle_refused",)");
}

/// Stays at the top rather than leaving 64 bits: a journal may hold what no ledger has written.
void add(std::int64_t& sum, std::int64_t more)
{
    if (__builtin_add_overflow(sum, more, &sum)) sum = std::numeric_limits<std::int64_t>::max();
}

std::string usdc_of(std::int64_t micro)
{
    return Money::from_micro(micro).to_string();
}

boost::json::array agents_json(const SpentBy& spent)
{
    std::vector<std::pair<std::string, std::int64_t>> agents{spent.begin(), spent.end()};
    std::ranges::stable_sort(agents, std::greater{}, [](const auto& one) { return one.second; });
    boost::json::array json;
    for (const auto& [agent, sum] : agents) {
        if (json.size() >= kAgentsShown) break;
        if (sum > 0) json.push_back(boost::json::object{{"agent", agent}, {"spent", usdc_of(sum)}});
    }
    return json;
}

boost::json::object point(Instant at, std::int64_t spent, std::int64_t refused,
                          std::int64_t settled)
{
    return {{"at", to_rfc3339(at)},
            {"spent", usdc_of(spent)},
            {"refused", refused},
            {"settled", settled}};
}
}  // namespace

Instant SpendBook::month_start(Instant now)
{
    return floor_to(now, kDay) - Span{kDay.us * (kDays - 1)};
}

SpendBook::Beginning SpendBook::find_beginning(Books& books)
{
    const auto since = month_start(books.now());
    const auto wanted = first_entry_at(books, since);
    const auto reachable = books.meta().seq - static_cast<std::int64_t>(kSpendScannedMax) + 1;
    if (wanted >= reachable) return {.seq = wanted, .whole_since = since};
    const auto rows = books.rows().journal(reachable, 1);
    return {.seq = reachable, .whole_since = rows.empty() ? books.now() : rows.front().at};
}

void SpendBook::add_days(Books& books, std::string_view agent, Instant from, DaysSpent& days)
{
    const auto budget = std::string{"agent/"}.append(agent);
    for (const auto& [key, row] : books.rows().counters_of(budget, kDailyRowsMax)) {
        if (key.kind != "daily" || key.window_start < from) continue;
        add(days.by_day[key.window_start.us], row.spent);
        add(days.by_agent[std::string{agent}], row.spent);
    }
}

void SpendBook::begin(const Beginning& beginning)
{
    next_ = beginning.seq;
    whole_since_ = beginning.whole_since;
}

void SpendBook::take(const std::vector<JournalRow>& rows)
{
    for (const auto& row : rows) {
        if (row.seq < next_) continue;
        next_ = row.seq + 1;
        const bool settled = is_settled(row.body);
        if (!settled && !is_refused(row.body)) continue;
        auto& step = steps_[floor_to(row.at, kStep).us];
        auto& day = days_[floor_to(row.at, kDay).us];
        if (!settled) {
            ++step.refused;
            ++day.refused;
            continue;
        }
        ++step.settled;
        ++day.settled;
        const auto actual = Money::parse(member_of(row.body, R"({"actual":")"));
        if (!actual) continue;
        add(step.spent, actual->micro());
        add(step.by_agent[std::string{member_of(row.body, R"(,"agent":")")}], actual->micro());
    }
    if (!rows.empty()) forget_old(rows.back().at);
}

void SpendBook::forget_old(Instant now)
{
    const auto first_step = floor_to(now, kStep).us - kStep.us * (kSteps - 1);
    steps_.erase(steps_.begin(), steps_.lower_bound(first_step));
    days_.erase(days_.begin(), days_.lower_bound(month_start(now).us));
}

boost::json::object SpendBook::day(Instant now) const
{
    const auto first = floor_to(now, kStep).us - kStep.us * (kSteps - 1);
    boost::json::array points;
    SpentBy agents;
    for (std::int64_t i = 0; i < kSteps; ++i) {
        const auto found = steps_.find(first + i * kStep.us);
        const auto& step = found == steps_.end() ? Step{} : found->second;
        points.push_back(point({first + i * kStep.us}, step.spent, step.refused, step.settled));
        for (const auto& [agent, spent] : step.by_agent) add(agents[agent], spent);
    }
    return {{"range", "day"},
            {"asOf", to_rfc3339(now)},
            {"stepSeconds", kStep.us / 1'000'000},
            {"points", std::move(points)},
            {"byAgent", agents_json(agents)},
            {"complete", whole_since_.us <= first}};
}

boost::json::object SpendBook::month(Instant now, const DaysSpent& counted) const
{
    const auto first = month_start(now);
    boost::json::array points;
    for (std::int64_t i = 0; i < kDays; ++i) {
        const Instant at{first.us + i * kDay.us};
        const auto found = days_.find(at.us);
        const auto& day = found == days_.end() ? Step{} : found->second;
        const auto spent = counted.by_day.find(at.us);
        points.push_back(
            point(at, spent == counted.by_day.end() ? 0 : spent->second, day.refused, day.settled));
    }
    return {{"range", "month"},
            {"asOf", to_rfc3339(now)},
            {"stepSeconds", kDay.us / 1'000'000},
            {"points", std::move(points)},
            {"byAgent", agents_json(counted.by_agent)},
            {"complete", whole_since_ <= first}};
}

}  // namespace purse::server
