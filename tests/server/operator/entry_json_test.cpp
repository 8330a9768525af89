// SPDX-License-Identifier: Apache-2.0
#include "server/operator/entry_json.hpp"

#include <catch2/catch.hpp>

#include "ledger/json.hpp"
#include "server/operator/limits.hpp"

using namespace purse;
using namespace purse::server;

namespace {
constexpr const char* kHold =
    R"({"agent":"painter","amount":"0.08","at":"2026-11-25T20:28:14.000000Z","caps":[)"
    R"({"budget":"agent/painter","kind":"daily","limit":50}],"expiresAt":)"
    R"("2026-11-25T20:30:14.000000Z","kind":"hold","payee":"0xab","seq":5,"service":"images",)"
    R"("task":"t","txId":"tx_y3nz14yhdqwjhdb3dmp26pjme8"})";

JournalRow row(std::string body)
{
    return {.seq = 5, .at = {1'000'000}, .body = std::move(body)};
}

std::string member(const std::string& json, std::string_view name)
{
    const auto document = json::parse(json);
    REQUIRE(document.has_value());
    const auto* found = document->root().find(name);
    return found == nullptr ? std::string{} : std::string{found->text()};
}

bool passes(const char* body, const EntryFilter& filter)
{
    return entry_json(row(body), filter).has_value();
}
}  // namespace

TEST_CASE("entry: what a hold says")
{
    const auto json = entry_json(row(kHold)).value();
    CHECK(member(json, "seq") == "5");
    CHECK(member(json, "at") == "1970-01-01T00:00:01.000000Z");
    CHECK(member(json, "kind") == "hold");
    CHECK(member(json, "decision") == "hold");
    CHECK(member(json, "agent") == "painter");
    CHECK(member(json, "service") == "images");
    CHECK(member(json, "amount") == "0.08");
    CHECK(member(json, "task") == "t");
    CHECK(member(json, "workflow").empty());
    CHECK(member(json, "text") ==
          "painter holds 0.08 USDC for images until 2026-11-25 20:30:14 UTC");
    CHECK(member(json, "hash").size() == 64);
    const auto document = json::parse(json);
    CHECK(document->root().find("body")->find("caps") != nullptr);
}

TEST_CASE("entry: filters by the entry's own members, not by those within")
{
    CHECK(passes(kHold, {}));
    CHECK(passes(kHold, {.agent = "painter"}));
    CHECK(passes(kHold, {.agent = "painter", .task = "t", .service = "images"}));
    CHECK(passes(kHold, {.decision = Decision::hold}));
    CHECK_FALSE(passes(kHold, {.agent = "paint"}));
    CHECK_FALSE(passes(kHold, {.task = "u"}));
    CHECK_FALSE(passes(kHold, {.service = "image"}));
    CHECK_FALSE(passes(kHold, {.decision = Decision::settled}));
    constexpr auto kInner = R"({"inner":{"agent":"painter"},"kind":"refused","seq":1})";
    CHECK_FALSE(passes(kInner, {.agent = "painter"}));
    constexpr auto kQuoted = R"({"agent":"a\"b","kind":"voided","seq":1})";
    CHECK(passes(kQuoted, {.agent = "a\"b"}));
    CHECK_FALSE(passes(kQuoted, {.agent = "b"}));
    constexpr auto kTrick = R"({"agent":"x\",\"agent\":\"painter","kind":"voided","seq":1})";
    CHECK_FALSE(passes(kTrick, {.agent = "painter"}));
}

TEST_CASE("entry: each kind is of one decision")
{
    const auto of = [](std::string_view kind) { return wire_name(decision_of_kind(kind)); };
    CHECK(of("hold") == "hold");
    CHECK(of("refused") == "refused");
    CHECK(of("settle_refused") == "refused");
    CHECK(of("settled") == "settled");
    CHECK(of("settled_late") == "settled");
    CHECK(of("voided") == "voided");
    CHECK(of("expired") == "expired");
    CHECK(of("approval_granted") == "approval");
    CHECK(of("payout_sent") == "payout");
    CHECK(of("frozen") == "operator");
    CHECK(of("operator_signed_in") == "operator");
    CHECK(of("something new") == "operator");
    for (const auto* name :
         {"hold", "refused", "settled", "voided", "expired", "approval", "operator", "payout"})
        CHECK(wire_name(decision_of(name).value()) == name);
    CHECK_FALSE(decision_of("").has_value());
    CHECK_FALSE(decision_of("holds").has_value());
    // The look through the text agrees with the look at the tree.
    for (const auto* kind : {"hold", "settle_refused", "settled_late", "approval_denied",
                             "payout_final", "policy", "frozen"}) {
        CAPTURE(kind);
        const auto body = R"({"kind":")" + std::string{kind} + R"(","seq":1})";
        for (const auto* name : {"hold", "refused", "settled", "approval", "operator", "payout"})
            CHECK(passes(body.c_str(), {.decision = decision_of(name)}) == (of(kind) == name));
    }
}

TEST_CASE("entry: a refusal says its first reason")
{
    constexpr auto kRefused =
        R"({"agent":"a","amount":"9.00","failing":[{"budget":"agent/a","held":0,"kind":"daily",)"
        R"("limit":1,"reason":"spend_limit_reached","spent":1,"unit":"microUsdc",)"
        R"("window":"day"}],"kind":"refused","refusals":[],"seq":1})";
    CHECK(member(entry_json(row(kRefused)).value(), "reason") == "spend_limit_reached");
}

TEST_CASE("entry: a long body is left out, and what cannot be read is said")
{
    const auto long_one =
        R"({"kind":"policy","seq":1,"text":")" + std::string(kEntryBodyMax, 'x') + R"("})";
    const auto json = entry_json(row(long_one)).value();
    CHECK(json.size() < 1'000);
    CHECK(json::parse(json)->root().find("body") == nullptr);
    CHECK(member(entry_json(row("{oops")).value(), "kind") == "unreadable");
    CHECK_FALSE(passes("{oops", {.agent = "a"}));
}
