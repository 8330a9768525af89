// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.hpp"

#include <catch2/catch.hpp>

#include "ledger/system/head_key.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using Outcome = HoldAnswer::Outcome;

namespace {
struct Desk {
    TempFolder folder;
    FakeClock clock;
    SeededEntropy entropy;
    Rules rules;
    sqlite::SqliteStore real{{.folder = folder.path()}};
    FaultStore store{real};
    Ledger ledger{store, clock, entropy, nullptr};
    std::vector<std::string> told;

    Work work(std::string name, std::function<void(Books&)> run)
    {
        return {.run = std::move(run),
                .done = [this, name](const std::optional<LedgerFault>& fault) {
                    const char* const kinds[] = {" busy", " failed", " in doubt"};
                    told.push_back(name + (fault ? kinds[static_cast<int>(fault->kind)] : ""));
                }};
    }
    Work hold(std::string name, Money amount)
    {
        return work(name, [this, amount, name](Books& books) {
            auto request = ask(rules, amount, name);
            request.epoch = books.meta().epoch;
            books.hold(request);
        });
    }
    void run(std::vector<Work>& batch)
    {
        ledger.transact(std::span{batch}, {.before = [this] { told.emplace_back("("); },
                                           .after = [this] { told.emplace_back(")"); }});
    }
};
using Words = std::vector<std::string>;
}  // namespace

TEST_CASE("ledger: a batch is one commit, answered in order, inside the brackets")
{
    Desk desk;
    desk.rules.money("daily", Window::day, 1'000'000);
    std::vector<Work> batch;
    for (const char* name : {"a", "b", "c"}) batch.push_back(desk.hold(name, micro(1)));
    desk.run(batch);
    CHECK(desk.told == Words{"(", "a", "b", "c", ")"});
    CHECK(desk.store.begun() == 1);
    CHECK(audit(desk.folder.path()).holds.size() == 3);
}

TEST_CASE("ledger: a piece that throws does not spoil its neighbours")
{
    Desk desk;
    desk.rules.money("daily", Window::day, 1'000'000);
    std::vector<Work> batch;
    batch.push_back(desk.hold("a", micro(1)));
    batch.push_back(desk.work("bad", [](Books&) { throw std::runtime_error{"no"}; }));
    batch.push_back(desk.hold("c", micro(1)));
    desk.run(batch);
    CHECK(desk.told == Words{"(", "a", ")", "(", "bad failed", ")", "(", "c", ")"});
    const auto found = audit(desk.folder.path());
    CHECK(found.text() == "");
    CHECK(found.holds.size() == 2);
}

TEST_CASE("ledger: busy fails the whole batch at once, and it may be tried again")
{
    Desk desk;
    desk.rules.money("daily", Window::day, 1'000'000);
    desk.store.fail_at(1, StoreError::Kind::busy);
    std::vector<Work> batch;
    batch.push_back(desk.hold("a", micro(1)));
    batch.push_back(desk.hold("b", micro(1)));
    desk.run(batch);
    CHECK(desk.told == Words{"(", "a busy", "b busy", ")"});
    CHECK(desk.store.begun() == 1);
    desk.run(batch);
    CHECK(desk.told.back() == ")");
    CHECK(audit(desk.folder.path()).holds.size() == 2);
}

TEST_CASE("ledger: in doubt closes it for good")
{
    Desk desk;
    desk.rules.money("daily", Window::day, 1'000'000);
    std::vector<Work> first;
    first.push_back(desk.hold("a", micro(1)));
    desk.run(first);
    // The commit is the last call of a hold; find it by letting each call before it fail.
    for (int nth = 1; nth < 200; ++nth) {
        Desk other;
        other.rules.money("daily", Window::day, 1'000'000);
        other.store.fail_at(nth, StoreError::Kind::in_doubt);
        std::vector<Work> batch;
        batch.push_back(other.hold("a", micro(1)));
        other.run(batch);
        if (!other.store.hit()) {
            CHECK(nth > 8);
            return;
        }
        CHECK(other.told == Words{"(", "a in doubt", ")"});
        const auto begun = other.store.begun();
        other.run(batch);
        CHECK(other.told.size() == 6);
        CHECK(other.told[4] == "a in doubt");
        CHECK_THROWS_AS(other.ledger.transact([](Books&) {}), StoreError);
        other.ledger.idle();
        CHECK(other.store.begun() == begun);  // it does not even try
    }
    FAIL("no end of store calls");
}

TEST_CASE("ledger: a command's fault is thrown, its success is stored")
{
    Desk desk;
    desk.ledger.transact([](Books& books) { books.freeze("all", ""); });
    try {
        desk.ledger.transact([](Books&) { throw std::runtime_error{"why"}; });
        FAIL("no fault");
    } catch (const StoreError& error) {
        CHECK(error.kind() == StoreError::Kind::failed);
        CHECK_THAT(error.what(), Catch::Contains("why"));
    }
    std::size_t freezes = 0;
    desk.ledger.transact([&](Books& books) { freezes = books.rows().freezes().size(); });
    CHECK(freezes == 1);
}

