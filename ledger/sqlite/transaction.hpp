// SPDX-License-Identifier: Apache-2.0
// One write transaction on the SQLite store: the rows, and nothing but the rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ledger/sqlite/statements.hpp"
#include "ledger/sqlite/store.hpp"

namespace purse::sqlite {

class SqliteTx final : public StoreTx {
public:
    /// The store's lock is held and passes to this transaction.
    explicit SqliteTx(SqliteStore& store);
    ~SqliteTx() override;

    Meta meta() override;
    void put_meta(const Meta& meta) override;

    std::optional<CounterRow> find_counter(const CounterKey& key) override;
    std::optional<CounterRow> counter(std::int64_t id) override;
    CounterKey counter_key(std::int64_t id) override;
    void insert_counter(const CounterRow& row, const CounterKey& key) override;
    bool add_to_counter(std::int64_t id, std::int64_t held, std::int64_t spent,
                        std::int64_t limit) override;
    std::vector<std::pair<CounterKey, CounterRow>> counters_of(std::string_view budget,
                                                               std::size_t count_max) override;

    void insert_window_entry(const WindowEntry& entry) override;
    std::optional<WindowEntry> window_entry(std::int64_t counter, Instant leaves_at,
                                            std::int64_t hold) override;
    void update_window_entry(const WindowEntry& entry) override;
    void erase_window_entry(const WindowEntry& entry) override;
    std::vector<WindowEntry> window_entries(std::int64_t counter, std::size_t count_max) override;
    CounterRow remove_left(std::int64_t counter, Instant now) override;

    void insert_hold(const HoldRow& row) override;
    std::optional<HoldRow> hold(std::int64_t seq) override;
    void open_awaiting_hold(const Hold& hold, Instant awaited_until) override;
    void end_hold(const Hold& hold, HoldState from) override;
    std::vector<std::int64_t> due_holds(Instant now, std::size_t count_max) override;
    std::vector<Hold> open_holds(std::string_view agent, std::size_t scan_max,
                                 std::size_t count_max) override;

    std::optional<RequestRow> request(std::string_view agent, std::string_view key) override;
    void insert_request(std::string_view agent, std::string_view key,
                        const RequestRow& row) override;

    void append_journal(const JournalRow& row) override;
    std::vector<JournalRow> journal(std::int64_t from_seq, std::size_t count_max) override;
    void insert_head(const HeadRow& row) override;
    std::vector<HeadRow> heads(std::int64_t from_seq, std::size_t count_max) override;

    std::optional<AccountRow> account(std::string_view name) override;
    void insert_account(const AccountRow& row, std::string_view name) override;
    void add_to_account(std::int64_t id, std::int64_t debit, std::int64_t credit) override;
    std::vector<AccountTotal> accounts(std::string_view prefix, std::size_t count_max) override;
    void insert_transfer(const TransferRow& row) override;

    std::optional<ShadowRow> shadow() override;
    void put_shadow(const ShadowRow& row) override;
    void erase_shadow() override;
    void insert_policy(const PolicyRow& row) override;
    std::optional<PolicyRow> policy(std::int64_t version) override;
    void insert_credential(const CredentialRow& row) override;
    void update_credential(const CredentialRow& row) override;
    std::optional<CredentialRow> credential_by_hash(const Digest& hash) override;
    std::vector<CredentialRow> credentials() override;
    void put_freeze(const FreezeRow& row) override;
    bool erase_freeze(std::string_view target) override;
    std::vector<FreezeRow> freezes() override;
    void put_excess(const ExcessRow& row) override;
    std::vector<ExcessRow> excesses(std::size_t count_max) override;
    void insert_operator_key(const OperatorKeyRow& row) override;
    void update_operator_key(const OperatorKeyRow& row) override;
    std::optional<OperatorKeyRow> operator_key(const Digest& hash) override;
    std::vector<OperatorKeyRow> operator_keys(OperatorKeyKind kind, std::size_t count_max) override;
    ApprovalRows& approvals() override;
    PayoutRows& payouts() override;
    WebhookRows& webhooks() override;

    void commit() override;

private:
    SqliteStore& store_;
    Statements& sql_;
    bool open_ = false;
    std::vector<std::pair<std::string, std::int64_t>> new_counters_;
};

/// A hold's legs as its row keeps them: "counter[@leaves_at][/limit]" joined by spaces.
std::string to_text(const std::vector<StoredLeg>& legs);
/// Throws StoreError when the text is not what to_text() writes: the file is damaged.
std::vector<StoredLeg> legs_of(std::string_view text);

}  // namespace purse::sqlite
