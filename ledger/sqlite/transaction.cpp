// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/transaction.hpp"

#include <charconv>

#include "ledger/require.hpp"
#include "ledger/sqlite/approval_rows.hpp"
#include "ledger/sqlite/payout_rows.hpp"
#include "ledger/sqlite/webhook_rows.hpp"

namespace purse::sqlite {

namespace {
// Ids remembered between transactions. A ledger with more live counters searches some again.
constexpr std::size_t kCounterIdsMax = 4096;

std::string cache_key(const CounterKey& key)
{
    // Unit separators cannot occur in names, and scopes come last but for the number.
    return key.budget + '\x1f' + key.kind + '\x1f' + std::to_string(key.window_start.us) + '\x1f' +
           key.scope;
}

CounterRow counter_row(const Statement::Cursor& row)
{
    return {.id = row.integer(0), .held = row.integer(1), .spent = row.integer(2)};
}

CredentialRow credential_row(const Statement::Cursor& row)
{
    return {.id = row.text(0),
            .agent = row.text(1),
            .hash = row.digest(2),
            .issued_at = row.instant(3),
            .expires_at = row.instant(4),
            .revoked_at = row.instant(5),
            .note = row.text(6)};
}

[[noreturn]] void damaged(const char* what)
{
    throw StoreError{StoreError::Kind::in_doubt,
                     std::string{"the ledger file is damaged: "} + what};
}
}  // namespace

std::string to_text(const std::vector<StoredLeg>& legs)
{
    std::string text;
    for (const auto& leg : legs) {
        if (!text.empty()) text += ' ';
        text += std::to_string(leg.counter);
        if (leg.leaves_at != Instant::never()) text += '@' + std::to_string(leg.leaves_at.us);
        if (leg.limit != kNoLimit) text += '/' + std::to_string(leg.limit);
    }
    return text;
}

std::vector<StoredLeg> legs_of(std::string_view text)
{
    std::vector<StoredLeg> legs;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&] {
        std::int64_t value = 0;
        const auto [stop, error] = std::from_chars(at, end, value);
        if (error != std::errc{}) damaged("a hold's legs are unreadable");
        at = stop;
        return value;
    };
    const auto has = [&](char sign) {
        if (at == end || *at != sign) return false;
        ++at;
        return true;
    };
    if (text.empty()) return legs;
    do {
        StoredLeg leg{.counter = number()};
        if (has('@')) leg.leaves_at = {number()};
        if (has('/')) leg.limit = number();
        legs.push_back(leg);
    } while (has(' '));
    if (at != end) damaged("a hold's legs are unreadable");
    return legs;
}

SqliteTx::SqliteTx(SqliteStore& store) : store_{store}, sql_{*store.statements_}
{
    sql_.begin.use().run();
    open_ = true;
}

SqliteTx::~SqliteTx()
{
    if (open_) {
        try {
            sql_.rollback.use().run();
        } catch (const StoreError&) {
            // SQLite rolls back by itself after the errors that forbid it here.
        }
    }
    store_.unlock();
}

void SqliteTx::commit()
{
    sql_.commit.use().run();
    open_ = false;
    auto& ids = store_.counter_ids_;
    if (ids.size() + new_counters_.size() > kCounterIdsMax) ids.clear();
    for (auto& [key, id] : new_counters_) ids.insert_or_assign(std::move(key), id);
}

Meta SqliteTx::meta()
{
    auto row = sql_.meta.use();
    if (!row.step()) damaged("the row that says where it stands is missing");
    auto tree = MerkleFrontier::from_bytes(row.integer(9), row.text(10));
    if (!tree) damaged("the journal's tree has another size than it says");
    return {.schema = row.integer(0),
            .epoch = row.integer(1),
            .policy_version = row.integer(2),
            .seq = row.integer(3),
            .head = row.digest(4),
            .last_time = row.instant(5),
            .counters = row.integer(6),
            .accounts = row.integer(7),
            .signed_seq = row.integer(8),
            .tree = *std::move(tree)};
}

