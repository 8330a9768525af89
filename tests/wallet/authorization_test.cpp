// SPDX-License-Identifier: Apache-2.0
#include "wallet/authorization.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"
#include "wallet/typehashes.hpp"

using namespace purse;
using namespace purse::test;

namespace {
TokenDomain domain(const char* name, std::uint64_t chain, std::string_view contract)
{
    return {.name = name, .version = "2", .chain_id = chain, .contract = address(contract)};
}

Authorization known_authorization()
{
    return {.from = address(kKnownAddress),
            .to = address(kOtherAddress),
            .value = Money::from_micro(1'000'000),
            .valid_after = 0,
            .valid_before = 1893456000,
            .nonce = keccak256("settlement:1")};
}

PayoutName known_payout()
{
    return {.ledger = keccak256("ledger"),
            .chain_id = 84532,
            .token = address(kSepoliaUsdc),
            .treasury = address(kKnownAddress),
            .payee = address(kOtherAddress),
            .k = 3};
}
}  // namespace

TEST_CASE("authorization: the typehashes are those of the types' texts")
{
    CHECK(kDomainTypehash == keccak256("EIP712Domain(string name,string version,uint256 chainId,"
                                       "address verifyingContract)"));
    CHECK(kTransferTypehash ==
          keccak256("TransferWithAuthorization(address from,address to,uint256 value,"
                    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"));
    CHECK(kCancelTypehash == keccak256("CancelAuthorization(address authorizer,bytes32 nonce)"));
}

TEST_CASE("authorization: domain separators are those that the contracts answer")
{
    CHECK(hex(domain_separator(
              domain("USD Coin", 8453, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"))) ==
          "02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f");
    CHECK(hex(domain_separator(domain("USDC", 84532, kSepoliaUsdc))) ==
          "71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818");
    CHECK(hex(domain_separator(
              domain("USD Coin", 1, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"))) ==
          "06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335");
    // The name of another chain gives another domain.
    CHECK(hex(domain_separator(domain("USD Coin", 84532, kSepoliaUsdc))) ==
          "2f5ab5eec6c6d261a8ad2b303ae4ef05c8509de2250e072c3a2df0ad7f9f068b");
}

TEST_CASE("authorization: the known one hashes as other wallets hash it")
{
    const auto authorization = known_authorization();
    CHECK(hex(authorization.nonce) ==
          "64f7351e13a9217e6754213a9746ca35ecca9b7efccd96f6ce48b0d038429d68");
    CHECK(hex(struct_hash(authorization)) ==
          "5eeb08ff6a1f2f165eb024639d46fc552c574562eb667c9060dfd6b867933814");
    const auto separator = domain_separator(domain("USDC", 84532, kSepoliaUsdc));
    CHECK(hex(signing_digest(separator, struct_hash(authorization))) ==
          "3b99e0e1790291b1abd7368d5e3137e21b31548149bd4a94bd979e3263b6543e");
}

TEST_CASE("authorization: a cancellation is another structure over the same nonce")
{
    const Cancellation cancellation{.authorizer = address(kKnownAddress),
                                    .nonce = keccak256("settlement:1")};
    CHECK(struct_hash(cancellation) ==
          keccak256(bytes_of("158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a1597429" +
                             std::string(24, '0') + to_string(cancellation.authorizer).substr(2) +
                             hex(cancellation.nonce))));
}

TEST_CASE("authorization: every field counts")
{
    std::set<std::string> hashes{hex(struct_hash(known_authorization()))};
    const auto differs = [&](auto change) {
        auto other = known_authorization();
        change(other);
        CHECK(hashes.insert(hex(struct_hash(other))).second);
    };
    differs([](auto& one) { one.from.bytes[19] ^= 1; });
    differs([](auto& one) { one.to.bytes[0] ^= 1; });
    differs([](auto& one) { one.value = Money::from_micro(1'000'001); });
    differs([](auto& one) { one.valid_after = 1; });
    differs([](auto& one) { one.valid_before = 1; });
    differs([](auto& one) { one.nonce[31] ^= 1; });
}

TEST_CASE("authorization: a payout's nonce is for ever the hash of seven words")
{
    const auto payout = known_payout();
    const auto lower = [](const Address& one) { return to_string(one).substr(2); };
    const std::string pad(24, '0');
    CHECK(payout_nonce(payout) ==
          keccak256(bytes_of(to_hex("purse/payout/1") + std::string(36, '0') + hex(payout.ledger) +
                             std::string(59, '0') + "14a34" + pad + lower(payout.token) + pad +
                             lower(payout.treasury) + pad + lower(payout.payee) +
                             std::string(63, '0') + "3")));
}

TEST_CASE("authorization: no two payouts share a nonce")
{
    std::set<std::string> nonces{hex(payout_nonce(known_payout()))};
    const auto differs = [&](auto change) {
        auto other = known_payout();
        change(other);
        CHECK(nonces.insert(hex(payout_nonce(other))).second);
    };
    differs([](auto& one) { one.ledger[0] ^= 1; });
    differs([](auto& one) { one.chain_id = 8453; });
    differs([](auto& one) { one.token.bytes[19] ^= 1; });
    differs([](auto& one) { one.treasury.bytes[19] ^= 1; });
    differs([](auto& one) { one.payee.bytes[19] ^= 1; });
    for (std::uint64_t k = 0; k < 100; ++k)
        if (k != known_payout().k) differs([&](auto& one) { one.k = k; });
    // Two of its fields changed places.
    differs([](auto& one) { std::swap(one.payee, one.treasury); });
}
