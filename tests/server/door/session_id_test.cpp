// SPDX-License-Identifier: Apache-2.0
#include "server/door/session_id.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "server/door/limits.hpp"
#include "server/limits.hpp"
#include "server/mcp/seal.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_entropy.hpp"

using namespace purse;
using namespace purse::server;

namespace {
constexpr std::string_view kCredential = "purse_painter_secret";

struct Fixture {
    test::SeededEntropy entropy;
    SessionIds ids{"a key of this machine"};
    SessionFacts facts{.version = Version::v2025_06_18,
                       .abilities = {.elicits_forms = true, .samples = true},
                       .begun = test::at("2026-11-25T12:00:00.000000Z"),
                       .client = "a client/1.0",
                       .name = SessionIds::fresh_name(entropy)};
    std::string id = ids.write(facts, kCredential);
    Instant now = facts.begun;

    std::optional<SessionFacts> read(std::string_view text)
    {
        return ids.read(text, kCredential, now);
    }
};

bool is_visible(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e; });
}
}  // namespace

TEST_CASE_METHOD(Fixture, "session id: it says all that a session begins with")
{
    for (const auto version :
         {Version::v2024_11_05, Version::v2025_03_26, Version::v2025_06_18, Version::v2025_11_25})
        for (int bits = 0; bits < 32; ++bits) {
            facts.version = version;
            facts.abilities = ClientAbilities::of(static_cast<std::uint8_t>(bits));
            const auto back = read(ids.write(facts, kCredential));
            REQUIRE(back);
            CHECK(back->version == version);
            CHECK(back->abilities == facts.abilities);
            CHECK(back->begun == facts.begun);
            CHECK(back->client == facts.client);
            CHECK(back->name == facts.name);
        }
    // Parts of a second are not kept.
    facts.begun = facts.begun + Span{999'999};
    CHECK(read(ids.write(facts, kCredential))->begun == now);
}

TEST_CASE_METHOD(Fixture, "session id: names are random and of one form")
{
    std::set<std::string> names;
    for (int i = 0; i < 1'000; ++i) names.insert(SessionIds::fresh_name(entropy));
    CHECK(names.size() == 1'000);
    for (const auto& name : names) {
        CHECK(name.starts_with("http-"));
        CHECK(name.size() == 21);
        CHECK(is_visible(name));
    }
}

TEST_CASE_METHOD(Fixture, "session id: visible ASCII, also for the longest name of a client")
{
    CHECK(is_visible(id));
    facts.client = std::string(kClientBytesMax - 4, 'x') + "\xf0\x9f\x91\x9b";
    const auto longest = ids.write(facts, kCredential);
    CHECK(is_visible(longest));
    REQUIRE(read(longest));
    CHECK(read(longest)->client == facts.client);
    facts.client.clear();
    REQUIRE(read(ids.write(facts, kCredential)));
}

TEST_CASE_METHOD(Fixture, "session id: not one character can be another")
{
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ";
    std::size_t taken = 0;
    for (std::size_t i = 0; i < id.size(); ++i)
        for (const char c : kAlphabet) {
            auto other = id;
            other[i] = c;
            if (c != id[i] && read(other)) ++taken;
        }
    CHECK(taken == 0);
    // And not one bit of what it holds.
    const auto bytes = from_base64url(id).value();
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
        auto other = bytes;
        other[i / 8] = static_cast<char>(other[i / 8] ^ (1 << i % 8));
        if (read(to_base64url(other))) ++taken;
    }
    for (std::size_t size = 0; size < id.size(); ++size)
        if (read(id.substr(0, size))) ++taken;
    CHECK(taken == 0);
    for (const auto& other : {id + "A", id + "=", "A" + id, id + id, std::string{}}) {
        INFO(other);
        CHECK_FALSE(read(other));
    }
}

TEST_CASE_METHOD(Fixture, "session id: of this credential and this key")
{
    CHECK(read(id));
    for (const auto* other : {"", "purse_painter_secre", "purse_painter_secret2", "other"}) {
        INFO(other);
        CHECK_FALSE(ids.read(id, other, now));
    }
    CHECK_FALSE(SessionIds{"another key"}.read(id, kCredential, now));
    CHECK_FALSE(SessionIds{""}.read(id, kCredential, now));
    CHECK(SessionIds{"a key of this machine"}.read(id, kCredential, now));
}

TEST_CASE_METHOD(Fixture, "session id: good for so long, to the microsecond")
{
    now = facts.begun + kSessionLife + Span{-1};
    CHECK(read(id));
    now = now + Span{1};
    CHECK_FALSE(read(id));
    // A clock that was put back makes none void.
    now = facts.begun + Span::minutes(-60);
    CHECK(read(id));
}

TEST_CASE_METHOD(Fixture, "session id: what was never one is none")
{
    for (const auto* text : {"", "x", "null", "1234", "../../etc/passwd", "\x80\xff", "0-0"}) {
        INFO(text);
        CHECK_FALSE(read(text));
    }
    CHECK_FALSE(read(std::string(257, 'A')));
    CHECK_FALSE(read(std::string(1 << 20, 'A')));
    test::Dice dice{1};
    for (int i = 0; i < 2'000; ++i) {
        std::string bytes(static_cast<std::size_t>(dice.between(0, 190)), '\0');
        for (auto& c : bytes) c = static_cast<char>(dice.between(0, 255));
        CHECK_FALSE(read(bytes));
        CHECK_FALSE(read(to_base64url(bytes)));
    }
}
