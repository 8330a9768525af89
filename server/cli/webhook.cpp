// SPDX-License-Identifier: Apache-2.0
#include "server/cli/webhook.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/ids.hpp"
#include "ledger/webhooks.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/user.hpp"
#include "server/note.hpp"
#include "server/webhook/limits.hpp"
#include "server/webhook/message.hpp"
#include "server/webhook/sender.hpp"
#include "server/webhook/signature.hpp"
#include "wallet/rpc/endpoint.hpp"

namespace purse::server::cli {

namespace {
int complain_unknown(Output& output, std::string_view id)
{
    return complain(
        output, kNo,
        "there is no webhook \"" + printable(id) + "\"\n`purse webhook list` shows all");
}

/// As much of a stored URL as may be shown.
std::string where(const WebhookRow& row)
{
    const auto endpoint = Endpoint::parse(row.url);
    return endpoint ? endpoint->name() : "?";
}

/// An error's text names the argument and what to do.
std::expected<Endpoint, std::string> checked_url(const WebhookAddOptions& options)
{
    auto endpoint = Endpoint::parse(options.url);
    if (!endpoint) return std::unexpected{"the URL " + endpoint.error()};
    if (!endpoint->is_https() && !endpoint->is_loopback() && !options.insecure_http)
        return std::unexpected{"the URL is plain http to " + endpoint->host() +
                               ", so that others could read what is sent: use https, a receiver "
                               "on this machine, or say --insecure-http"};
    return std::move(*endpoint);
}

void print_secret(Output& output, std::string_view secret, const std::string& about)
{
    output.out << webhook_secret_text(secret) << '\n';
    hint(output, about +
                     "\nthe line on standard output is the secret: it is shown only now"
                     "\ngive it to the receiver, which checks signatures with it (Standard "
                     "Webhooks)");
}

boost::json::value time_or_null(Instant at)
{
    if (at == Instant{} || at == Instant::never()) return nullptr;
    return boost::json::string{to_rfc3339(at)};
}

boost::json::object to_json(const WebhookStanding& one, Instant now)
{
    const auto& row = one.row;
    boost::json::object json{{"id", row.id},
                             {"url", where(row)},
                             {"events", row.events},
                             {"state", state_of(one)},
                             {"createdAt", to_rfc3339(row.created_at)},
                             {"delivered", row.progress.delivered},
                             {"deliveredAt", time_or_null(row.progress.delivered_at)},
                             {"upToEntry", row.progress.cursor},
                             {"waiting", one.waiting},
                             {"dead", one.dead}};
    if (!row.agent.empty()) json["agent"] = row.agent;
    if (!row.note.empty()) json["note"] = row.note;
    if (!row.progress.trouble.empty()) json["trouble"] = row.progress.trouble;
    if (!row.old_secret.empty() && now < row.old_until)
        json["oldSecretUntil"] = to_rfc3339(row.old_until);
    return json;
}

void print(const std::vector<WebhookStanding>& all, Instant now, Output& output)
{
    Table table{{{"Webhook"},
                 {"To"},
                 {"Events"},
                 {"State"},
                 {"Delivered", Align::right},
                 {"Last"},
                 {"Waiting", Align::right},
                 {"Dead", Align::right},
                 {"Note"}}};
    for (const auto& one : all) {
        const auto& row = one.row;
        const auto state = state_of(one);
        const auto last = row.progress.delivered_at;
        table.row({row.id,
                   printable(where(row)),
                   row.events + (row.agent.empty() ? "" : " of " + printable(row.agent)),
                   {std::string{state}, state == "on" ? Colour::green : Colour::red},
                   std::to_string(row.progress.delivered),
                   last == Instant{} ? "never" : relative(last, now),
                   std::to_string(one.waiting),
                   {std::to_string(one.dead), one.dead == 0 ? Colour::none : Colour::red},
                   printable(row.note)});
    }
    table.print(output.out, output.style);
    for (const auto& one : all)
        if (!one.row.progress.trouble.empty())
            output.out << one.row.id << ": " << printable(one.row.progress.trouble) << '\n';
}
}  // namespace

std::vector<WebhookStanding> webhook_standings(Books& books)
{
    auto& rows = books.rows().webhooks();
    std::vector<WebhookStanding> all;
    for (auto& row : rows.list(kWebhooksMax)) {
        WebhookStanding one{.waiting = rows.count_letters(row.id, Letters::waiting),
                            .dead = rows.count_letters(row.id, Letters::dead)};
        one.row = std::move(row);
        all.push_back(std::move(one));
    }
    return all;
}

std::string_view state_of(const WebhookStanding& one) noexcept
{
    if (one.row.state == WebhookState::off) return "off";
    return one.row.progress.failures >= kWebhookDownAfter ? "down" : "on";
}

int add_webhook(App& app, const WebhookAddOptions& options, Output& output)
{
    const auto endpoint = checked_url(options);
    if (!endpoint) return complain(output, kWrong, endpoint.error());
    const auto events = read_events(options.events);
    if (!events) return complain(output, kWrong, events.error());
    if (const auto pattern = pattern_of_no_agent(*events);
        !options.agent.empty() && !pattern.empty())
        return complain(output, kWrong,
                        "--agent: " + std::string{pattern} +
                            " is of no single agent, so nothing of it would be sent\nleave it out "
                            "of --events, or make a webhook without --agent for it");
    if (const auto trouble = note_trouble(options.note)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto secret = make_webhook_secret(app.entropy());
    const auto code = change(app, output, [&](Books& books, Output& later) -> int {
        if (!options.agent.empty())
            if (const auto trouble = why_no_agent(books, options.agent))
                return complain(later, kNo, *trouble);
        const auto row = Webhooks{books}.add({.url = options.url,
                                              .where = endpoint->name(),
                                              .events = *events,
                                              .agent = options.agent,
                                              .note = options.note,
                                              .secret = secret,
                                              .by = user_account()},
                                             app.entropy());
        if (!row)
            return complain(later, kNo,
                            "there are " + std::to_string(kWebhooksMax) +
                                " webhooks already, and no more can be\n`purse webhook remove` "
                                "ends one");
        print_secret(later, secret,
                     row->id + " tells " + endpoint->name() + " of " + *events + " from entry " +
                         std::to_string(row->progress.cursor + 1) + " on");
        return kDone;
    });
    // By this file servers see that there is something to deliver.
    if (code == kDone) app.announce_webhooks();
    return code;
}

int list_webhooks(App& app, const WebhookOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return look(app, output, [&](Books& books, Output& later) -> int {
        const auto all = webhook_standings(books);
        if (options.form == Form::json) {
            boost::json::array json;
            for (const auto& one : all) json.push_back(to_json(one, books.now()));
            later.out << boost::json::serialize(json) << '\n';
        } else if (all.empty()) {
            later.out << "There are no webhooks; `purse webhook add URL` makes one.\n";
        } else {
            print(all, books.now(), later);
        }
        return kDone;
    });
}

int remove_webhook(App& app, const WebhookOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        if (!Webhooks{books}.remove(options.id, user_account()))
            return complain_unknown(later, options.id);
        later.out << options.id << " is removed; nothing more is sent to it.\n";
        return kDone;
    });
}

