// SPDX-License-Identifier: Apache-2.0
// The journal's words and its chain. Every entry is one line of canonical JSON; its
// leaf hash is RFC 6962's (section 2.1), and each entry's hash covers all before it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hold.hpp"
#include "ledger/json.hpp"

namespace purse {

/// SHA-256(0x00 || body): the leaf hash of RFC 6962, section 2.1.
Digest leaf_hash(std::string_view body);

/// SHA-256(0x02 || previous || leaf): ties an entry to all before it.
Digest chain_hash(const Digest& previous, std::string_view body);

/// The same from the entry's leaf hash.
Digest link_hash(const Digest& previous, const Digest& leaf);

/// What a signed head says.
struct HeadClaim {
    std::int64_t seq = 0;
    Digest hash{};  ///< the chain's
    Instant at;
    std::optional<Digest> root{};  ///< of the Merkle tree over all entries up to `seq`
};
/// The text that is signed: one form with a root, and one, of older ledgers, without.
std::string head_text(const HeadClaim& claim);

/// Port: who signs heads (Ed25519, RFC 8032).
class HeadSigner {
public:
    virtual ~HeadSigner() = default;
    /// The raw 32-byte public key.
    virtual std::string public_key() const = 0;
    /// The raw 64-byte signature.
    virtual std::string sign(std::string_view text) const = 0;
};

/// True when `signature` over `text` is by `public_key` (raw Ed25519).
bool verify_signature(std::string_view public_key, std::string_view text,
                      std::string_view signature);

/// Builds one entry: members are written in the order of the calls, which must be the
/// order of their names (canonical form, RFC 8785 section 3.2.3).
class EntryWriter {
public:
    EntryWriter();
    EntryWriter& text(std::string_view name, std::string_view value);
    /// Leaves the member out when the value is empty.
    EntryWriter& text_if(std::string_view name, std::string_view value);
    EntryWriter& number(std::string_view name, std::int64_t value);
    EntryWriter& money(std::string_view name, Money value) { return text(name, value.to_string()); }
    EntryWriter& time(std::string_view name, Instant value)
    {
        return text(name, to_rfc3339(value));
    }
    /// `value` is JSON already.
    EntryWriter& json(std::string_view name, std::string_view value);
    /// Which entry of which hold it is, and what for: seq, service, task, trace, txId, workflow.
    EntryWriter& of_hold(std::int64_t seq, const Hold& hold, std::string_view trace = {});
    std::string take();

private:
    void name(std::string_view name);

    std::string body_;
    std::string_view last_;  // names are literals
};

/// JSON arrays of cap states and refusals, as entries hold them, and back.
std::string to_json(const std::vector<CapState>& caps);
std::string to_json(const std::vector<Refusal>& refusals);
/// The caps that an entry was charged to at `now`: those with a limit. Counters without one follow
/// from the budgets.
std::string to_json(const std::vector<Leg>& legs, Instant now);
std::vector<CapState> caps_from_json(const json::Value* array);
std::vector<Refusal> refusals_from_json(const json::Value* array);

}  // namespace purse
