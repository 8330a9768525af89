// SPDX-License-Identifier: Apache-2.0
// Port: where the books are kept. Rows in, rows out; every rule is above it, in
// books.cpp. One test suite serves all adapters (tests/ledger/store_suite.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/approval_rows.hpp"
#include "ledger/hash.hpp"
#include "ledger/hold.hpp"
#include "ledger/merkle.hpp"
#include "ledger/payout_rows.hpp"
#include "ledger/webhook_rows.hpp"

namespace purse {

/// The store failed. Nothing may be approved on it any more (fail closed).
class StoreError : public std::runtime_error {
public:
    enum class Kind : std::uint8_t {
        busy,      ///< the lock was not to be had in time; nothing was begun, a retry is safe
        failed,    ///< nothing of the transaction is stored
        in_doubt,  ///< a commit failed: whether it is stored is known only after reopening
    };
    StoreError(Kind kind, const std::string& what) : std::runtime_error{what}, kind_{kind} {}
    Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

/// The one row that says where the ledger stands.
struct Meta {
    std::int64_t schema = 0;
    std::int64_t epoch = 0;           ///< another random number after every change of policy,
                                      ///< credentials or freezes: equal means unchanged
    std::int64_t policy_version = 0;  ///< the version in force; 0: none yet
    std::int64_t seq = 0;             ///< last journal entry
    Digest head{};                    ///< its chain hash
    Instant last_time;                ///< the latest time the ledger has decided by
    std::int64_t counters = 0;        ///< last counter id
    std::int64_t accounts = 0;        ///< last account id
    std::int64_t signed_seq = 0;      ///< last journal entry under a signed head
    MerkleFrontier tree;              ///< over the entries from the first on; behind `seq` in a
                                      ///< ledger from before the tree, until it has caught up
};

struct CounterKey {
    std::string budget;
    std::string kind;
    std::string scope;
    Instant window_start;
    auto operator<=>(const CounterKey&) const = default;
};

struct CounterRow {
    std::int64_t id = 0;
    std::int64_t held = 0;
    std::int64_t spent = 0;
};

/// What one hold still counts in one rolling counter.
struct WindowEntry {
    std::int64_t counter = 0;
    Instant leaves_at;  ///< the instant at which it stops counting
    std::int64_t hold = 0;
    std::int64_t held = 0;
    std::int64_t spent = 0;
};

/// A money leg as a hold remembers it. Counts are never given back, so they need no memory.
struct StoredLeg {
    std::int64_t counter = 0;
    Instant leaves_at = Instant::never();  ///< of rolling counters; never: calendar or lifetime
    std::int64_t limit = kNoLimit;         ///< when the hold was taken
    auto operator<=>(const StoredLeg&) const = default;
};

struct HoldRow {
    Hold hold;
    std::vector<StoredLeg> legs;
};

struct RequestRow {
    Digest fingerprint{};
    std::int64_t seq = 0;  ///< the journal entry with the decision
};

struct JournalRow {
    std::int64_t seq = 0;
    Instant at;
    std::string body;  ///< canonical JSON
    Digest hash{};     ///< chain hash, this entry included
};

struct HeadRow {
    std::int64_t seq = 0;
    Digest hash{};
    Instant signed_at;
    std::string key;  ///< raw public key
    std::string signature;
    std::optional<Digest> root{};  ///< of the Merkle tree; none in heads from before the tree
    /// Of a head that was signed for a receipt: the siblings from the entry's leaf to the root, one
    /// after the other.
    std::string path{};
};

/// A policy that decides nothing, and is told of in the journal where it would have.
struct ShadowRow {
    std::int64_t since = 0;  ///< the entry with which it began
    Instant started_at;
    std::int64_t position = 0;  ///< the last entry whose differences are in the journal
    std::int64_t told = 0;      ///< how many differences that are
    std::string sha256;
    std::string text;
    std::string source;  ///< for people
};

struct AccountRow {
    std::int64_t id = 0;
    std::int64_t debits = 0;
    std::int64_t credits = 0;
};

/// One movement between two accounts: both its sides in one row, so it always balances.
struct TransferRow {
    std::int64_t seq = 0;  ///< the journal entry that made it
    std::int64_t hold = 0;
    std::int64_t debit = 0;
    std::int64_t credit = 0;
    std::int64_t amount = 0;
};

struct PolicyRow {
    std::int64_t version = 0;
    std::string sha256;  ///< hexadecimal
    std::string text;
    std::string source;  ///< where it came from, for people
    Instant applied_at;
};

struct CredentialRow {
    std::string id;  ///< public, short
    std::string agent;
    Digest hash{};  ///< SHA-256 of the secret; the secret itself is stored nowhere
    Instant issued_at;
    Instant expires_at = Instant::never();
    Instant revoked_at = Instant::never();
    std::string note;
};

struct FreezeRow {
    std::string target;  ///< "all", "agent/<name>" or "budget/<name>"
    Instant since;
    std::string note;
};

/// A payee took more than could be captured: money that is spent but not on the books.
struct ExcessRow {
    std::int64_t seq = 0;
    std::int64_t hold = 0;
    std::string agent;
    std::int64_t reported = 0;
    std::int64_t allowed = 0;
    Instant at;
};

enum class OperatorKeyKind : std::uint8_t {
    link = 0,     ///< signs in once
    session = 1,  ///< a browser that has signed in
};

/// A secret that proves the operator to the page; only its SHA-256 is stored. A session has the id
/// of the link that it began with.
struct OperatorKeyRow {
    Digest hash{};
    OperatorKeyKind kind = OperatorKeyKind::link;
    std::string id;  ///< public: "op_..."
    Instant issued_at;
    Instant expires_at;
    Instant seen_at;                      ///< of a session: last used, to some minutes
    Instant ended_at = Instant::never();  ///< used (a link) or signed out
    std::string note;                     ///< for people: who asked for the link
};

struct AccountTotal {
    std::string name;
    std::int64_t debits = 0;
    std::int64_t credits = 0;
};

/// One write transaction: exclusive from begin() until commit() or destruction, which
/// rolls back. Every member throws StoreError.
class StoreTx {
public:
    virtual ~StoreTx() = default;