void SqliteTx::put_meta(const Meta& meta)
{
    sql_.put_meta.use()
        .bind(meta.epoch)
        .bind(meta.policy_version)
        .bind(meta.seq)
        .bind(meta.head)
        .bind(meta.last_time)
        .bind(meta.counters)
        .bind(meta.accounts)
        .bind(meta.signed_seq)
        .bind(meta.tree.size())
        .bind_blob(meta.tree.to_bytes())
        .run();
}

std::optional<CounterRow> SqliteTx::find_counter(const CounterKey& key)
{
    auto& ids = store_.counter_ids_;
    auto name = cache_key(key);
    if (const auto known = ids.find(name); known != ids.end()) return counter(known->second);
    auto row = sql_.find_counter.use();
    row.bind(key.budget).bind(key.kind).bind(key.scope).bind(key.window_start);
    if (!row.step()) return std::nullopt;
    if (ids.size() >= kCounterIdsMax) ids.clear();
    // Committed before this transaction, or made by it: then only commit() may remember it.
    const auto found = counter_row(row);
    for (const auto& [made, id] : new_counters_)
        if (id == found.id) return found;
    ids.emplace(std::move(name), found.id);
    return found;
}

std::optional<CounterRow> SqliteTx::counter(std::int64_t id)
{
    auto row = sql_.counter.use();
    row.bind(id);
    if (!row.step()) return std::nullopt;
    return counter_row(row);
}

CounterKey SqliteTx::counter_key(std::int64_t id)
{
    auto row = sql_.counter_key.use();
    row.bind(id);
    if (!row.step()) damaged("a hold names a counter that is not there");
    return {row.text(0), row.text(1), row.text(2), row.instant(3)};
}

void SqliteTx::insert_counter(const CounterRow& row, const CounterKey& key)
{
    sql_.insert_counter.use()
        .bind(row.id)
        .bind(key.budget)
        .bind(key.kind)
        .bind(key.scope)
        .bind(key.window_start)
        .bind(row.held)
        .bind(row.spent)
        .run();
    new_counters_.emplace_back(cache_key(key), row.id);
}

bool SqliteTx::add_to_counter(std::int64_t id, std::int64_t held, std::int64_t spent,
                              std::int64_t limit)
{
    sql_.add_to_counter.use().bind(held).bind(spent).bind(id).bind(limit).run();
    return sql_.db.changes() == 1;
}

std::vector<std::pair<CounterKey, CounterRow>> SqliteTx::counters_of(std::string_view budget,
                                                                     std::size_t count_max)
{
    std::vector<std::pair<CounterKey, CounterRow>> rows;
    auto row = sql_.counters_of.use();
    row.bind(budget).bind(static_cast<std::int64_t>(count_max));
    while (row.step())
        rows.emplace_back(CounterKey{row.text(0), row.text(1), row.text(2), row.instant(3)},
                          CounterRow{row.integer(4), row.integer(5), row.integer(6)});
    return rows;
}

void SqliteTx::insert_window_entry(const WindowEntry& entry)
{
    sql_.insert_window_entry.use()
        .bind(entry.counter)
        .bind(entry.leaves_at)
        .bind(entry.hold)
        .bind(entry.held)
        .bind(entry.spent)
        .run();
}

std::optional<WindowEntry> SqliteTx::window_entry(std::int64_t counter, Instant leaves_at,
                                                  std::int64_t hold)
{
    auto row = sql_.window_entry.use();
    row.bind(counter).bind(leaves_at).bind(hold);
    if (!row.step()) return std::nullopt;
    return WindowEntry{counter, leaves_at, hold, row.integer(0), row.integer(1)};
}

void SqliteTx::update_window_entry(const WindowEntry& entry)
{
    sql_.update_window_entry.use()
        .bind(entry.held)
        .bind(entry.spent)
        .bind(entry.counter)
        .bind(entry.leaves_at)
        .bind(entry.hold)
        .run();
    require(sql_.db.changes() == 1, "a window entry that is changed is there");
}

void SqliteTx::erase_window_entry(const WindowEntry& entry)
{
    sql_.erase_window_entry.use().bind(entry.counter).bind(entry.leaves_at).bind(entry.hold).run();
    require(sql_.db.changes() == 1, "a window entry that is erased is there");
}

