// SPDX-License-Identifier: Apache-2.0
// Every member of every row goes in and comes out where it belongs: all values are different.
#include "ledger/sqlite/payout_rows.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "ledger/sqlite/schema.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;
using namespace purse::sqlite;

namespace {
constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

struct File {
    TempFolder folder{TempFolder::On::memory};
    Connection connection{folder / "ledger.db"};
    std::optional<SqlitePayoutRows> rows;

    File()
    {
        migrate(connection, migrations());
        rows.emplace(connection);
    }
};

std::string bytes(char first, std::size_t size)
{
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(first + static_cast<char>(i));
    return text;
}

TreasuryRow treasury_row()
{
    return {.chain = 84532,
            .token = "0xa",
            .address = "0xb",
            .balance = 1,
            .balance_block = 2,
            .paid_seen = 3,
            .owed = 4,
            .first_block = 5,
            .latest = 6,
            .safe = 7,
            .finalized = 8,
            .seen_at = {9}};
}
void check_same(const TreasuryRow& a, const TreasuryRow& b)
{
    CHECK(a.id == b.id);
    CHECK(a.chain == b.chain);
    CHECK(a.token == b.token);
    CHECK(a.address == b.address);
    CHECK(a.balance == b.balance);
    CHECK(a.balance_block == b.balance_block);
    CHECK(a.paid_seen == b.paid_seen);
    CHECK(a.owed == b.owed);
    CHECK(a.first_block == b.first_block);
    CHECK(a.latest == b.latest);
    CHECK(a.safe == b.safe);
    CHECK(a.finalized == b.finalized);
    CHECK(a.seen_at == b.seen_at);
}

PayeeRow payee_row(std::int64_t treasury, std::string address)
{
    return {.treasury = treasury,
            .address = std::move(address),
            .owed = 11,
            .covered = 12,
            .included = 13,
            .paid = 14,
            .next_k = 15,
            .pending = 16,
            .waiting_since = {17}};
}
void check_same(const PayeeRow& a, const PayeeRow& b)
{
    CHECK(a.id == b.id);
    CHECK(a.treasury == b.treasury);
    CHECK(a.address == b.address);
    CHECK(a.owed == b.owed);
    CHECK(a.covered == b.covered);
    CHECK(a.included == b.included);
    CHECK(a.paid == b.paid);
    CHECK(a.next_k == b.next_k);
    CHECK(a.pending == b.pending);
    CHECK(a.waiting_since == b.waiting_since);
}

PayoutRow payout_row(std::int64_t payee, std::int64_t k)
{
    return {.payee = payee,
            .k = k,
            .value = 21,
            .asked = 28,
            .start = 22,
            .nonce = digest(std::to_string(payee) + "/" + std::to_string(k)),
            .valid_before = 23,
            .signature = bytes('\0', 65),
            .state = PayoutState::held,
            .reason = "why",
            .slot = 24,
            .tx = bytes('a', 32),
            .block = 25,
            .block_hash = bytes('b', 32),
            .seen = true,
            .created_at = {26},
            .changed_at = {27}};
}
void check_same(const PayoutRow& a, const PayoutRow& b)
{
    CHECK(a.id == b.id);
    CHECK(a.payee == b.payee);
    CHECK(a.k == b.k);
    CHECK(a.value == b.value);
    CHECK(a.asked == b.asked);
    CHECK(a.start == b.start);
    CHECK(a.nonce == b.nonce);
    CHECK(a.valid_before == b.valid_before);
    CHECK(a.signature == b.signature);
    CHECK(a.state == b.state);
    CHECK(a.reason == b.reason);
    CHECK(a.slot == b.slot);
    CHECK(a.tx == b.tx);
    CHECK(a.block == b.block);
    CHECK(a.block_hash == b.block_hash);
    CHECK(a.seen == b.seen);
    CHECK(a.created_at == b.created_at);
    CHECK(a.changed_at == b.changed_at);
}

SlotRow slot_row(std::string relayer, std::int64_t nonce)
{
    return {.relayer = std::move(relayer),
            .nonce = nonce,
            .kind = SlotKind::fill,
            .state = SlotState::closed,
            .tx = bytes('c', 32),
            .block = 32,
            .block_hash = bytes('d', 32),
            .gas_used = 33,
            .cost = "340282366920938463463374607431768211455",
            .accepted = true,
            .created_at = {34}};
}
void check_same(const SlotRow& a, const SlotRow& b)
{
    CHECK(a.id == b.id);
    CHECK(a.relayer == b.relayer);
    CHECK(a.nonce == b.nonce);
    CHECK(a.kind == b.kind);
    CHECK(a.state == b.state);
    CHECK(a.tx == b.tx);
    CHECK(a.block == b.block);
    CHECK(a.block_hash == b.block_hash);
    CHECK(a.gas_used == b.gas_used);
    CHECK(a.cost == b.cost);
    CHECK(a.accepted == b.accepted);
    CHECK(a.created_at == b.created_at);
}

template <typename Row>
std::vector<std::int64_t> ids(const std::vector<Row>& rows)
{
    std::vector<std::int64_t> all;
    for (const auto& row : rows) all.push_back(row.id);
    return all;
}
using Ids = std::vector<std::int64_t>;
}  // namespace

