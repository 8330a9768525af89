// SPDX-License-Identifier: Apache-2.0
// What may be promised: never more than the treasury can pay, never more than one payee may be
// owed.
#include "wallet/funding.hpp"

#include <catch2/catch.hpp>

#include "tests/support/audit.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;

namespace {
using Held = HoldAnswer::Outcome;

WalletSettings settings()
{
    WalletSettings settings;
    settings.token = {.name = "USDC",
                      .version = "2",
                      .chain_id = PayoutDesk::kChain,
                      .contract = parse_address(kToken).value()};
    settings.floor = micro(1'000);
    settings.pay.owed_max = micro(1'000'000);
    settings.payees[parse_address(kOtherPayee).value()] = {.when = {}, .owed_max = micro(500)};
    return settings;
}

struct Desk : PayoutDesk {
    Funding funding{settings(), parse_address(kTreasury).value()};

    HoldRequest judged(Books& books, std::int64_t amount, std::string_view payee = kPayee)
    {
        auto request = ask(rules, micro(amount));
        request.epoch = books.meta().epoch;
        request.what.payee = payee;
        funding.judge(books, request);
        return request;
    }
    HoldAnswer pay(std::int64_t amount, std::string_view payee = kPayee)
    {
        return run([&](Books& books) { return books.hold(judged(books, amount, payee)); });
    }
    std::optional<std::int64_t> available()
    {
        return run([&](Books& books) { return funding.available(books); });
    }
    SettleAnswer settle_on_chain(TxId id, std::int64_t amount)
    {
        return end({.id = id, .actual = micro(amount), .treasury = treasury});
    }
};

Reason reason_of(const HoldAnswer& answer)
{
    REQUIRE(answer.outcome == Held::refused);
    REQUIRE(answer.refusals.size() == 1);
    return answer.refusals.front().reason;
}
}  // namespace

TEST_CASE("funding: the treasury is the one of the settings, made when there is none")
{
    Desk desk;
    CHECK(desk.run([&](Books& books) { return desk.funding.treasury(books); }) == desk.treasury);
    const Funding other{settings(), parse_address(kRelayer).value()};
    CHECK(desk.run([&](Books& books) { return other.treasury(books); }) == desk.treasury + 1);
}

TEST_CASE("funding: nothing is promised before the balance is known")
{
    Desk desk;
    CHECK_FALSE(desk.available());
    const auto answer = desk.pay(1);
    CHECK(reason_of(answer) == Reason::funds_insufficient);
    CHECK(answer.refusals[0].retry_at == desk.clock.wall() + Span::seconds(5));
    CHECK_FALSE(answer.refusals[0].allowed);
    CHECK_THAT(answer.refusals[0].detail, Catch::Contains("not been read"));
    // A look that did not bring the balance is no balance of 0.
    desk.look({.latest = 5});
    CHECK_FALSE(desk.available());
    desk.see(5, 2'000);
    CHECK(desk.pay(1).outcome == Held::approved);
}

TEST_CASE("funding: the last micro-USDC above the floor can be held, and not one more")
{
    Desk desk;
    desk.see(5, 11'000);
    CHECK(desk.available() == 10'000);
    auto answer = desk.pay(10'001);
    CHECK(reason_of(answer) == Reason::funds_insufficient);
    CHECK(answer.refusals[0].allowed == micro(10'000));
    CHECK_FALSE(answer.refusals[0].retry_at);
    CHECK_THAT(answer.refusals[0].detail,
               Catch::Contains("0.01 USDC") && Catch::Contains("0.010001"));
    CHECK(desk.pay(10'000).outcome == Held::approved);
    CHECK(desk.available() == 0);
    answer = desk.pay(1);
    CHECK(reason_of(answer) == Reason::funds_insufficient);
    CHECK(answer.refusals[0].allowed == Money{});
}

TEST_CASE("funding: a treasury below its floor promises nothing, and says 0")
{
    Desk desk;
    desk.see(5, 400);
    CHECK(desk.available() == -600);
    const auto answer = desk.pay(1);
    CHECK(reason_of(answer) == Reason::funds_insufficient);
    CHECK(answer.refusals[0].allowed == Money{});
    CHECK_THAT(answer.refusals[0].detail, Catch::Contains("has 0.00 USDC"));
}

TEST_CASE("funding: what is held comes back with a void, an expiry and a settle for less")
{
    Desk desk;
    desk.see(5, 11'000);
    const auto first = desk.pay(4'000);
    CHECK(desk.available() == 6'000);
    desk.give_back(first.id);
    CHECK(desk.available() == 10'000);
    desk.pay(4'000);
    desk.clock.pass(Span{Span::minutes(2).us - 1});
    CHECK(desk.available() == 6'000);
    desk.clock.pass(Span{1});
    CHECK(desk.available() == 10'000);
    const auto second = desk.pay(4'000);
    desk.settle_on_chain(second.id, 2'500);
    CHECK(desk.available() == 7'500);
    CHECK(audit(desk.folder.path()).text() == "");
}

TEST_CASE("funding: a debt counts until the balance shows its payment")
{
    Desk desk;
    desk.see(5, 11'000);
    desk.settle_on_chain(desk.pay(4'000).id, 4'000);
    CHECK(desk.available() == 6'000);
    const auto id = desk.reserve(4'000)->id;
    desk.authorize(id);
    desk.open_slot({id});
    desk.include(id, 10, 4'000);
    CHECK(desk.available() == 6'000);
    desk.see(9, 11'000);
    CHECK(desk.available() == 6'000);
    desk.see(10, 7'000);
    CHECK(desk.available() == 6'000);
    desk.step([&](Payouts& payouts) { return payouts.finish(id); });
    CHECK(desk.available() == 6'000);
    // Money comes in.
    desk.see(11, 17'000);
    CHECK(desk.available() == 16'000);
}

TEST_CASE("funding: a payment that a reorganisation took back is owed again")
{
    Desk desk;
    desk.see(5, 11'000);
    desk.settle_on_chain(desk.pay(4'000).id, 4'000);
    const auto id = desk.reserve(4'000)->id;
    desk.include(id, 10, 4'000);
    desk.see(10, 7'000);
    desk.step([&](Payouts& payouts) { return payouts.take_back(id); });
    // Until the balance is read anew, the worse of both: it was paid, and it is owed.
    CHECK(desk.available() == 2'000);
    desk.see(11, 11'000);
    CHECK(desk.available() == 6'000);
}

TEST_CASE("funding: what one payee got beyond its debts pays no other's")
{
    Desk desk;
    desk.see(5, 11'000);
    desk.settle_on_chain(desk.pay(100).id, 100);
    const auto id = desk.reserve(100)->id;
    desk.include(id, 10, 5'100);  // signed by a ledger that was restored since
    desk.see(10, 5'900);
    CHECK(desk.available() == 4'900);
    desk.settle_on_chain(desk.pay(400, kOtherPayee).id, 400);
    CHECK(desk.available() == 4'500);
    // Its own later debts are paid already.
    desk.settle_on_chain(desk.pay(2'000).id, 2'000);
    CHECK(desk.available() == 4'500);
}

TEST_CASE("funding: holds of one transaction together never pass what is free")
{
    Desk desk;
    desk.see(5, 11'000);
    std::int64_t held = 0;
    int refused = 0;
    desk.run([&](Books& books) {
        for (int i = 0; i < 50; ++i) {
            const auto answer = books.hold(desk.judged(books, 300));
            answer.outcome == Held::approved ? held += 300 : ++refused;
        }
        return 0;
    });
    CHECK(held == 9'900);
    CHECK(refused == 17);
    CHECK(desk.available() == 100);
    CHECK(audit(desk.folder.path()).text() == "");
}

TEST_CASE("funding: a payee is owed its limit, holds included, and not one micro-USDC more")
{
    Desk desk;
    desk.see(5, 1'000'000'000);
    const auto first = desk.pay(300, kOtherPayee);
    auto answer = desk.pay(201, kOtherPayee);
    CHECK(reason_of(answer) == Reason::payee_debt_limit);
    CHECK(answer.refusals[0].allowed == micro(200));
    CHECK(answer.refusals[0].retry_at == desk.clock.wall() + Span::seconds(5));
    CHECK(answer.refusals[0].rule == std::string{"payee/"} + kOtherPayee);
    const auto second = desk.pay(200, kOtherPayee);
    CHECK(second.outcome == Held::approved);
    CHECK(reason_of(desk.pay(1, kOtherPayee)) == Reason::payee_debt_limit);
    CHECK(desk.pay(1'000'000).outcome == Held::approved);  // the others have a limit of their own
    CHECK(reason_of(desk.pay(1)) == Reason::payee_debt_limit);

    desk.give_back(second.id);
    desk.settle_on_chain(first.id, 250);
    CHECK(desk.pay(251, kOtherPayee).outcome == Held::refused);
    const auto id = desk.reserve(250, kOtherPayee)->id;
    CHECK(desk.pay(251, kOtherPayee).outcome == Held::refused);  // on its way is not there
    desk.include(id, 10, 250);
    answer = desk.pay(501, kOtherPayee);
    CHECK(reason_of(answer) == Reason::payee_debt_limit);
    CHECK_FALSE(answer.refusals[0].retry_at);  // waiting does not help
    CHECK(desk.pay(500, kOtherPayee).outcome == Held::approved);
}

TEST_CASE("funding: every reason is told, the money's first")
{
    Desk desk;
    desk.see(5, 1'100);
    const auto answer = desk.pay(501, kOtherPayee);
    REQUIRE(answer.refusals.size() == 2);
    CHECK(answer.refusals[0].reason == Reason::funds_insufficient);
    CHECK(answer.refusals[1].reason == Reason::payee_debt_limit);
}

TEST_CASE("funding: a service without an address cannot be paid over a chain")
{
    Desk desk;
    desk.see(5, 1'000'000);
    const auto answer = desk.pay(1, "service:images");
    CHECK(reason_of(answer) == Reason::payee_not_payable);
    CHECK(answer.refusals[0].rule == "service/images");
    CHECK_FALSE(answer.refusals[0].allowed);
    // Where the policy has said no, a missing address is a consequence, not a reason.
    const auto both = desk.run([&](Books& books) {
        auto request = ask(desk.rules, micro(1));
        request.what.payee.clear();
        request.refusals.push_back({.reason = Reason::service_unknown, .rule = "x", .detail = "y"});
        desk.funding.judge(books, request);
        return books.hold(request);
    });
    CHECK(reason_of(both) == Reason::service_unknown);
}

TEST_CASE("funding: a refused hold counts nothing")
{
    Desk desk;
    desk.see(5, 11'000);
    desk.rules[0].limit = 100;
    CHECK(desk.pay(101).outcome == Held::refused);
    CHECK(desk.available() == 10'000);
    CHECK(desk.pay(20'000).outcome == Held::refused);
    CHECK(desk.available() == 10'000);
}