    virtual Meta meta() = 0;
    virtual void put_meta(const Meta& meta) = 0;

    virtual std::optional<CounterRow> find_counter(const CounterKey& key) = 0;
    virtual std::optional<CounterRow> counter(std::int64_t id) = 0;
    virtual CounterKey counter_key(std::int64_t id) = 0;
    virtual void insert_counter(const CounterRow& row, const CounterKey& key) = 0;
    /// Adds to both sums if they stay >= 0 and, where something is added, held + spent <= limit.
    /// False: it did not fit, nothing was written.
    virtual bool add_to_counter(std::int64_t id, std::int64_t held, std::int64_t spent,
                                std::int64_t limit) = 0;
    virtual std::vector<std::pair<CounterKey, CounterRow>> counters_of(std::string_view budget,
                                                                       std::size_t count_max) = 0;

    virtual void insert_window_entry(const WindowEntry& entry) = 0;
    virtual std::optional<WindowEntry> window_entry(std::int64_t counter, Instant leaves_at,
                                                    std::int64_t hold) = 0;
    virtual void update_window_entry(const WindowEntry& entry) = 0;
    virtual void erase_window_entry(const WindowEntry& entry) = 0;
    /// Entries of a counter in the order in which they leave, from the first.
    virtual std::vector<WindowEntry> window_entries(std::int64_t counter,
                                                    std::size_t count_max) = 0;
    /// Removes the entries that have left by `now` and returns the sums they leave behind.
    virtual CounterRow remove_left(std::int64_t counter, Instant now) = 0;