TEST_CASE("payout rows: a treasury")
{
    File file;
    auto& rows = *file.rows;
    auto row = treasury_row();
    CHECK_FALSE(rows.treasury(1));
    CHECK(rows.treasuries().empty());
    row.id = rows.insert_treasury(row);
    check_same(rows.treasury(row.id).value(), row);
    auto other = row;
    other.chain = 1;
    other.id = rows.insert_treasury(other);
    CHECK(ids(rows.treasuries()) == Ids{1, 2});
    CHECK_THROWS_AS(rows.insert_treasury(row), StoreError);  // one of a kind

    for (auto* number : {&row.balance, &row.balance_block, &row.paid_seen, &row.owed,
                         &row.first_block, &row.latest, &row.safe, &row.finalized, &row.seen_at.us})
        *number = kLargest - *number;
    rows.update_treasury(row);
    check_same(rows.treasury(row.id).value(), row);
    check_same(rows.treasury(other.id).value(), other);
    row.balance = -1;
    CHECK_THROWS_AS(rows.update_treasury(row), StoreError);
}

TEST_CASE("payout rows: a payee")
{
    File file;
    auto& rows = *file.rows;
    auto row = payee_row(3, "0xa");
    row.id = rows.insert_payee(row);
    auto other = payee_row(4, "0xa");
    other.id = rows.insert_payee(other);
    check_same(rows.payee(row.id).value(), row);
    check_same(rows.payee(3, "0xa").value(), row);
    check_same(rows.payee(4, "0xa").value(), other);
    CHECK_FALSE(rows.payee(3, "0xb"));
    CHECK_FALSE(rows.payee(9));
    CHECK_THROWS_AS(rows.insert_payee(row), StoreError);
    for (auto* number : {&row.owed, &row.covered, &row.included, &row.paid, &row.next_k,
                         &row.pending, &row.waiting_since.us})
        *number = kLargest - *number;
    rows.update_payee(row);
    check_same(rows.payee(row.id).value(), row);
    check_same(rows.payee(other.id).value(), other);
    for (auto* number : {&row.owed, &row.covered, &row.included, &row.paid}) {
        const auto was = std::exchange(*number, -1);
        CHECK_THROWS_AS(rows.update_payee(row), StoreError);
        *number = was;
    }
}

TEST_CASE("payout rows: payees wait with debts that nothing covers and nothing pending")
{
    File file;
    auto& rows = *file.rows;
    const auto add = [&](std::int64_t treasury, const char* address, std::int64_t owed,
                         std::int64_t covered, std::int64_t pending) {
        auto row = payee_row(treasury, address);
        row.owed = owed;
        row.covered = covered;
        row.pending = pending;
        return rows.insert_payee(row);
    };
    const auto waiting = add(1, "a", 5, 4, 0);
    add(1, "b", 5, 5, 0);
    add(1, "c", 5, 6, 0);
    const auto busy = add(1, "d", 5, 4, 9);
    const auto other = add(2, "a", 5, 4, 0);
    const auto last = add(1, "e", 1, 0, 0);
    CHECK(ids(rows.payees(1, 0, 99)) == Ids{1, 2, 3, 4, 6});
    CHECK(ids(rows.payees(1, 2, 2)) == Ids{3, 4});
    CHECK(ids(rows.waiting_payees(1, 0, 99)) == Ids{waiting, last});
    CHECK(ids(rows.waiting_payees(1, waiting, 99)) == Ids{last});
    CHECK(ids(rows.waiting_payees(1, 0, 1)) == Ids{waiting});
    CHECK(ids(rows.waiting_payees(2, 0, 99)) == Ids{other});
    auto row = rows.payee(busy).value();
    row.pending = 0;
    rows.update_payee(row);
    row = rows.payee(last).value();
    row.covered = 1;
    rows.update_payee(row);
    CHECK(ids(rows.waiting_payees(1, 0, 99)) == Ids{waiting, busy});
}

