// SPDX-License-Identifier: Apache-2.0
#include "server/operator/spend_desk.hpp"

#include <utility>

#include "server/operator/limits.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kAgentPrefix = "agent/";
// Agents that have ever paid; those with the first names where there are more.
constexpr std::size_t kAgentsMax = 1'000;
// Looked up in one piece of work: some 500 counters.
constexpr std::size_t kAgentsPiece = 8;
}  // namespace

/// Entries from where the book is, and where to begin when it has not begun.
struct SpendDesk::Slice {
    SpendBook::Beginning beginning;
    std::vector<JournalRow> rows;
    Instant now;
};

/// The days of a month, while they are read.
struct SpendDesk::Reading {
    Instant now;
    Month then;
    std::vector<std::string> agents;
    std::size_t next = 0;
    DaysSpent days;
};

void SpendDesk::catch_up(CaughtUp then)
{
    waiting_.push_back(std::move(then));
    if (waiting_.size() == 1) read_on();
}

void SpendDesk::read_on()
{
    clerk_.run(
        [has_begun = book_.has_begun(), next = book_.next()](Books& books) {
            Slice slice{.now = books.now()};
            if (!has_begun) slice.beginning = SpendBook::find_beginning(books);
            slice.rows =
                books.rows().journal(has_begun ? next : slice.beginning.seq, kJournalPieceMax);
            return slice;
        },
        [this](Heard<Slice> slice) {
            if (!slice) return finish(&slice.error(), {});
            if (!book_.has_begun()) book_.begin(slice->beginning);
            book_.take(slice->rows);
            if (slice->rows.size() == kJournalPieceMax) return read_on();
            finish(nullptr, slice->now);
        });
}

void SpendDesk::finish(const LedgerFault* fault, Instant now)
{
    for (auto& then : std::exchange(waiting_, {})) then(fault, now);
}

void SpendDesk::month(Instant now, Month then)
{
    auto reading = std::make_shared<Reading>(Reading{.now = now, .then = std::move(then)});
    clerk_.run(
        [](Books& books) {
            std::vector<std::string> agents;
            for (const auto& account : books.rows().accounts(kAgentPrefix, kAgentsMax))
                agents.push_back(account.name.substr(kAgentPrefix.size()));
            return agents;
        },
        [this, reading](Heard<std::vector<std::string>> agents) {
            if (!agents) return reading->then(&agents.error(), {});
            reading->agents = std::move(*agents);
            add_agents(reading);
        });
}

void SpendDesk::add_agents(const std::shared_ptr<Reading>& reading)
{
    if (reading->next >= reading->agents.size())
        return reading->then(nullptr, book_.month(reading->now, reading->days));
    clerk_.run(
        [reading](Books& books) {
            auto days = reading->days;
            const auto end = std::min(reading->next + kAgentsPiece, reading->agents.size());
            const auto from = SpendBook::month_start(reading->now);
            for (auto i = reading->next; i < end; ++i)
                SpendBook::add_days(books, reading->agents[i], from, days);
            return std::pair{std::move(days), end};
        },
        [this, reading](Heard<std::pair<DaysSpent, std::size_t>> some) {
            if (!some) return reading->then(&some.error(), {});
            reading->days = std::move(some->first);
            reading->next = some->second;
            add_agents(reading);
        });
}

}  // namespace purse::server
