// SPDX-License-Identifier: Apache-2.0
// A hold: an amount reserved against every cap that applies, until it is settled,
// voided or expires. Here are its row, the requests that move it and their answers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/approval.hpp"
#include "ledger/cap.hpp"
#include "ledger/hash.hpp"
#include "ledger/ids.hpp"
#include "ledger/payout.hpp"
#include "ledger/refusal.hpp"

namespace purse {

enum class HoldState : std::uint8_t {
    open = 0,
    settled = 1,
    voided = 2,
    expired = 3,
    awaiting = 4,  ///< counted against its caps, and of no use until a person has agreed
    denied = 5,    ///< nobody agreed: somebody said no, or the time was over
};

/// Whether nothing of it is held any more.
constexpr bool has_ended(HoldState state) noexcept
{
    return state != HoldState::open && state != HoldState::awaiting;
}

/// "open", "settled", "voided", "expired", "awaiting_approval", "denied".
std::string_view wire_name(HoldState state) noexcept;

/// Who acts. The agent comes from the credential, never from an argument.
struct Party {
    std::string agent;
    std::string credential;  ///< public id of the credential; empty for the built-in sandbox
    std::string session;     ///< what ties the requests of one connection together; may be empty
    std::string client;      ///< the client's own name and version; may be empty, never trusted
    std::string trace{};     ///< the request's `traceparent` (W3C Trace Context); may be empty
};

/// What is bought, and for what.
struct Purchase {
    std::string service;   ///< catalogue name, or empty
    std::string payee;     ///< lower-case address; on the book rail also "service:<name>"
    Money amount;          ///< the estimate: what is held
    std::string purpose;   ///< free text of the agent, for the journal
    std::string task;      ///< may be empty
    std::string workflow;  ///< may be empty
};

/// A hold as stored.
struct Hold {
    TxId id;
    HoldState state = HoldState::open;
    Party who;
    Purchase what;
    Instant taken_at;
    Instant expires_at;  ///< while awaiting: until when a person may agree
    Instant ended_at;    ///< meaningful once it has ended
    Money max_capture;   ///< the most a settle may capture: the amount and what over-capture allows
    Money captured;      ///< meaningful once settled
    bool late = false;   ///< settled after it had expired
};

/// Asks for a hold. The policy has spoken: legs and refusals are its verdict.
struct HoldRequest {
    std::int64_t epoch = 0;                  ///< the ledger's epoch the verdict rests on
    Instant valid_until = Instant::never();  ///< the verdict holds before this moment only
    Party who;
    Purchase what;
    std::string key;       ///< idempotency key; empty: every request is a new one
    Digest fingerprint{};  ///< of the arguments; a key belongs to one fingerprint for ever
    Span ttl;
    Money max_capture;
    std::vector<Leg> legs;          ///< in published order
    std::vector<Refusal> refusals;  ///< rules that failed without looking at counters, in order
    /// When a person is to be asked; nothing: never.
    std::optional<ApprovalTerms> approval;
};

struct HoldAnswer {
    enum class Outcome : std::uint8_t {
        approved,
        refused,
        awaiting,  ///< held, and of no use until a person has agreed
        conflict,  ///< the idempotency key belongs to other arguments; nothing happened
        stale,  ///< policy, credential or freeze changed meanwhile: decide again; nothing happened
    };
    Outcome outcome = Outcome::stale;
    bool replay = false;   ///< the stored answer to an earlier request with this key
    Instant at;            ///< the ledger's time of the decision
    std::int64_t seq = 0;  ///< the journal entry that records it
    TxId id;               ///< approved
    Money amount;
    Instant expires_at;
    Money max_capture;
    std::vector<Refusal> refusals;  ///< refused: failing rules, in published order
    std::vector<CapState> failing;  ///< refused: failing caps as they stood, in published order
    std::vector<CapState> near;     ///< approved: caps at 80 percent or more, this hold included
    /// Of a hold that a person was asked about: where that stands.
    std::optional<Approval> approval;
    std::string key;  ///< awaiting: the idempotency key to ask again with; given to who had none
};

/// The limit of a cap under the policy in force; kNoLimit when it no longer exists.
using LimitOf = std::function<std::int64_t(std::string_view budget, std::string_view kind)>;

struct SettleRequest {
    std::int64_t epoch = 0;
    Party who;
    TxId id;
    bool is_void = false;
    Money actual;                   ///< ignored for a void
    LimitOf limit_of;               ///< for what is captured above the hold
    std::vector<Refusal> refusals;  ///< why the caller may not act any more: revoked, expired, ...
    std::int64_t treasury = 0;      ///< who pays over a chain; 0: the books are the payment
};

/// Asks to settle a hold that has expired: every cap is checked anew, under today's rules.
struct LateSettleRequest {
    std::int64_t epoch = 0;
    Party who;
    TxId id;
    Money actual;
    std::vector<Leg> legs;
    std::vector<Refusal> refusals;
    std::int64_t treasury = 0;  ///< as of SettleRequest
};

struct SettleAnswer {
    enum class Outcome : std::uint8_t {
        settled,
        voided,
        refused,
        expired,  ///< the hold has expired: decide anew and send a LateSettleRequest
        stale,    ///< as for a hold
    };
    Outcome outcome = Outcome::stale;
    bool replay = false;
    Instant at;
    std::int64_t seq = 0;
    Reason reason = Reason::hold_unknown;  ///< refused
    std::string detail;                    ///< refused: a sentence for a person
    Hold hold;                             ///< the hold as it now stands (not for hold_unknown)
    Money released;                        ///< settled or voided: what went back to the caps
    Settlement settlement;                 ///< settled: how far the money has come
    std::vector<Refusal> refusals;
    std::vector<CapState> failing;
    std::vector<CapState> near;
};

struct StatusRequest {
    std::string agent;
    std::vector<Leg> legs;
};

struct StatusAnswer {
    Instant at;
    std::int64_t epoch = 0;
    std::vector<CapState> caps;    ///< one for each leg, in order
    std::vector<Hold> next_holds;  ///< open holds of the agent, the first to expire first; bounded
};

}  // namespace purse
