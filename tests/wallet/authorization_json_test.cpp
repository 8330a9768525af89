// SPDX-License-Identifier: Apache-2.0
#include "wallet/authorization_json.hpp"

#include <catch2/catch.hpp>

#include "tests/support/seeded_entropy.hpp"
#include "tests/wallet/known.hpp"
#include "wallet/typed_data.hpp"

using namespace purse;
using namespace purse::test;

namespace {
Digest digest_for(const TokenDomain& domain, const auto& structure)
{
    return signing_digest(domain_separator(domain), struct_hash(structure));
}
}  // namespace

TEST_CASE("authorization as JSON: it means the digest that is signed here, whatever its values")
{
    SeededEntropy entropy{3};
    Dice dice{4};
    for (int i = 0; i < 300; ++i) {
        TokenDomain domain{.name = i % 2 == 0 ? "USD Coin" : "a \"quoted\"\n\\ name \xc3\xa9",
                           .version = std::to_string(i)};
        Authorization authorization;
        Cancellation cancellation;
        entropy.fill(domain.contract.bytes);
        entropy.fill(authorization.from.bytes);
        entropy.fill(authorization.to.bytes);
        entropy.fill(authorization.nonce);
        entropy.fill(cancellation.authorizer.bytes);
        entropy.fill(cancellation.nonce);
        // Every width of a number, up to the greatest.
        domain.chain_id = ~0ULL >> (i % 64);
        authorization.valid_before = ~0ULL >> ((i + 7) % 64);
        authorization.valid_after = static_cast<std::uint64_t>(i);
        authorization.value = Money::from_micro(dice.between(0, Money::max().micro()) >> (i % 60));
        CHECK(typed_data_digest(typed_data_of(domain, authorization)).value() ==
              digest_for(domain, authorization));
        CHECK(typed_data_digest(typed_data_of(domain, cancellation)).value() ==
              digest_for(domain, cancellation));
    }
}

TEST_CASE("authorization as JSON: a name that JSON cannot carry is not typed data")
{
    const TokenDomain domain{.name = "USD\xff", .version = "2", .chain_id = 1, .contract = {}};
    const auto digest = typed_data_digest(typed_data_of(domain, Authorization{}));
    CHECK((!digest || *digest != digest_for(domain, Authorization{})));
}
