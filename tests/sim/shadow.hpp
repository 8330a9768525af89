// SPDX-License-Identifier: Apache-2.0
// What the purse should answer, by the words of docs/policy.md and docs/tools.md alone: a list of
// holds, the buckets they count in, and nothing of the ledger's code. It foretells each answer
// before it is compared with the real one, and can be copied where two pasts are possible.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/sim/policy.hpp"

namespace purse::sim {

using Us = std::int64_t;  ///< microseconds since 1970, or of a span

/// Arguments of pay_preauthorize. Empty texts: left out.
struct HoldAsk {
    std::string service;
    std::string payee;
    Micro amount = 0;
    std::string task;
    std::string workflow;
    std::string key;
    Seconds ttl = 0;  ///< 0: left out
    auto operator<=>(const HoldAsk&) const = default;
};

struct SettleAsk {
    std::string tx;
    bool is_void = false;
    Micro actual = 0;
};

/// Who calls: the credential's agent and number; -1: a secret that nobody ever issued; -2: none.
struct Who {
    std::string agent;
    int credential = -1;
};

enum class Said { yes, no, asks };

/// What the answer must be.
struct Expected {
    Said said = Said::no;
    std::multiset<std::string> reasons;  ///< of a no: "reason rule" or "reason rule cap"
    bool replayed = false;
    int hold = -1;      ///< the hold that it is about
    std::string tx;     ///< its id, where it was told before
    std::string state;  ///< "held", "awaiting_approval", "settled", ...
    Micro amount = 0;
    Micro most = 0;      ///< yes to a hold: maxCapture
    Us expires = 0;      ///< yes to a hold
    Micro captured = 0;  ///< yes to a settle
    Micro released = 0;
    Us at = 0;  ///< 0: not told
    bool late = false;
};

enum class State { open, settled, voided, expired, awaiting, denied };

/// One line of pay_budget_status: budget, cap, scope, limit (-1: none), spent, held.
struct UsedLine {
    std::string name;
    std::int64_t limit = -1;
    std::int64_t spent = 0;
    std::int64_t held = 0;
    auto operator<=>(const UsedLine&) const = default;
};

class Shadow {
public:
    struct Charge {
        std::string bucket;       ///< "budget kind scope", and the window's start of calendar caps
        std::string rule;         ///< "agent/a1"
        std::string kind;         ///< "daily"
        std::int64_t limit = -1;  ///< when it was charged; -1: none
        Us leaves = 0;            ///< rolling: when it stops counting; 0: never
    };
    struct Hold {
        std::string agent;
        int credential = -1;
        std::string tx;  ///< empty: nobody has been told
        State state = State::open;
        std::string service;
        std::string payee;
        std::string task;
        std::string workflow;
        Micro amount = 0;
        Micro most = 0;
        Micro captured = 0;
        Us expires = 0;
        Us ended = 0;
        Us decided = 0;  ///< by a person, or by the clock
        Seconds lasts = 0;
        bool was_asked = false;
        bool was_granted = false;
        bool in_chat = true;
        bool late = false;
        std::string why_not;             ///< reason of a denied one
        std::optional<HoldAsk> unkeyed;  ///< waits, and was asked for without a key
        std::vector<Charge> charges;
        bool is_like(const Hold& other) const
        {
            return tx == other.tx && state == other.state && captured == other.captured &&
                   amount == other.amount && expires == other.expires && ended == other.ended;
        }
    };

    explicit Shadow(bool has_chain = false) : has_chain_{has_chain} {}

    /// The ledger's time from now on; whatever is due ends.
    void set_time(Us now);
    void set_policy(std::shared_ptr<const Policy> policy) { policy_ = std::move(policy); }

    /// `credential`: a number that no other has.
    void issue(int credential, Us expires);
    /// False: there is none, or it was revoked before.
    bool revoke(int credential);
    bool expire(int credential, Us at);
    void freeze(const std::string& target) { freezes_.insert(target); }
    bool unfreeze(const std::string& target) { return freezes_.erase(target) > 0; }
    void unfreeze_all() { freezes_.clear(); }

    Expected hold(const Who& who, const HoldAsk& ask);
    Expected settle(const Who& who, const SettleAsk& ask);
    /// An answer in the chat: "approve", "deny", "cancel", "disconnect" or "nothing".
    Expected follow_up(const Who& who, const std::string& tx, const std::string& answered);
    /// A person's decision elsewhere; whether it was done, and for a yes what speaks against it.
    std::string rule(const std::string& tx, bool is_yes);
    /// Why the ledger does not know who calls; empty: it does.
    std::multiset<std::string> stranger(const Who& who) const;
    /// What speaks against the caller; empty: the lines can be told.
    std::multiset<std::string> who_refusals(const Who& who) const;
    std::multiset<UsedLine> lines(const std::string& agent, const std::string& task,
                                  const std::string& workflow) const;
    bool is_frozen(const std::string& agent) const;

