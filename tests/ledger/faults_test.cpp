// SPDX-License-Identifier: Apache-2.0
// Every call of the store fails in turn, until a run is clean; after each fault the ledger is
// opened again and audited, and the same requests come to the same end.
#include <catch2/catch.hpp>

#include "ledger/system/head_key.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
/// One day of a small purse: every kind of work once, each in a transaction of its own.
class Day {
public:
    Day(Store& store, const FakeClock& clock, Entropy& entropy, const HeadSigner* signer)
        : ledger_{store, clock, entropy, signer}
    {
        rules_.money("daily", Window::day, 1'000'000);
        rules_.rolling(Span::hours(1), 900'000);
        rules_.count(Span::hours(1), 6);
        rules_.money("lifetime", Window::lifetime, kNoLimit);
    }

    /// Step by step; each may be repeated after a fault. True: acknowledged.
    static constexpr int kSteps = 12;
    bool step(int number)
    {
        bool known = true;
        const bool stored = commit([&](Books& books) {
            switch (number) {
                case 0: books.apply_policy("{\"version\":1}", "test"); break;
                case 1: first_ = hold(books, "first", 300'000); break;
                case 2: known = settle(books, "first", 300'000, 330'000); break;
                case 3: hold(books, "second", 100'000); break;
                case 4: known = end(books, "second", 100'000, true, 0); break;
                case 5: hold(books, "refused", 5'000'000); break;
                case 6: hold(books, "third", 200'000); break;
                case 7:
                    known = settle(books, "third", 200'000, 500'000);
                    break;  // refused, told to a person
                case 8: known = settle(books, "third", 200'000, 0); break;
                case 9: books.freeze("all", "night"); break;
                case 10: books.unfreeze("all"); break;
                case 11: books.status({.agent = kAgent, .legs = rules_.legs()}); break;
            }
        });
        return stored && known;
    }
    void idle() { ledger_.idle(); }

private:
    bool commit(const std::function<void(Books&)>& run)
    {
        bool good = false;
        Work work{.run = run,
                  .done = [&](const std::optional<LedgerFault>& fault) { good = !fault; }};
        ledger_.transact(std::span{&work, 1});
        return good;
    }
    TxId hold(Books& books, const char* key, std::int64_t amount)
    {
        auto request = ask(rules_, micro(amount), key);
        request.epoch = books.meta().epoch;
        request.max_capture = micro(amount * 2);
        return books.hold(request).id;
    }
    bool settle(Books& books, const char* key, std::int64_t amount, std::int64_t actual)
    {
        return end(books, key, amount, false, actual);
    }
    bool end(Books& books, const char* key, std::int64_t amount, bool is_void, std::int64_t actual)
    {
        const auto id = hold(books, key, amount);  // a client finds its txId again by its key
        if (id == TxId{}) return false;
        books.settle({.epoch = books.meta().epoch,
                      .who = {.agent = kAgent},
                      .id = id,
                      .is_void = is_void,
                      .actual = micro(actual),
                      .limit_of = rules_.limits()});
        return true;
    }

    Rules rules_;
    Ledger ledger_;
    TxId first_;
};

std::string end_of_the_day(const std::string& folder)
{
    const auto found = audit(folder);
    CHECK(found.text() == "");
    std::map<std::string, std::string> by_key;
    for (const auto& [id, hold] : found.holds)
        by_key[hold.key] += hold.state + " " + std::to_string(hold.captured) + ";";
    std::string text;
    for (const auto& [key, end] : by_key) text += key + ": " + end + " ";
    return text + "refused " + std::to_string(found.refused) + " captured " +
           std::to_string(found.captured);
}

void fault_at_every_call(StoreError::Kind kind)
{
    std::string expected;
    {
        TempFolder folder{TempFolder::On::memory};
        FakeClock clock;
        SeededEntropy entropy;
        sqlite::SqliteStore store{{.folder = folder.path()}};
        Day day{store, clock, entropy, nullptr};
        for (int step = 0; step < Day::kSteps; ++step) REQUIRE(day.step(step));
        expected = end_of_the_day(folder.path());
        CHECK(
            expected ==
            "first: settled 330000; second: voided 0; third: settled 0; refused 1 captured 330000");
    }
    TempFolder keys;
    const system::FileHeadKey key{keys / "journal.key"};
    for (int nth = 1;; ++nth) {
        CAPTURE(nth);
        TempFolder folder{TempFolder::On::memory};
        FakeClock clock;
        SeededEntropy entropy{static_cast<std::uint64_t>(nth)};
        std::optional<sqlite::SqliteStore> real;
        std::optional<FaultStore> store;
        std::optional<Day> day;
        const auto open = [&] {
            day.reset();
            store.reset();
            real.reset();
            real.emplace(sqlite::SqliteStore::Settings{.folder = folder.path()});
            store.emplace(*real);
            day.emplace(*store, clock, entropy, &key);
        };
        open();
        store->fail_at(nth, kind);
        bool hit = false;
        for (int step = 0; step < Day::kSteps; ++step) {
            const bool good = day->step(step);
            const bool hit_here = store->hit() && !hit;
            CHECK(good == !hit_here);
            day->idle();
            if (store->hit() && !hit) {
                hit = true;
                open();
                if (std::filesystem::exists(folder / "ledger.db"))
                    CHECK(audit(folder.path()).text() == "");
                REQUIRE(day->step(step));  // the client asks again
            }
            clock.pass(Span::seconds(1));
        }
        REQUIRE(end_of_the_day(folder.path()) == expected);
        if (!hit) break;
        REQUIRE(nth < 2'000);
    }
}
}  // namespace

TEST_CASE("faults: every store call fails in turn, nothing of the transaction stored")
{
    fault_at_every_call(StoreError::Kind::failed);
}

TEST_CASE("faults: every store call leaves in doubt in turn, commits having succeeded")
{
    fault_at_every_call(StoreError::Kind::in_doubt);
}