TEST_CASE("payout rows: a debt")
{
    File file;
    auto& rows = *file.rows;
    for (std::int64_t i = 1; i <= 3; ++i)
        rows.insert_debt({.hold = 10 + i,
                          .seq = 50 - i,
                          .payee = 60 + i,
                          .agent = i == 2 ? "b" : "a",
                          .amount = 70 + i,
                          .upto = 80 + i});
    const auto row = rows.debt(11).value();
    CHECK(row.hold == 11);
    CHECK(row.seq == 49);
    CHECK(row.payee == 61);
    CHECK(row.agent == "a");
    CHECK(row.amount == 71);
    CHECK(row.upto == 81);
    CHECK_FALSE(rows.debt(10));
    const auto all = rows.debts_of("a", 9);
    REQUIRE(all.size() == 2);
    CHECK(all[0].hold == 11);  // the latest entry first
    CHECK(all[1].hold == 13);
    CHECK(rows.debts_of("a", 1).size() == 1);
    CHECK(rows.debts_of("", 9).empty());
    CHECK_THROWS_AS(rows.insert_debt(row), StoreError);  // a hold is owed once
    CHECK_THROWS_AS(rows.insert_debt({.hold = 99, .amount = 0}), StoreError);
}

TEST_CASE("payout rows: a payout")
{
    File file;
    auto& rows = *file.rows;
    auto row = payout_row(1, 0);
    row.id = rows.insert_payout(row);
    auto other = payout_row(2, 0);
    other.id = rows.insert_payout(other);
    check_same(rows.payout(row.id).value(), row);
    CHECK_FALSE(rows.payout(9));
    for (auto* number :
         {&row.value, &row.start, &row.valid_before, &row.slot, &row.block, &row.changed_at.us})
        *number = kLargest - *number;
    row.signature.clear();
    row.reason.clear();
    row.tx.clear();
    row.block_hash = bytes('\x7f', 32);
    row.seen = false;
    for (int state = 0; state <= static_cast<int>(PayoutState::canceled); ++state) {
        row.state = static_cast<PayoutState>(state);
        rows.update_payout(row);
        check_same(rows.payout(row.id).value(), row);
    }
    check_same(rows.payout(other.id).value(), other);
    row.value = 0;
    CHECK_THROWS_AS(rows.update_payout(row), StoreError);
    auto twin = payout_row(3, 0);
    twin.nonce = other.nonce;
    CHECK_THROWS_AS(rows.insert_payout(twin), StoreError);
    twin = payout_row(2, 0);
    twin.nonce = digest("new");
    CHECK_THROWS_AS(rows.insert_payout(twin), StoreError);
}

TEST_CASE("payout rows: payouts by state, transaction, payee and age")
{
    File file;
    auto& rows = *file.rows;
    for (std::int64_t k = 0; k < 6; ++k) {
        auto row = payout_row(1 + k % 2, k);
        row.state = k < 4 ? PayoutState::queued : PayoutState::sent;
        row.slot = k < 3 ? 0 : 8;
        rows.insert_payout(row);
    }
    CHECK(ids(rows.payouts_in(PayoutState::queued, 0, 99)) == Ids{1, 2, 3, 4});
    CHECK(ids(rows.payouts_in(PayoutState::queued, 1, 2)) == Ids{2, 3});
    CHECK(ids(rows.payouts_in(PayoutState::sent, 0, 99)) == Ids{5, 6});
    CHECK(rows.payouts_in(PayoutState::final_, 0, 99).empty());
    CHECK(ids(rows.payouts_of_slot(8)) == Ids{4, 5, 6});
    CHECK(ids(rows.payouts_of(1, 0, 99)) == Ids{1, 3, 5});
    CHECK(ids(rows.payouts_of(1, 2, 1)) == Ids{3});
    CHECK(ids(rows.payouts_of(2, 3, 99)) == Ids{4, 6});
    CHECK(ids(rows.latest_payouts(kLargest, 2)) == Ids{6, 5});
    CHECK(ids(rows.latest_payouts(3, 99)) == Ids{2, 1});
}

