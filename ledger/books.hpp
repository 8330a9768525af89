// SPDX-License-Identifier: Apache-2.0
// The ledger's rules inside one transaction: take, settle, void and expire holds,
// change what the operator owns, and write each decision into the journal.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/counters.hpp"
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

/// One transaction's view of the ledger. Not used after close().
class Books {
public:
    /// `now` is the ledger's time for all that happens in this transaction; never before the
    /// time of the transaction before it.
    Books(StoreTx& tx, Instant now, Entropy& entropy);
    Books(const Books&) = delete;
    Books& operator=(const Books&) = delete;

    Instant now() const noexcept { return now_; }
    const Meta& meta() const noexcept { return meta_; }
    /// Whether what is read here is what was committed last: this transaction has decided nothing.
    bool is_untouched() const noexcept { return meta_.seq == first_seq_; }
    /// Rows for reports; writing is the rules' own business.
    StoreTx& rows() noexcept { return tx_; }

    // What agents do. Whatever a caller gets wrong is an answer, never an exception.

    /// Takes a hold against every leg, or none: the known answer first, then all refusals.
    HoldAnswer hold(const HoldRequest& request);
    /// Ends an open hold. Asking again for the same end gives the same answer.
    SettleAnswer settle(const SettleRequest& request);
    /// Settles an expired hold, if every cap has room again.
    SettleAnswer late_settle(const LateSettleRequest& request);
    StatusAnswer status(const StatusRequest& request);
    /// What a leg counts in, as it stands.
    CapState state(const Leg& leg) { return counters_.state(leg, counters_.of(leg), 0); }

    /// Ends up to `count_max` holds whose time has come; returns how many there were.
    std::size_t expire_due(std::size_t count_max);

    // What decisions rest on.
    Rulebook rulebook();

    /// By its public id, also one that has ended.
    std::optional<CredentialRow> credential(std::string_view id);

    // What the operator does. Each is a journal entry and a new epoch. `by` says who, where that is
    // known: "operator/op_...".

    /// Puts a policy document in force and returns its version; the one in force stays when the
    /// text is the same.
    std::int64_t apply_policy(std::string_view text, std::string_view source);
    void issue_credential(const CredentialRow& row, std::string_view by = {});
    /// False: there is no such credential, or it was revoked before.
    bool revoke_credential(std::string_view id, std::string_view by = {});
    /// Changes when a credential ends. False as for revoke_credential.
    bool expire_credential(std::string_view id, Instant at);
    void freeze(std::string_view target, std::string_view note, std::string_view by = {});
    /// False: it was not frozen.
    bool unfreeze(std::string_view target, std::string_view by = {});

    /// Whether the journal's tree covers every entry; always, but in a ledger from before the tree.
    bool has_whole_tree() const noexcept { return meta_.tree.size() == meta_.seq; }
    /// Takes up to `count_max` more entries into the tree of such a ledger.
    void grow_tree(std::size_t count_max);

    /// Signs the journal's head when entries have come since the last signed one; with the root of
    /// the tree, once that is whole.
    /// `path`: what proves the last entry, kept for receipts.
    void sign_head(const HeadSigner& signer, std::string path = {});

    /// Writes what the transaction has changed, if anything; the store's commit() comes next.
    void close();

private:
    friend class Approvals;  // the part of the rules that is about what people are asked
    friend class Operators;  // the part that is about who may sign in as the operator
    friend class Payouts;    // the part that is about debts on their way to payees
    friend class Receipts;   // the part that proves an answer to its caller
    friend class Shadows;    // the part that is about a policy that is tried
    friend class Webhooks;   // the part that is about who is told of all this

    struct Account {
        AccountRow row;
        std::int64_t debits = 0;
        std::int64_t credits = 0;
    };

