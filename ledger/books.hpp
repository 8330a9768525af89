// SPDX-License-Identifier: Apache-2.0
// The ledger's rules inside one transaction: take, settle, void and expire holds,
// change what the operator owns, and write each decision into the journal.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/entropy.hpp"
#include "ledger/hold.hpp"
#include "ledger/journal.hpp"
#include "ledger/store.hpp"

namespace purse {

/// What every decision rests on; changes only together with its epoch.
struct Rulebook {
    std::int64_t epoch = 0;
    std::optional<PolicyRow> policy;  ///< none before the first apply
    std::vector<FreezeRow> freezes;
};

/// One transaction's view of the ledger. Not reused after close().
class Books {
public:
    /// `now` is the ledger's time for all that happens in this transaction.
    Books(StoreTx& tx, Instant now, Entropy& entropy);
    Books(const Books&) = delete;
    Books& operator=(const Books&) = delete;
    ~Books();

    Instant now() const noexcept { return now_; }
    const Meta& meta() const noexcept { return meta_; }

    // What agents do. None of these throws for what a caller can get wrong.
    HoldAnswer hold(const HoldRequest& request);
    SettleAnswer settle(const SettleRequest& request);
    SettleAnswer late_settle(const LateSettleRequest& request);
    StatusAnswer status(const StatusRequest& request);

    /// Ends up to `count_max` holds whose time has come; returns how many there were.
    std::size_t expire_due(std::size_t count_max);

    // What decisions rest on.
    Rulebook rulebook();
    std::optional<CredentialRow> credential_by_hash(const Digest& hash) { return tx_.credential_by_hash(hash); }

    // What the operator does. Each is a journal entry and a new epoch.
    std::int64_t apply_policy(std::string_view text, std::string_view source);
    void issue_credential(CredentialRow row);
    /// False: no such credential, or it was revoked before.
    bool revoke_credential(std::string_view id);
    /// Changes when a credential ends; false as above.
    bool expire_credential(std::string_view id, Instant at);
    void freeze(std::string_view target, std::string_view note);
    bool unfreeze(std::string_view target);

    /// Rows for reports.
    StoreTx& rows() noexcept { return tx_; }

    /// Signs the journal's head when entries have come since the last signed one.
    void sign_head(const HeadSigner& signer);

    /// Writes what the transaction has changed; commit() comes next.
    void close();

private:
    struct Counter;
    struct Account;

    Counter& load(const CounterKey& key, bool rolling);
    Counter& load(std::int64_t id, bool rolling);
    Counter& adopt(const CounterRow& row, bool rolling);
    CapState state_of(const Leg& leg, Counter& counter, std::int64_t wanted);
    std::optional<Instant> room_at(const CapRule& rule, Counter& counter, std::int64_t wanted);
    Account& account(std::string_view name);

    HoldAnswer replayed(const RequestRow& row, const HoldRequest& request);
    HoldAnswer refuse(const HoldRequest& request, std::vector<CapState> failing);
    HoldAnswer approve(const HoldRequest& request, const std::vector<Counter*>& counters);
    StoredLeg charge(const Leg& leg, Counter& counter, Money amount, std::int64_t hold, bool settled);
    void return_charge(const StoredLeg& leg, const Hold& hold, Money captured);

    SettleAnswer ended_before(const SettleRequest& request, const Hold& hold);
    SettleAnswer refuse_excess(const SettleRequest& request, const HoldRow& row, std::string detail,
                               std::vector<CapState> failing);
    SettleAnswer finish(HoldRow& row, const SettleRequest& request);
    std::vector<CapState> over_caps(const HoldRow& row, std::int64_t excess, const LimitOf& limit_of);
    void book_debt(const Hold& hold);

    std::int64_t write(std::string body);

    StoreTx& tx_;
    Instant now_;
    Entropy& entropy_;
    Meta meta_;
    bool closed_ = false;
    std::unordered_map<std::int64_t, std::unique_ptr<Counter>> counters_;
    std::map<CounterKey, std::int64_t> counter_ids_;
    std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
};

}  // namespace purse
