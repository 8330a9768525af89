// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/seal.hpp"

#include <catch2/catch.hpp>

#include "fake_clock.hpp"
#include "seeded_entropy.hpp"
#include "server/limits.hpp"

using namespace purse;
using namespace purse::server;

namespace {
constexpr StateSeal::Purpose kPurpose{.principal = "anna", .request = "tools/call pay"};

std::string hex(const std::array<std::uint8_t, 32>& bytes)
{
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

struct Fixture {
    test::FakeClock clock;
    test::SeededEntropy entropy;
    StateSeal seal{entropy, clock};
};
}  // namespace

TEST_CASE("the tag is HMAC-SHA-256 over parts that cannot run into each other")
{
    // RFC 4231, test case 2, is one part; ours has its length before it: 28 in eight bytes.
    // Made with: printf '\x1c\0\0\0\0\0\0\0what do ya want for nothing?' |
    //            openssl dgst -sha256 -hmac Jefe
    CHECK(hex(hmac_sha256("Jefe", {"what do ya want for nothing?"})) ==
          "c0b77cf99718fc7f09c8727ff74305bde25761b2db20b1081cfcc82a3ec6029e");
    CHECK(hmac_sha256("key", {"ab", "c"}) != hmac_sha256("key", {"a", "bc"}));
    CHECK(hmac_sha256("key", {"ab", "c"}) != hmac_sha256("key", {"abc"}));
    CHECK(hmac_sha256("key", {"a"}) != hmac_sha256("kez", {"a"}));
}

TEST_CASE("base 64 for URLs goes both ways, and no text means what another means")
{
    for (const std::string text : {"", "f", "fo", "foo", "foob", "\xff\xfe\x00"})
        CHECK(from_base64url(to_base64url(text)) == text);
    CHECK(to_base64url("\xfb\xff") == "-_8");
    for (const char* bad : {"A", "AA=", "AA==", "A+", "A/", "A A", "-_9", "AAAAA", "\n"})
        CHECK_FALSE(from_base64url(bad));
}

TEST_CASE_METHOD(Fixture, "a state comes back to the one it was sealed for")
{
    const auto sealed = seal.seal("so far", kPurpose);
    CHECK(sealed.find("so far") == std::string::npos);
    CHECK(seal.open(sealed, kPurpose) == "so far");
    CHECK(seal.open(seal.seal("", kPurpose), kPurpose) == "");
    CHECK(seal.seal("so far", kPurpose) != seal.seal("so far", kPurpose));
}

TEST_CASE_METHOD(Fixture, "a state is taken back once")
{
    const auto sealed = seal.seal("so far", kPurpose);
    REQUIRE(seal.open(sealed, kPurpose));
    CHECK_FALSE(seal.open(sealed, kPurpose));
    CHECK(seal.open(seal.seal("so far", kPurpose), kPurpose));
}

TEST_CASE_METHOD(Fixture, "a state that was changed in any byte or bit of it is refused, unburned")
{
    const auto sealed = seal.seal("state", kPurpose);
    for (std::size_t i = 0; i < sealed.size(); ++i)
        for (const char other : std::string_view{"A-_z09"}) {
            auto changed = sealed;
            changed[i] = other;
            if (changed != sealed) CHECK_FALSE(seal.open(changed, kPurpose));
        }
    const auto bytes = from_base64url(sealed).value();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        CHECK_FALSE(seal.open(to_base64url(changed), kPurpose));
    }
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(seal.open(to_base64url(bytes.substr(0, size)), kPurpose));
    CHECK_FALSE(seal.open(sealed + "-TAMPERED", kPurpose));
    CHECK_FALSE(seal.open(sealed + "=", kPurpose));
    CHECK(seal.open(sealed, kPurpose));  // what others tried did not use it up
}

TEST_CASE_METHOD(Fixture, "a state is of no use to another caller or for another request")
{
    const auto sealed = seal.seal("state", kPurpose);
    CHECK_FALSE(seal.open(sealed, {.principal = "anne", .request = kPurpose.request}));
    CHECK_FALSE(seal.open(sealed, {.principal = "", .request = kPurpose.request}));
    CHECK_FALSE(seal.open(sealed, {.principal = kPurpose.principal, .request = "tools/call give"}));
    // The border between the two counts as well.
    CHECK_FALSE(seal.open(sealed, {.principal = "annatools", .request = "/call pay"}));
    CHECK(seal.open(sealed, kPurpose));
}

TEST_CASE_METHOD(Fixture, "a state lives for kStateLife, whatever the wall clock says")
{
    const auto early = seal.seal("state", kPurpose);
    clock.set_wall({});
    clock.pass(Span{kStateLife.us - 1});
    CHECK(seal.open(early, kPurpose));
    const auto late = seal.seal("state", kPurpose);
    clock.pass(kStateLife);
    CHECK_FALSE(seal.open(late, kPurpose));
}

TEST_CASE_METHOD(Fixture, "a restart makes states void")
{
    const auto sealed = seal.seal("state", kPurpose);
    StateSeal after{entropy, clock};
    CHECK_FALSE(after.open(sealed, kPurpose));
}

TEST_CASE_METHOD(Fixture,
                 "when no more can be remembered nothing is taken back, until some are old")
{
    const auto use = [&] { return seal.open(seal.seal("state", kPurpose), kPurpose).has_value(); };
    const auto first = seal.seal("first", kPurpose);
    REQUIRE(seal.open(first, kPurpose));
    for (std::size_t i = 1; i < kBurnedMax; ++i) REQUIRE(use());
    CHECK_FALSE(use());
    CHECK_FALSE(seal.open(first, kPurpose));
    clock.pass(kStateLife);
    CHECK(use());
    CHECK_FALSE(seal.open(first, kPurpose));
}