int rotate_webhook(App& app, const WebhookRotateOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto secret = make_webhook_secret(app.entropy());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto until = books.now() + options.grace;
        if (!Webhooks{books}.rotate(options.id,
                                    {.secret = secret, .old_until = until, .by = user_account()}))
            return complain_unknown(later, options.id);
        print_secret(later, secret,
                     options.id + " signs with a new secret, and with the old one too until " +
                         to_words(until));
        return kDone;
    });
}

int test_webhook(App& app, const WebhookOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::optional<WebhookRow> row;
    app.look([&](Books& books) { row = books.rows().webhooks().find(options.id); });
    if (!row) return complain_unknown(output, options.id);
    const auto poster = app.open_webhook(row->url);
    if (!poster) return complain(output, kNo, poster.error());
    std::array<std::uint8_t, 16> chance{};
    app.entropy().fill(chance);
    const auto body = ping_body(row->id, app.now());
    const auto begun = app.clock().boot();
    const auto reply =
        (*poster)->post(body, signed_fields(*row, "msg_" + to_base32(chance), body, app.clock()));
    const auto took = (app.clock().boot().us - begun.us) / 1000;
    if (!reply) return complain(output, kNo, where(*row) + ": " + printable(reply.error().what));
    const auto said = printable(reply->body.substr(0, kWebhookAnswerShown));
    output.out << where(*row) << " answered " << reply->status << " in " << took << " ms"
               << (said.empty() ? "" : ": " + said) << '\n';
    if (reply->status >= 200 && reply->status < 300) return kDone;
    return complain(output, kNo, "only 200 to 299 counts as delivered");
}