TEST_CASE("payout rows: which one covers a debt")
{
    File file;
    auto& rows = *file.rows;
    const auto add = [&](std::int64_t k, std::int64_t start, std::int64_t value,
                         PayoutState state) {
        auto row = payout_row(1, k);
        row.start = start;
        row.value = value;
        row.state = state;
        return rows.insert_payout(row);
    };
    const auto covering = [&](std::int64_t upto) {
        const auto row = rows.payout_covering(1, upto);
        return row ? row->id : 0;
    };
    const auto first = add(0, 0, 10, PayoutState::final_);
    add(1, 10, 5, PayoutState::expired);
    add(2, 10, 5, PayoutState::canceled);
    const auto last = add(3, 10, 7, PayoutState::held);
    CHECK(covering(1) == first);
    CHECK(covering(10) == first);
    CHECK(covering(11) == last);
    CHECK(covering(17) == last);
    CHECK(covering(18) == 0);
    CHECK(covering(0) == 0);
    CHECK_FALSE(rows.payout_covering(2, 1));
}

TEST_CASE("payout rows: a transaction and its versions")
{
    File file;
    auto& rows = *file.rows;
    auto row = slot_row("0xa", 31);
    row.id = rows.insert_slot(row);
    auto other = slot_row("0xb", 99);
    other.kind = SlotKind::pay;
    other.id = rows.insert_slot(other);
    check_same(rows.slot(row.id).value(), row);
    check_same(rows.slot(other.id).value(), other);
    CHECK_FALSE(rows.slot(9));
    row.tx.clear();
    row.block = kLargest;
    row.block_hash.clear();
    row.gas_used = kLargest - 1;
    row.cost = "0";
    row.accepted = false;
    for (int state = 0; state <= static_cast<int>(SlotState::lost); ++state) {
        row.state = static_cast<SlotState>(state);
        rows.update_slot(row);
        check_same(rows.slot(row.id).value(), row);
        CHECK(ids(rows.slots_in(row.state, 0, 99)).front() == row.id);
        CHECK(ids(rows.slots_in(row.state, row.id, 99)) ==
              (row.state == other.state ? Ids{other.id} : Ids{}));
    }
    check_same(rows.slot(other.id).value(), other);
    auto earlier = slot_row("0xa", 30);
    earlier.id = rows.insert_slot(earlier);
    CHECK(rows.last_slot("0xa")->id == row.id);
    auto again = slot_row("0xa", 31);  // fills the gap that the first one left
    again.id = rows.insert_slot(again);
    CHECK(rows.last_slot("0xa")->id == again.id);
    CHECK_FALSE(rows.last_slot("0xc"));

    rows.insert_attempt({.slot = 1,
                         .version = 2,
                         .hash = digest("2"),
                         .raw = bytes('\0', 300),
                         .max_fee = "43",
                         .tip = "44",
                         .gas = 45,
                         .signed_at = {46}});
    rows.insert_attempt({.slot = 1, .version = 1, .hash = digest("1")});
    rows.insert_attempt({.slot = 2, .version = 1, .hash = digest("3")});
    const auto attempts = rows.attempts(1);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].version == 1);
    const auto found = rows.attempt_by_hash(digest("2")).value();
    for (const auto& one : {attempts[1], found}) {
        CHECK(one.slot == 1);
        CHECK(one.version == 2);
        CHECK(one.hash == digest("2"));
        CHECK(one.raw == bytes('\0', 300));
        CHECK(one.max_fee == "43");
        CHECK(one.tip == "44");
        CHECK(one.gas == 45);
        CHECK(one.signed_at == Instant{46});
    }
    CHECK_FALSE(rows.attempt_by_hash(digest("4")));
    CHECK_THROWS_AS(rows.insert_attempt({.slot = 5, .version = 1, .hash = digest("2")}),
                    StoreError);
}
