// SPDX-License-Identifier: Apache-2.0
// Payments whose USDC go over a chain, through the tools.
#include "ledger/payouts.hpp"
#include "tests/support/payout_desk.hpp"
#include "tests/tools/harness.hpp"
#include "tests/tools/schemas.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr auto kPolicy = R"({
  "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" },
                "songs": { "payee": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" } },
  "agents": { "painter": { "caps": { "daily": "10" }, "hold": { "ttl": "2m" },
                           "allow": { "services": ["*"] } },
              "poet": { "caps": { "daily": "10" } } } })";

Funding make_funding()
{
    WalletSettings settings;
    settings.token = {.name = "USDC",
                      .version = "2",
                      .chain_id = PayoutDesk::kChain,
                      .contract = parse_address(kToken).value()};
    settings.pay.owed_max = usdc("3");
    settings.payees[parse_address(kOtherPayee).value()] = {.when = {}, .owed_max = usdc("0.30")};
    return Funding{settings, parse_address(kTreasury).value()};
}

struct Rail {
    Funding funding = make_funding();
    Tools tools{kPolicy, &funding};
    std::map<std::string_view, json::Document> schemas;

    explicit Rail(const char* balance = "5")
    {
        for (const auto& tool : tools.box.list())
            schemas.emplace(tool.name, json::parse(tool.output_schema).value());
        tools.log_in("painter");
        if (balance != nullptr) see(5, balance);
    }
    template <typename Step>
    auto step(Step step)
    {
        return tools.ledger.run([&](Books& books) {
            Payouts payouts{books};
            return step(payouts);
        });
    }
    void see(std::int64_t block, const char* balance, std::int64_t safe = 0)
    {
        const auto treasury =
            tools.ledger.run([&](Books& books) { return funding.treasury(books); });
        step([&](Payouts& payouts) {
            payouts.note_chain(treasury, {.latest = block,
                                          .safe = safe,
                                          .balance = usdc(balance).micro(),
                                          .balance_block = block});
            return 0;
        });
    }
    tools::Result checked(std::string_view tool, tools::Result result)
    {
        INFO(result.text);
        check_against(result.structured, schemas.at(tool).root());
        return result;
    }
    tools::Result pay(const std::string& service, const std::string& cost)
    {
        return checked("pay_preauthorize", tools.pay(R"({"service":")" + service +
                                                     R"(","estimatedCost":")" + cost + R"("})"));
    }
    tools::Result settle(const std::string& id, const std::string& cost)
    {
        return checked("pay_settle", tools.settle(id, cost));
    }
    tools::Result status()
    {
        // What was remembered is good for a millisecond.
        tools.ledger.clock.pass(Span{1'000});
        return checked("pay_budget_status", tools.call("pay_budget_status", "{}"));
    }
};

const boost::json::object& payout_of(const tools::Result& result)
{
    return result.structured.at("payout").as_object();
}
}  // namespace

