// SPDX-License-Identifier: Apache-2.0
#include "wallet/curve.hpp"

#include <catch2/catch.hpp>

#include "tests/support/seeded_entropy.hpp"
#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"

using namespace purse;
using namespace purse::test;

namespace {
// n, the number of points of the curve.
constexpr std::string_view kOrder =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

struct Fixture {
    SeededEntropy entropy{7};
    Curve curve{entropy};
    SecretKey key = std::move(*parse_key(kKnownKey));
};

Digest minus(const Digest& from, const Digest& what)
{
    Digest result{};
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int left = from[i] - what[i] - borrow;
        borrow = left < 0 ? 1 : 0;
        result[i] = static_cast<std::uint8_t>(left);
    }
    return result;
}
}  // namespace

TEST_CASE_METHOD(Fixture, "curve: a key has its address")
{
    CHECK(to_checksummed(curve.address_of(key).value()) == kKnownAddress);
    CHECK(curve.is_key(key));
}

TEST_CASE_METHOD(Fixture, "curve: zero, the order and what is beyond are no keys")
{
    const auto order = std::string{kOrder};
    for (const auto& text : {std::string(64, '0'), order, std::string(64, 'f')}) {
        const auto none = parse_key(text);
        REQUIRE(none);
        CHECK_FALSE(curve.is_key(*none));
        CHECK_FALSE(curve.address_of(*none));
        CHECK_FALSE(curve.sign(*none, Digest{1}));
    }
    CHECK(curve.is_key(*parse_key(order.substr(0, 63) + "0")));
    CHECK(curve.is_key(*parse_key(std::string(63, '0') + "1")));
}

TEST_CASE_METHOD(Fixture, "curve: the known signatures")
{
    const auto transaction = curve.sign(
        key, digest_of("acb85f0fbaf076dc23d735fab0406bf34951f1e6ec48f1ee7ddd2c1b6065cd5a"));
    REQUIRE(transaction);
    CHECK(hex(transaction->r) ==
          "a22ac88d5ec2c5a7ed73dbfe3e10f81d986133f26433cb5e8305dfbdce92d793");
    CHECK(hex(transaction->s) ==
          "1231c5e21b97f45b7ee06f6fe9dc9d9d500306c6dc45d1a245395fef57e43432");
    CHECK(transaction->v == 28);
}

TEST_CASE_METHOD(Fixture, "curve: whoever signed is recovered; anything changed is somebody else")
{
    for (std::uint8_t i = 0; i < 50; ++i) {
        SecretKey one;
        entropy.fill(one.writable());
        const auto digest = keccak256({std::string_view{"x"}, std::string(i, 'y')});
        const auto owner = curve.address_of(one);
        const auto signature = curve.sign(one, digest).value();
        CHECK(curve.recover(digest, signature) == owner);
        CHECK(curve.sign(one, digest) == signature);
        auto changed = signature;
        changed.v = static_cast<std::uint8_t>(55 - changed.v);
        CHECK(curve.recover(digest, changed) != owner);
        changed = signature;
        changed.r[i % 32] ^= 1;
        CHECK(curve.recover(digest, changed) != owner);
        changed = signature;
        changed.s[31] ^= 1;
        CHECK(curve.recover(digest, changed) != owner);
        CHECK(curve.recover(keccak256("other"), signature) != owner);
    }
}

TEST_CASE_METHOD(Fixture, "curve: the high twin of a signature is refused")
{
    for (std::uint8_t i = 0; i < 20; ++i) {
        const auto digest = keccak256(std::string(i, 'z'));
        auto twin = curve.sign(key, digest).value();
        twin.s = minus(digest_of(kOrder), twin.s);
        twin.v = static_cast<std::uint8_t>(55 - twin.v);
        CHECK_FALSE(curve.recover(digest, twin));
    }
}

TEST_CASE_METHOD(Fixture, "curve: what no signature can be is refused")
{
    const auto good = curve.sign(key, Digest{1}).value();
    for (const int v : {0, 1, 2, 26, 29, 30, 255}) {
        auto wrong = good;
        wrong.v = static_cast<std::uint8_t>(v);
        CHECK_FALSE(curve.recover(Digest{1}, wrong));
    }
    for (const auto& none : {Digest{}, digest_of(kOrder), digest_of(std::string(64, 'f'))}) {
        auto wrong = good;
        wrong.r = none;
        CHECK_FALSE(curve.recover(Digest{1}, wrong));
        wrong = good;
        wrong.s = none;
        CHECK_FALSE(curve.recover(Digest{1}, wrong));
    }
}
