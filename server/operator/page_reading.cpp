// SPDX-License-Identifier: Apache-2.0
// What the page shows.
#include <limits>
#include <utility>

#include "server/operator/body.hpp"
#include "server/operator/hold_story.hpp"
#include "server/operator/limits.hpp"
#include "server/operator/lists.hpp"
#include "server/operator/page.hpp"

namespace purse::server {

namespace {
constexpr auto kSeqMax = std::numeric_limits<std::int64_t>::max() / 2;

std::expected<JournalQuery::Wanted, PageError> wanted_of(const Query& query)
{
    JournalQuery::Wanted wanted{.filter = {.agent = query.text("agent"),
                                           .task = query.text("task"),
                                           .service = query.text("service"),
                                           .decision = {}}};
    if (const auto& name = query.text("decision"); !name.empty()) {
        wanted.filter.decision = decision_of(name);
        if (!wanted.filter.decision)
            return std::unexpected{
                wrong_field("decision",
                            "is one of hold, refused, settled, voided, expired, approval, "
                            "operator and payout")};
    }
    const auto before = query.number("before", 1, kSeqMax, 0);
    if (!before) return std::unexpected{before.error()};
    wanted.before = *before;
    const auto limit = query.number("limit", 1, static_cast<std::int64_t>(kJournalLimitMax),
                                    static_cast<std::int64_t>(kJournalLimitDefault));
    if (!limit) return std::unexpected{limit.error()};
    wanted.limit = static_cast<std::size_t>(*limit);
    return wanted;
}

/// The id in ".../ID" or ".../ID/verb".
std::string_view id_in(std::string_view path)
{
    path.remove_prefix(path.find('/') + 1);
    return path.substr(0, path.find('/'));
}
}  // namespace

void OperatorPage::overview(const AskPtr& ask)
{
    look(
        ask,
        [rules = rules_](Books& books, const OperatorKeyRow&) {
            return std::make_shared<Overview>(Overview::begin(books, *rules));
        },
        [this, ask](const std::shared_ptr<Overview>& view) { go_on(ask, view); });
}

void OperatorPage::go_on(const AskPtr& ask, const std::shared_ptr<Overview>& view)
{
    clerk_.run(
        [view](Books& books) {
            // Counted anew when the first attempt stored nothing: on a copy, therefore.
            auto next = *view;
            const bool is_enough = !next.count_some(books);
            return std::pair{std::make_shared<Overview>(std::move(next)), is_enough};
        },
        [this, ask](Heard<std::pair<std::shared_ptr<Overview>, bool>> counted) {
            if (!counted) return refuse(*ask, counted.error());
            if (!counted->second) return go_on(ask, counted->first);
            respond(*ask, json_answer(200, counted->first->json(settings_.rail)));
        });
}

void OperatorPage::journal(const AskPtr& ask)
{
    const auto query =
        Query::parse(ask->query, {"before", "limit", "agent", "task", "service", "decision"});
    if (!query) return refuse(*ask, query.error());
    auto wanted = wanted_of(*query);
    if (!wanted) return refuse(*ask, wanted.error());
    auto search = std::make_shared<JournalQuery>(std::move(*wanted));
    look(
        ask,
        [reach = search->reach()](Books& books, const OperatorKeyRow&) {
            return JournalQuery::read(books.rows(), books.meta().seq, reach);
        },
        [this, ask, search](const JournalSlice& slice) {
            go_on(ask, search, !search->take(slice));
        });
}

void OperatorPage::go_on(const AskPtr& ask, const std::shared_ptr<JournalQuery>& query,
                         bool is_enough)
{
    if (is_enough) return respond(*ask, json_text(query->json()));
    // The page has gone: nobody waits for the rest.
    if (ask->exchange->gone()) return leave(*ask);
    clerk_.run(
        [reach = query->reach()](Books& books) {
            return JournalQuery::read(books.rows(), books.meta().seq, reach);
        },
        [this, ask, query](Heard<JournalSlice> slice) {
            if (!slice) return refuse(*ask, slice.error());
            go_on(ask, query, !query->take(*slice));
        });
}

void OperatorPage::hold(const AskPtr& ask)
{
    const auto id = TxId::parse(id_in(ask->path));
    const PageError unknown{
        .status = 404, .code = "not_found", .message = "No hold has this txId", .field = "txId"};
    if (!id) return refuse(*ask, unknown);
    look(
        ask, [id = *id](Books& books, const OperatorKeyRow&) { return hold_story(books, id); },
        [this, ask, unknown](const std::optional<HoldStory>& story) {
            if (!story) return refuse(*ask, unknown);
            respond(*ask, json_text(story_json(*story)));
        });
}

void OperatorPage::spend(const AskPtr& ask)
{
    const auto query = Query::parse(ask->query, {"range"});
    if (!query) return refuse(*ask, query.error());
    const auto& range = query->text("range");
    if (!range.empty() && range != "day" && range != "month")
        return refuse(*ask, wrong_field("range", "is day or month"));
    const bool is_month = range == "month";
    look(
        ask, [](Books&, const OperatorKeyRow&) { return true; },
        [this, ask, is_month](bool) {
            spend_desk_.catch_up([this, ask, is_month](const LedgerFault* fault, Instant now) {
                if (fault != nullptr) return refuse(*ask, *fault);
                if (!is_month) return respond(*ask, json_answer(200, spend_desk_.day(now)));
                spend_desk_.month(
                    now, [this, ask](const LedgerFault* trouble, const boost::json::object& month) {
                        if (trouble != nullptr) return refuse(*ask, *trouble);
                        respond(*ask, json_answer(200, month));
                    });
            });
        });
}

void OperatorPage::credentials(const AskPtr& ask)
{
    look(
        ask,
        [rules = rules_](Books& books, const OperatorKeyRow&) {
            const auto in_force = rules->in(books);
            return credentials_list(books, in_force ? in_force->get() : nullptr);
        },
        [this, ask](const boost::json::object& list) { respond(*ask, json_answer(200, list)); });
}

void OperatorPage::payouts(const AskPtr& ask)
{
    look(
        ask,
        [rail = settings_.rail](Books& books, const OperatorKeyRow&) {
            return payouts_list(books, rail);
        },
        [this, ask](const boost::json::object& list) { respond(*ask, json_answer(200, list)); });
}

}  // namespace purse::server
