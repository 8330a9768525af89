// SPDX-License-Identifier: Apache-2.0
// A Store whose nth call fails, in front of a real one. Counts every call of Store, StoreTx,
// ApprovalRows, PayoutRows and WebhookRows.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "ledger/store.hpp"
#include "tests/support/fault_approval_rows.hpp"
#include "tests/support/fault_payout_rows.hpp"
#include "tests/support/fault_webhook_rows.hpp"

namespace purse::test {

class FaultStore final : public Store {
public:
    explicit FaultStore(Store& real) noexcept : real_{real} {}

    /// From now on the `nth` call (1: the next) throws `kind`; 0: none does. A commit that fails
    /// in doubt has committed, the cruel half of the two; one that fails otherwise has not.
    void fail_at(int nth, StoreError::Kind kind) noexcept
    {
        left_ = nth;
        kind_ = kind;
        hit_ = false;
    }
    bool hit() const noexcept { return hit_; }
    int begun() const noexcept { return begun_; }

    std::unique_ptr<StoreTx> begin() override;
    void idle() noexcept override { real_.idle(); }

private:
    friend class FaultTx;

    bool is_due() noexcept
    {
        if (left_ == 0 || --left_ > 0) return false;
        hit_ = true;
        return true;
    }
    void pass()
    {
        if (is_due()) throw StoreError{kind_, "a fault made for this test"};
    }

    Store& real_;
    int left_ = 0;
    int begun_ = 0;
    StoreError::Kind kind_ = StoreError::Kind::failed;
    bool hit_ = false;
};

class FaultTx final : public StoreTx {
public:
    FaultTx(FaultStore& store, std::unique_ptr<StoreTx> real)
        : store_{store},
          real_{std::move(real)}
    {
    }

    Meta meta() override { return on().meta(); }
    void put_meta(const Meta& row) override { on().put_meta(row); }

    std::optional<CounterRow> find_counter(const CounterKey& key) override
    {
        return on().find_counter(key);
    }
    std::optional<CounterRow> counter(std::int64_t id) override { return on().counter(id); }
    CounterKey counter_key(std::int64_t id) override { return on().counter_key(id); }
    void insert_counter(const CounterRow& row, const CounterKey& key) override
    {
        on().insert_counter(row, key);
    }
    bool add_to_counter(std::int64_t id, std::int64_t held, std::int64_t spent,
                        std::int64_t limit) override
    {
        return on().add_to_counter(id, held, spent, limit);
    }
    std::vector<std::pair<CounterKey, CounterRow>> counters_of(std::string_view budget,
                                                               std::size_t max) override
    {
        return on().counters_of(budget, max);
    }

    void insert_window_entry(const WindowEntry& entry) override { on().insert_window_entry(entry); }
    std::optional<WindowEntry> window_entry(std::int64_t counter, Instant leaves_at,
                                            std::int64_t hold) override
    {
        return on().window_entry(counter, leaves_at, hold);
    }
    void update_window_entry(const WindowEntry& entry) override { on().update_window_entry(entry); }
    void erase_window_entry(const WindowEntry& entry) override { on().erase_window_entry(entry); }
    std::vector<WindowEntry> window_entries(std::int64_t counter, std::size_t max) override
    {
        return on().window_entries(counter, max);
    }
    CounterRow remove_left(std::int64_t counter, Instant now) override
    {
        return on().remove_left(counter, now);
    }

    void insert_hold(const HoldRow& row) override { on().insert_hold(row); }
    std::optional<HoldRow> hold(std::int64_t seq) override { return on().hold(seq); }
    void open_awaiting_hold(const Hold& row, Instant awaited_until) override
    {
        on().open_awaiting_hold(row, awaited_until);
    }
    void end_hold(const Hold& row, HoldState from) override { on().end_hold(row, from); }
    std::vector<std::int64_t> due_holds(Instant now, std::size_t max) override
    {
        return on().due_holds(now, max);
    }
    std::vector<Hold> open_holds(std::string_view agent, std::size_t scan_max,
                                 std::size_t max) override
    {
        return on().open_holds(agent, scan_max, max);
    }

