// SPDX-License-Identifier: Apache-2.0
// What the store itself refuses, whatever the rules above it have checked: conditions that stand in
// the statement that writes.
#include <catch2/catch.hpp>
#include <csignal>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

#include "ledger/sqlite/store.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
struct Desk {
    TempFolder folder;
    sqlite::SqliteStore store{{.folder = folder.path()}};

    Desk()
    {
        const auto tx = store.begin();
        tx->insert_counter({.id = 1}, {"agent/a", "daily", "", {0}});
        tx->commit();
    }
    /// What is then in the counter, as "held/spent"; "no" before it when nothing was written.
    std::string add(std::int64_t held, std::int64_t spent, std::int64_t limit)
    {
        const auto tx = store.begin();
        const bool fitted = tx->add_to_counter(1, held, spent, limit);
        const auto row = tx->counter(1).value();
        tx->commit();
        return (fitted ? "" : "no ") + std::to_string(row.held) + "/" + std::to_string(row.spent);
    }
};

/// Whether a process that does this is stopped by a broken invariant.
bool stops_the_process(const std::function<void()>& act)
{
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);  // the test framework's would report it
        ::close(STDERR_FILENO);
        act();
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
}  // namespace

TEST_CASE("second guards: a counter is not written beyond its limit, nor below nought")
{
    Desk desk;
    CHECK(desk.add(70, 0, 100) == "70/0");
    CHECK(desk.add(31, 0, 100) == "no 70/0");
    CHECK(desk.add(0, 31, 100) == "no 70/0");
    CHECK(desk.add(16, 15, 100) == "no 70/0");
    CHECK(desk.add(20, 10, 100) == "90/10");
    CHECK(desk.add(1, 0, 100) == "no 90/10");
    CHECK(desk.add(-91, 0, 100) == "no 90/10");
    CHECK(desk.add(91, -11, 1'000) == "no 90/10");
    // From held to spent, for all or for less, also under a limit that was lowered meanwhile.
    CHECK(desk.add(-40, 40, 50) == "50/50");
    CHECK(desk.add(-50, 20, 50) == "0/70");
    CHECK(desk.add(-1, 2, 50) == "no 0/70");
}

TEST_CASE("second guards: a hold ends once, and only from the state it is in")
{
    TestLedger purse;
    const auto id = purse.hold("1.00").id;
    const auto end = [&](HoldState from, HoldState as) {
        return stops_the_process([&] {
            purse.ledger().transact([&](Books& books) {
                auto hold = books.rows().hold(id.seq).value().hold;
                hold.state = as;
                books.rows().end_hold(hold, from);
            });
        });
    };
    CHECK(end(HoldState::expired, HoldState::settled));
    CHECK(end(HoldState::awaiting, HoldState::denied));
    purse.settle(id, "1.00");
    CHECK(end(HoldState::open, HoldState::voided));
    CHECK(purse.run([&](Books& books) { return books.rows().hold(id.seq)->hold.state; }) ==
          HoldState::settled);
}

TEST_CASE("second guards: an approval is decided once")
{
    TestLedger purse;
    auto request = ask(purse.rules, usdc("1.00"));
    request.approval = ApprovalTerms{.wishes = {{.cause = ApprovalCause::amount,
                                                 .rule = "agent/painter",
                                                 .detail = "more than 0"}},
                                     .within = Span::minutes(5),
                                     .lasts = Span::minutes(5)};
    const auto id = purse.hold(request).id;
    const auto decide = [&](Books& books, ApprovalState as) {
        auto row = books.rows().approvals().find(id.seq).value();
        row.state = as;
        books.rows().approvals().decide(row);
    };
    purse.ledger().transact([&](Books& books) { decide(books, ApprovalState::denied); });
    CHECK(stops_the_process([&] {
        purse.ledger().transact([&](Books& books) { decide(books, ApprovalState::granted); });
    }));
    CHECK(purse.run([&](Books& books) { return books.rows().approvals().find(id.seq)->state; }) ==
          ApprovalState::denied);
}