    virtual void insert_hold(const HoldRow& row) = 0;
    virtual std::optional<HoldRow> hold(std::int64_t seq) = 0;
    /// Makes an awaiting hold an open one, with the end that it now has. It was due at
    /// `awaited_until`.
    virtual void open_awaiting_hold(const Hold& hold, Instant awaited_until) = 0;
    /// Stores state, captured, ended_at and late; an open or awaiting hold that ends leaves the
    /// due list.
    virtual void end_hold(const Hold& hold, HoldState from) = 0;
    /// Open and awaiting holds with expires_at <= now, the earliest first.
    virtual std::vector<std::int64_t> due_holds(Instant now, std::size_t count_max) = 0;
    /// Open and awaiting holds of an agent among the `scan_max` that expire first.
    virtual std::vector<Hold> open_holds(std::string_view agent, std::size_t scan_max,
                                         std::size_t count_max) = 0;

    virtual std::optional<RequestRow> request(std::string_view agent, std::string_view key) = 0;
    virtual void insert_request(std::string_view agent, std::string_view key,
                                const RequestRow& row) = 0;

    virtual void append_journal(const JournalRow& row) = 0;
    virtual std::vector<JournalRow> journal(std::int64_t from_seq, std::size_t count_max) = 0;
    /// A later head of the same entry replaces the earlier.
    virtual void insert_head(const HeadRow& row) = 0;
    virtual std::vector<HeadRow> heads(std::int64_t from_seq, std::size_t count_max) = 0;

    virtual std::optional<AccountRow> account(std::string_view name) = 0;
    virtual void insert_account(const AccountRow& row, std::string_view name) = 0;
    virtual void add_to_account(std::int64_t id, std::int64_t debit, std::int64_t credit) = 0;
    virtual std::vector<AccountTotal> accounts(std::string_view prefix, std::size_t count_max) = 0;
    virtual void insert_transfer(const TransferRow& row) = 0;

    /// The policy that is tried beside the one in force, if there is one.
    virtual std::optional<ShadowRow> shadow() = 0;
    /// Takes the place of the one before.
    virtual void put_shadow(const ShadowRow& row) = 0;
    virtual void erase_shadow() = 0;

    virtual void insert_policy(const PolicyRow& row) = 0;
    virtual std::optional<PolicyRow> policy(std::int64_t version) = 0;
    virtual void insert_credential(const CredentialRow& row) = 0;
    virtual void update_credential(const CredentialRow& row) = 0;
    virtual std::optional<CredentialRow> credential_by_hash(const Digest& hash) = 0;
    virtual std::vector<CredentialRow> credentials() = 0;
    virtual void put_freeze(const FreezeRow& row) = 0;
    virtual bool erase_freeze(std::string_view target) = 0;
    virtual std::vector<FreezeRow> freezes() = 0;
    /// One row a hold: a later report replaces the earlier.
    virtual void put_excess(const ExcessRow& row) = 0;
    virtual std::vector<ExcessRow> excesses(std::size_t count_max) = 0;

    virtual void insert_operator_key(const OperatorKeyRow& row) = 0;
    /// Stores seen_at and ended_at.
    virtual void update_operator_key(const OperatorKeyRow& row) = 0;
    virtual std::optional<OperatorKeyRow> operator_key(const Digest& hash) = 0;
    /// The latest first.
    virtual std::vector<OperatorKeyRow> operator_keys(OperatorKeyKind kind,
                                                      std::size_t count_max) = 0;

    /// What people were asked.
    virtual ApprovalRows& approvals() = 0;
    /// What is on its way to payees over a chain.
    virtual PayoutRows& payouts() = 0;
    /// Who is told of what the journal says.
    virtual WebhookRows& webhooks() = 0;

    /// Returns once everything is durable. Throws StoreError::Kind::in_doubt when that is not
    /// known.
    virtual void commit() = 0;
};

class Store {
public:
    virtual ~Store() = default;
    /// Starts the one write transaction there can be; opens and migrates the store when needed.
    virtual std::unique_ptr<StoreTx> begin() = 0;
    /// Housekeeping between transactions (checkpoints). Never throws; never waits for readers.
    virtual void idle() noexcept = 0;
};

}  // namespace purse
