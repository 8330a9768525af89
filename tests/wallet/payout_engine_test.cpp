// SPDX-License-Identifier: Apache-2.0
// Payouts that go well, and those that do not: one trouble a case.
#include "wallet/payout_engine.hpp"

#include <catch2/catch.hpp>

#include "tests/support/payout_world.hpp"
#include "wallet/calls.hpp"

namespace purse {

using namespace test;

namespace {
constexpr int kUntilFinal = 12;  // blocks, and some more

void check_paid(PayoutWorld& world, std::size_t payee, std::int64_t amount)
{
    CHECK(world.got(payee) == amount);
    CHECK(world.payee(payee).paid == amount);
    CHECK(world.audit().empty());
}

/// As a person does it.
void hold(PayoutWorld& world, std::int64_t id, const char* reason)
{
    CHECK(world.run([&](Books& books) { return Payouts{books}.hold(id, reason, "a person"); }));
}

std::vector<SlotRow> slots(PayoutWorld& world, SlotState state)
{
    return world.run([&](Books& books) { return Payouts{books}.rows().slots_in(state, 0, 1000); });
}

std::size_t versions(PayoutWorld& world, std::int64_t slot)
{
    return world.run([&](Books& books) { return Payouts{books}.rows().attempts(slot).size(); });
}

/// Nobody may send: what is signed stays here.
void starve(PayoutWorld& world)
{
    for (const auto& one : world.relayers) world.chain->fund(one, 0);
}
void feed(PayoutWorld& world)
{
    for (const auto& one : world.relayers) world.chain->fund(one, 1'000'000'000'000'000'000);
}
}  // namespace

TEST_CASE("payouts: a debt is paid, and final when the chain says so")
{
    const bool is_real = GENERATE(false, true);
    PayoutWorld world{{.has_real_signers = is_real}};
    world.book("one", 0, 1234);
    world.rounds(1);
    CHECK(world.payouts(0).at(0).state == PayoutState::sent);
    world.rounds(1);
    CHECK(world.payouts(0).at(0).state == PayoutState::included);
    CHECK(world.payee(0).paid == 0);
    world.rounds(kUntilFinal);
    check_paid(world, 0, 1234);
    CHECK(world.payouts(0).at(0).state == PayoutState::final_);
    CHECK(slots(world, SlotState::closed).size() == 1);
    CHECK(world.seat->engine().is_idle());
}

TEST_CASE("payouts: what could not be stored is not sent")
{
    const auto kind = GENERATE(StoreError::Kind::failed, StoreError::Kind::busy);
    PayoutWorld world{{}};
    world.book("one", 0, 1234);
    // The first thing after it has been tried out is to store the signed bytes.
    world.seat->at_point = [&](std::string_view point) {
        if (point == "preflighted") world.store().fail_at(1, kind);
    };
    CHECK_FALSE(world.seat->tick());
    CHECK(world.store().hit());
    CHECK(world.chain->pool_size() == 0);
    CHECK(slots(world, SlotState::live).empty());
    world.seat->at_point = {};
    world.rounds(1);
    CHECK(slots(world, SlotState::live).size() == 1);
    CHECK(world.chain->pool_size() == 1);
    world.rounds(kUntilFinal);
    check_paid(world, 0, 1234);
}

TEST_CASE("payouts: several payees in one transaction")
{
    const bool is_real = GENERATE(false, true);
    PayoutWorld world{{.payees = 60, .has_real_signers = is_real}};
    for (std::size_t i = 0; i < 60; ++i)
        world.book("b" + std::to_string(i), i, 100 + static_cast<std::int64_t>(i));
    world.rounds(kUntilFinal + 4);
    for (std::size_t i = 0; i < 60; ++i) check_paid(world, i, 100 + static_cast<std::int64_t>(i));
    CHECK(slots(world, SlotState::closed).size() == 2);  // 50 and 10
}

TEST_CASE("payouts: without Multicall3 each has its own transaction")
{
    PayoutWorld world{{.payees = 3, .has_multicall = false}};
    for (std::size_t i = 0; i < 3; ++i) world.book("b" + std::to_string(i), i, 100);
    world.rounds(kUntilFinal + 4);
    for (std::size_t i = 0; i < 3; ++i) check_paid(world, i, 100);
    CHECK(slots(world, SlotState::closed).size() == 3);
}

TEST_CASE("payouts: what comes while one is pending is netted into the next")
{
    PayoutWorld world{{}};
    world.book("first", 0, 10);
    world.rounds(1);
    for (int i = 0; i < 20; ++i) world.book("b" + std::to_string(i), 0, 5);
    world.rounds(kUntilFinal + 4);
    check_paid(world, 0, 110);
    CHECK(world.payouts(0).size() == 2);
}

TEST_CASE("payouts: a threshold and a time, whichever comes first")
{
    PayoutWorld world{
        {.rule = {.when = {.threshold = Money::from_micro(100), .every = Span::seconds(60)}}}};
    world.book("little", 0, 99);
    world.rounds(5);
    CHECK(world.payouts(0).empty());
    world.book("more", 0, 1);
    world.rounds(1);
    CHECK(world.payouts(0).size() == 1);
    world.rounds(kUntilFinal);
    world.book("again", 0, 1);
    world.rounds(50);
    CHECK(world.payouts(0).size() == 1);
    world.rounds(kUntilFinal * 3);
    check_paid(world, 0, 101);
}

TEST_CASE("payouts: a fee that is too low is raised until it is mined")
{
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.rounds(1);
    world.chain->set_base_fee(100'000'000);
    world.rounds(11);
    CHECK(world.got(0) == 0);
    CHECK(versions(world, 1) == 1);
    world.rounds(kUntilFinal * 2);
    check_paid(world, 0, 77);
    CHECK(versions(world, 1) == 2);
}

TEST_CASE("payouts: above the ceiling nothing is offered, and a person is told")
{
    PayoutWorld world{{}};
    world.chain->set_base_fee(2'000'000'000);
    world.book("one", 0, 77);
    world.rounds(60);
    CHECK(world.got(0) == 0);
    CHECK(world.seat->warned["fee_ceiling"] > 0);
    world.chain->set_base_fee(1'000'000);
    world.rounds(kUntilFinal + 6);
    check_paid(world, 0, 77);
}

TEST_CASE("payouts: a number that a stranger used is given up")
{
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.seat->tick();
    // With the key, and a better price for the same number.
    const auto theirs = world.relayer_signers[0]->sign({.chain_id = 84532,
                                                        .nonce = 0,
                                                        .max_priority_fee = 900'000'000,
                                                        .max_fee = 3'000'000'000,
                                                        .gas_limit = 21'000,
                                                        .to = world.relayers[0],
                                                        .value = 0,
                                                        .data = {},
                                                        .access_list = {}});
    CHECK(world.chain->send(theirs->raw).outcome == SendOutcome::accepted);
    world.rounds(kUntilFinal + 6);
    check_paid(world, 0, 77);
    CHECK(world.seat->warned["nonce_lost"] == 1);
    CHECK(slots(world, SlotState::lost).size() == 1);
}

TEST_CASE("payouts: a number that a reorganisation freed is filled")
{
    PayoutWorld world{{}};
    const auto theirs = world.relayer_signers[0]->sign({.chain_id = 84532,
                                                        .nonce = 0,
                                                        .max_priority_fee = 1,
                                                        .max_fee = 3'000'000,
                                                        .gas_limit = 21'000,
                                                        .to = world.relayers[0],
                                                        .value = 0,
                                                        .data = {},
                                                        .access_list = {}});
    world.chain->send(theirs->raw);
    world.rounds(1);
    world.book("one", 0, 77);
    world.seat->tick();  // its transaction has number 1
    world.chain->reorganise(2, [&](const SimTx& tx) { return tx.hash != theirs->hash; });
    world.rounds(3);
    CHECK(world.got(0) == 0);
    world.rounds(kUntilFinal + 6);
    check_paid(world, 0, 77);
    CHECK(slots(world, SlotState::closed).size() == 2);
}

TEST_CASE("payouts: a relayer that ran dry hands over")
{
    PayoutWorld world{{.relayers = 2}};
    world.book("one", 0, 77);
    world.seat->tick();
    world.chain->drop([](const SimTx&) { return true; });
    world.chain->fund(world.relayers[0], 1000);
    world.rounds(kUntilFinal * 3);
    check_paid(world, 0, 77);
    CHECK(world.chain->count(world.relayers[1], world.chain->height()) == 1);
    // Its number is closed once there is ether for it.
    CHECK(slots(world, SlotState::live).size() == 1);
    feed(world);
    world.rounds(kUntilFinal * 3);
    CHECK(slots(world, SlotState::live).empty());
    check_paid(world, 0, 77);
}

TEST_CASE("payouts: ether for one payout but not for a batch pays one by one")
{
    PayoutWorld world{{.payees = 6}};
    const Wei fee = 2'100'000;
    world.chain->fund(world.relayers[0], fee * 200'000);
    for (std::size_t i = 0; i < 6; ++i) world.book("b" + std::to_string(i), i, 100);
    world.rounds(4);
    std::int64_t paid = 0;
    for (std::size_t i = 0; i < 6; ++i) paid += world.got(i);
    CHECK(paid >= 100);
    feed(world);
    world.rounds(kUntilFinal * 2);
    for (std::size_t i = 0; i < 6; ++i) check_paid(world, i, 100);
}

TEST_CASE("payouts: a stranger submits the authorization, and it counts")
{
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.seat->tick();
    world.chain->drop([](const SimTx&) { return true; });
    Address stranger;
    stranger.bytes[3] = 9;
    REQUIRE(world.chain->shown_calls().size() == 1);
    world.chain->submit_as(stranger, world.chain->domain().contract,
                           world.chain->shown_calls().front(), 5'000'000'000);
    world.rounds(kUntilFinal + 6);
    check_paid(world, 0, 77);
    CHECK(world.payouts(0).size() == 1);
}

TEST_CASE("payouts: what a reorganisation takes back is paid again, once")
{
    const bool stays = GENERATE(true, false);
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.rounds(3);
    CHECK(world.payouts(0).at(0).state == PayoutState::included);
    const auto before = world.payouts(0).at(0).block_hash;
    world.chain->reorganise(5, [&](const SimTx&) { return stays; });
    world.rounds(4);
    CHECK(world.payouts(0).at(0).block_hash != before);
    world.rounds(kUntilFinal);
    check_paid(world, 0, 77);
    CHECK(world.chain->uses_of(world.payouts(0).at(0).nonce) == 1);
}

TEST_CASE("payouts: one that expired is paid under the next number, not before that is final")
{
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.seat->tick();
    CHECK(world.payouts(0).at(0).state == PayoutState::sent);
    world.chain->drop([](const SimTx&) { return true; });
    starve(world);
    world.clock.pass(Span::seconds(700));
    world.chain->mine(700);
    world.rounds(3);
    CHECK(world.payouts(0).size() == 1);  // over, but not at a final block
    world.rounds(kUntilFinal);
    REQUIRE(world.payouts(0).size() == 2);
    CHECK(world.payouts(0).at(0).state == PayoutState::expired);
    feed(world);
    world.rounds(kUntilFinal * 3);
    check_paid(world, 0, 77);
    CHECK(world.chain->uses_of(world.payouts(0).at(0).nonce) == 0);
}

TEST_CASE("payouts: one that is cancelled is paid under the next number")
{
    const bool was_sent = GENERATE(true, false);
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    if (!was_sent) world.chain->pause(true);
    world.seat->tick();
    world.chain->drop([](const SimTx&) { return true; });
    // Held while a transaction carries it: that one is none that cancels.
    hold(world, 1, "canceling");
    world.rounds(6);
    world.chain->pause(false);
    world.rounds(kUntilFinal * 4);
    CHECK(world.payouts(0).at(0).state == PayoutState::canceled);
    check_paid(world, 0, 77);
    CHECK(slots(world, SlotState::live).empty());
}

TEST_CASE("payouts: a cancellation that fails on the chain is sent again")
{
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.chain->pause(true);
    world.seat->tick();
    hold(world, 1, "canceling");
    world.rounds(kUntilFinal);  // mined, and reverted
    CHECK(world.payouts(0).at(0).state == PayoutState::held);
    world.chain->pause(false);
    world.rounds(kUntilFinal * 4);
    CHECK(world.payouts(0).at(0).state == PayoutState::canceled);
    check_paid(world, 0, 77);
}

TEST_CASE("payouts: a payment that comes before its cancellation is a payment")
{
    PayoutWorld world{{}};
    world.book("one", 0, 77);
    world.seat->tick();
    hold(world, 1, "canceling");
    world.rounds(kUntilFinal * 3);
    check_paid(world, 0, 77);
    CHECK(world.payouts(0).size() == 1);
}

TEST_CASE("payouts: held while the token or the payee is stopped, and released")
{
    const auto trouble = GENERATE(std::string{"token_paused"}, std::string{"blacklisted"},
                                  std::string{"no_funds"}, std::string{"no_gas"});
    PayoutWorld world{{.treasury = trouble == "no_funds" ? 50 : 1'000'000}};
    if (trouble == "token_paused") world.chain->pause(true);
    if (trouble == "blacklisted") world.chain->blacklist(world.payees[0], true);
    if (trouble == "no_gas") starve(world);
    world.book("one", 0, 77);
    world.rounds(8);
    CHECK(world.payouts(0).at(0).state == PayoutState::held);
    CHECK(world.payouts(0).at(0).reason == trouble);
    CHECK(world.seat->warned[trouble] > 0);
    // Nothing was burnt on what must fail.
    CHECK(world.chain->count(world.relayers[0], world.chain->height()) == 0);
    world.chain->pause(false);
    world.chain->blacklist(world.payees[0], false);
    world.chain->mint(world.treasury, 1'000);
    feed(world);
    world.rounds(kUntilFinal * 2);
    check_paid(world, 0, 77);
}

TEST_CASE("payouts: one payee that is blacklisted stops no other of its batch")
{
    PayoutWorld world{{.payees = 3}};
    for (std::size_t i = 0; i < 3; ++i) world.book("b" + std::to_string(i), i, 100);
    world.seat->tick();  // sent as a batch
    world.chain->blacklist(world.payees[1], true);
    world.rounds(kUntilFinal);
    check_paid(world, 0, 100);
    check_paid(world, 2, 100);
    CHECK(world.payouts(1).at(0).state == PayoutState::held);
    world.chain->blacklist(world.payees[1], false);
    world.rounds(kUntilFinal * 2);
    check_paid(world, 1, 100);
}

TEST_CASE("payouts: what a person holds outlives its authorization")
{
    PayoutWorld world{{}};
    world.chain->pause(true);
    world.book("one", 0, 77);
    world.seat->tick();
    hold(world, 1, "operator");
    world.chain->pause(false);
    world.clock.pass(Span::seconds(700));
    world.chain->mine(700);
    world.rounds(kUntilFinal * 2);
    CHECK(world.payouts(0).at(0).state == PayoutState::held);
    CHECK(world.got(0) == 0);
    world.run([](Books& books) { return Payouts{books}.release(1); });
    world.rounds(kUntilFinal * 3);
    check_paid(world, 0, 77);
    CHECK(world.payouts(0).at(0).state == PayoutState::expired);
}

TEST_CASE("payouts: the floor stays in the treasury")
{
    PayoutWorld world{{.floor = Money::from_micro(50), .treasury = 120}};
    world.book("one", 0, 77);
    world.rounds(8);
    CHECK(world.payouts(0).at(0).reason == "no_funds");
    CHECK(world.got(0) == 0);
    world.chain->mint(world.treasury, 7);
    world.rounds(kUntilFinal * 2);
    check_paid(world, 0, 77);
}

}  // namespace purse
