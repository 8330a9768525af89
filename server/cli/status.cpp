// SPDX-License-Identifier: Apache-2.0
#include "server/cli/status.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/cli/budget_view.hpp"
#include "server/cli/payout_view.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/webhook.hpp"
#include "wallet/rail.hpp"

namespace purse::server::cli {

namespace {
// Budgets beyond these are only shown when they are in use.
constexpr std::size_t kBudgetsShown = 40;
// Rows looked at in one transaction, and shown to a person.
constexpr std::size_t kHoldsCountedMax = 2'000;
constexpr std::size_t kPayeesMax = 1'000;
constexpr std::size_t kPayeesShown = 10;
constexpr std::size_t kExcessesMax = 100;
constexpr std::size_t kExcessesShown = 10;
constexpr std::string_view kPayeePrefix = "payee/";

struct Debt {
    std::string payee;
    Money amount;
};
struct Excess {
    ExcessRow row;
    std::string tx_id;
};

/// Everything the status shows, taken in one transaction.
struct Picture {
    Instant now;
    Meta meta;
    std::optional<Rules> rules;
    std::string policy_trouble;
    std::vector<BudgetView> budgets;
    std::size_t budgets_unused = 0;  // not among `budgets`
    std::vector<Hold> holds;         // the first to expire first
    std::vector<FreezeRow> freezes;
    std::optional<PayoutView> payouts;  // nothing: the book rail
    std::vector<Debt> debts;            // the largest first
    std::vector<Excess> excesses;       // the latest first
    std::vector<WebhookStanding> webhooks;

