// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "ledger/system/head_key.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
std::int64_t epoch(TestLedger& purse)
{
    return purse.run([](Books& books) { return books.meta().epoch; });
}

/// Runs an operator's change; true when it made a new epoch and exactly one entry of that kind.
template <typename Change>
bool changes(TestLedger& purse, std::string_view kind, Change change)
{
    const auto epoch_before = epoch(purse);
    const auto entries_before = purse.entries();
    purse.run([&](Books& books) {
        change(books);
        return 0;
    });
    if (purse.entries() == entries_before) {
        CHECK(epoch(purse) == epoch_before);
        return false;
    }
    CHECK(purse.entries() == entries_before + 1);
    CHECK(epoch(purse) != epoch_before);
    const auto entry = purse.last_entry();
    const auto document = json::parse(entry);
    REQUIRE(document.has_value());
    CHECK(document->root().find("kind")->text() == kind);
    return true;
}
}  // namespace

TEST_CASE("operator: a policy is stored, versioned and journaled; the same text changes nothing")
{
    TestLedger purse;
    CHECK_FALSE(purse.run([](Books& books) { return books.rulebook(); }).policy.has_value());
    CHECK(changes(purse, "policy",
                  [](Books& b) { CHECK(b.apply_policy("{\"version\":1}", "a.jsonc") == 1); }));
    CHECK_FALSE(changes(purse, "policy",
                        [](Books& b) { CHECK(b.apply_policy("{\"version\":1}", "b") == 1); }));
    CHECK(changes(purse, "policy", [](Books& b) { CHECK(b.apply_policy("{}", "c") == 2); }));
    CHECK(changes(purse, "policy",
                  [](Books& b) { CHECK(b.apply_policy("{\"version\":1}", "a") == 3); }));
    purse.reopen();
    const auto book = purse.run([](Books& books) { return books.rulebook(); });
    REQUIRE(book.policy.has_value());
    CHECK(book.policy->version == 3);
    CHECK(book.policy->text == "{\"version\":1}");
    CHECK(book.policy->sha256 == to_hex(as_bytes(sha256({book.policy->text}))));
    CHECK(book.epoch == epoch(purse));
    const auto rows = purse.journal();
    const auto document = json::parse(rows.front().body);
    CHECK(document->root().find("text")->text() == "{\"version\":1}");
}

TEST_CASE("operator: credentials are issued, expire and are revoked, once")
{
    TestLedger purse;
    const auto secret = sha256({"purse_painter_secret"});
    const CredentialRow row{.id = "c1",
                            .agent = "painter",
                            .hash = secret,
                            .issued_at = purse.clock.wall(),
                            .note = "for tests"};
    CHECK(changes(purse, "credential_issued", [&](Books& b) { b.issue_credential(row); }));
    const auto find = [&] {
        return purse.run([&](Books& books) { return books.rows().credential_by_hash(secret); })
            .value();
    };
    CHECK(find().agent == "painter");
    CHECK(find().note == "for tests");
    CHECK(find().revoked_at == Instant::never());
    CHECK_FALSE(
        purse.run([](Books& b) { return b.rows().credential_by_hash(sha256({"x"})); }).has_value());

    const auto soon = purse.clock.wall() + Span::days(1);
    CHECK(changes(purse, "credential_expiry",
                  [&](Books& b) { CHECK(b.expire_credential("c1", soon)); }));
    CHECK(find().expires_at == soon);
    CHECK(changes(purse, "credential_revoked", [](Books& b) { CHECK(b.revoke_credential("c1")); }));
    CHECK(find().revoked_at == purse.clock.wall());
    CHECK_FALSE(changes(purse, "", [](Books& b) { CHECK_FALSE(b.revoke_credential("c1")); }));
    CHECK_FALSE(
        changes(purse, "", [&](Books& b) { CHECK_FALSE(b.expire_credential("c1", soon)); }));
    CHECK_FALSE(changes(purse, "", [](Books& b) { CHECK_FALSE(b.revoke_credential("c2")); }));
    CHECK(find().revoked_at == purse.clock.wall());

    // The secret's hash stands in no entry.
    for (const auto& entry : purse.journal())
        CHECK(entry.body.find(to_hex(as_bytes(secret))) == std::string::npos);

    // An id or a secret twice is a mistake that changes nothing.
    auto twin = row;
    twin.hash = sha256({"other"});
    const auto before = purse.entries();
    CHECK_THROWS_AS(changes(purse, "", [&](Books& b) { b.issue_credential(twin); }), StoreError);
    CHECK(purse.entries() == before);
    CHECK(purse.run([](Books& b) { return b.rows().credentials(); }).size() == 1);
}

TEST_CASE("operator: freezing and unfreezing")
{
    TestLedger purse;
    CHECK(changes(purse, "frozen", [](Books& b) { b.freeze("agent/painter", "odd spending"); }));
    CHECK(changes(purse, "frozen", [](Books& b) { b.freeze("all", ""); }));
    purse.reopen();
    const auto book = purse.run([](Books& books) { return books.rulebook(); });
    REQUIRE(book.freezes.size() == 2);
    CHECK(book.freezes[0].target == "agent/painter");
    CHECK(book.freezes[0].note == "odd spending");
    CHECK(book.freezes[0].since == purse.clock.wall());
    CHECK(changes(purse, "unfrozen", [](Books& b) { CHECK(b.unfreeze("all")); }));
    CHECK_FALSE(changes(purse, "", [](Books& b) { CHECK_FALSE(b.unfreeze("all")); }));
    CHECK(purse.run([](Books& books) { return books.rulebook(); }).freezes.size() == 1);
}

