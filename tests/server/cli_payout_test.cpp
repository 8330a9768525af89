// SPDX-License-Identifier: Apache-2.0
// purse payout list, show, hold, retry; what status and journal say of payouts.
#include "server/cli/payout.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "server/entry_words.hpp"
#include "server/cli/journal.hpp"
#include "server/cli/status.hpp"
#include "tests/support/pay_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::has;
using purse::test::PayDesk;
using purse::test::plain;

namespace {
/// Final, held and sent; 0.03 that no payout covers.
void fill(PayDesk& desk)
{
    desk.owe(100'000);
    const auto first = desk.queue();
    desk.send(first);
    desk.include(first, 10);
    desk.see(12, 10, 5'000'000);
    desk.step([&](Payouts& payouts) { payouts.finish(first); });
    desk.owe(50'000);
    const auto second = desk.queue();
    desk.step([&](Payouts& payouts) { payouts.hold(second, "payee_blacklisted", "why"); });
    desk.owe(30'000);
    desk.owe(7'000, PayDesk::kOther);
    desk.send(desk.queue(PayDesk::kOther));
}

PayoutRow row_of(PayDesk& desk, std::int64_t id)
{
    PayoutRow row;
    desk.app().look([&](Books& books) { row = books.rows().payouts().payout(id).value(); });
    return row;
}

std::vector<std::int64_t> listed(PayDesk& desk, const PayoutListOptions& options)
{
    auto asked = options;
    asked.form = Form::json;
    REQUIRE(desk.run(list_payouts, asked) == kDone);
    std::vector<std::int64_t> ids;
    const auto json = boost::json::parse(desk.out);
    for (const auto& payout : json.at("payouts").as_array())
        ids.push_back(payout.at("id").as_int64());
    return ids;
}
using Ids = std::vector<std::int64_t>;
}  // namespace

TEST_CASE("Payouts are listed, the latest first, with what is on none yet")
{
    PayDesk desk;
    fill(desk);
    REQUIRE(desk.run(list_payouts, PayoutListOptions{}) == kDone);
    CHECK(plain(desk.out, desk) ==
          "Payout  USDC  Payee  State  Changed  Transaction\n"
          "  3  0.007  0x70997970c51812dc3a010c7d01b50e0d17dc79c8  sent  JUST\n"
          "  2  0.05  0x90f79bf6eb2c4f870365e785982e1f101e93b906  held: payee_blacklisted  JUST\n"
          "  1  0.10  0x90f79bf6eb2c4f870365e785982e1f101e93b906  final  JUST  " +
              PayDesk::hex("tx10") + "\n\nOwed and on no payout yet: 0.03 USDC.\n");
    CHECK(desk.err.empty());
}

TEST_CASE("Payouts are listed for machines, with each payee's sums")
{
    PayDesk desk;
    fill(desk);
    REQUIRE(desk.run(list_payouts, PayoutListOptions{.form = Form::json}) == kDone);
    const auto json = boost::json::parse(desk.out);
    const auto& last = json.at("payouts").at(2).as_object();
    CHECK(last.at("id") == 1);
    CHECK(last.at("payee") == PayDesk::kPayee);
    CHECK(last.at("k") == 0);
    CHECK(last.at("value") == "0.10");
    CHECK(last.at("state") == "final");
    CHECK(last.at("nonce").as_string() == PayDesk::hex(std::string{PayDesk::kPayee} + "0"));
    CHECK(last.at("tx").as_string() == PayDesk::hex("tx10"));
    CHECK(last.at("block") == 10);
    CHECK(last.at("validBefore") == "2030-01-01T00:00:00.000000Z");
    CHECK(last.if_contains("reason") == nullptr);
    CHECK(json.at("payouts").at(1).at("reason") == "payee_blacklisted");
    CHECK(json.at("payouts").at(1).as_object().if_contains("tx") == nullptr);
    CHECK(json.at("payouts").at(1).as_object().if_contains("validBefore") == nullptr);
    const auto& payee = json.at("payees").at(0);
    CHECK(payee.at("owed") == "0.18");
    CHECK(payee.at("covered") == "0.15");
    CHECK(payee.at("paid") == "0.10");
    CHECK(payee.at("final") == "0.10");
}

TEST_CASE("Payouts are listed by state, payee and number")
{
    PayDesk desk;
    fill(desk);
    CHECK(listed(desk, {}) == Ids{3, 2, 1});
    CHECK(listed(desk, {.state = "held"}) == Ids{2});
    CHECK(listed(desk, {.state = "canceled"}).empty());
    CHECK(listed(desk, {.payee = PayDesk::kPayee}) == Ids{2, 1});
    // As people write it.
    CHECK(listed(desk, {.payee = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"}) == Ids{2, 1});
    CHECK(listed(desk, {.payee = PayDesk::kRelayer}).empty());
    CHECK(listed(desk, {.count = 2}) == Ids{3, 2});
    CHECK(listed(desk, {.payee = PayDesk::kPayee, .count = 1}) == Ids{2});
    CHECK(desk.run(list_payouts, PayoutListOptions{.payee = "0x90"}) == kWrong);
    CHECK(has(desk.err, "--payee 0x90 is not an address"));
    REQUIRE(desk.run(list_payouts, PayoutListOptions{.payee = PayDesk::kOther}) == kDone);
    CHECK_FALSE(has(desk.out, "on no payout yet"));
}

TEST_CASE("More payouts than a page holds are all listed")
{
    PayDesk desk;
    desk.owe(1'005);
    desk.step([&](Payouts& payouts) {
        for (int i = 0; i < 1'005; ++i) {
            const auto id =
                payouts.reserve(1, 1, PayDesk::digest("n" + std::to_string(i))).value().id;
            payouts.include(id, PayDesk::found(10), 1);
        }
    });
    CHECK(listed(desk, {}).size() == 1'005);
    CHECK(listed(desk, {.count = 1'002}).size() == 1'002);
}

TEST_CASE("One payout is shown with its transactions")
{
    PayDesk desk;
    fill(desk);
    desk.step([&](Payouts& payouts) {
        payouts.add_version(1, {.hash = PayDesk::digest("late"), .max_fee = "1", .tip = "1"});
        payouts.add_version(2, {.hash = PayDesk::digest("more"),
                                .raw = "raw",
                                .max_fee = "2200000000",
                                .tip = "1100000",
                                .gas = 100'000});
    });
    REQUIRE(desk.run(show_payout, PayoutOptions{.id = 3}) == kDone);
    CHECK(plain(desk.out, desk) ==
          "Payout  3, number 0 to this payee\n"
          "Payee  0x70997970c51812dc3a010c7d01b50e0d17dc79c8\n"
          "Amount  0.007 USDC\n"
          "State  sent, JUST\n"
          "Nonce  " +
              PayDesk::hex(std::string{PayDesk::kOther} + "0") +
              "\n"
              "Usable  until TIME\n"
              "Relayer  0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc, its number 8, pay\n"
              "Version  1: " +
              PayDesk::hex("sent3") +
              ", at most 2000000000 wei a unit\n"
              "Version  2: " +
              PayDesk::hex("more") + ", at most 2200000000 wei a unit\n");
    REQUIRE(desk.run(show_payout, PayoutOptions{.id = 1}) == kDone);
    CHECK(has(desk.out, "Paid in   block 10, transaction " + PayDesk::hex("tx10")));
    CHECK(has(desk.out, "Gas       85752, 171504000000000 wei in all"));

    REQUIRE(desk.run(show_payout, PayoutOptions{.id = 3, .form = Form::json}) == kDone);
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("relayer").at("account") == PayDesk::kRelayer);
    CHECK(json.at("relayer").at("nonce") == 8);
    CHECK(json.at("relayer").at("kind") == "pay");
    CHECK(json.at("relayer").at("accepted") == false);
    CHECK(json.at("relayer").at("versions").as_array().size() == 2);
    CHECK(json.at("relayer").at("versions").at(1).at("maxFee") == "2200000000");
    REQUIRE(desk.run(show_payout, PayoutOptions{.id = 2, .form = Form::json}) == kDone);
    CHECK(boost::json::parse(desk.out).as_object().if_contains("relayer") == nullptr);

    CHECK(desk.run(show_payout, PayoutOptions{.id = 4}) == kNo);
    CHECK(has(desk.err, "there is no payout 4; `purse payout list` shows all"));
}

TEST_CASE("A payout is held by hand, and goes on by hand")
{
    PayDesk desk;
    fill(desk);
    REQUIRE(desk.run(hold_payout, PayoutOptions{.id = 3, .note = "lunch"}) == kDone);
    CHECK(desk.out ==
          "Payout 3 is held; `purse payout retry 3` lets it go on.\n"
          "Its transaction is sent already and may still be mined; `purse wallet cancel 3` makes "
          "that impossible, if it comes first.\n");
    CHECK(row_of(desk, 3).state == PayoutState::held);
    CHECK(row_of(desk, 3).reason == "operator");
    REQUIRE(desk.run(tail_journal, JournalTailOptions{.count = 1}) == kDone);
    CHECK(has(desk.out, "payout_held         payout 3 of 0.007 USDC to "));
    CHECK(has(desk.out, ": operator, lunch\n"));

    REQUIRE(desk.run(retry_payout, PayoutOptions{.id = 3}) == kDone);
    CHECK(desk.out == "Payout 3 goes on with the next round of the worker.\n");
    CHECK(row_of(desk, 3).state == PayoutState::signed_);
    CHECK(row_of(desk, 3).reason.empty());
    REQUIRE(desk.run(retry_payout, PayoutOptions{.id = 2}) == kDone);
    CHECK(row_of(desk, 2).state == PayoutState::queued);

    CHECK(desk.run(retry_payout, PayoutOptions{.id = 2}) == kNo);
    CHECK(has(desk.err, "payout 2 is queued; only a held payout can be tried again"));
    CHECK(desk.run(hold_payout, PayoutOptions{.id = 1}) == kNo);
    CHECK(has(desk.err, "payout 1 is final; there is nothing to hold any more"));
    CHECK(row_of(desk, 1).state == PayoutState::final_);
    for (const auto command : {hold_payout, retry_payout}) {
        CHECK(desk.run(command, PayoutOptions{.id = 9}) == kNo);
        CHECK(has(desk.err, "there is no payout 9"));
    }
    CHECK(desk.run(hold_payout, PayoutOptions{.id = 2, .note = "\xff"}) == kWrong);
    CHECK(has(desk.err, "not UTF-8"));
    CHECK(row_of(desk, 2).state == PayoutState::queued);
}

TEST_CASE("A payout that is being cancelled is neither held nor tried again")
{
    PayDesk desk;
    fill(desk);
    desk.step([](Payouts& payouts) { payouts.hold(3, "canceling", "a test"); });
    for (const auto command : {hold_payout, retry_payout}) {
        CHECK(desk.run(command, PayoutOptions{.id = 3}) == kNo);
        CHECK(has(desk.err, "payout 3 is held: canceling"));
        CHECK(row_of(desk, 3).reason == "canceling");
    }
}

TEST_CASE("Payouts of no ledger make none")
{
    test::CliDesk desk;
    CHECK(desk.run(list_payouts, PayoutListOptions{}) == kNo);
    for (const auto command : {show_payout, hold_payout, retry_payout}) {
        CHECK(desk.run(command, PayoutOptions{.id = 1}) == kNo);
        CHECK(has(desk.err, "there is no ledger"));
    }
    desk.apply();
    REQUIRE(desk.run(list_payouts, PayoutListOptions{}) == kDone);
    CHECK(desk.out == "No payouts.\n");
}

TEST_CASE("The journal tells of payouts in words")
{
    const auto words = [](const std::string& kind, const std::string& rest) {
        const auto body = R"({"at":"2026-11-23T17:04:05.000000Z",)" + rest + R"("kind":")" + kind +
                          R"(","payee":"0xabc","payout":7,"seq":1,"value":"0.08"})";
        return entry_in_words({.seq = 1, .at = {}, .body = body, .hash = {}}).substr(8 + 25);
    };
    for (const auto* kind :
         {"payout_queued", "payout_sent", "payout_cancel_sent", "payout_included",
          "payout_included_other_amount", "payout_taken_back", "payout_released", "payout_final",
          "payout_expired", "payout_canceled"}) {
        CHECK(has(words(kind, ""), std::string{kind}));
        CHECK(has(words(kind, ""), "  payout 7 of 0.08 USDC to 0xabc"));
        CHECK_FALSE(has(words(kind, ""), "{"));
    }
    CHECK(words("payout_final", R"("block":10,"tx":"0x12",)") ==
          "payout_final        payout 7 of 0.08 USDC to 0xabc, block 10  0x12");
    CHECK(words("payout_held", R"("detail":"a \u001b sentence","reason":"operator",)") ==
          "payout_held         payout 7 of 0.08 USDC to 0xabc: operator, a   sentence");
}

TEST_CASE("The status tells of the treasury and how far its payments are")
{
    PayDesk desk;
    fill(desk);
    desk.owe(200'000, PayDesk::kRelayer);
    desk.include(desk.queue(PayDesk::kRelayer), 11);
    REQUIRE(desk.run(show_status, StatusOptions{}) == kDone);
    const auto text = plain(desk.out, desk);
    const auto treasury = to_string(desk.wallet.treasury);
    CHECK(has(text,
              "\nRail  evm: USDC on chain 84532, token "
              "0x036cbd53842c5426634e7929541ec2318f3dcf7e, paid by " +
                  treasury + "\n"));
    // 5.00 less 0.05 held back, 0.03, 0.007 and 0.20 that the balance does not show.
    CHECK(has(text,
              "\nTreasury: 5.00 USDC, read JUST at block 12; free for new holds: 4.713\n\n"
              "Payments  USDC  Payouts\n"
              "owed  0.03  on no payout yet\n"
              "queued  0.00  0\n"
              "on its way  0.207  2\n"
              "held  0.05  1  1 for payee_blacklisted\n"
              "paid  0.00  0  not final yet\n"
              "final  0.10\n"));
    CHECK(has(text,
              "Owed to payee  USDC\n"
              "0x90f79bf6eb2c4f870365e785982e1f101e93b906  0.08\n"
              "0x70997970c51812dc3a010c7d01b50e0d17dc79c8  0.007\n"));
    CHECK_FALSE(has(text, std::string{PayDesk::kRelayer} + "  0.20"));
    CHECK(desk.err.empty());

    desk.see(14, 11, 4'800'000);
    REQUIRE(desk.run(show_status, StatusOptions{.form = Form::json}) == kDone);
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("rail") == "evm");
    auto payouts = json.at("payouts").as_object();
    payouts.erase("balanceAt");
    CHECK(payouts ==
          boost::json::parse(R"({"chain":84532,"token":"0x036cbd53842c5426634e7929541ec2318f3dcf7e",
            "treasury":")" + treasury +
                             R"(","owed":"0.03","queued":{"sum":"0.00","payouts":0},
            "onItsWay":{"sum":"0.007","payouts":1},
            "held":{"sum":"0.05","payouts":1,"reasons":{"payee_blacklisted":1}},
            "paid":{"sum":"0.20","payouts":1},"final":"0.10","balance":"4.80","balanceBlock":14,
            "free":"4.713"})")
              .as_object());
}

TEST_CASE("The status of a treasury without its wallet's document knows no floor, and says nothing")
{
    PayDesk desk;
    desk.owe(100'000);
    desk.settings.wallet_file = desk.folder / "nowhere";
    desk.close();
    REQUIRE(desk.run(show_status, StatusOptions{}) == kDone);
    CHECK(has(desk.out, "Treasury: its balance was never read\n"));
    CHECK_FALSE(has(desk.out, "free"));
    desk.settings.wallet_file = desk.write("bad.json", "{");
    desk.close();
    REQUIRE(desk.run(show_status, StatusOptions{.form = Form::json}) == kDone);
    CHECK(has(desk.err, "has mistakes"));
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("payouts").at("owed") == "0.10");
    CHECK(json.at("payouts").as_object().if_contains("free") == nullptr);
    CHECK(json.at("payouts").as_object().if_contains("balance") == nullptr);
}

TEST_CASE("The status on the books has no payouts")
{
    test::CliDesk desk;
    desk.apply();
    REQUIRE(desk.run(show_status, StatusOptions{.form = Form::json}) == kDone);
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("rail") == "book");
    CHECK(json.as_object().if_contains("payouts") == nullptr);
}
