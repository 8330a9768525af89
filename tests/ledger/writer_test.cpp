// SPDX-License-Identifier: Apache-2.0
#include "ledger/writer.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "ledger/system/head_key.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
struct Desk {
    TempFolder folder;
    FakeClock clock;
    SeededEntropy entropy;
    Rules rules;
    system::FileHeadKey key{folder / "journal.key"};
    sqlite::SqliteStore store{{.folder = folder.path()}};
    Ledger ledger{store, clock, entropy, &key};
    std::atomic<int> faults = 0;

    ~Desk() { CHECK(faults == 0); }

    Work hold(std::string name, std::function<void()> done)
    {
        return {.run = [this, name](Books& books) { books.hold(ask(rules, micro(1), name)); },
                // No CHECK here: this runs on the writer's thread.
                .done =
                    [this, done = std::move(done)](const std::optional<LedgerFault>& fault) {
                        if (fault) ++faults;
                        done();
                    }};
    }
};

/// A piece that keeps the writer busy until the test lets it go.
struct Gate {
    std::promise<void> entered;
    std::promise<void> open;
    Work work()
    {
        return {.run =
                    [this](Books&) {
                        entered.set_value();
                        open.get_future().wait();
                    },
                .done = [](const std::optional<LedgerFault>&) {}};
    }
};
}  // namespace

TEST_CASE("writer: pieces keep their order, whatever the batches")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, kNoLimit);
    std::vector<int> order;
    {
        Writer writer{desk.ledger, {.batch_max = 7}};
        for (int i = 0; i < 500; ++i) {
            auto work = desk.hold("k" + std::to_string(i), [&order, i] { order.push_back(i); });
            REQUIRE(writer.submit(work));
        }
    }
    REQUIRE(order.size() == 500);
    CHECK(std::ranges::is_sorted(order));
    const auto found = audit(desk.folder.path());
    CHECK(found.text() == "");
    CHECK(found.holds.size() == 500);
}

TEST_CASE("writer: work from many threads, each thread's own in order")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, 1'000);
    std::vector<std::vector<int>> orders(4);
    {
        Writer writer{desk.ledger, {}};
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < orders.size(); ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 200; ++i) {
                    auto work = desk.hold(std::to_string(t) + "-" + std::to_string(i),
                                          [&order = orders[t], i] { order.push_back(i); });
                    while (!writer.submit(work)) std::this_thread::yield();
                }
            });
    }
    for (const auto& order : orders) {
        CHECK(order.size() == 200);
        CHECK(std::ranges::is_sorted(order));
    }
    CHECK(audit(desk.folder.path()).text() == "");
}

TEST_CASE("writer: the queue has an end, and what is turned away stays with its caller")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, kNoLimit);
    Gate gate;
    int done = 0;
    {
        Writer writer{desk.ledger, {.queued_max = 3}};
        auto busy = gate.work();
        REQUIRE(writer.submit(busy));
        gate.entered.get_future().wait();
        for (int i = 0; i < 3; ++i) {
            auto work = desk.hold("k" + std::to_string(i), [&] { ++done; });
            CHECK(writer.submit(work));
        }
        auto turned_away = desk.hold("late", [&] { ++done; });
        CHECK_FALSE(writer.submit(turned_away));
        CHECK(turned_away.run);
        CHECK(turned_away.done);
        gate.open.set_value();
        while (!writer.submit(turned_away)) std::this_thread::yield();
    }
    CHECK(done == 4);
}

TEST_CASE("writer: its end finishes what was queued and signs the head")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, kNoLimit);
    Gate gate;
    int done = 0;
    {
        Writer writer{desk.ledger, {.batch_max = 4}};
        auto busy = gate.work();
        REQUIRE(writer.submit(busy));
        gate.entered.get_future().wait();
        for (int i = 0; i < 20; ++i) {
            auto work = desk.hold("k" + std::to_string(i), [&] { ++done; });
            REQUIRE(writer.submit(work));
        }
        gate.open.set_value();
    }
    CHECK(done == 20);
    std::vector<HeadRow> heads;
    desk.ledger.transact([&](Books& books) { heads = books.rows().heads(0, 10); });
    REQUIRE(heads.size() == 1);
    CHECK(heads[0].seq == 20);
}

TEST_CASE("writer: what queues up behind a commit is the next commit, inside the brackets")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, kNoLimit);
    Gate gate;
    std::string told;
    {
        Writer writer{
            desk.ledger,
            {.around_answers = {.before = [&] { told += '('; }, .after = [&] { told += ')'; }}}};
        auto busy = gate.work();
        REQUIRE(writer.submit(busy));
        gate.entered.get_future().wait();
        for (int i = 0; i < 5; ++i) {
            auto work = desk.hold("k" + std::to_string(i), [&] { told += 'x'; });
            REQUIRE(writer.submit(work));
        }
        gate.open.set_value();
    }
    CHECK(told == "()(xxxxx)");
}

TEST_CASE("writer: a resting writer signs the head by itself")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, kNoLimit);
    Writer writer{desk.ledger, {}};
    std::promise<void> done;
    auto work = desk.hold("k", [&] { done.set_value(); });
    REQUIRE(writer.submit(work));
    done.get_future().wait();
    std::size_t heads = 0;
    for (int i = 0; i < 100 && heads == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        std::promise<std::size_t> count;
        Work look{.run = [&](Books& books) { count.set_value(books.rows().heads(0, 10).size()); },
                  .done = [](const std::optional<LedgerFault>&) {}};
        if (i % 20 != 19) continue;  // looking too often would keep it from resting
        REQUIRE(writer.submit(look));
        heads = count.get_future().get();
    }
    CHECK(heads == 1);
}

TEST_CASE("writer: one that looks before it sleeps takes what comes, at once or late")
{
    Desk desk;
    desk.rules.money("lifetime", Window::lifetime, kNoLimit);
    constexpr int kPieces = 200;
    std::atomic<int> done = 0;
    {
        Writer writer{desk.ledger, {.looks_before_sleep = 10'000, .around_answers = {}}};
        for (int i = 0; i < kPieces; ++i) {
            std::promise<void> answered;
            auto work = desk.hold("h" + std::to_string(i), [&] {
                ++done;
                answered.set_value();
            });
            REQUIRE(writer.submit(work));
            answered.get_future().wait();
        }
    }
    CHECK(done == kPieces);
    CHECK(audit(desk.folder.path()).text() == "");
}

TEST_CASE("writer: starting and ending without work")
{
    Desk desk;
    for (int i = 0; i < 50; ++i) Writer writer{desk.ledger, {}};
    CHECK_FALSE(std::filesystem::exists(desk.folder / "ledger.db"));
}