int list_dead(App& app, const WebhookOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return look(app, output, [&](Books& books, Output& later) -> int {
        auto& rows = books.rows().webhooks();
        if (!options.id.empty() && !rows.find(options.id))
            return complain_unknown(later, options.id);
        boost::json::array json;
        Table table{{{"Webhook"},
                     {"Entry", Align::right},
                     {"Event"},
                     {"First tried"},
                     {"Attempts", Align::right},
                     {"Trouble"}}};
        for (const auto& row : rows.list(kWebhooksMax)) {
            if (!options.id.empty() && row.id != options.id) continue;
            for (const auto& letter : rows.letters(row.id, Letters::dead, kWebhookDeadShown)) {
                const auto event = letter.part.substr(0, letter.part.find(' '));
                json.push_back(boost::json::object{{"webhook", row.id},
                                                   {"entry", letter.seq},
                                                   {"event", event},
                                                   {"firstTriedAt", to_rfc3339(letter.first_at)},
                                                   {"attempts", letter.attempts},
                                                   {"trouble", letter.trouble}});
                table.row({row.id, std::to_string(letter.seq), event, to_words(letter.first_at),
                           std::to_string(letter.attempts), printable(letter.trouble)});
            }
        }
        if (options.form == Form::json)
            later.out << boost::json::serialize(json) << '\n';
        else if (table.empty())
            later.out << "There are no dead letters.\n";
        else
            table.print(later.out, later.style);
        return kDone;
    });
}

int retry_webhook(App& app, const WebhookOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto waiting = Webhooks{books}.retry(options.id, user_account());
        if (!waiting) return complain_unknown(later, options.id);
        later.out << options.id << " is on; " << counted(*waiting, "message is", "messages are")
                  << " tried again by the next server, or by `purse webhook deliver`.\n";
        return kDone;
    });
}

int list_events(Output& output)
{
    for (const auto type : event_types()) output.out << type << '\n';
    return kDone;
}

int deliver_webhooks(App& app, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto picture = [&] {
        std::vector<WebhookStanding> all;
        app.look([&](Books& books) { all = webhook_standings(books); });
        return all;
    };
    std::int64_t before = 0;
    for (const auto& one : picture()) before += one.row.progress.delivered;
    if (!app.deliver_webhooks()) {
        hint(output, "another process delivers for this ledger already");
        return kDone;
    }
    std::int64_t delivered = -before;
    std::int64_t waiting = 0;
    for (const auto& one : picture()) {
        delivered += one.row.progress.delivered;
        waiting += one.waiting;
    }
    output.out << counted(delivered, "message", "messages") << " delivered, "
               << counted(waiting, "waits", "wait") << " to be tried again.\n";
    return waiting == 0 ? kDone : kNo;
}

}  // namespace purse::server::cli