TEST_CASE("operator: a change inside a batch makes the verdicts behind it stale")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto request = ask(purse.rules, usdc("0.10"));
    purse.run([&](Books& books) {
        CHECK(books.hold(request).outcome == HoldAnswer::Outcome::approved);
        books.freeze("all", "");
        CHECK(books.hold(request).outcome == HoldAnswer::Outcome::stale);
        return 0;
    });
    CHECK(purse.cap(0).held == 100'000);
}

TEST_CASE("books: debits and credits balance, by agent and by payee")
{
    TestLedger purse;
    purse.rules.money("lifetime", Window::lifetime, kNoLimit);
    const char* const kOther = "service:fonts";
    const auto pay = [&](const char* agent, const char* payee, std::string_view amount) {
        auto request = ask(purse.rules, usdc(amount));
        request.who.agent = agent;
        request.what.payee = payee;
        const auto hold = purse.hold(request);
        return purse.end({.who = {.agent = agent}, .id = hold.id, .actual = usdc(amount)});
    };
    pay("a", kPayee, "1.00");
    pay("a", kOther, "0.50");
    pay("b", kPayee, "0.25");
    pay("b", kPayee, "0.00");
    purse.reopen();
    pay("b", kPayee, "0.25");
    const auto accounts = [&](const char* prefix) {
        return purse.run([&](Books& books) { return books.rows().accounts(prefix, 100); });
    };
    const auto agents = accounts("agent/");
    REQUIRE(agents.size() == 2);
    CHECK(agents[0].name == "agent/a");
    CHECK(agents[0].debits == 1'500'000);
    CHECK(agents[1].debits == 500'000);
    const auto payees = accounts("payee/");
    REQUIRE(payees.size() == 2);
    CHECK(payees[0].credits == 1'500'000);
    CHECK(payees[1].credits == 500'000);
    CHECK(accounts("payee/service:").size() == 1);
    std::int64_t debits = 0;
    std::int64_t credits = 0;
    for (const auto& row : accounts("")) {
        debits += row.debits;
        credits += row.credits;
    }
    CHECK(debits == 2'000'000);
    CHECK(credits == debits);
}

TEST_CASE("books: an account of a name beyond ASCII is in the totals of its prefix")
{
    TestLedger purse;
    purse.rules.money("lifetime", Window::lifetime, kNoLimit);
    auto request = ask(purse.rules, usdc("1"));
    request.what.payee = "service:\xc3\xa9tudes";
    purse.settle(purse.hold(request).id, "1");
    const auto totals =
        purse.run([](Books& books) { return books.rows().accounts("payee/service:", 10); });
    REQUIRE(totals.size() == 1);
    CHECK(totals[0].credits == 1'000'000);
}

TEST_CASE("heads: signed when entries have come, and they verify")
{
    TempFolder keys;
    const system::FileHeadKey key{keys / "journal.key"};
    TestLedger purse{&key};
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto heads = [&] {
        return purse.run([](Books& books) { return books.rows().heads(0, 100); });
    };
    CHECK(heads().empty());
    purse.hold("0.10");  // commands sign with their commit
    auto rows = heads();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].seq == 1);
    CHECK(rows[0].hash == purse.journal()[0].hash);
    CHECK(rows[0].key == key.public_key());
    CHECK(verify_signature(rows[0].key,
                           head_text({rows[0].seq, rows[0].hash, rows[0].signed_at, rows[0].root}),
                           rows[0].signature));
    CHECK_FALSE(verify_signature(rows[0].key,
                                 head_text({2, rows[0].hash, rows[0].signed_at, rows[0].root}),
                                 rows[0].signature));

    purse.run([](Books&) { return 0; });
    CHECK(heads().size() == 1);  // nothing new, nothing signed
    purse.hold("0.10");
    purse.reopen();
    rows = heads();
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].seq == 2);
}

TEST_CASE("books: a report changes nothing")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.rolling(Span::hours(1), 1'000'000);
    purse.hold("0.10");
    const auto before = purse.run([](Books& books) { return books.meta(); });
    purse.rules.money("weekly", Window::week, 1'000'000);
    for (int i = 0; i < 3; ++i) purse.caps();
    const auto after = purse.run([](Books& books) { return books.meta(); });
    CHECK(after.seq == before.seq);
    CHECK(after.head == before.head);
    CHECK(after.counters == before.counters);
    CHECK(after.last_time == before.last_time);
}

TEST_CASE("books: a note that is no UTF-8 does not break the journal")
{
    TestLedger purse;
    purse.run([](Books& books) {
        books.freeze("all", "odd\xff");
        return 0;
    });
    CHECK(json::parse(purse.last_entry()).has_value());
}