TEST_CASE("rail: a settled payment is queued, and asking again tells how far it is")
{
    Rail rail;
    const auto id = id_of(rail.pay("images", "0.10"));
    const auto paid = rail.settle(id, "0.08");
    CHECK(text_of(paid, "ok") == "true");
    CHECK(text_of(paid, "state") == "settled");
    CHECK(text_of(paid, "rail") == "evm");
    CHECK(text_of(paid, "settlement") == "queued");
    CHECK(text_of(paid, "captured") == "0.08");
    CHECK(text_of(paid, "released") == "0.02");
    CHECK(paid.structured.if_contains("payout") == nullptr);
    CHECK_THAT(paid.text, Catch::StartsWith("Settled 0.08 USDC to images; the USDC are queued"));

    const auto nonce = digest("n");
    rail.step([&](Payouts& payouts) { return payouts.reserve(1, 80'000, nonce).has_value(); });
    auto again = rail.settle(id, "0.08");
    CHECK(text_of(again, "replayed") == "true");
    CHECK(text_of(again, "settlement") == "queued");
    CHECK(payout_of(again).at("id").as_int64() == 1);
    CHECK(payout_of(again).size() == 1);

    rail.step([](Payouts& payouts) {
        payouts.authorize(1, 1'800'000'000, std::string(65, 's'));
        const std::vector<std::int64_t> ids{1};
        return payouts.open_slot({.relayer = kRelayer, .nonce = 0}, PayoutDesk::attempt("a"), ids)
            .has_value();
    });
    again = rail.settle(id, "0.08");
    CHECK(text_of(again, "settlement") == "submitted");
    CHECK(payout_of(again).at("tx").as_string() == "0x" + to_hex(as_bytes(digest("a"))));
    CHECK_THAT(again.text, Catch::Contains("on their way"));

    rail.tools.ledger.clock.pass(Span::seconds(5));
    again = rail.settle(id, "0.08");
    CHECK(text_of(again, "settlement") == "in_doubt");
    CHECK_THAT(again.text, Catch::Contains("in doubt") && Catch::Contains("never made twice"));

    rail.step([](Payouts& payouts) { return payouts.hold(1, "payee_blacklisted", "why"); });
    again = rail.settle(id, "0.08");
    CHECK(text_of(again, "settlement") == "held");
    CHECK(payout_of(again).at("reason").as_string() == "payee_blacklisted");
    CHECK_THAT(again.text, Catch::Contains("waits (payee_blacklisted), the debt stands"));

    rail.step([](Payouts& payouts) {
        payouts.mine(1, found(10), {.used = 85'752, .cost = "171504"});
        return payouts.include(1, found(10), 80'000);
    });
    again = rail.settle(id, "0.08");
    CHECK(text_of(again, "settlement") == "submitted");
    rail.see(12, "4.92", 10);
    again = rail.settle(id, "0.08");
    CHECK(text_of(again, "settlement") == "paid");
    CHECK(payout_of(again).at("tx").as_string() == "0x" + to_hex(found(10).tx));
    CHECK(payout_of(again).at("block").as_int64() == 10);
    CHECK_THAT(again.text, Catch::StartsWith("Paid 0.08 USDC to images; 0.02 USDC went back"));
    rail.step([](Payouts& payouts) { return payouts.finish(1); });
    CHECK(text_of(rail.settle(id, "0.08"), "settlement") == "final");
}

TEST_CASE("rail: gas and its cost are told where the transaction is ours")
{
    Rail rail;
    const auto id = id_of(rail.pay("images", "0.08"));
    rail.settle(id, "0.08");
    rail.step([](Payouts& payouts) {
        payouts.reserve(1, 80'000, digest("n"));
        payouts.authorize(1, 1'800'000'000, std::string(65, 's'));
        const std::vector<std::int64_t> ids{1};
        payouts.open_slot({.relayer = kRelayer, .nonce = 0}, PayoutDesk::attempt("a"), ids);
        payouts.mine(1, found(10), {.used = 85'752, .cost = "340282366920938463463374607"});
        return payouts.include(1, found(10), 80'000);
    });
    const auto again = rail.settle(id, "0.08");
    CHECK(payout_of(again).at("gasUsed").as_int64() == 85'752);
    CHECK(payout_of(again).at("costWei").as_string() == "340282366920938463463374607");
}

TEST_CASE("rail: nothing paid is settled on the books at once")
{
    Rail rail;
    const auto free = rail.settle(id_of(rail.pay("images", "0.10")), "0");
    CHECK(text_of(free, "settlement") == "settled");
    const auto id = id_of(rail.pay("images", "0.10"));
    const auto voided = rail.checked("pay_settle", rail.tools.give_back(id));
    CHECK(text_of(voided, "state") == "voided");
    CHECK(voided.structured.if_contains("settlement") == nullptr);
    CHECK(rail.step([](Payouts& p) { return p.rows().debts_of("painter", 9); }).empty());
}

TEST_CASE("rail: a late settle is paid over the chain too")
{
    Rail rail;
    const auto id = id_of(rail.pay("images", "0.10"));
    rail.tools.ledger.clock.pass(Span::minutes(3));
    const auto late = rail.settle(id, "0.10");
    CHECK(text_of(late, "late") == "true");
    CHECK(text_of(late, "rail") == "evm");
    CHECK(text_of(late, "settlement") == "queued");
}

TEST_CASE("rail: a status shows the agent's latest payments, and no other's")
{
    Rail rail;
    CHECK(rail.status().structured.at("settlements").as_array().empty());
    std::string last;
    for (int i = 0; i < 12; ++i) {
        last = id_of(rail.pay("images", "0.02"));
        rail.settle(last, "0.01");
    }
    rail.step(
        [](Payouts& payouts) { return payouts.reserve(1, 110'000, digest("n")).has_value(); });
    const auto status = rail.status();
    const auto& all = status.structured.at("settlements").as_array();
    REQUIRE(all.size() == 10);
    CHECK(all[0].at("txId").as_string() == last);
    CHECK(all[0].at("amount").as_string() == "0.01");
    CHECK(all[0].at("payee").as_string() == kPayee);
    CHECK(all[0].at("settlement").as_string() == "queued");
    CHECK(all[0].as_object().if_contains("payout") == nullptr);
    CHECK(all[1].at("payout").at("id").as_int64() == 1);
    CHECK_THAT(status.text, Catch::Contains("Latest payments:\n- 0.01 USDC to images: queued"));
    rail.tools.log_in("poet");
    CHECK(rail.status().structured.at("settlements").as_array().empty());
}

TEST_CASE("rail: the books alone know no settlements over a chain")
{
    Tools tools;
    const auto id = id_of(tools.pay(R"({"service":"x","estimatedCost":"0.1"})"));
    const auto paid = tools.settle(id, "0.1");
    CHECK(text_of(paid, "rail") == "book");
    CHECK(text_of(paid, "settlement") == "settled");
    CHECK(paid.structured.if_contains("payout") == nullptr);
    CHECK(tools.call("pay_budget_status", "{}").structured.if_contains("settlements") == nullptr);
}

TEST_CASE("rail: more than the treasury has is refused, with what it has")
{
    Rail rail{"0.50"};
    auto refused = rail.pay("images", "0.60");
    CHECK(test::reason_of(refused) == "funds_insufficient");
    CHECK(text_of(refused, "retry") == "with_changes");
    CHECK(text_of(refused, "allowedNow") == "0.50");
    CHECK_THAT(refused.text, Catch::Contains("The treasury has 0.50 USDC"));
    id_of(rail.pay("images", "0.50"));
    refused = rail.pay("images", "0.01");
    CHECK(test::reason_of(refused) == "funds_insufficient");
    CHECK(text_of(refused, "retry") == "never");
    CHECK(text_of(refused, "allowedNow") == "0.00");
}

TEST_CASE("rail: an unread balance is a matter of a moment")
{
    Rail rail{nullptr};
    const auto refused = rail.pay("images", "0.60");
    CHECK(test::reason_of(refused) == "funds_insufficient");
    CHECK(text_of(refused, "retry") == "after");
    CHECK(text_of(refused, "retryAt") ==
          to_rfc3339(rail.tools.ledger.clock.wall() + Span::seconds(5)));
    CHECK(refused.structured.if_contains("allowedNow") == nullptr);
}

TEST_CASE("rail: a payee that is owed enough is told to wait for")
{
    Rail rail;
    id_of(rail.pay("songs", "0.10"));
    auto refused = rail.pay("songs", "0.30");
    CHECK(test::reason_of(refused) == "payee_debt_limit");
    CHECK(text_of(refused, "retry") == "after");
    CHECK_FALSE(text_of(refused, "retryAt").empty());
    CHECK(text_of(refused, "allowedNow") == "0.20");
    // More than the limit itself will not fit later either.
    refused = rail.pay("songs", "0.31");
    CHECK(text_of(refused, "retry") == "with_changes");
    CHECK(text_of(refused, "allowedNow") == "0.20");
    CHECK_THAT(refused.text, Catch::Contains("At most 0.30 USDC may be owed to this payee"));
}

TEST_CASE("rail: a service without an address is not to be paid until a person gives it one")
{
    Rail rail;
    const auto refused = rail.pay("poems", "0.01");
    CHECK(test::reason_of(refused) == "payee_not_payable");
    CHECK(text_of(refused, "retry") == "never");
    CHECK(refused.structured.if_contains("allowedNow") == nullptr);
}

TEST_CASE("rail: caps stand before money in the published order")
{
    Rail rail;
    const auto refused = rail.pay("songs", "11");
    CHECK(test::reason_of(refused) == "spend_limit_reached");
    std::vector<std::string> reasons;
    for (const auto& failure : refused.structured.at("failures").as_array())
        reasons.emplace_back(failure.at("reason").as_string());
    CHECK(reasons == std::vector<std::string>{"spend_limit_reached", "funds_insufficient",
                                              "payee_debt_limit"});
    CHECK(text_of(refused, "allowedNow") == "0.30");
    CHECK_THAT(refused.text, Catch::Contains("left; this needs 11.00. The treasury has 5.00"));
}

TEST_CASE("rail: real money is never spent without a credential")
{
    const auto funding = make_funding();
    Tools tools{{}, &funding};
    const auto arguments = R"({"service":"x","payee":"0x90F79bf6EB2c4f870365E785982E1f101E93b906",
                               "estimatedCost":"0.1"})";
    const auto refused = tools.pay(arguments);
    CHECK(test::reason_of(refused) == "credential_missing");
    CHECK_THAT(refused.text, Catch::Contains("real money"));
    CHECK(test::reason_of(tools.call("pay_budget_status", "{}")) == "credential_missing");
    CHECK(test::reason_of(tools.settle(TxId{.seq = 1, .token = 1}.to_string(), "1")) ==
          "credential_missing");
}
