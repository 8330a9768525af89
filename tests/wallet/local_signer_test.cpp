// SPDX-License-Identifier: Apache-2.0
#include "wallet/local_signer.hpp"

#include <catch2/catch.hpp>

#include "tests/support/seeded_entropy.hpp"
#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"

using namespace purse;
using namespace purse::test;

namespace {
struct Fixture {
    SeededEntropy entropy{7};
    Curve curve{entropy};
    std::unique_ptr<TreasurySigner> treasury =
        local_treasury(curve, std::move(*parse_key(kKnownKey))).value();
    std::unique_ptr<RelayerSigner> relayer =
        local_relayer(curve, std::move(*parse_key(kKnownKey))).value();
    TokenDomain domain{
        .name = "USDC", .version = "2", .chain_id = 84532, .contract = address(kSepoliaUsdc)};
    Authorization authorization{.from = address(kKnownAddress),
                                .to = address(kOtherAddress),
                                .value = Money::from_micro(1'000'000),
                                .valid_after = 0,
                                .valid_before = 1893456000,
                                .nonce = keccak256("settlement:1")};
};
}  // namespace

TEST_CASE_METHOD(Fixture, "local signer: the known authorization")
{
    CHECK(treasury->address() == address(kKnownAddress));
    const auto signature = treasury->sign(domain, authorization);
    REQUIRE(signature);
    CHECK(hex(signature->r) == "298d3b521f328f2a0ec57af01af9f0c4ca15529f41cfe3f33f72e46db9c9c9a7");
    CHECK(hex(signature->s) == "233ed5bbc3a8d773c5b9acd0cae1b4ca93d687213ac1a84e90c846028396d239");
    CHECK(signature->v == 0x1c);
}

TEST_CASE_METHOD(Fixture, "local signer: each signature is for the domain it was asked for")
{
    // The separator is remembered: it must follow every part of the domain.
    const auto check = [&] {
        const auto digest = signing_digest(domain_separator(domain), struct_hash(authorization));
        CHECK(curve.recover(digest, treasury->sign(domain, authorization).value()) ==
              treasury->address());
    };
    check();
    check();
    domain.name = "USD Coin";
    check();
    domain.version = "1";
    check();
    domain.chain_id = 8453;
    check();
    domain.contract = address(kOtherAddress);
    check();
    domain = {};
    check();
}

TEST_CASE_METHOD(Fixture, "local signer: cancellations")
{
    const Cancellation cancellation{.authorizer = treasury->address(), .nonce = Digest{3}};
    const auto digest = signing_digest(domain_separator(domain), struct_hash(cancellation));
    CHECK(curve.recover(digest, treasury->sign(domain, cancellation).value()) ==
          treasury->address());
    CHECK_FALSE(treasury->sign(domain, Cancellation{address(kOtherAddress), Digest{3}}));
}

TEST_CASE_METHOD(Fixture, "local signer: another's account or a negative amount is not signed")
{
    authorization.from = address(kOtherAddress);
    CHECK_FALSE(treasury->sign(domain, authorization));
    authorization.from = treasury->address();
    authorization.value = Money::from_micro(-1);
    CHECK_FALSE(treasury->sign(domain, authorization));
}

TEST_CASE_METHOD(Fixture, "local signer: a transaction is the sender's")
{
    Transaction transaction;
    transaction.chain_id = 84532;
    transaction.to = address(kSepoliaUsdc);
    const auto made = relayer->sign(transaction);
    REQUIRE(made);
    CHECK(made->hash == keccak256(made->raw));
    const auto signature = curve.sign(*parse_key(kKnownKey), signing_hash(transaction)).value();
    CHECK(made->raw == with_signature(transaction, signature).raw);
    CHECK(relayer->address() == address(kKnownAddress));
}

TEST_CASE_METHOD(Fixture, "local signer: what is no key makes no signer, and is not repeated")
{
    const std::string text(64, 'f');
    const auto none = local_treasury(curve, std::move(*parse_key(text)));
    REQUIRE_FALSE(none);
    CHECK(none.error().what.find("ffff") == std::string::npos);
    CHECK_FALSE(local_relayer(curve, SecretKey{}));
}