    /// The hold's id was told.
    void learn(int hold, const std::string& tx);

    const std::vector<Hold>& holds() const { return holds_; }
    const std::set<int>& open_holds() const { return open_; }
    std::int64_t captured_of(const std::string& payee) const;
    Us now() const { return now_; }
    /// Whether both would foretell the same from here on.
    bool is_like(const Shadow& other) const;
    const std::shared_ptr<const Policy>& policy() const { return policy_; }

private:
    static std::size_t index(int place) { return static_cast<std::size_t>(place); }

    struct Credential {
        Us expires = 0;
        bool revoked = false;
        auto operator<=>(const Credential&) const = default;
    };
    /// A cap that applies to one payment.
    struct Cap {
        const DrawnRules* rules = nullptr;
        std::string kind;
        std::string scope;
        std::int64_t limit = -1;
        Us span = 0;    ///< of rolling ones
        Us window = 0;  ///< start, of calendar ones
        bool is_count = false;
        bool is_loop = false;
        bool is_payee = false;  ///< the memory of who was ever paid
        std::string bucket() const;
    };
    struct Sums {
        std::int64_t held = 0;
        std::int64_t spent = 0;
        std::int64_t calls = 0;  ///< of rolling ones
    };
    /// What rolling buckets remember: holds by the moment at which they leave.
    struct Rolling {
        int hold = 0;
        Us leaves = 0;
        bool is_late = false;  ///< charged by a late settle
    };
    /// What is bought, as far as it can be told.
    struct Bought {
        const DrawnService* service = nullptr;
        std::string name;
        std::string payee;
        bool is_told = true;
    };
    struct Case {
        std::vector<const DrawnRules*> charged;
        Bought bought;
        HoldAsk ask;
        std::string agent;
    };

    Bought buy(const Case& the, std::multiset<std::string>& reasons) const;
    void check_lists(const Case& the, std::multiset<std::string>& reasons) const;
    void check_amount(const Case& the, std::multiset<std::string>& reasons) const;
    void check_hours(const Case& the, std::multiset<std::string>& reasons) const;
    void check_frozen(const Case& the, std::multiset<std::string>& reasons) const;
    /// All rules that need no counters, at the time now.
    std::multiset<std::string> static_refusals(Case& the) const;
    std::vector<Cap> caps(const Case& the) const;
    Sums used(const Cap& cap) const;
    Sums rolling_sums(const std::vector<Rolling>& entries) const;
    std::int64_t limit_of(const Charge& charge) const;
    bool is_full(const Cap& cap, Micro amount) const;
    void charge(int hold, const Cap& cap, bool is_late);
    bool wants_person(const Case& the, const std::vector<Cap>& caps) const;
    bool asks_by_rule(const DrawnRules& rules, const Case& the) const;
    Micro most(const Case& the) const;
    Expected take(const Case& the, const Who& who, std::vector<Cap> caps, bool asks);
    Expected told_before(const std::string& name, const HoldAsk& ask);
    void end(Hold& hold, State state, Micro captured);
    Expected ended_before(const Hold& hold, const SettleAsk& ask) const;
    Expected settle_late(int place, const SettleAsk& ask);
    Expected awaited(int place) const;
    void excess_without_room(const Hold& hold, Micro excess,
                             std::multiset<std::string>& reasons) const;
    std::multiset<std::string> objections(const Hold& hold) const;
    int find(const std::string& tx, const std::string& agent) const;
    void move(const Hold& hold, Micro held, Micro spent);

    struct Known {
        HoldAsk ask;
        Expected answer;
    };

    bool has_chain_ = false;
    Us now_ = 0;
    std::shared_ptr<const Policy> policy_;
    std::map<int, Credential> credentials_;
    std::set<std::string> freezes_;
    std::vector<Hold> holds_;
    std::set<int> open_;  ///< open and awaiting ones
    std::unordered_map<std::string, int> by_tx_;
    std::map<std::string, Known> known_;          ///< by agent and key
    std::unordered_map<std::string, Sums> sums_;  ///< of calendar buckets
    std::unordered_map<std::string, std::vector<Rolling>> rolling_;
};

/// "open", "settled", ...: as answers and the auditor have them.
const char* name_of(State state);
/// A no for one reason.
Expected refusal(const std::string& reason, const std::string& rule);
/// "10m", "1h": a span as caps have it in their names.
std::string span_name(Seconds span);

}  // namespace purse::sim
