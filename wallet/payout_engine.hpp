// SPDX-License-Identifier: Apache-2.0
// Pays debts, each exactly once. Every round looks at what is stored and at the chain and does
// the next step of each payout; what a crash left behind is just a payout on its way. Nothing is
// signed that is not stored, nothing sent that is not signed and stored, nothing closed that is
// not final.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ledger/payouts.hpp"
#include "wallet/authorization.hpp"
#include "wallet/bookkeeper.hpp"
#include "wallet/gas.hpp"
#include "wallet/nodes.hpp"
#include "wallet/settings.hpp"
#include "wallet/signer.hpp"

namespace purse {

struct EngineSettings {
    TokenDomain domain;  ///< the token, on its chain
    Digest ledger{};     ///< the name of the books, in every payout's nonce
    PayRule rule;        ///< for payees without one of their own
    std::map<Address, PayRule> rules;
    Wei max_fee = 10'000'000'000;  ///< most that a transaction offers, wei a unit of gas
    Span valid_for = Span::hours(24);
    Span rebroadcast = Span::seconds(3);
    Span bump = Span::seconds(12);
    Money floor;                ///< USDC that payouts leave in the treasury
    bool has_multicall = true;  ///< several payouts in one transaction
};

/// One thread's.
class PayoutEngine {
public:
    struct Ports {
        Bookkeeper& books;
        Nodes& nodes;
        TreasurySigner& treasury;
        std::vector<RelayerSigner*> relayers;
        EngineWatcher& watcher;
    };
    PayoutEngine(Ports ports, EngineSettings settings);

    /// One round. Throws StoreError when the ledger cannot be written; the next round goes on.
    void tick();

    /// Nothing was on its way and nobody waited in the last round.
    bool is_idle() const noexcept { return is_idle_; }

private:
    struct LiveSlot {
        SlotRow row;
        std::vector<AttemptRow> attempts;
        std::size_t carries = 0;  ///< payouts that count on it
    };
    /// What is on its way, as the ledger has it.
    struct Sight {
        Instant now;
        TreasuryRow treasury;
        std::vector<PayoutRow> open;  ///< queued, signed, sent, held
        std::vector<PayoutRow> included;
        std::map<std::int64_t, PayeeRow> payees;
        std::vector<LiveSlot> live;
        std::vector<SlotRow> mined;
    };
    /// Of an included payout, as one node sees it.
    enum class Verdict : std::uint8_t {
        unclear,  ///< not yet, or the node does not say
        final_,
        gone,  ///< the block that counts there is another
    };
    struct MinedSlot {
        SlotRow slot;
        Receipt receipt;
    };
    struct RelayerView {
        RelayerSigner* signer = nullptr;
        std::string address;
        std::uint64_t next_nonce = 0;
        std::uint64_t count = 0;  ///< as the chain has it
        Wei funds = 0;
        Wei promised = 0;  ///< the most that its transactions on their way may take
        std::size_t live = 0;
        bool is_funded = false;  ///< for one payout, were it alone

        Wei free() const noexcept { return funds > promised ? funds - promised : 0; }
    };
    /// A transaction that is signed and to be stored.
    struct Draft {
        SlotRow slot;
        AttemptRow attempt;
        std::vector<std::int64_t> payouts;
    };

    // payout_engine.cpp
    void load();
    static bool counts_on(const PayoutRow& row, const SlotRow& slot);
    /// How many nodes must say what nothing may hang on one's word.
    std::size_t enough() const noexcept;
    Heads agreed(Heads best) const;
    bool is_nothing_moving() const noexcept;
    NodeAnswer<std::vector<CallResult>> token_calls(Node& node, std::span<const std::string> calls,
                                                    AtBlock at) const;
    NodeAnswer<std::vector<bool>> used_states(Node& node, std::span<const PayoutRow> payouts,
                                              AtBlock at) const;
    void note_funds();
    const PayRule& rule_of(const Address& payee) const;
    void warn(const char* code, const std::string& what);

