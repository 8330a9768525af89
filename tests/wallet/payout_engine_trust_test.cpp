// SPDX-License-Identifier: Apache-2.0
// What payouts may not believe: one node, an older copy of their own ledger, their own memory.
#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/payout_world.hpp"
#include "wallet/payout_engine.hpp"

namespace purse {

using namespace test;

namespace {
constexpr int kUntilFinal = 12;

void check_paid(PayoutWorld& world, std::size_t payee, std::int64_t amount)
{
    CHECK(world.got(payee) == amount);
    CHECK(world.payee(payee).paid == amount);
    CHECK(world.audit().empty());
}

/// The node that is asked first lies that everything was paid, and how much.
SimNode& liar(PayoutWorld& world, std::int64_t amount)
{
    auto& node = world.seat->node(0);
    node.forged_from = world.treasury;
    node.forged_payees = world.payees;
    node.forged_value = amount;
    return node;
}
}  // namespace

TEST_CASE("trust: a node that forges receipts delays, and decides nothing")
{
    // Less than was asked: the rest must not be paid as well. More: it must not be signed.
    const auto amount =
        GENERATE(as<std::int64_t>{}, 77, 1, 5'000'000, std::numeric_limits<std::int64_t>::max());
    PayoutWorld world{{.nodes = 2, .payees = 1}};
    world.book("one", 0, 77);
    auto& node = liar(world, amount);
    world.chain->pause(true);
    world.rounds(2);  // it has heard of the nonce
    world.chain->pause(false);
    node.faults.forged_receipt = 1000;
    for (int i = 0; i < 60; ++i) {
        world.rounds(1);
        CHECK(world.got(0) <= 77);
        CHECK(world.payee(0).paid <= 77);
    }
    node.faults = {};
    world.rounds(kUntilFinal * 4);
    check_paid(world, 0, 77);
}

TEST_CASE("trust: a forged use of what is not signed yet does not choose its amount")
{
    PayoutWorld world{{.nodes = 2, .payees = 1}};
    world.book("one", 0, 77);
    auto& node = liar(world, 5'000'000);
    node.faults.false_used = 1000;
    world.rounds(1);  // reserved, and not signed: it is used, says the first node
    CHECK(world.payouts(0).at(0).state == PayoutState::queued);
    node.faults.forged_receipt = 1000;
    for (int i = 0; i < 30; ++i) {
        world.rounds(1);
        CHECK(world.payouts(0).at(0).state != PayoutState::final_);
    }
    node.faults = {};
    world.rounds(kUntilFinal * 4);
    check_paid(world, 0, 77);
}

TEST_CASE("trust: a node that counts too many transactions moves no number")
{
    PayoutWorld world{{.nodes = 2}};
    world.seat->node(0).faults.false_count = 1000;
    world.book("one", 0, 77);
    world.rounds(kUntilFinal + 4);
    check_paid(world, 0, 77);
    CHECK(world.chain->count(world.relayers[0], world.chain->height()) == 1);
}

TEST_CASE("trust: a node that sees blocks of the future makes nothing safe, and nothing stops")
{
    PayoutWorld world{{.nodes = 2}};
    world.seat->node(0).faults.false_heads = 1000;
    world.book("one", 0, 77);
    world.rounds(2);
    const auto row = world.treasury_row();
    CHECK(row.safe <= static_cast<std::int64_t>(world.chain->height()));
    CHECK(row.balance_block <= static_cast<std::int64_t>(world.chain->height()));
    const auto until = static_cast<std::uint64_t>(world.payouts(0).at(0).valid_before);
    CHECK(until <= world.chain->block(world.chain->height()).timestamp + 600);
    world.rounds(kUntilFinal + 4);
    world.seat->node(0).faults = {};
    world.rounds(kUntilFinal);
    check_paid(world, 0, 77);
}

TEST_CASE("trust: a block that only a liar saw is forgotten after a while")
{
    PayoutWorld world{{.nodes = 2}};
    world.seat->node(0).faults.false_heads = 1000;
    world.seat->node(1).faults.lost_before = 1000;
    world.rounds(2);
    CHECK(world.treasury_row().balance_block > 1'000'000);
    world.seat->node(0).faults = {};
    world.seat->node(1).faults = {};
    world.book("one", 0, 77);
    world.rounds(kUntilFinal);
    CHECK(world.got(0) == 77);
    world.rounds(130);
    check_paid(world, 0, 77);
}

TEST_CASE("trust: finality goes on while one of two nodes is always a block behind")
{
    PayoutWorld world{{.nodes = 2}};
    world.seat->node(1).faults.lag = 1;
    // One more each round: there is always something that is final to one node only.
    std::int64_t sum = 0;
    for (int i = 0; i < 60; ++i) {
        world.book("b" + std::to_string(i), static_cast<std::size_t>(i % 2), 10);
        sum += 10;
        world.rounds(1);
    }
    CHECK(world.payee(0).paid + world.payee(1).paid > sum / 2);
    CHECK(world.audit().empty());
}

TEST_CASE("trust: a ledger put back pays what it has forgotten only once")
{
    PayoutWorld world{{}};
    world.copy("before");
    world.book("one", 0, 77);
    world.rounds(GENERATE(1, 2, kUntilFinal + 2));
    world.restore("before");
    SECTION("the same debts come again")
    {
        world.book("one", 0, 77);
        world.rounds(kUntilFinal * 3);
        check_paid(world, 0, 77);
    }
    SECTION("and others before them: the chain's amount is booked, the rest paid")
    {
        world.book("two", 0, 500);
        world.rounds(3);
        world.book("one", 0, 77);
        world.rounds(kUntilFinal * 4);
        check_paid(world, 0, 577);
    }
    SECTION("and less at first")
    {
        world.book("two", 0, 5);
        world.rounds(kUntilFinal * 2);
        world.book("one", 0, 77);
        world.rounds(kUntilFinal * 4);
        check_paid(world, 0, 82);
    }
}

TEST_CASE("trust: a ledger put back that forgot a dead number and what came after it")
{
    PayoutWorld world{{}};
    world.copy("before");
    world.book("one", 0, 77);
    const bool is_canceled = GENERATE(true, false);
    world.seat->tick();
    world.chain->drop([](const SimTx&) { return true; });
    if (is_canceled) {
        world.run([](Books& books) { return Payouts{books}.hold(1, "canceling", "a person"); });
    } else {
        world.clock.pass(Span::seconds(700));
        world.chain->mine(700);
    }
    world.rounds(kUntilFinal * 4);
    check_paid(world, 0, 77);
    REQUIRE(world.payouts(0).size() == 2);
    world.restore("before");
    world.book("one", 0, 77);
    for (int i = 0; i < 60; ++i) {
        world.rounds(1);
        REQUIRE(world.got(0) == 77);
    }
    check_paid(world, 0, 77);
}

TEST_CASE("trust: a crash at any point loses and doubles nothing")
{
    const auto point = GENERATE(
        std::string{"funds_stored"}, std::string{"reserved"}, std::string{"signed"},
        std::string{"preflighted"}, std::string{"attempt_stored"}, std::string{"broadcast"},
        std::string{"included_found"}, std::string{"included_stored"}, std::string{"final_found"},
        std::string{"final_stored"}, std::string{"bumped"});
    PayoutWorld world{{}};
    bool has_crashed = false;
    world.seat->at_point = [&](std::string_view at) {
        if (has_crashed || at != point) return;
        has_crashed = true;
        throw Crash{point};
    };
    world.book("one", 0, 77);
    world.rounds(1);
    if (point == "bumped") {
        world.chain->drop([](const SimTx&) { return true; });
        world.chain->set_base_fee(100'000'000);
        world.rounds(14);
    }
    world.rounds(kUntilFinal * 2);
    CHECK(has_crashed);
    check_paid(world, 0, 77);
    CHECK(world.payouts(0).size() == 1);
}

TEST_CASE("trust: two engines on one ledger without a lock")
{
    PayoutWorld world{{.payees = 3}};
    EngineSeat other{world, 9};
    bool is_inside = false;
    world.seat->at_point = [&](std::string_view) {
        if (is_inside) return;
        is_inside = true;
        other.tick();
        is_inside = false;
    };
    for (std::size_t i = 0; i < 3; ++i) world.book("b" + std::to_string(i), i, 100);
    world.rounds(kUntilFinal * 2);
    for (std::size_t i = 0; i < 3; ++i) check_paid(world, i, 100);
}

}  // namespace purse