std::vector<WindowEntry> SqliteTx::window_entries(std::int64_t counter, std::size_t count_max)
{
    std::vector<WindowEntry> entries;
    auto row = sql_.window_entries.use();
    row.bind(counter).bind(static_cast<std::int64_t>(count_max));
    while (row.step())
        entries.push_back(
            {counter, row.instant(0), row.integer(1), row.integer(2), row.integer(3)});
    return entries;
}

CounterRow SqliteTx::remove_left(std::int64_t counter, Instant now)
{
    CounterRow left{.id = counter};
    {
        auto row = sql_.sum_left.use();
        row.bind(counter).bind(now);
        if (!row.step() || row.integer(0) == 0) return left;
        left.held = row.integer(1);
        left.spent = row.integer(2);
    }
    sql_.erase_left.use().bind(counter).bind(now).run();
    return left;
}

void SqliteTx::append_journal(const JournalRow& row)
{
    sql_.append_journal.use().bind(row.seq).bind(row.at).bind(row.body).bind(row.hash).run();
}

std::vector<JournalRow> SqliteTx::journal(std::int64_t from_seq, std::size_t count_max)
{
    std::vector<JournalRow> rows;
    auto row = sql_.journal.use();
    row.bind(from_seq).bind(static_cast<std::int64_t>(count_max));
    while (row.step()) rows.push_back({row.integer(0), row.instant(1), row.text(2), row.digest(3)});
    return rows;
}

void SqliteTx::insert_head(const HeadRow& row)
{
    sql_.insert_head.use()
        .bind(row.seq)
        .bind(row.hash)
        .bind(row.signed_at)
        .bind_blob(row.key)
        .bind_blob(row.signature)
        .bind_blob(row.root ? as_bytes(*row.root) : std::string_view{""})
        .bind_blob(row.path)
        .run();
}

std::vector<HeadRow> SqliteTx::heads(std::int64_t from_seq, std::size_t count_max)
{
    std::vector<HeadRow> rows;
    auto row = sql_.heads.use();
    row.bind(from_seq).bind(static_cast<std::int64_t>(count_max));
    while (row.step())
        rows.push_back({.seq = row.integer(0),
                        .hash = row.digest(1),
                        .signed_at = row.instant(2),
                        .key = row.text(3),
                        .signature = row.text(4),
                        .root = to_digest(row.text(5)),
                        .path = row.text(6)});
    return rows;
}

std::optional<AccountRow> SqliteTx::account(std::string_view name)
{
    auto row = sql_.account.use();
    row.bind(name);
    if (!row.step()) return std::nullopt;
    return AccountRow{row.integer(0), row.integer(1), row.integer(2)};
}

void SqliteTx::insert_account(const AccountRow& row, std::string_view name)
{
    sql_.insert_account.use().bind(row.id).bind(name).run();
}

void SqliteTx::add_to_account(std::int64_t id, std::int64_t debit, std::int64_t credit)
{
    sql_.add_to_account.use().bind(debit).bind(credit).bind(id).run();
    require(sql_.db.changes() == 1, "an account that is moved is there");
}

std::vector<AccountTotal> SqliteTx::accounts(std::string_view prefix, std::size_t count_max)
{
    std::vector<AccountTotal> totals;
    // The range of a prefix ends before its last character's successor; all names begin in ASCII.
    std::string end{prefix};
    if (end.empty())
        end = "\x7f";
    else
        ++end.back();
    auto row = sql_.accounts.use();
    row.bind(prefix).bind(std::string_view{end}).bind(static_cast<std::int64_t>(count_max));
    while (row.step()) totals.push_back({row.text(0), row.integer(1), row.integer(2)});
    return totals;
}

void SqliteTx::insert_transfer(const TransferRow& row)
{
    sql_.insert_transfer.use()
        .bind(row.seq)
        .bind(row.hold)
        .bind(row.debit)
        .bind(row.credit)
        .bind(row.amount)
        .run();
}

std::optional<ShadowRow> SqliteTx::shadow()
{
    auto row = sql_.shadow.use();
    if (!row.step()) return std::nullopt;
    return ShadowRow{.since = row.integer(0),
                     .started_at = row.instant(1),
                     .position = row.integer(2),
                     .told = row.integer(3),
                     .sha256 = row.text(4),
                     .text = row.text(5),
                     .source = row.text(6)};
}

