// SPDX-License-Identifier: Apache-2.0
// EIP-712 digests and signatures.
#include "wallet/typed_data.hpp"

#include "tests/wallet/vectors/set.hpp"

namespace purse::test {

namespace {
/// The members that a domain may have, in the order that EIP-712 gives them.
constexpr struct {
    const char* name;
    const char* type;
} kDomain[] = {{"name", "string"},
               {"version", "string"},
               {"chainId", "uint256"},
               {"verifyingContract", "address"},
               {"salt", "bytes32"}};

const json::Value& member(const json::Value& value, const char* name)
{
    const auto* found = value.find(name);
    if (found == nullptr) throw std::runtime_error{std::string{name} + " is missing"};
    return *found;
}

/// The object that eth_signTypedData_v4 would be asked to sign. The vectors leave the domain's
/// type out: it follows from the members that the domain has.
std::string as_request(const json::Value& vector)
{
    const auto& domain = member(vector, "domain");
    std::string out = R"({"types":{"EIP712Domain":[)";
    bool first = true;
    for (const auto& one : kDomain) {
        if (domain.find(one.name) == nullptr) continue;
        if (!first) out += ',';
        first = false;
        out += R"({"name":")" + std::string{one.name} + R"(","type":")" + one.type + "\"}";
    }
    out += ']';
    for (const auto& type : member(vector, "types").items()) {
        out += ',' + json::quoted(type.key()) + ':';
        json::append(out, type);
    }
    out += R"(},"primaryType":)";
    json::append(out, member(vector, "primaryType"));
    out += R"(,"domain":)";
    json::append(out, domain);
    out += R"(,"message":)";
    json::append(out, member(vector, "data"));
    return out + '}';
}

bool signature_agrees(const Curve& curve, const json::Value& vector, const Digest& digest)
{
    const auto hex = text_of(vector, "privateKey");
    if (hex.empty()) return true;
    const auto signature = curve.sign(parse_key(hex).value(), digest);
    return signature && std::string{as_bytes(signature->r)} + std::string{as_bytes(signature->s)} +
                                static_cast<char>(signature->v) ==
                            bytes_in(vector, "signature");
}
}  // namespace

bool check_typed_data(const std::string& folder, const Curve& curve)
{
    Set set{"typed data", 1025};
    const auto document = read_vectors(folder, "eip712");
    for (const auto& vector : document.root().items()) {
        const auto digest = typed_data_digest(as_request(vector));
        if (!digest) std::printf("typed data: %s\n", digest.error().what.c_str());
        set.count(vector, digest && as_bytes(*digest) == bytes_in(vector, "digest") &&
                              signature_agrees(curve, vector, *digest));
    }
    return set.report("EIP-712 digests");
}

}  // namespace purse::test
