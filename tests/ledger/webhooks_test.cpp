// SPDX-License-Identifier: Apache-2.0
#include "ledger/webhooks.hpp"

#include <catch2/catch.hpp>

#include "tests/support/test_ledger.hpp"

using namespace purse;
using purse::test::TestLedger;

namespace {
Webhooks::Wish wish(std::string secret = std::string(32, 's'))
{
    return {.url = "https://example.org/a?key=hidden",
            .where = "https://example.org",
            .events = "decision.*",
            .agent = {},
            .note = "for bookkeeping",
            .secret = std::move(secret),
            .by = "account/ann"};
}
std::optional<WebhookRow> add(TestLedger& purse)
{
    return purse.run([&](Books& books) { return Webhooks{books}.add(wish(), purse.entropy); });
}
}  // namespace

TEST_CASE("webhooks: each change is an entry, without a secret or a whole URL")
{
    TestLedger purse;
    const auto row = add(purse);
    REQUIRE(row.has_value());
    CHECK(row->progress.cursor == 1);
    const auto at = to_rfc3339(purse.clock.wall());
    CHECK(purse.last_entry() ==
          R"({"at":")" + at + R"(","by":"account/ann","events":"decision.*","id":")" + row->id +
              R"(","kind":"webhook_added","note":"for bookkeeping","seq":1,)" +
              R"("url":"https://example.org"})");
    purse.reopen();
    const std::string key(
        "\0\x01\xff"
        "and more",
        11);
    CHECK(purse.run([&](Books& books) {
        return Webhooks{books}.rotate(
            row->id, {.secret = key, .old_until = books.now() + Span::hours(1), .by = "me"});
    }));
    CHECK(purse.last_entry().find(R"("kind":"webhook_secret_changed")") != std::string::npos);
    const auto kept =
        purse.run([&](Books& books) { return books.rows().webhooks().find(row->id); });
    CHECK(kept->secret == key);
    CHECK(kept->old_secret == std::string(32, 's'));
    CHECK(kept->url == "https://example.org/a?key=hidden");
    for (const auto& entry : purse.journal()) {
        CHECK(entry.body.find("hidden") == std::string::npos);
        CHECK(entry.body.find("sss") == std::string::npos);
    }
    CHECK_FALSE(purse.run([](Books& books) {
        return Webhooks{books}.rotate("wh_none", {.secret = "s", .old_until = {}, .by = {}});
    }));
}

TEST_CASE("webhooks: sixteen, and no more")
{
    TestLedger purse;
    for (std::size_t i = 0; i < kWebhooksMax; ++i) CHECK(add(purse).has_value());
    const auto entries = purse.entries();
    CHECK_FALSE(add(purse).has_value());
    CHECK(purse.entries() == entries);
    const auto first =
        purse.run([](Books& books) { return books.rows().webhooks().list(1).at(0).id; });
    CHECK(purse.run([&](Books& books) { return Webhooks{books}.remove(first, "me"); }));
    CHECK(add(purse).has_value());
}

TEST_CASE("webhooks: letters come by time, are woken, and go with their webhook")
{
    TestLedger purse;
    const auto id = add(purse)->id;
    const auto now = purse.clock.wall();
    purse.run([&](Books& books) {
        auto& rows = books.rows().webhooks();
        for (int seq = 1; seq <= 4; ++seq)
            rows.put_letter({.webhook = id,
                             .seq = seq,
                             .part = "decision.refused",
                             .is_dead = seq == 4,
                             .attempts = seq,
                             .first_at = now,
                             .next_at = now + Span::minutes(5 - seq),
                             .trouble = "no"});
        return 0;
    });
    const auto due = [&](Instant at) {
        return purse.run([&](Books& books) {
            std::vector<std::int64_t> seqs;
            for (const auto& letter : books.rows().webhooks().due_letters(id, at, 9))
                seqs.push_back(letter.seq);
            return seqs;
        });
    };
    CHECK(due(now).empty());
    CHECK(due(now + Span::minutes(3)) == std::vector<std::int64_t>{3, 2});
    CHECK(purse.run([&](Books& books) { return Webhooks{books}.retry(id, "me"); }) == 4);
    CHECK(due(now).size() == 4);
    CHECK(purse.run([&](Books& books) {
        return books.rows().webhooks().letter(id, 4, "decision.refused")->attempts;
    }) == 0);
    CHECK_FALSE(
        purse.run([](Books& books) { return Webhooks{books}.retry("wh_none", "me"); }).has_value());
    purse.run([&](Books& books) { return Webhooks{books}.remove(id, "me"); });
    CHECK(due(now).empty());
}
