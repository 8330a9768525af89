// SPDX-License-Identifier: Apache-2.0
// What an audit has found: sums, and everything that is wrong.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace purse::auditor {

/// What a hold has come to, in the order of the numbers that the ledger stores.
enum class HoldState : std::uint8_t { open, settled, voided, expired, awaiting_approval, denied };
inline constexpr std::size_t kHoldStates = 6;
/// The word that the journal has for it.
std::string_view word_of(HoldState state) noexcept;

/// One hold as its entries tell it. Amounts are micro-USDC.
struct AuditedHold {
    std::int64_t seq = 0;  ///< the entry that took it
    HoldState state = HoldState::open;
    std::int64_t amount = 0;
    std::int64_t captured = 0;
    std::string key;  ///< the request's idempotency key; may be empty
};

/// One thing that is wrong.
struct Mistake {
    std::int64_t seq = 0;  ///< the journal entry at which it shows; 0: in a table
    std::string what;
};

/// More than these are counted, not kept.
inline constexpr std::size_t kMistakesMax = 1'000;

struct Findings {
    std::vector<Mistake> mistakes;
    std::uint64_t mistakes_in_all = 0;
    std::map<std::string, AuditedHold> holds;  ///< by txId

    std::int64_t entries = 0;
    std::string first_at;  ///< the times of the first and last entry, RFC 3339
    std::string last_at;
    std::int64_t heads = 0;            ///< signed heads that were checked
    std::int64_t policies = 0;         ///< policy documents that came into force
    std::int64_t charges = 0;          ///< charges to caps, each held against its limit
    std::int64_t counters = 0;         ///< caps in their windows and scopes
    std::int64_t refusals = 0;         ///< of requests
    std::int64_t refusals_by_cap = 0;  ///< those whose counters were recomputed
    std::int64_t captured = 0;         ///< all that was ever captured, micro-USDC

    bool good() const noexcept { return mistakes_in_all == 0; }
    void wrong(std::int64_t seq, std::string what);
    /// How many holds are in each state.
    std::array<std::int64_t, kHoldStates> states() const;
};

}  // namespace purse::auditor
