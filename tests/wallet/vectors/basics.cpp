// SPDX-License-Identifier: Apache-2.0
// Hashes, RLP and addresses.
#include "tests/wallet/vectors/set.hpp"
#include "wallet/address.hpp"
#include "wallet/keccak.hpp"
#include "wallet/rlp.hpp"

namespace purse::test {

namespace {
std::string encoded(const json::Value& value)
{
    if (value.is(json::Kind::string)) {
        const auto bytes = from_hex(value.text().substr(2));
        return rlp::bytes(bytes.value());
    }
    std::string payload;
    for (const auto& item : value.items()) payload += encoded(item);
    return rlp::list(payload);
}

bool owns(const Curve& curve, const json::Value& vector, const Address& address)
{
    const auto hex = text_of(vector, "privateKey");
    if (hex.empty()) return true;
    const auto key = parse_key(hex);
    return key && curve.address_of(*key) == address;
}
}  // namespace

bool check_hashes(const std::string& folder)
{
    Set set{"keccak256", 516};
    const auto document = read_vectors(folder, "hashes");
    for (const auto& vector : document.root().items()) {
        const auto data = bytes_in(vector, "data");
        set.count(vector, as_bytes(keccak256(data)) == bytes_in(vector, "keccak256") &&
                              as_bytes(sha256({data})) == bytes_in(vector, "sha256"));
    }
    return set.report("Keccak-256 and SHA-256");
}

bool check_rlp(const std::string& folder)
{
    Set set{"rlp", 61};
    const auto document = read_vectors(folder, "rlp-coder");
    for (const auto& vector : document.root().items()) {
        const auto* decoded = vector.find("decoded");
        set.count(vector, decoded != nullptr && encoded(*decoded) == bytes_in(vector, "encoded"));
    }
    return set.report("encoding");
}

bool check_addresses(const std::string& folder, const Curve& curve)
{
    Set set{"addresses", 1038};
    const auto document = read_vectors(folder, "accounts");
    for (const auto& vector : document.root().items()) {
        const auto checksummed = text_of(vector, "checksumAddress");
        const auto address = parse_address(checksummed);
        set.count(vector, address && to_checksummed(*address) == checksummed &&
                              to_string(*address) == text_of(vector, "address") &&
                              parse_address(text_of(vector, "address")) == address &&
                              owns(curve, vector, *address));
    }
    return set.report("ERC-55, and the addresses of keys");
}

}  // namespace purse::test
