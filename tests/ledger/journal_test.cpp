// SPDX-License-Identifier: Apache-2.0
#include "ledger/journal.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_clock.hpp"

using namespace purse;

TEST_CASE("journal: leaf and chain hashes of known bytes")
{
    // RFC 6962 section 2.1: the hash of an empty leaf is SHA-256 of one zero byte.
    CHECK(to_hex(as_bytes(leaf_hash(""))) ==
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    const Digest zero{};
    const auto first = chain_hash(zero, "{}");
    const auto leaf = sha256({std::string_view{"\0", 1}, "{}"});
    CHECK(first == sha256({"\x02", std::string(32, '\0'), as_bytes(leaf)}));
    CHECK(chain_hash(first, "{}") != first);
    CHECK(chain_hash(zero, "{ }") != first);
}

TEST_CASE("journal: an entry is canonical JSON")
{
    EntryWriter entry;
    entry.text("a", "x\"y").money("b", Money::from_micro(80'000)).number("c", -7);
    entry.text_if("d", "").text_if("e", "here").time("f", {0}).json("g", "[1]");
    CHECK(entry.take() == R"({"a":"x\"y","b":"0.08","c":-7,"e":"here",)"
                          R"("f":"1970-01-01T00:00:00.000000Z","g":[1]})");
    CHECK(EntryWriter{}.take() == "{}");
}

TEST_CASE("journal: cap states and refusals come back as they were")
{
    const std::vector<CapState> caps{
        {.budget = "agent/a",
         .kind = "daily",
         .scope = "",
         .window = Window::day,
         .limit = 5'000'000,
         .held = 80'000,
         .spent = 4'910'000,
         .resets_at = test::at("2026-11-24T00:00:00.000000Z")},
        {.budget = "budget/team",
         .kind = "count 1m",
         .scope = "task \"1\"",
         .unit = Unit::calls,
         .window = Window::rolling,
         .span = Span::minutes(1),
         .limit = 30,
         .spent = 30,
         .reason = Reason::rate_limit_reached},
        {.budget = "agent/a", .kind = "lifetime", .limit = kNoLimit, .spent = 1}};
    const auto text = to_json(caps);
    const auto document = json::parse(text);
    REQUIRE(document.has_value());
    const auto again = caps_from_json(&document->root());
    REQUIRE(again.size() == caps.size());
    for (std::size_t i = 0; i < caps.size(); ++i) {
        CHECK(again[i].budget == caps[i].budget);
        CHECK(again[i].kind == caps[i].kind);
        CHECK(again[i].scope == caps[i].scope);
        CHECK(again[i].unit == caps[i].unit);
        CHECK(again[i].window == caps[i].window);
        CHECK(again[i].span == caps[i].span);
        CHECK(again[i].limit == caps[i].limit);
        CHECK(again[i].held == caps[i].held);
        CHECK(again[i].spent == caps[i].spent);
        CHECK(again[i].reason == caps[i].reason);
        CHECK(again[i].resets_at == caps[i].resets_at);
    }
    CHECK(to_json(again) == text);

    const std::vector<Refusal> refusals{
        {.reason = Reason::transaction_limit_exceeded,
         .rule = "agent/a",
         .detail = "too much at once",
         .allowed = Money::from_micro(1'000'000),
         .retry_at = test::at("2026-11-24T00:00:00.000000Z")},
        {.reason = Reason::frozen, .rule = "freeze/all", .detail = "\n\xc3\xa9"}};
    const auto written = to_json(refusals);
    const auto parsed = json::parse(written);
    REQUIRE(parsed.has_value());
    const auto back = refusals_from_json(&parsed->root());
    REQUIRE(back.size() == 2);
    CHECK(back[0].reason == Reason::transaction_limit_exceeded);
    CHECK(back[0].allowed == Money::from_micro(1'000'000));
    CHECK(back[0].retry_at == refusals[0].retry_at);
    CHECK(back[1].detail == "\n\xc3\xa9");
    CHECK_FALSE(back[1].allowed.has_value());
    CHECK(to_json(back) == written);
    CHECK(caps_from_json(nullptr).empty());
    CHECK(refusals_from_json(nullptr).empty());
    CHECK(to_json(std::vector<CapState>{}) == "[]");
}

TEST_CASE("journal: caps that no ledger writes are read without leaving 64 bits")
{
    // A journal that somebody has written into: what is shown of it may be nonsense, and no more.
    constexpr auto kMax = "9223372036854775807";
    constexpr auto kMin = "-9223372036854775808";
    for (const auto* held : {kMax, kMin, "-1"})
        for (const auto* spent : {kMax, kMin, "5"})
            for (const auto* limit : {kMax, kMin, "7"}) {
                const auto text = std::string{R"([{"held":)"} + held + R"(,"limit":)" + limit +
                                  R"(,"spent":)" + spent + "}]";
                CAPTURE(text);
                const auto document = json::parse(text);
                REQUIRE(document.has_value());
                const auto caps = caps_from_json(&document->root());
                REQUIRE(caps.size() == 1);
                std::int64_t used = 0;
                CHECK_FALSE(__builtin_add_overflow(caps[0].held, caps[0].spent, &used));
                CHECK(caps[0].held >= 0);
                CHECK(caps[0].spent >= 0);
                CHECK(caps[0].limit >= 0);
                CHECK(caps[0].available() >= 0);
                CHECK(caps[0].used_percent() >= 0);
            }
}

TEST_CASE("journal: every reason's code there and back")
{
    for (std::size_t i = 0; i < kReasonNames.size(); ++i) {
        const auto reason = static_cast<Reason>(i);
        CHECK(reason_of(wire_name(reason)) == reason);
    }
    CHECK(wire_name(Reason::credential_missing) == "credential_missing");
    CHECK(wire_name(Reason::spend_limit_reached) == "spend_limit_reached");
    CHECK(wire_name(Reason::ledger_unavailable) == "ledger_unavailable");
    CHECK_FALSE(reason_of("no_such_reason").has_value());
}

TEST_CASE("journal: signatures of RFC 8032's test 2 verify, others do not")
{
    const auto bytes = [](const char* hex) { return from_hex(hex).value(); };
    const auto key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const auto text = bytes("72");
    const auto signature = bytes(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    CHECK(verify_signature(key, text, signature));
    CHECK_FALSE(verify_signature(key, "s", signature));
    auto bent = signature;
    bent[0] = static_cast<char>(bent[0] ^ 1);
    CHECK_FALSE(verify_signature(key, text, bent));
    CHECK_FALSE(verify_signature(key, text, ""));
    CHECK_FALSE(verify_signature("short", text, signature));
    CHECK_FALSE(verify_signature("", text, signature));
}

TEST_CASE("journal: what a head signs")
{
    HeadClaim claim{.seq = 7, .hash = {}, .at = {0}};
    const std::string zeros(64, '0');
    const std::string time = "1970-01-01T00:00:00.000000Z\n";
    CHECK(head_text(claim) == "purse journal head\n7\n" + zeros + "\n" + time);
    claim.root = leaf_hash("");
    CHECK(head_text(claim) == "purse journal head 2\n7\n" + zeros + "\n" +
                                  to_hex(as_bytes(leaf_hash(""))) + "\n" + time);
}