TEST_CASE("ledger: many holds that expire at once are worked off before anything is decided")
{
    Desk desk;
    desk.rules.money("daily", Window::day, 2'000);
    desk.rules.count(Span::hours(1), 5'000);
    for (int i = 0; i < 20; ++i) {
        std::vector<Work> batch;
        for (int j = 0; j < 100; ++j)
            batch.push_back(desk.hold(std::to_string(i * 100 + j), micro(1)));
        desk.run(batch);
    }
    desk.clock.pass(Span::minutes(2));
    HoldAnswer answer;
    desk.ledger.transact([&](Books& books) { answer = books.hold(ask(desk.rules, micro(2'000))); });
    CHECK(answer.outcome == Outcome::approved);
    const auto found = audit(desk.folder.path());
    CHECK(found.text() == "");
    CHECK(found.holds.size() == 2'001);
    CHECK(std::ranges::count_if(found.holds, [](const auto& hold) {
              return hold.second.state == "expired";
          }) == 2'000);
}

TEST_CASE("ledger: a journal from before the tree goes into it by slices, in pauses")
{
    TempFolder folder;
    FakeClock clock;
    SeededEntropy entropy;
    const system::FileHeadKey key{folder / "journal.key"};
    sqlite::SqliteStore store{{.folder = folder.path()}};
    Ledger ledger{store, clock, entropy, &key};
    ledger.transact([](Books& books) {
        while (books.meta().seq < 4'100) books.freeze("all", "n");
    });
    CHECK_FALSE(ledger.has_unsigned_entries());
    MerkleFrontier tree;
    {
        const auto tx = store.begin();
        auto meta = tx->meta();
        tree = std::exchange(meta.tree, {});
        tx->put_meta(meta);
        tx->commit();
    }
    const auto last_head = [&] {
        HeadRow head;
        Ledger reader{store, clock, entropy, nullptr};
        reader.transact(
            [&](Books& books) { head = books.rows().heads(books.meta().signed_seq, 1).at(0); });
        return head;
    };
    // Payments go on, under heads without a root; pauses take 2,000 entries each.
    ledger.transact([](Books& books) { books.freeze("all", "m"); });
    CHECK(ledger.has_unsigned_entries());
    CHECK(last_head().seq == 4'101);
    CHECK_FALSE(last_head().root.has_value());
    int pauses = 0;
    for (; ledger.has_unsigned_entries() && pauses < 10; ++pauses) ledger.idle();
    CHECK(pauses == 3);
    const auto head = last_head();
    CHECK(head.seq == 4'101);
    REQUIRE(head.root.has_value());
    ledger.transact([&](Books& books) {
        tree.push(leaf_hash(books.rows().journal(4'101, 1).at(0).body));
        CHECK(books.meta().tree == tree);
    });
    CHECK(*head.root == tree.root());
    CHECK(verify_signature(head.key, head_text({head.seq, head.hash, head.signed_at, head.root}),
                           head.signature));
    CHECK(audit(folder.path()).text() == "");
}

TEST_CASE("ledger: heads are signed when there is a pause, and when too many entries wait")
{
    TempFolder folder;
    FakeClock clock;
    SeededEntropy entropy;
    Rules rules;
    rules.money("lifetime", Window::lifetime, kNoLimit);
    const system::FileHeadKey key{folder / "journal.key"};
    sqlite::SqliteStore store{{.folder = folder.path()}};
    Ledger ledger{store, clock, entropy, &key};
    const auto hold = [&](int count) {
        std::vector<Work> batch;
        for (int i = 0; i < count; ++i)
            batch.push_back({.run = [&](Books& books) { books.hold(ask(rules, micro(1))); },
                             .done =
                                 [](const std::optional<LedgerFault>& fault) {
                                     CHECK_FALSE(fault.has_value());
                                 }});
        ledger.transact(batch);
    };
    const auto heads = [&] {
        std::vector<HeadRow> rows;
        std::vector<Work> batch;
        batch.push_back({.run = [&](Books& books) { rows = books.rows().heads(0, 100); },
                         .done = [](const std::optional<LedgerFault>&) {}});
        ledger.transact(batch);
        return rows;
    };
    CHECK_FALSE(ledger.has_unsigned_entries());
    hold(3);
    CHECK(ledger.has_unsigned_entries());
    CHECK(heads().empty());
    ledger.idle();
    CHECK_FALSE(ledger.has_unsigned_entries());
    REQUIRE(heads().size() == 1);
    CHECK(heads()[0].seq == 3);
    ledger.idle();
    CHECK(heads().size() == 1);
    for (int i = 0; i < 3; ++i) hold(512);
    const auto rows = heads();
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].seq == 3 + 1'024);
    CHECK(verify_signature(rows[1].key,
                           head_text({rows[1].seq, rows[1].hash, rows[1].signed_at, rows[1].root}),
                           rows[1].signature));
}
