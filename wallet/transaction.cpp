// SPDX-License-Identifier: Apache-2.0
#include "wallet/transaction.hpp"

#include <algorithm>

#include "ledger/require.hpp"
#include "wallet/keccak.hpp"
#include "wallet/rlp.hpp"
#include "wallet/words.hpp"

namespace purse {

namespace {
constexpr std::string_view kType{"\x02"};
constexpr std::uint8_t kEvenV = 27;

std::string encoded(const std::vector<AccessEntry>& entries)
{
    std::string payload;
    for (const auto& entry : entries) {
        std::string slots;
        for (const auto& slot : entry.slots) slots += rlp::bytes(as_bytes(slot));
        payload += rlp::list(rlp::bytes(as_bytes(entry.account)) + rlp::list(slots));
    }
    return rlp::list(payload);
}

// The nine fields that a signature covers (EIP-1559).
std::string fields(const Transaction& transaction)
{
    auto payload = rlp::integer(Wei{transaction.chain_id});
    payload += rlp::integer(Wei{transaction.nonce});
    payload += rlp::integer(transaction.max_priority_fee);
    payload += rlp::integer(transaction.max_fee);
    payload += rlp::integer(Wei{transaction.gas_limit});
    payload += rlp::bytes(as_bytes(transaction.to));
    payload += rlp::integer(transaction.value);
    payload += rlp::bytes(transaction.data);
    payload += encoded(transaction.access_list);
    return payload;
}

/// Takes an integer of at most 32 bytes from the front of RLP, left-padded; nothing when there is
/// none.
std::optional<Digest> take_integer(std::string_view& rest)
{
    constexpr std::uint8_t kStringBase = 0x80;
    if (rest.empty()) return std::nullopt;
    const auto lead = static_cast<std::uint8_t>(rest.front());
    const std::size_t skipped = lead < kStringBase ? 0 : 1;
    const std::size_t size = lead < kStringBase ? 1 : lead - kStringBase;
    Digest value{};
    if (size > value.size() || rest.size() < skipped + size) return std::nullopt;
    std::ranges::copy_backward(rest.substr(skipped, size), value.end());
    rest.remove_prefix(skipped + size);
    return value;
}
}  // namespace

Digest signing_hash(const Transaction& transaction)
{
    return keccak256({kType, rlp::list(fields(transaction))});
}

SignedTransaction with_signature(const Transaction& transaction, const Signature& signature)
{
    require(signature.v == kEvenV || signature.v == kEvenV + 1, "v is 27 or 28");
    auto payload = fields(transaction);
    payload += rlp::integer(Wei{signature.v} - kEvenV);
    payload += rlp::integer(as_bytes(signature.r));
    payload += rlp::integer(as_bytes(signature.s));
    SignedTransaction made;
    made.raw = kType;
    made.raw += rlp::list(payload);
    made.hash = keccak256(made.raw);
    return made;
}

std::optional<Signature> signature_within(const Transaction& transaction, std::string_view raw)
{
    constexpr std::uint8_t kLongList = 0xf7;
    const auto signed_part = fields(transaction);
    if (raw.size() < 2) return std::nullopt;
    const auto lead = static_cast<std::uint8_t>(raw[1]);
    const auto begin = std::size_t{2} + (lead > kLongList ? lead - kLongList : 0U);
    if (raw.size() < begin || !raw.substr(begin).starts_with(signed_part)) return std::nullopt;
    auto rest = raw.substr(begin + signed_part.size());
    const auto parity = take_integer(rest);
    const auto r = take_integer(rest);
    const auto s = take_integer(rest);
    if (!parity || !r || !s || (*parity != Digest{} && *parity != word(Wei{1})))
        return std::nullopt;
    const Signature signature{
        .r = *r, .s = *s, .v = static_cast<std::uint8_t>(kEvenV + parity->back())};
    // Whatever else these bytes could hold, they hold it not.
    if (with_signature(transaction, signature).raw != raw) return std::nullopt;
    return signature;
}

}  // namespace purse