void SqliteTx::put_shadow(const ShadowRow& row)
{
    sql_.put_shadow.use()
        .bind(row.since)
        .bind(row.started_at)
        .bind(row.position)
        .bind(row.told)
        .bind(row.sha256)
        .bind(row.text)
        .bind(row.source)
        .run();
}

void SqliteTx::erase_shadow()
{
    sql_.erase_shadow.use().run();
}

void SqliteTx::insert_policy(const PolicyRow& row)
{
    sql_.insert_policy.use()
        .bind(row.version)
        .bind(row.sha256)
        .bind(row.text)
        .bind(row.source)
        .bind(row.applied_at)
        .run();
}

std::optional<PolicyRow> SqliteTx::policy(std::int64_t version)
{
    auto row = sql_.policy.use();
    row.bind(version);
    if (!row.step()) return std::nullopt;
    return PolicyRow{row.integer(0), row.text(1), row.text(2), row.text(3), row.instant(4)};
}

void SqliteTx::insert_credential(const CredentialRow& row)
{
    sql_.insert_credential.use()
        .bind(row.id)
        .bind(row.agent)
        .bind(row.hash)
        .bind(row.issued_at)
        .bind(row.expires_at)
        .bind(row.revoked_at)
        .bind(row.note)
        .run();
}

void SqliteTx::update_credential(const CredentialRow& row)
{
    sql_.update_credential.use().bind(row.expires_at).bind(row.revoked_at).bind(row.id).run();
    require(sql_.db.changes() == 1, "a credential that is changed is there");
}

std::optional<CredentialRow> SqliteTx::credential_by_hash(const Digest& hash)
{
    auto row = sql_.credential_by_hash.use();
    row.bind(hash);
    if (!row.step()) return std::nullopt;
    return credential_row(row);
}

std::vector<CredentialRow> SqliteTx::credentials()
{
    std::vector<CredentialRow> rows;
    auto row = sql_.credentials.use();
    while (row.step()) rows.push_back(credential_row(row));
    return rows;
}

void SqliteTx::put_freeze(const FreezeRow& row)
{
    erase_freeze(row.target);
    sql_.insert_freeze.use().bind(row.target).bind(row.since).bind(row.note).run();
}

bool SqliteTx::erase_freeze(std::string_view target)
{
    sql_.erase_freeze.use().bind(target).run();
    return sql_.db.changes() > 0;
}

std::vector<FreezeRow> SqliteTx::freezes()
{
    std::vector<FreezeRow> rows;
    auto row = sql_.freezes.use();
    while (row.step()) rows.push_back({row.text(0), row.instant(1), row.text(2)});
    return rows;
}

void SqliteTx::put_excess(const ExcessRow& row)
{
    sql_.erase_excess.use().bind(row.hold).run();
    sql_.insert_excess.use()
        .bind(row.hold)
        .bind(row.seq)
        .bind(row.agent)
        .bind(row.reported)
        .bind(row.allowed)
        .bind(row.at)
        .run();
}

std::vector<ExcessRow> SqliteTx::excesses(std::size_t count_max)
{
    std::vector<ExcessRow> rows;
    auto row = sql_.excesses.use();
    row.bind(static_cast<std::int64_t>(count_max));
    while (row.step())
        rows.push_back({.seq = row.integer(1),
                        .hold = row.integer(0),
                        .agent = row.text(2),
                        .reported = row.integer(3),
                        .allowed = row.integer(4),
                        .at = row.instant(5)});
    return rows;
}

ApprovalRows& SqliteTx::approvals()
{
    if (!store_.approval_rows_)
        store_.approval_rows_ = std::make_unique<SqliteApprovalRows>(*store_.connection_);
    return *store_.approval_rows_;
}

PayoutRows& SqliteTx::payouts()
{
    if (!store_.payout_rows_)
        store_.payout_rows_ = std::make_unique<SqlitePayoutRows>(*store_.connection_);
    return *store_.payout_rows_;
}

WebhookRows& SqliteTx::webhooks()
{
    if (!store_.webhook_rows_)
        store_.webhook_rows_ = std::make_unique<SqliteWebhookRows>(*store_.connection_);
    return *store_.webhook_rows_;
}

}  // namespace purse::sqlite
