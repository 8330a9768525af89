// SPDX-License-Identifier: Apache-2.0
// Signed transactions. Those of type 2 with a receiver go the product's way. The others, which
// Purse never makes, are written here over its RLP, so that its signatures meet them all.
#include "tests/wallet/vectors/set.hpp"
#include "wallet/keccak.hpp"
#include "wallet/local_signer.hpp"
#include "wallet/rlp.hpp"

namespace purse::test {

namespace {
const json::Value* find(const json::Value& value, const char* member)
{
    return value.find(member);
}

/// A quantity or a plain number; what is missing is zero, and so is "0x".
Wei number(const json::Value& value, const char* member)
{
    const auto* found = find(value, member);
    if (found == nullptr || found->text() == "0x") return 0;
    const auto read = found->is(json::Kind::number) ? parse_decimal(found->text())
                                                    : parse_quantity(found->text());
    if (!read) throw std::runtime_error{std::string{member} + " is no number"};
    return *read;
}

std::vector<AccessEntry> access_list(const json::Value& transaction)
{
    std::vector<AccessEntry> entries;
    const auto* list = find(transaction, "accessList");
    if (list == nullptr) return entries;
    for (const auto& item : list->items()) {
        AccessEntry entry{.account = parse_address(text_of(item, "address")).value(), .slots = {}};
        const auto* slots = find(item, "storageKeys");
        if (slots != nullptr)
            for (const auto& slot : slots->items())
                entry.slots.push_back(to_digest(from_hex(slot.text().substr(2)).value()).value());
        entries.push_back(std::move(entry));
    }
    return entries;
}

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

std::string integers(const json::Value& transaction, std::initializer_list<const char*> members)
{
    std::string payload;
    for (const auto* member : members) payload += rlp::integer(number(transaction, member));
    return payload;
}

std::string receiver_value_data(const json::Value& transaction)
{
    return rlp::bytes(bytes_in(transaction, "to")) + integers(transaction, {"value"}) +
           rlp::bytes(bytes_in(transaction, "data"));
}

/// Types 1 (EIP-2930) and 2: everything but the signature.
std::string typed_fields(const json::Value& transaction, bool is_type_2)
{
    auto payload = integers(transaction, {"chainId", "nonce"});
    payload += is_type_2 ? integers(transaction, {"maxPriorityFeePerGas", "maxFeePerGas"})
                         : integers(transaction, {"gasPrice"});
    return payload + integers(transaction, {"gasLimit"}) + receiver_value_data(transaction) +
           encoded(access_list(transaction));
}

std::string signature_fields(const Signature& signature, Wei v)
{
    return rlp::integer(v) + rlp::integer(as_bytes(signature.r)) +
           rlp::integer(as_bytes(signature.s));
}

struct Signer {
    const Curve& curve;
    SecretKey key;
    Address address;

    /// Nothing unless recovering it gives the account back.
    std::optional<Signature> sign(const Digest& digest) const
    {
        const auto signature = curve.sign(key, digest);
        if (!signature || curve.recover(digest, *signature) != address) return std::nullopt;
        return signature;
    }
};

bool agrees_by_hand(const json::Value& vector, const json::Value& transaction, bool is_type_2,
                    const Signer& signer)
{
    const std::string type = is_type_2 ? "\x02" : "\x01";
    const auto payload = typed_fields(transaction, is_type_2);
    const auto unsigned_bytes = type + rlp::list(payload);
    if (unsigned_bytes != bytes_in(vector, "unsigned")) return false;
    const auto signature = signer.sign(keccak256(unsigned_bytes));
    return signature &&
           type + rlp::list(payload + signature_fields(*signature, Wei{signature->v} - 27)) ==
               bytes_in(vector, "signed");
}

bool agrees(const json::Value& vector, const json::Value& transaction, const Signer& signer)
{
    Transaction made;
    made.chain_id = static_cast<std::uint64_t>(number(transaction, "chainId"));
    made.nonce = static_cast<std::uint64_t>(number(transaction, "nonce"));
    made.max_priority_fee = number(transaction, "maxPriorityFeePerGas");
    made.max_fee = number(transaction, "maxFeePerGas");
    made.gas_limit = static_cast<std::uint64_t>(number(transaction, "gasLimit"));
    made.to = parse_address(text_of(transaction, "to")).value();
    made.value = number(transaction, "value");
    made.data = bytes_in(transaction, "data");
    made.access_list = access_list(transaction);
    if (signing_hash(made) != keccak256(bytes_in(vector, "unsigned"))) return false;
    const auto relayer = local_relayer(signer.curve, SecretKey{signer.key.bytes()});
    const auto done = (*relayer)->sign(made);
    const auto expected = bytes_in(vector, "signed");
    return done && done->raw == expected && done->hash == keccak256(expected);
}

Signer signer_of(const json::Value& vector, const Curve& curve, const char* key,
                 const char* address)
{
    return {curve, parse_key(text_of(vector, key)).value(),
            parse_address(text_of(vector, address)).value()};
}

/// A legacy transaction, by itself (v = 27 + parity) or bound to chain 5 (EIP-155).
bool agrees_legacy(const json::Value& vector, const Signer& signer, bool on_chain_5)
{
    const auto payload =
        integers(vector, {"nonce", "gasPrice", "gasLimit"}) + receiver_value_data(vector);
    const std::string chain = on_chain_5 ? rlp::integer(Wei{5}) + "\x80\x80" : "";
    const auto unsigned_bytes = rlp::list(payload + chain);
    if (unsigned_bytes !=
        bytes_in(vector, on_chain_5 ? "unsignedTransactionChainId5" : "unsignedTransaction"))
        return false;
    const auto signature = signer.sign(keccak256(unsigned_bytes));
    if (!signature) return false;
    const auto v = on_chain_5 ? Wei{signature->v} - 27 + 35 + 2 * 5 : Wei{signature->v};
    return rlp::list(payload + signature_fields(*signature, v)) ==
           bytes_in(vector, on_chain_5 ? "signedTransactionChainId5" : "signedTransaction");
}
}  // namespace

bool check_typed_transactions(const std::string& folder, const Curve& curve)
{
    Set all{"typed transactions", 1792};
    Set ours{"  of Purse's kind", 768};
    const auto document = read_vectors(folder, "typed-transactions");
    for (const auto& vector : document.root().items()) {
        const auto* transaction = vector.find("tx");
        if (transaction == nullptr) throw std::runtime_error{"a vector has no transaction"};
        const auto signer = signer_of(vector, curve, "key", "address");
        const bool is_type_2 = number(*transaction, "type") == 2;
        const bool good = curve.address_of(signer.key) == signer.address &&
                          agrees_by_hand(vector, *transaction, is_type_2, signer);
        all.count(vector, good);
        if (is_type_2 && !text_of(*transaction, "to").empty())
            ours.count(vector, agrees(vector, *transaction, signer));
    }
    const bool good = all.report("types 1 and 2: bytes, signatures");
    return ours.report("type 2 with a receiver: by the relayer's signer, with hashes") && good;
}

bool check_legacy_transactions(const std::string& folder, const Curve& curve)
{
    Set set{"legacy transactions", 1067};
    const auto document = read_vectors(folder, "transactions");
    for (const auto& vector : document.root().items()) {
        const auto signer = signer_of(vector, curve, "privateKey", "accountAddress");
        set.count(vector,
                  agrees_legacy(vector, signer, false) && agrees_legacy(vector, signer, true));
    }
    return set.report("bytes and signatures, with and without a chain id");
}

}  // namespace purse::test