    HoldAnswer replayed(const HoldRequest& request, const RequestRow& known);
    HoldAnswer refuse(const HoldRequest& request, std::vector<Refusal> refusals,
                      std::vector<CapState> failing);
    /// What no rule and no cap refuses: taken, or taken and a person asked.
    HoldAnswer allow(const HoldRequest& request);
    HoldAnswer approve(const HoldRequest& request);
    /// Takes the hold, and has a person asked before it may be used.
    HoldAnswer await(const HoldRequest& request, const ApprovalTerms& terms);
    /// Charges the legs, and stores the hold.
    Hold take(const HoldRequest& request, const std::vector<Leg>& legs, HoldState as);
    struct TakenHold {
        const Hold& hold;
        const std::vector<Leg>& legs;
        const ApprovalTerms* terms = nullptr;  ///< of one that waits
    };
    /// Its journal entry, and the answer.
    HoldAnswer taken(const HoldRequest& request, const TakenHold& taken);
    HoldAnswer replayed_awaiting(const json::Value& entry);
    /// The terms under which a person is asked, with what counters want; nothing: nobody is asked.
    std::optional<ApprovalTerms> wanted_approval(const HoldRequest& request);
    /// Whether a person is asked instead of refusing for this leg.
    bool asks_instead(const Leg& leg, Money amount);
    /// Whether a full counter that may ask instead of refusing does so.
    enum class WhenFull { refuse, ask };
    std::vector<CapState> failing_caps(const std::vector<Leg>& legs, Money amount, WhenFull then);
    std::vector<CapState> near_caps(const std::vector<Leg>& legs);

    /// Why a hold that a person approved may not be settled after its end; nothing: nobody was
    /// asked about it.
    std::optional<Refusal> ended_approval(const Hold& hold);
    /// An open hold expires; nobody has approved a waiting one.
    void time_is_over(HoldRow& row);
    /// Settles nothing, but lets the agent give the hold back.
    SettleAnswer while_awaiting(const SettleRequest& request, HoldRow& row);
    SettleAnswer ended_before(const SettleRequest& request, const Hold& hold);
    SettleAnswer settled_before(const Hold& hold);
    SettleAnswer capture(HoldRow& row, const SettleRequest& request);
    SettleAnswer release_all(HoldRow& row);
    SettleAnswer finish(HoldRow& row, const SettleRequest& request);
    /// What is refused is journaled; money that a payee has taken beyond it is kept for a person.
    enum class Taken { nothing, actual };
    SettleAnswer refuse_settle(const Hold& hold, Money actual, SettleAnswer answer, Taken taken);
    std::vector<CapState> caps_without_room(const HoldRow& row, Money actual,
                                            const LimitOf& limit_of);
    /// Moves an open hold's share of every counter and stores its end.
    void end(HoldRow& row, HoldState state, Money captured);
    /// Ends it with nothing captured, voided or expired; the journal entry.
    std::int64_t give_back(HoldRow& row, HoldState state);
    void book_debt(const Hold& hold, std::int64_t seq, std::int64_t treasury);
    /// Books `amount` from one account to another under the journal entry `seq`.
    void transfer(std::int64_t seq, std::int64_t hold, const std::string& debit,
                  const std::string& credit, std::int64_t amount);
    Account& account(const std::string& name);

    /// Appends an entry; `seq` in it is next_seq().
    std::int64_t write(std::string body);
    std::int64_t next_seq() const noexcept { return meta_.seq + 1; }
    /// An operator's entry: everything decided from here on rests on a new epoch.
    std::int64_t write_change(std::string body);
    /// One that was not revoked.
    std::optional<CredentialRow> live_credential(std::string_view id);

    StoreTx& tx_;
    const Instant now_;
    Entropy& entropy_;
    Meta meta_;
    const std::int64_t first_seq_;
    const std::int64_t signed_before_;
    bool tree_grew_ = false;    // by entries from before the tree
    bool keeps_paths_ = false;  // somebody wants a receipt
    std::string last_path_;     // then: what proves the last entry
    std::string trace_;         // of the request that settles or gives back
    Counters counters_;
    std::map<std::string, Account> accounts_;
};

/// The first entry that is not older than `at`, by bisection; one beyond the last when all are.
std::int64_t first_entry_at(Books& books, Instant at);

}  // namespace purse
