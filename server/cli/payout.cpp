// SPDX-License-Identifier: Apache-2.0
#include "server/cli/payout.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <map>

#include "ledger/payouts.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/note.hpp"
#include "wallet/address.hpp"

namespace purse::server::cli {

namespace {
constexpr std::size_t kPage = 1000;
// The reason of a held payout whose authorization is being cancelled: it has no other way.
constexpr std::string_view kCanceling = "canceling";

std::string hex(std::string_view bytes)
{
    return bytes.empty() ? std::string{} : "0x" + to_hex(bytes);
}

std::string state_words(const PayoutRow& row)
{
    const std::string state{wire_name(row.state)};
    return row.reason.empty() ? state : state + ": " + row.reason;
}

struct Listed {
    PayoutRow row;
    std::string payee;
};

struct Picture {
    Instant now;
    std::vector<TreasuryRow> treasuries;
    std::vector<PayeeRow> payees;
    std::vector<Listed> payouts;  ///< the latest first
};

bool is_wanted(const Listed& one, const PayoutListOptions& options)
{
    return (options.state.empty() || wire_name(one.row.state) == options.state) &&
           (options.payee.empty() || one.payee == options.payee);
}

std::vector<PayeeRow> all_payees(PayoutRows& rows, std::int64_t treasury)
{
    std::vector<PayeeRow> payees;
    for (std::int64_t after = 0;;) {
        auto page = rows.payees(treasury, after, kPage);
        if (page.empty()) return payees;
        after = page.back().id;
        std::ranges::move(page, std::back_inserter(payees));
    }
}

Picture take_picture(Books& books, const PayoutListOptions& options)
{
    auto& rows = books.rows().payouts();
    Picture picture{.now = books.now(), .treasuries = rows.treasuries()};
    std::map<std::int64_t, std::string> addresses;
    for (const auto& treasury : picture.treasuries)
        for (auto& payee : all_payees(rows, treasury.id)) {
            addresses[payee.id] = payee.address;
            if (options.payee.empty() || payee.address == options.payee)
                picture.payees.push_back(std::move(payee));
        }
    const auto most = options.count == 0 ? std::numeric_limits<std::size_t>::max()
                                         : static_cast<std::size_t>(options.count);
    for (auto before = std::numeric_limits<std::int64_t>::max();;) {
        const auto page = rows.latest_payouts(before, kPage);
        if (page.empty()) return picture;
        before = page.back().id;
        for (const auto& row : page) {
            Listed one{.row = row, .payee = addresses[row.payee]};
            if (is_wanted(one, options)) picture.payouts.push_back(std::move(one));
            if (picture.payouts.size() == most) return picture;
        }
    }
}

boost::json::object to_json(const Listed& one)
{
    const auto& row = one.row;
    boost::json::object json{{"id", row.id},
                             {"payee", one.payee},
                             {"k", row.k},
                             {"value", usdc(row.value)},
                             {"state", wire_name(row.state)},
                             {"nonce", hex(as_bytes(row.nonce))}};
    if (!row.reason.empty()) json["reason"] = row.reason;
    if (!row.tx.empty()) json["tx"] = hex(row.tx);
    if (row.block != 0) json["block"] = row.block;
    if (row.valid_before != 0) json["validBefore"] = to_rfc3339({row.valid_before * 1'000'000});
    json["createdAt"] = to_rfc3339(row.created_at);
    json["changedAt"] = to_rfc3339(row.changed_at);
    return json;
}

boost::json::object to_json(const Picture& picture)
{
    boost::json::array payouts;
    for (const auto& one : picture.payouts) payouts.push_back(to_json(one));
    boost::json::array payees;
    for (const auto& row : picture.payees)
        payees.push_back(boost::json::object{{"payee", row.address},
                                             {"owed", usdc(row.owed)},
                                             {"covered", usdc(row.covered)},
                                             {"paid", usdc(row.included)},
                                             {"final", usdc(row.paid)}});
    return {{"at", to_rfc3339(picture.now)},
            {"payouts", std::move(payouts)},
            {"payees", std::move(payees)}};
}

Colour colour_of(PayoutState state)
{
    switch (state) {
        case PayoutState::final_: return Colour::green;
        case PayoutState::held: return Colour::red;
        case PayoutState::expired:
        case PayoutState::canceled: return Colour::yellow;
        default: return Colour::none;
    }
}

void print(const Picture& picture, Output& output)
{
    if (picture.payouts.empty()) {
        output.out << "No payouts.\n";
    } else {
        Table table{{{"Payout", Align::right},
                     {"USDC", Align::right},
                     {"Payee"},
                     {"State"},
                     {"Changed"},
                     {"Transaction"}}};
        for (const auto& one : picture.payouts) {
            const auto& row = one.row;
            table.row({std::to_string(row.id),
                       usdc(row.value),
                       one.payee,
                       {state_words(row), colour_of(row.state)},
                       relative(row.changed_at, picture.now),
                       hex(row.tx)});
        }
        table.print(output.out, output.style);
    }
    std::int64_t waiting = 0;
    for (const auto& payee : picture.payees)
        waiting += std::max<std::int64_t>(payee.uncovered(), 0);
    if (waiting > 0) output.out << "\nOwed and on no payout yet: " << usdc(waiting) << " USDC.\n";
}

std::string in_words(const Listed& one, const std::optional<SlotRow>& slot,
                     const std::vector<AttemptRow>& attempts, Instant now)
{
    const auto& row = one.row;
    std::string text = "Payout    " + std::to_string(row.id) + ", number " + std::to_string(row.k) +
                       " to this payee\nPayee     " + one.payee + "\nAmount    " + usdc(row.value) +
                       " USDC\nState     " + state_words(row) + ", " +
                       relative(row.changed_at, now) + "\nNonce     " + hex(as_bytes(row.nonce));
    if (row.valid_before != 0)
        text += "\nUsable    until " + to_words({row.valid_before * 1'000'000});
    if (!row.tx.empty())
        text += "\nPaid in   block " + std::to_string(row.block) + ", transaction " + hex(row.tx);
    if (slot) {
        text += "\nRelayer   " + slot->relayer + ", its number " + std::to_string(slot->nonce) +
                ", " + std::string{wire_name(slot->kind)};
        if (slot->gas_used != 0)
            text +=
                "\nGas       " + std::to_string(slot->gas_used) + ", " + slot->cost + " wei in all";
    }
    for (const auto& attempt : attempts)
        text += "\nVersion   " + std::to_string(attempt.version) + ": " +
                hex(as_bytes(attempt.hash)) + ", at most " + attempt.max_fee + " wei a unit";
    return text + "\n";
}

std::optional<Listed> find(Books& books, std::int64_t id)
{
    auto& rows = books.rows().payouts();
    auto row = rows.payout(id);
    if (!row) return std::nullopt;
    const auto payee = rows.payee(row->payee);
    return Listed{.row = std::move(*row), .payee = payee ? payee->address : std::string{}};
}

int unknown(std::int64_t id, Output& output)
{
    return complain(output, kNo,
                    "there is no payout " + std::to_string(id) + "; `purse payout list` shows all");
}
}  // namespace

int list_payouts(App& app, const PayoutListOptions& asked, Output& output)
{
    auto options = asked;
    if (!asked.payee.empty()) {
        const auto payee = parse_address(asked.payee);
        if (!payee)
            return complain(output, kWrong,
                            "--payee " + asked.payee + " " + std::string{message(payee.error())});
        options.payee = to_string(*payee);
    }
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    Picture picture;
    app.look([&](Books& books) { picture = take_picture(books, options); });
    if (options.form == Form::json)
        output.out << boost::json::serialize(to_json(picture)) << '\n';
    else
        print(picture, output);
    return kDone;
}

int show_payout(App& app, const PayoutOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::optional<Listed> one;
    std::optional<SlotRow> slot;
    std::vector<AttemptRow> attempts;
    Instant now;
    app.look([&](Books& books) {
        now = books.now();
        one = find(books, options.id);
        if (!one || one->row.slot == 0) return;
        auto& rows = books.rows().payouts();
        slot = rows.slot(one->row.slot);
        attempts = rows.attempts(one->row.slot);
    });
    if (!one) return unknown(options.id, output);
    if (options.form == Form::words) {
        output.out << in_words(*one, slot, attempts, now);
        return kDone;
    }
    auto json = to_json(*one);
    if (slot) {
        boost::json::array versions;
        for (const auto& attempt : attempts)
            versions.push_back(boost::json::object{{"tx", hex(as_bytes(attempt.hash))},
                                                   {"maxFee", attempt.max_fee},
                                                   {"tip", attempt.tip},
                                                   {"gas", attempt.gas}});
        json["relayer"] =
            boost::json::object{{"account", slot->relayer},       {"nonce", slot->nonce},
                                {"kind", wire_name(slot->kind)},  {"accepted", slot->accepted},
                                {"gasUsed", slot->gas_used},      {"costWei", slot->cost},
                                {"versions", std::move(versions)}};
    }
    output.out << boost::json::serialize(json) << '\n';
    return kDone;
}

int hold_payout(App& app, const PayoutOptions& options, Output& output)
{
    if (const auto trouble = note_trouble(options.note)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::optional<Listed> one;
    bool is_done = false;
    const auto detail = options.note.empty() ? std::string{"held by the operator"} : options.note;
    app.change([&](Books& books) {
        one = find(books, options.id);
        is_done = one && one->row.reason != kCanceling &&
                  Payouts{books}.hold(options.id, "operator", detail);
    });
    if (!one) return unknown(options.id, output);
    if (!is_done)
        return complain(output, kNo,
                        "payout " + std::to_string(options.id) + " is " + state_words(one->row) +
                            "; there is nothing to hold any more");
    output.out << "Payout " << options.id << " is held; `purse payout retry " << options.id
               << "` lets it go on.\n";
    if (one->row.state == PayoutState::sent)
        output.out
            << "Its transaction is sent already and may still be mined; `purse wallet cancel "
            << options.id << "` makes that impossible, if it comes first.\n";
    return kDone;
}

int retry_payout(App& app, const PayoutOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::optional<Listed> one;
    bool is_done = false;
    app.change([&](Books& books) {
        one = find(books, options.id);
        is_done = one && one->row.reason != kCanceling && Payouts{books}.release(options.id);
    });
    if (!one) return unknown(options.id, output);
    if (!is_done)
        return complain(output, kNo,
                        "payout " + std::to_string(options.id) + " is " + state_words(one->row) +
                            "; only a held payout can be tried again, and none that "
                            "is being cancelled");
    output.out << "Payout " << options.id << " goes on with the next round of the worker.\n";
    return kDone;
}

int run_payouts(App& app, PayoutWorker::Until until, Output&)
{
    return app.pay(until);
}

}  // namespace purse::server::cli