    Money held() const
    {
        std::int64_t sum = 0;
        for (const auto& hold : holds) sum += hold.what.amount.micro();
        return Money::from_micro(sum);
    }
    bool has_all_holds() const { return holds.size() <= kHoldsCountedMax; }
};

/// What the books owe to payees, less what is in a block already.
std::vector<Debt> debts_of(Books& books, const std::optional<PayoutView>& payouts)
{
    std::vector<Debt> debts;
    for (const auto& account : books.rows().accounts(kPayeePrefix, kPayeesMax)) {
        auto payee = account.name.substr(kPayeePrefix.size());
        auto owed = account.credits - account.debits;
        if (payouts)
            if (const auto paid = payouts->in_block.find(payee); paid != payouts->in_block.end())
                owed -= paid->second;
        if (owed > 0) debts.push_back({std::move(payee), Money::from_micro(owed)});
    }
    std::ranges::stable_sort(debts, std::greater{}, &Debt::amount);
    return debts;
}

Picture take_picture(Books& books, const std::optional<Wallet>& wallet,
                     const StatusOptions& options)
{
    Picture picture{.now = books.now(), .meta = books.meta()};
    auto rules = rules_in(books);
    if (rules)
        picture.rules = std::move(*rules);
    else
        picture.policy_trouble = rules.error();
    if (picture.rules) {
        std::vector<const policy::Agent*> agents;
        for (const auto& agent : picture.rules->document->agents()) agents.push_back(&agent);
        picture.budgets = budget_views(&books, agents);
        if (options.scope == Scope::used && picture.budgets.size() > kBudgetsShown)
            picture.budgets_unused = std::erase_if(
                picture.budgets, [](const BudgetView& view) { return !view.is_used(); });
    }
    picture.holds = books.rows().open_holds({}, kHoldsCountedMax + 1, kHoldsCountedMax + 1);
    picture.freezes = books.rows().freezes();
    picture.payouts = payout_view(books, wallet);
    picture.debts = debts_of(books, picture.payouts);
    for (const auto& row : books.rows().excesses(kExcessesMax)) {
        const auto hold = books.rows().hold(row.hold);
        picture.excesses.push_back({row, hold ? hold->hold.id.to_string() : "?"});
    }
    picture.webhooks = webhook_standings(books);
    return picture;
}

// ---- for people ----

void print_head(const App& app, const Picture& picture, Output& output)
{
    auto& out = output.out;
    out << painted(output.style, Colour::bold, "Purse") << "    " << app.settings().state_folder
        << "\nTime     " << to_words(picture.now) << "\nPolicy   ";
    if (picture.rules)
        out << "version " << picture.rules->version << ", from "
            << printable(picture.rules->source);
    else if (!picture.policy_trouble.empty())
        out << painted(output.style, Colour::red, picture.policy_trouble);
    else
        out << "none yet; the first call puts one in force";
    const auto& meta = picture.meta;
    out << "\nRail     "
        << (picture.payouts ? rail_words(*picture.payouts)
                            : "book: amounts in USDC are booked, no money moves")
        << "\nJournal  " << counted(meta.seq, "entry", "entries") << ", ";
    if (meta.signed_seq == meta.seq)
        out << "all under a signed head\n";
    else
        out << "signed up to entry " << meta.signed_seq << '\n';
}

void print_excesses(const Picture& picture, Output& output)
{
    if (picture.excesses.empty()) return;
    output.out << '\n'
               << painted(output.style, Colour::red,
                          "!! Reported excess: costs reported above what could be booked")
               << '\n';
    Table table{
        {{"When"}, {"Agent"}, {"txId"}, {"Reported", Align::right}, {"Allowed", Align::right}}};
    for (const auto& [row, tx_id] : picture.excesses) {
        table.row({to_words(row.at), row.agent, tx_id, Money::from_micro(row.reported).to_string(),
                   Money::from_micro(row.allowed).to_string()});
        if (&row == &picture.excesses[std::min(picture.excesses.size(), kExcessesShown) - 1].row)
            break;
    }
    table.print(output.out, output.style);
    if (picture.excesses.size() > kExcessesShown)
        output.out << "... and " << picture.excesses.size() - kExcessesShown
                   << " more; --json has them\n";
}

void print_freezes(const Picture& picture, Output& output)
{
    if (picture.freezes.empty()) return;
    output.out << '\n';
    Table table{{{"Frozen"}, {"Since"}, {"Note"}}};
    for (const auto& row : picture.freezes)
        table.row({{row.target == "all" ? "all spending" : row.target, Colour::red},
                   to_words(row.since),
                   printable(row.note)});
    table.print(output.out, output.style);
}

void print_holds(const Picture& picture, Output& output)
{
    output.out << "\nOpen holds: ";
    if (picture.holds.empty()) {
        output.out << "none\n";
        return;
    }
    if (picture.has_all_holds())
        output.out << picture.holds.size() << ", " << picture.held().to_string()
                   << " USDC together";
    else
        output.out << "more than " << kHoldsCountedMax;
    const auto& next = picture.holds.front();
    output.out << "; the next to expire is " << next.id.to_string() << " of agent "
               << next.who.agent << ", " << next.what.amount.to_string() << " USDC, "
               << relative(next.expires_at, picture.now) << '\n';
}

void print_waiting(const Picture& picture, Output& output)
{
    const auto waits = [](const Hold& hold) { return hold.state == HoldState::awaiting; };
    const auto first = std::ranges::find_if(picture.holds, waits);
    if (first == picture.holds.end()) return;
    output.out << counted(std::ranges::count_if(picture.holds, waits), "payment waits",
                          "payments wait")
               << " for an approval (`purse approvals list`); the first is refused "
               << relative(first->expires_at, picture.now) << '\n';
}

/// Of all webhooks together.
struct WebhookSums {
    std::int64_t waiting = 0;
    std::int64_t dead = 0;
    std::int64_t silent = 0;  // off, or down
};
WebhookSums webhook_sums(const Picture& picture)
{
    WebhookSums sums;
    for (const auto& one : picture.webhooks) {
        sums.waiting += one.waiting;
        sums.dead += one.dead;
        sums.silent += state_of(one) == "on" ? 0 : 1;
    }
    return sums;
}

void print_webhooks(const Picture& picture, Output& output)
{
    if (picture.webhooks.empty()) return;
    const auto sums = webhook_sums(picture);
    output.out << "Webhooks: " << picture.webhooks.size();
    if (sums.silent > 0) output.out << ", " << sums.silent << " down or off";
    if (sums.waiting > 0) output.out << ", " << sums.waiting << " to be tried again";
    if (sums.dead > 0) output.out << ", " << counted(sums.dead, "dead letter", "dead letters");
    output.out << " (`purse webhook list`)\n";
}

void print_debts(const Picture& picture, Output& output)
{
    if (picture.debts.empty()) return;
    output.out << '\n';
    Table table{{{"Owed to payee"}, {"USDC", Align::right}}};
    for (std::size_t i = 0; i < std::min(picture.debts.size(), kPayeesShown); ++i)
        table.row({printable(picture.debts[i].payee), picture.debts[i].amount.to_string()});
    table.print(output.out, output.style);
    if (picture.debts.size() > kPayeesShown)
        output.out << "... and " << picture.debts.size() - kPayeesShown << " more\n";
}

void print(const App& app, const Picture& picture, Output& output)
{
    print_head(app, picture, output);
    print_excesses(picture, output);
    print_freezes(picture, output);
    if (!picture.budgets.empty()) output.out << '\n';
    print_caps(output, picture.budgets, picture.now);
    if (std::ranges::any_of(picture.budgets, &BudgetView::is_used)) output.out << '\n';
    print_usage(output, picture.budgets);
    if (picture.budgets_unused > 0)
        output.out << "... and " << picture.budgets_unused
                   << " budgets that have spent nothing; --all shows them\n";
    print_holds(picture, output);
    print_waiting(picture, output);
    print_webhooks(picture, output);
    if (picture.payouts) print_payouts(*picture.payouts, picture.now, output);
    print_debts(picture, output);
}

// ---- for machines ----

boost::json::object to_json(const Hold& hold)
{
    return {{"txId", hold.id.to_string()},
            {"agent", hold.who.agent},
            {"amount", hold.what.amount.to_string()},
            {"payee", hold.what.payee},
            {"state", wire_name(hold.state)},
            {"expiresAt", to_rfc3339(hold.expires_at)}};
}

boost::json::object holds_json(const Picture& picture)
{
    boost::json::object holds{{"complete", picture.has_all_holds()},
                              {"count", picture.holds.size()},
                              {"sum", picture.held().to_string()}};
    if (!picture.holds.empty()) holds["next"] = to_json(picture.holds.front());
    return holds;
}

boost::json::array freezes_json(const Picture& picture)
{
    boost::json::array freezes;
    for (const auto& row : picture.freezes)
        freezes.push_back(boost::json::object{
            {"target", row.target}, {"since", to_rfc3339(row.since)}, {"note", row.note}});
    return freezes;
}

boost::json::object to_json(const App& app, const Picture& picture)
{
    boost::json::object json{{"state", app.settings().state_folder},
                             {"at", to_rfc3339(picture.now)},
                             {"rail", wire_name(picture.payouts ? Rail::evm : Rail::book)},
                             {"currency", "USDC"}};
    if (picture.rules)
        json["policy"] = boost::json::object{{"version", picture.rules->version},
                                             {"source", picture.rules->source},
                                             {"sha256", picture.rules->sha256}};
    json["caps"] = caps_json(picture.budgets);
    json["holds"] = holds_json(picture);
    json["frozen"] = freezes_json(picture);
    boost::json::array debts;
    for (const auto& debt : picture.debts)
        debts.push_back(
            boost::json::object{{"payee", debt.payee}, {"amount", debt.amount.to_string()}});
    json["debts"] = std::move(debts);
    if (picture.payouts) json["payouts"] = payouts_json(*picture.payouts);
    boost::json::array excesses;
    for (const auto& [row, tx_id] : picture.excesses)
        excesses.push_back(
            boost::json::object{{"agent", row.agent},
                                {"txId", tx_id},
                                {"reported", Money::from_micro(row.reported).to_string()},
                                {"allowed", Money::from_micro(row.allowed).to_string()},
                                {"at", to_rfc3339(row.at)}});
    json["excess"] = std::move(excesses);
    if (!picture.webhooks.empty()) {
        const auto sums = webhook_sums(picture);
        json["webhooks"] = boost::json::object{{"count", picture.webhooks.size()},
                                               {"downOrOff", sums.silent},
                                               {"waiting", sums.waiting},
                                               {"dead", sums.dead}};
    }
    json["journal"] =
        boost::json::object{{"entries", picture.meta.seq}, {"signedUpTo", picture.meta.signed_seq}};
    return json;
}
}  // namespace

int show_status(App& app, const StatusOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    // Also without it, or with one that has mistakes, the ledger is worth a look.
    const auto wallet = find_wallet(app.settings().wallet_file, Absent::is_fine);
    if (!wallet) hint(output, wallet.error());
    return look(app, output, [&](Books& books, Output& later) -> int {
        const auto picture = take_picture(books, wallet.value_or(std::nullopt), options);
        if (options.form == Form::json)
            later.out << boost::json::serialize(to_json(app, picture)) << '\n';
        else
            print(app, picture, later);
        if (picture.rules)
            if (const auto other = difference(app.settings(), *picture.rules)) hint(later, *other);
        return kDone;
    });
}

}  // namespace purse::server::cli
