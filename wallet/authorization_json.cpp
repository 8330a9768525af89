// SPDX-License-Identifier: Apache-2.0
#include "wallet/authorization_json.hpp"

#include "ledger/json.hpp"

namespace purse {

namespace {
// Programs that read numbers as doubles round what is greater.
constexpr std::uint64_t kExactMax = (std::uint64_t{1} << 53) - 1;

constexpr const char* kTransferType =
    R"("TransferWithAuthorization":[{"name":"from","type":"address"},)"
    R"({"name":"to","type":"address"},)"
    R"({"name":"value","type":"uint256"},{"name":"validAfter","type":"uint256"},)"
    R"({"name":"validBefore","type":"uint256"},{"name":"nonce","type":"bytes32"}])";
constexpr const char* kCancelType =
    R"("CancelAuthorization":[{"name":"authorizer","type":"address"},)"
    R"({"name":"nonce","type":"bytes32"}])";

std::string text(std::uint64_t number)
{
    return "\"" + std::to_string(number) + "\"";
}

std::string text(const Address& address)
{
    return "\"" + to_checksummed(address) + "\"";
}

std::string text(const Digest& bytes)
{
    return "\"0x" + to_hex(as_bytes(bytes)) + "\"";
}

std::string object(const TokenDomain& domain, const char* type, const char* primary,
                   const std::string& message)
{
    // Some signers want a number here.
    const auto chain =
        domain.chain_id <= kExactMax ? std::to_string(domain.chain_id) : text(domain.chain_id);
    return std::string{R"({"types":{"EIP712Domain":[{"name":"name","type":"string"},)"
                       R"({"name":"version","type":"string"},{"name":"chainId","type":"uint256"},)"
                       R"({"name":"verifyingContract","type":"address"}],)"} +
           type + R"(},"primaryType":")" + primary + R"(","domain":{"name":)" +
           json::quoted(domain.name) + R"(,"version":)" + json::quoted(domain.version) +
           R"(,"chainId":)" + chain + R"(,"verifyingContract":)" + text(domain.contract) +
           R"(},"message":)" + message + "}";
}
}  // namespace

std::string typed_data_of(const TokenDomain& domain, const Authorization& authorization)
{
    return object(domain, kTransferType, "TransferWithAuthorization",
                  R"({"from":)" + text(authorization.from) + R"(,"to":)" + text(authorization.to) +
                      R"(,"value":")" + std::to_string(authorization.value.micro()) +
                      R"(","validAfter":)" + text(authorization.valid_after) +
                      R"(,"validBefore":)" + text(authorization.valid_before) + R"(,"nonce":)" +
                      text(authorization.nonce) + "}");
}

std::string typed_data_of(const TokenDomain& domain, const Cancellation& cancellation)
{
    return object(domain, kCancelType, "CancelAuthorization",
                  R"({"authorizer":)" + text(cancellation.authorizer) + R"(,"nonce":)" +
                      text(cancellation.nonce) + "}");
}

}  // namespace purse
