// SPDX-License-Identifier: Apache-2.0
#include "wallet/transaction.hpp"

#include "ledger/require.hpp"
#include "wallet/keccak.hpp"
#include "wallet/rlp.hpp"

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

}  // namespace purse
