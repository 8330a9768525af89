// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/payout_rows.hpp"

#include "ledger/require.hpp"

namespace purse::sqlite {

namespace {
#define PURSE_TREASURY                                                                         \
    "SELECT id, chain, token, address, balance, balance_block, paid_seen, owed, first_block, " \
    "latest, safe, "                                                                           \
    "finalized, seen_at FROM treasury "
#define PURSE_PAYEE                                                                  \
    "SELECT id, treasury, address, owed, covered, included, paid, next_k, pending, " \
    "waiting_since FROM payee "
#define PURSE_DEBT "SELECT hold, seq, payee, agent, amount, upto FROM debt "
#define PURSE_PAYOUT                                                                           \
    "SELECT id, payee, k, value, start, nonce, valid_before, signature, state, reason, slot, " \
    "tx, block, block_hash, seen, created_at, changed_at, asked FROM payout "
#define PURSE_SLOT                                                                              \
    "SELECT id, relayer, nonce, kind, state, tx, block, block_hash, gas_used, cost, accepted, " \
    "created_at FROM slot "
#define PURSE_ATTEMPT "SELECT slot, version, hash, raw, max_fee, tip, gas, signed_at FROM attempt "

template <typename Enum>
std::int64_t number(Enum value)
{
    return static_cast<std::int64_t>(value);
}

PayoutState payout_state(std::int64_t stored)
{
    require(stored >= 0 && stored <= number(PayoutState::canceled),
            "a stored payout has a known state");
    return static_cast<PayoutState>(stored);
}

TreasuryRow treasury_row(const Statement::Cursor& row)
{
    return {.id = row.integer(0),
            .chain = row.integer(1),
            .token = row.text(2),
            .address = row.text(3),
            .balance = row.integer(4),
            .balance_block = row.integer(5),
            .paid_seen = row.integer(6),
            .owed = row.integer(7),
            .first_block = row.integer(8),
            .latest = row.integer(9),
            .safe = row.integer(10),
            .finalized = row.integer(11),
            .seen_at = row.instant(12)};
}

PayeeRow payee_row(const Statement::Cursor& row)
{
    return {.id = row.integer(0),
            .treasury = row.integer(1),
            .address = row.text(2),
            .owed = row.integer(3),
            .covered = row.integer(4),
            .included = row.integer(5),
            .paid = row.integer(6),
            .next_k = row.integer(7),
            .pending = row.integer(8),
            .waiting_since = row.instant(9)};
}

DebtRow debt_row(const Statement::Cursor& row)
{
    return {.hold = row.integer(0),
            .seq = row.integer(1),
            .payee = row.integer(2),
            .agent = row.text(3),
            .amount = row.integer(4),
            .upto = row.integer(5)};
}

PayoutRow payout_row(const Statement::Cursor& row)
{
    return {.id = row.integer(0),
            .payee = row.integer(1),
            .k = row.integer(2),
            .value = row.integer(3),
            .asked = row.integer(17),
            .start = row.integer(4),
            .nonce = row.digest(5),
            .valid_before = row.integer(6),
            .signature = row.text(7),
            .state = payout_state(row.integer(8)),
            .reason = row.text(9),
            .slot = row.integer(10),
            .tx = row.text(11),
            .block = row.integer(12),
            .block_hash = row.text(13),
            .seen = row.integer(14) != 0,
            .created_at = row.instant(15),
            .changed_at = row.instant(16)};
}

SlotRow slot_row(const Statement::Cursor& row)
{
    require(row.integer(3) >= 0 && row.integer(3) <= number(SlotKind::fill) &&
                row.integer(4) >= 0 && row.integer(4) <= number(SlotState::lost),
            "a stored slot has a known kind and state");
    return {.id = row.integer(0),
            .relayer = row.text(1),
            .nonce = row.integer(2),
            .kind = static_cast<SlotKind>(row.integer(3)),
            .state = static_cast<SlotState>(row.integer(4)),
            .tx = row.text(5),
            .block = row.integer(6),
            .block_hash = row.text(7),
            .gas_used = row.integer(8),
            .cost = row.text(9),
            .accepted = row.integer(10) != 0,
            .created_at = row.instant(11)};
}

AttemptRow attempt_row(const Statement::Cursor& row)
{
    return {.slot = row.integer(0),
            .version = row.integer(1),
            .hash = row.digest(2),
            .raw = row.text(3),
            .max_fee = row.text(4),
            .tip = row.text(5),
            .gas = row.integer(6),
            .signed_at = row.instant(7)};
}

template <typename Make>
auto first(Statement::Cursor& row, Make make) -> std::optional<decltype(make(row))>
{
    if (!row.step()) return std::nullopt;
    return make(row);
}

template <typename Make>
auto all(Statement::Cursor& row, Make make) -> std::vector<decltype(make(row))>
{
    std::vector<decltype(make(row))> rows;
    while (row.step()) rows.push_back(make(row));
    return rows;
}

bool is_waiting(const PayeeRow& row)
{
    return row.uncovered() > 0 && row.pending == 0;
}
}  // namespace

SqlitePayoutRows::SqlitePayoutRows(Connection& db)
    : db_{db},
      treasury_{db, PURSE_TREASURY "WHERE id = ?"},
      treasuries_{db, PURSE_TREASURY "ORDER BY id"},
      last_treasury_{db, "SELECT MAX(id) FROM treasury"},
      insert_treasury_{db,
                       "INSERT INTO treasury (id, chain, token, address, balance, balance_block, "
                       "paid_seen, owed, first_block, latest, safe, finalized, seen_at) VALUES "
                       "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      update_treasury_{db,
                       "UPDATE treasury SET balance = ?, balance_block = ?, paid_seen = ?, owed = "
                       "?, first_block = ?, "
                       "latest = ?, safe = ?, finalized = ?, seen_at = ? WHERE id = ?"},
      payee_{db, PURSE_PAYEE "WHERE id = ?"},
      payee_by_address_{db, PURSE_PAYEE "WHERE treasury = ? AND address = ?"},
      payees_{db, PURSE_PAYEE "WHERE treasury = ? AND id > ? ORDER BY id LIMIT ?"},
      waiting_payees_{
          db, PURSE_PAYEE "WHERE treasury = ? AND waiting = 1 AND id > ? ORDER BY id LIMIT ?"},
      last_payee_{db, "SELECT MAX(id) FROM payee"},
      insert_payee_{db,
                    "INSERT INTO payee (id, treasury, address, owed, covered, included, paid, "
                    "next_k, pending, waiting_since, waiting) VALUES "
                    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      update_payee_{db,
                    "UPDATE payee SET owed = ?, covered = ?, included = ?, paid = ?, next_k = ?, "
                    "pending = ?, waiting_since = ?, waiting = ? WHERE id = ?"},
      insert_debt_{db,
                   "INSERT INTO debt (hold, seq, payee, agent, amount, upto) VALUES "
                   "(?, ?, ?, ?, ?, ?)"},
      debt_{db, PURSE_DEBT "WHERE hold = ?"},
      debts_of_{db, PURSE_DEBT "WHERE agent = ? ORDER BY seq DESC LIMIT ?"},
      payout_{db, PURSE_PAYOUT "WHERE id = ?"},
      payouts_in_{db, PURSE_PAYOUT "WHERE state = ? AND id > ? ORDER BY id LIMIT ?"},
      payouts_of_slot_{db, PURSE_PAYOUT "WHERE slot = ? ORDER BY id"},
      payouts_of_{db, PURSE_PAYOUT "WHERE payee = ? AND k >= ? ORDER BY k LIMIT ?"},
      payout_covering_{db, PURSE_PAYOUT
                       "WHERE payee = ? AND start < ? AND start + value >= ? AND state < 6 "
                       "ORDER BY k DESC LIMIT 1"},
      latest_payouts_{db, PURSE_PAYOUT "WHERE id < ? ORDER BY id DESC LIMIT ?"},
      last_payout_{db, "SELECT MAX(id) FROM payout"},
      insert_payout_{db,
                     "INSERT INTO payout (id, payee, k, value, start, nonce, valid_before, "
                     "signature, state, reason, slot, tx, block, block_hash, seen, "
                     "created_at, changed_at, asked) VALUES "
                     "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      update_payout_{db,
                     "UPDATE payout SET value = ?, start = ?, valid_before = ?, signature = ?, "
                     "state = ?, reason = ?, slot = ?, tx = ?, block = ?, block_hash = ?, "
                     "seen = ?, changed_at = ? WHERE id = ?"},
      slot_{db, PURSE_SLOT "WHERE id = ?"},
      slots_in_{db, PURSE_SLOT "WHERE state = ? AND id > ? ORDER BY id LIMIT ?"},
      last_slot_{db, PURSE_SLOT "WHERE relayer = ? ORDER BY nonce DESC, id DESC LIMIT 1"},
      last_slot_id_{db, "SELECT MAX(id) FROM slot"},
      insert_slot_{db,
                   "INSERT INTO slot (id, relayer, nonce, kind, state, tx, block, block_hash, "
                   "gas_used, cost, accepted, created_at) VALUES "
                   "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      update_slot_{db,
                   "UPDATE slot SET state = ?, tx = ?, block = ?, block_hash = ?, gas_used = ?, "
                   "cost = ?, accepted = ? WHERE id = ?"},
      insert_attempt_{db,
                      "INSERT INTO attempt (slot, version, hash, raw, max_fee, tip, gas, "
                      "signed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
      attempts_{db, PURSE_ATTEMPT "WHERE slot = ? ORDER BY version"},
      attempt_by_hash_{db, PURSE_ATTEMPT "WHERE hash = ?"}
{
}

std::int64_t SqlitePayoutRows::last_id(Statement& statement)
{
    auto row = statement.use();
    return row.step() ? row.integer(0) : 0;
}

void SqlitePayoutRows::changed_one(const char* what)
{
    require(db_.changes() == 1, what);
}

std::optional<TreasuryRow> SqlitePayoutRows::treasury(std::int64_t id)
{
    auto row = treasury_.use();
    return first(row.bind(id), treasury_row);
}

std::vector<TreasuryRow> SqlitePayoutRows::treasuries()
{
    auto row = treasuries_.use();
    return all(row, treasury_row);
}

std::int64_t SqlitePayoutRows::insert_treasury(const TreasuryRow& row)
{
    const auto id = last_id(last_treasury_) + 1;
    insert_treasury_.use()
        .bind(id)
        .bind(row.chain)
        .bind(std::string_view{row.token})
        .bind(std::string_view{row.address})
        .bind(row.balance)
        .bind(row.balance_block)
        .bind(row.paid_seen)
        .bind(row.owed)
        .bind(row.first_block)
        .bind(row.latest)
        .bind(row.safe)
        .bind(row.finalized)
        .bind(row.seen_at)
        .run();
    return id;
}

void SqlitePayoutRows::update_treasury(const TreasuryRow& row)
{
    update_treasury_.use()
        .bind(row.balance)
        .bind(row.balance_block)
        .bind(row.paid_seen)
        .bind(row.owed)
        .bind(row.first_block)
        .bind(row.latest)
        .bind(row.safe)
        .bind(row.finalized)
        .bind(row.seen_at)
        .bind(row.id)
        .run();
    changed_one("a treasury that is changed is there");
}

std::optional<PayeeRow> SqlitePayoutRows::payee(std::int64_t id)
{
    auto row = payee_.use();
    return first(row.bind(id), payee_row);
}

std::optional<PayeeRow> SqlitePayoutRows::payee(std::int64_t treasury, std::string_view address)
{
    auto row = payee_by_address_.use();
    return first(row.bind(treasury).bind(address), payee_row);
}

std::int64_t SqlitePayoutRows::insert_payee(const PayeeRow& row)
{
    const auto id = last_id(last_payee_) + 1;
    insert_payee_.use()
        .bind(id)
        .bind(row.treasury)
        .bind(std::string_view{row.address})
        .bind(row.owed)
        .bind(row.covered)
        .bind(row.included)
        .bind(row.paid)
        .bind(row.next_k)
        .bind(row.pending)
        .bind(row.waiting_since)
        .bind(static_cast<std::int64_t>(is_waiting(row)))
        .run();
    return id;
}

void SqlitePayoutRows::update_payee(const PayeeRow& row)
{
    update_payee_.use()
        .bind(row.owed)
        .bind(row.covered)
        .bind(row.included)
        .bind(row.paid)
        .bind(row.next_k)
        .bind(row.pending)
        .bind(row.waiting_since)
        .bind(static_cast<std::int64_t>(is_waiting(row)))
        .bind(row.id)
        .run();
    changed_one("a payee that is changed is there");
}

std::vector<PayeeRow> SqlitePayoutRows::payees(std::int64_t treasury, std::int64_t after,
                                               std::size_t count_max)
{
    auto row = payees_.use();
    return all(row.bind(treasury).bind(after).bind(number(count_max)), payee_row);
}

std::vector<PayeeRow> SqlitePayoutRows::waiting_payees(std::int64_t treasury, std::int64_t after,
                                                       std::size_t count_max)
{
    auto row = waiting_payees_.use();
    return all(row.bind(treasury).bind(after).bind(number(count_max)), payee_row);
}

void SqlitePayoutRows::insert_debt(const DebtRow& row)
{
    insert_debt_.use()
        .bind(row.hold)
        .bind(row.seq)
        .bind(row.payee)
        .bind(std::string_view{row.agent})
        .bind(row.amount)
        .bind(row.upto)
        .run();
}

std::optional<DebtRow> SqlitePayoutRows::debt(std::int64_t hold)
{
    auto row = debt_.use();
    return first(row.bind(hold), debt_row);
}

std::vector<DebtRow> SqlitePayoutRows::debts_of(std::string_view agent, std::size_t count_max)
{
    auto row = debts_of_.use();
    return all(row.bind(agent).bind(number(count_max)), debt_row);
}

std::int64_t SqlitePayoutRows::insert_payout(const PayoutRow& row)
{
    const auto id = last_id(last_payout_) + 1;
    insert_payout_.use()
        .bind(id)
        .bind(row.payee)
        .bind(row.k)
        .bind(row.value)
        .bind(row.start)
        .bind(row.nonce)
        .bind(row.valid_before)
        .bind_blob(row.signature)
        .bind(number(row.state))
        .bind(std::string_view{row.reason})
        .bind(row.slot)
        .bind_blob(row.tx)
        .bind(row.block)
        .bind_blob(row.block_hash)
        .bind(static_cast<std::int64_t>(row.seen))
        .bind(row.created_at)
        .bind(row.changed_at)
        .bind(row.asked)
        .run();
    return id;
}

void SqlitePayoutRows::update_payout(const PayoutRow& row)
{
    update_payout_.use()
        .bind(row.value)
        .bind(row.start)
        .bind(row.valid_before)
        .bind_blob(row.signature)
        .bind(number(row.state))
        .bind(std::string_view{row.reason})
        .bind(row.slot)
        .bind_blob(row.tx)
        .bind(row.block)
        .bind_blob(row.block_hash)
        .bind(static_cast<std::int64_t>(row.seen))
        .bind(row.changed_at)
        .bind(row.id)
        .run();
    changed_one("a payout that is changed is there");
}

std::optional<PayoutRow> SqlitePayoutRows::payout(std::int64_t id)
{
    auto row = payout_.use();
    return first(row.bind(id), payout_row);
}

std::vector<PayoutRow> SqlitePayoutRows::payouts_in(PayoutState state, std::int64_t after,
                                                    std::size_t count_max)
{
    auto row = payouts_in_.use();
    return all(row.bind(number(state)).bind(after).bind(number(count_max)), payout_row);
}

std::vector<PayoutRow> SqlitePayoutRows::payouts_of_slot(std::int64_t slot)
{
    auto row = payouts_of_slot_.use();
    return all(row.bind(slot), payout_row);
}

std::vector<PayoutRow> SqlitePayoutRows::payouts_of(std::int64_t payee, std::int64_t k_min,
                                                    std::size_t count_max)
{
    auto row = payouts_of_.use();
    return all(row.bind(payee).bind(k_min).bind(number(count_max)), payout_row);
}

std::optional<PayoutRow> SqlitePayoutRows::payout_covering(std::int64_t payee, std::int64_t upto)
{
    auto row = payout_covering_.use();
    return first(row.bind(payee).bind(upto).bind(upto), payout_row);
}

std::vector<PayoutRow> SqlitePayoutRows::latest_payouts(std::int64_t before, std::size_t count_max)
{
    auto row = latest_payouts_.use();
    return all(row.bind(before).bind(number(count_max)), payout_row);
}

std::int64_t SqlitePayoutRows::insert_slot(const SlotRow& row)
{
    const auto id = last_id(last_slot_id_) + 1;
    insert_slot_.use()
        .bind(id)
        .bind(std::string_view{row.relayer})
        .bind(row.nonce)
        .bind(number(row.kind))
        .bind(number(row.state))
        .bind_blob(row.tx)
        .bind(row.block)
        .bind_blob(row.block_hash)
        .bind(row.gas_used)
        .bind(std::string_view{row.cost})
        .bind(static_cast<std::int64_t>(row.accepted))
        .bind(row.created_at)
        .run();
    return id;
}

void SqlitePayoutRows::update_slot(const SlotRow& row)
{
    update_slot_.use()
        .bind(number(row.state))
        .bind_blob(row.tx)
        .bind(row.block)
        .bind_blob(row.block_hash)
        .bind(row.gas_used)
        .bind(std::string_view{row.cost})
        .bind(static_cast<std::int64_t>(row.accepted))
        .bind(row.id)
        .run();
    changed_one("a slot that is changed is there");
}

std::optional<SlotRow> SqlitePayoutRows::slot(std::int64_t id)
{
    auto row = slot_.use();
    return first(row.bind(id), slot_row);
}

std::vector<SlotRow> SqlitePayoutRows::slots_in(SlotState state, std::int64_t after,
                                                std::size_t count_max)
{
    auto row = slots_in_.use();
    return all(row.bind(number(state)).bind(after).bind(number(count_max)), slot_row);
}

std::optional<SlotRow> SqlitePayoutRows::last_slot(std::string_view relayer)
{
    auto row = last_slot_.use();
    return first(row.bind(relayer), slot_row);
}

void SqlitePayoutRows::insert_attempt(const AttemptRow& row)
{
    insert_attempt_.use()
        .bind(row.slot)
        .bind(row.version)
        .bind(row.hash)
        .bind_blob(row.raw)
        .bind(std::string_view{row.max_fee})
        .bind(std::string_view{row.tip})
        .bind(row.gas)
        .bind(row.signed_at)
        .run();
}

std::vector<AttemptRow> SqlitePayoutRows::attempts(std::int64_t slot)
{
    auto row = attempts_.use();
    return all(row.bind(slot), attempt_row);
}

std::optional<AttemptRow> SqlitePayoutRows::attempt_by_hash(const Digest& hash)
{
    auto row = attempt_by_hash_.use();
    return first(row.bind(hash), attempt_row);
}

}  // namespace purse::sqlite
