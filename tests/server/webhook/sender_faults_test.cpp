// SPDX-License-Identifier: Apache-2.0
// Every call of the store fails in turn while webhooks are delivered: nothing is lost.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/fault_store.hpp"
#include "tests/support/webhook_desk.hpp"

using namespace purse;
using namespace purse::server;

namespace {
/// Three refusals (each a message) on a ledger whose calls may fail.
class FaultDesk {
public:
    FaultDesk()
    {
        rules.money("daily", Window::day, 1);
        books.transact([&](Books& now) {
            row = *Webhooks{now}.add({.url = "https://example.org",
                                      .where = "https://example.org",
                                      .events = "decision.refused",
                                      .agent = {},
                                      .note = {},
                                      .secret = std::string(32, 'k'),
                                      .by = "test"},
                                     entropy);
        });
        for (int i = 0; i < 3; ++i)
            books.transact([&](Books& now) {
                auto request = test::ask(rules, test::usdc("1"));
                request.epoch = now.meta().epoch;
                now.hold(request);
            });
    }

    WebhookSender sender()
    {
        return WebhookSender{
            {.books = books,
             .clock = clock,
             .entropy = entropy,
             .log = log,
             .crash = {},
             .open =
                 [this](const std::string&) {
                     return std::expected<std::unique_ptr<HttpPoster>, std::string>{
                         std::make_unique<test::FakePoster>(receiver)};
                 }},
            row};
    }

    test::TempFolder folder;
    sqlite::SqliteStore real{{.folder = folder.path()}};
    test::FaultStore store{real};
    test::FakeClock clock;
    test::SeededEntropy entropy;
    Ledger ledger{store, clock, entropy, nullptr};
    LedgerBookkeeper books{ledger};
    Log log{LogLevel::off};
    test::Rules rules;
    test::Receiver receiver;
    WebhookRow row;
};
}  // namespace

TEST_CASE("webhook sender: whichever call of the store fails, every message comes")
{
    bool was_hit = true;
    for (int nth = 1; was_hit && nth < 500; ++nth) {
        FaultDesk desk;
        desk.receiver.statuses = {200, 500};
        auto sender = desk.sender();
        desk.store.fail_at(nth, StoreError::Kind::failed);
        try {
            sender.round();
        } catch (const StoreError&) {
            CHECK(desk.store.hit());
        }
        was_hit = desk.store.hit();
        desk.store.fail_at(0, StoreError::Kind::failed);
        // The same process goes on, or another takes over.
        auto other = desk.sender();
        auto& next = nth % 2 == 0 ? sender : other;
        for (int i = 0; i < 3; ++i) {
            next.round();
            desk.clock.pass(Span::seconds(10));
        }
        std::set<std::string> ids;
        for (const auto& one : desk.receiver.received) ids.insert(one.id());
        CAPTURE(nth);
        CHECK(ids.size() == 3);
        CHECK(desk.receiver.received.size() <= 7);
        desk.books.transact([&](Books& now) {
            auto& rows = now.rows().webhooks();
            CHECK(rows.count_letters(desk.row.id, Letters::waiting) == 0);
            CHECK(rows.find(desk.row.id)->progress.cursor == 4);
        });
    }
    CHECK_FALSE(was_hit);
}