    std::optional<RequestRow> request(std::string_view agent, std::string_view key) override
    {
        return on().request(agent, key);
    }
    void insert_request(std::string_view agent, std::string_view key,
                        const RequestRow& row) override
    {
        on().insert_request(agent, key, row);
    }

    void append_journal(const JournalRow& row) override { on().append_journal(row); }
    std::vector<JournalRow> journal(std::int64_t from_seq, std::size_t max) override
    {
        return on().journal(from_seq, max);
    }
    void insert_head(const HeadRow& row) override { on().insert_head(row); }
    std::vector<HeadRow> heads(std::int64_t from_seq, std::size_t max) override
    {
        return on().heads(from_seq, max);
    }

    std::optional<AccountRow> account(std::string_view name) override { return on().account(name); }
    void insert_account(const AccountRow& row, std::string_view name) override
    {
        on().insert_account(row, name);
    }
    void add_to_account(std::int64_t id, std::int64_t debit, std::int64_t credit) override
    {
        on().add_to_account(id, debit, credit);
    }
    std::vector<AccountTotal> accounts(std::string_view prefix, std::size_t max) override
    {
        return on().accounts(prefix, max);
    }
    void insert_transfer(const TransferRow& row) override { on().insert_transfer(row); }

    std::optional<ShadowRow> shadow() override { return on().shadow(); }
    void put_shadow(const ShadowRow& row) override { on().put_shadow(row); }
    void erase_shadow() override { on().erase_shadow(); }
    void insert_policy(const PolicyRow& row) override { on().insert_policy(row); }
    std::optional<PolicyRow> policy(std::int64_t version) override { return on().policy(version); }
    void insert_credential(const CredentialRow& row) override { on().insert_credential(row); }
    void update_credential(const CredentialRow& row) override { on().update_credential(row); }
    std::optional<CredentialRow> credential_by_hash(const Digest& hash) override
    {
        return on().credential_by_hash(hash);
    }
    std::vector<CredentialRow> credentials() override { return on().credentials(); }
    void put_freeze(const FreezeRow& row) override { on().put_freeze(row); }
    bool erase_freeze(std::string_view target) override { return on().erase_freeze(target); }
    std::vector<FreezeRow> freezes() override { return on().freezes(); }
    void put_excess(const ExcessRow& row) override { on().put_excess(row); }
    std::vector<ExcessRow> excesses(std::size_t max) override { return on().excesses(max); }
    void insert_operator_key(const OperatorKeyRow& row) override { on().insert_operator_key(row); }
    void update_operator_key(const OperatorKeyRow& row) override { on().update_operator_key(row); }
    std::optional<OperatorKeyRow> operator_key(const Digest& hash) override
    {
        return on().operator_key(hash);
    }
    std::vector<OperatorKeyRow> operator_keys(OperatorKeyKind kind, std::size_t max) override
    {
        return on().operator_keys(kind, max);
    }
    ApprovalRows& approvals() override
    {
        if (!approvals_) approvals_.emplace(real_->approvals(), [this] { store_.pass(); });
        return *approvals_;
    }
    PayoutRows& payouts() override
    {
        if (!payouts_) payouts_.emplace(real_->payouts(), [this] { store_.pass(); });
        return *payouts_;
    }
    WebhookRows& webhooks() override
    {
        if (!webhooks_) webhooks_.emplace(real_->webhooks(), [this] { store_.pass(); });
        return *webhooks_;
    }

    void commit() override
    {
        if (!store_.is_due()) return real_->commit();
        if (store_.kind_ == StoreError::Kind::in_doubt) real_->commit();
        throw StoreError{store_.kind_, "a commit that failed for this test"};
    }

private:
    StoreTx& on()
    {
        store_.pass();
        return *real_;
    }

    FaultStore& store_;
    std::unique_ptr<StoreTx> real_;
    std::optional<FaultApprovalRows> approvals_;
    std::optional<FaultPayoutRows> payouts_;
    std::optional<FaultWebhookRows> webhooks_;
};

inline std::unique_ptr<StoreTx> FaultStore::begin()
{
    ++begun_;
    pass();
    return std::make_unique<FaultTx>(*this, real_.begin());
}

}  // namespace purse::test