    // payout_engine_watch.cpp
    void watch();
    void store_mined(std::span<const MinedSlot> mined);
    void store_slot(Payouts& payouts, std::int64_t slot, const Receipt& receipt) const;
    void check_recent_blocks();
    void probe();
    void find_use(const PayoutRow& row);
    bool store_use(const PayoutRow& row, const Receipt& receipt);
    void expire();
    void finalise();
    void finalise_payouts(std::span<const PayoutRow> rows);
    void finalise_cancellations();
    void finalise_cancellation(const PayoutRow& row, std::uint64_t block);
    void close_slots();
    NodeAnswer<std::vector<Verdict>> judge(Node& node, std::span<const PayoutRow> rows) const;
    bool pays(const Receipt& receipt, const PayoutRow& row) const;
    NodeAnswer<bool> shows_use(Node& node, const PayoutRow& row) const;

    // payout_engine_send.cpp
    void reserve();
    void authorize();
    Digest nonce_of(const Address& payee, std::int64_t k) const;
    std::vector<bool> overtaken_ones(std::span<const PayoutRow> queued);
    void preflight_and_send();
    void cancel();
    const SlotRow* cancellation_of(const PayoutRow& row) const;
    std::optional<std::uint64_t> agreed_count(const Address& relayer, std::uint64_t stored);
    std::vector<RelayerView> look_at_relayers();
    std::optional<Fees> fees_now();
    bool may_be_sent(const PayoutRow& row);
    std::vector<PayoutRow> preflight(const std::vector<RelayerView>& relayers);
    void store_and_send(std::vector<Draft> drafts);
    struct Content {
        Address to;
        std::string data;
        std::uint64_t gas = 0;
    };
    std::optional<Content> content_of(SlotKind kind, std::span<const PayoutRow> payouts,
                                      const RelayerView& relayer);
    std::optional<AttemptRow> signed_attempt(RelayerView& relayer, std::int64_t number,
                                             const Content& content, const Fees& fees);
    std::optional<Draft> draft(RelayerView& relayer, std::uint64_t number, SlotKind kind,
                               std::span<const PayoutRow> payouts, const Fees& fees);
    std::optional<Draft> next_draft(RelayerView& relayer, SlotKind kind,
                                    std::span<const PayoutRow> payouts, const Fees& fees);
    std::string payload(SlotKind kind, std::span<const PayoutRow> payouts) const;
    void broadcast(const SlotRow& slot, const AttemptRow& attempt);
    static Wei cost_of(const AttemptRow& attempt);

    // payout_engine_repair.cpp
    void keep_alive();
    void bump(const LiveSlot& slot);
    bool waits_for_number(const SlotRow& slot) const;
    bool give_up_starved(const LiveSlot& slot);
    bool give_up_lost(const LiveSlot& slot);
    void fill_gaps();

    Ports ports_;
    const EngineSettings settings_;
    const Address treasury_;

    // All below is forgotten by a crash and found again.
    std::int64_t treasury_id_ = 0;
    Heads heads_;
    Sight sight_;
    std::vector<RelayerView> relayers_;
    std::optional<FeeQuote> quote_;
    std::map<std::int64_t, Instant> sent_at_;            ///< slot -> last broadcast
    std::map<std::int64_t, Instant> checked_at_;         ///< payout -> last preflight
    std::map<std::int64_t, int> passed_by_;              ///< slot -> rounds its number is used
    std::map<std::int64_t, std::uint64_t> searched_to_;  ///< payout -> lowest block searched
    std::map<std::int64_t, std::uint64_t> canceled_in_;  ///< payout -> block that seems to say so
    std::map<std::string, std::pair<std::uint64_t, int>> gaps_;  ///< relayer -> number, rounds
    std::set<std::int64_t> accepted_;                            ///< slots, to be stored
    std::int64_t payees_after_ = 0;
    bool is_idle_ = false;
};

}  // namespace purse
