// SPDX-License-Identifier: Apache-2.0
// Holds that a person is asked about: what counts while they wait, and that one answer ends it.
#include <catch2/catch.hpp>

#include "ledger/approvals.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using Outcome = HoldAnswer::Outcome;

namespace {
constexpr Span kWithin = Span::minutes(10);
constexpr Span kLasts = Span::minutes(15);

HoldRequest asking(const Rules& rules, std::string_view amount, std::string key = {})
{
    auto request = ask(rules, usdc(amount), std::move(key));
    request.max_capture = usdc("100");
    request.approval = {
        .wishes = {{.cause = ApprovalCause::amount, .rule = "agent/painter", .detail = "Dear."}},
        .within = kWithin,
        .lasts = kLasts};
    return request;
}

Ruling by_page(TxId id)
{
    return {.id = id, .by = "op_1", .channel = Channel::page, .note = "a note"};
}

Ruled grant(TestLedger& purse, TxId id)
{
    return purse.run([&](Books& books) { return Approvals{books}.grant(by_page(id)); });
}
Ruled deny(TestLedger& purse, TxId id, ApprovalState as = ApprovalState::denied)
{
    return purse.run([&](Books& books) { return Approvals{books}.deny(by_page(id), as); });
}

/// A purse with a daily cap of 2 USDC.
struct Asked : TestLedger {
    Asked() { rules.money("daily", Window::day, 2'000'000); }
    ~Asked() { CHECK(audit(folder.path()).text() == ""); }
    HoldAnswer take(std::string_view amount, std::string key = {})
    {
        return hold(asking(rules, amount, std::move(key)));
    }
};
}  // namespace

TEST_CASE("approval: what waits counts against its caps, and is of no use")
{
    Asked purse;
    const auto answer = purse.take("1.50", "k");
    REQUIRE(answer.outcome == Outcome::awaiting);
    CHECK(answer.expires_at == purse.clock.wall() + kWithin);
    CHECK(answer.max_capture == usdc("1.50"));  // what a person agrees to is the amount
    CHECK(answer.approval->wishes.front().detail == "Dear.");
    CHECK(answer.key == "k");
    CHECK(purse.cap(0).held == 1'500'000);
    CHECK(purse.take("0.60").outcome == Outcome::refused);
    CHECK(purse.hold("0.60").outcome == Outcome::refused);

    const auto settled = purse.settle(answer.id, "1.00");
    CHECK(settled.outcome == SettleAnswer::Outcome::refused);
    CHECK(settled.reason == Reason::approval_pending);
    CHECK(purse.cap(0).held == 1'500'000);
    CHECK(purse.cap(0).spent == 0);
    // The service has taken it all the same: a person must see it.
    CHECK(purse.run([](Books& books) { return books.rows().excesses(9); }).size() == 1);
}

TEST_CASE("approval: granted once, settled once, journaled with who gave it")
{
    Asked purse;
    const auto answer = purse.take("1.50", "k");
    purse.clock.pass(Span::minutes(9));
    REQUIRE(grant(purse, answer.id) == Ruled::done);
    CHECK(purse.last_entry().find(R"("by":"op_1","channel":"page")") != std::string::npos);
    CHECK(purse.last_entry().find(R"("note":"a note")") != std::string::npos);
    CHECK(grant(purse, answer.id) == Ruled::decided_before);
    CHECK(deny(purse, answer.id) == Ruled::decided_before);

    const auto again = purse.take("1.50", "k");
    REQUIRE(again.outcome == Outcome::approved);
    CHECK(again.replay);
    CHECK(again.id == answer.id);
    CHECK(again.expires_at == purse.clock.wall() + kLasts);
    CHECK(purse.cap(0).held == 1'500'000);
    CHECK(purse.settle(answer.id, "1.500001").reason == Reason::over_capture);
    CHECK(purse.settle(answer.id, "1.50").outcome == SettleAnswer::Outcome::settled);
    CHECK(purse.cap(0).spent == 1'500'000);
    CHECK(purse.cap(0).held == 0);
    CHECK(purse.take("1.50", "k").outcome == Outcome::approved);  // the same answer for ever
    CHECK(grant(purse, answer.id) == Ruled::decided_before);
}

TEST_CASE("approval: every no gives the money back and says why")
{
    Asked purse;
    const auto answer = purse.take("1.50", "k");
    const auto words = [&] { return purse.take("1.50", "k").refusals.at(0); };
    SECTION("denied")
    {
        REQUIRE(deny(purse, answer.id) == Ruled::done);
        CHECK(words().reason == Reason::approval_denied);
        CHECK(words().detail.find("Their note: a note.") != std::string::npos);
    }
    SECTION("put away")
    {
        REQUIRE(deny(purse, answer.id, ApprovalState::cancelled) == Ruled::done);
        CHECK(words().detail.find("put away") != std::string::npos);
    }
    SECTION("left behind")
    {
        REQUIRE(deny(purse, answer.id, ApprovalState::disconnected) == Ruled::done);
        CHECK(words().detail.find("went away") != std::string::npos);
    }
    SECTION("nobody answered, to the microsecond, also where nothing looked for it")
    {
        purse.clock.pass({kWithin.us - 1});
        CHECK(purse.cap(0).held == 1'500'000);
        purse.clock.pass({1});
        CHECK(grant(purse, answer.id) == Ruled::decided_before);
        CHECK(words().reason == Reason::approval_expired);
    }
    SECTION("given back by the agent")
    {
        CHECK(purse.give_back(answer.id).outcome == SettleAnswer::Outcome::voided);
        CHECK(words().detail.find("given back") != std::string::npos);
        CHECK(grant(purse, answer.id) == Ruled::decided_before);
    }
    CHECK(purse.cap(0).held == 0);
    CHECK(purse.cap(0).spent == 0);
    CHECK(purse.settle(answer.id, "1.00").outcome == SettleAnswer::Outcome::refused);
    CHECK(purse.give_back(answer.id).outcome == SettleAnswer::Outcome::voided);
    CHECK(purse.cap(0).spent == 0);
}

TEST_CASE("approval: who said no is told, wherever they did")
{
    Asked purse;
    const auto words = [&](Channel channel, std::string by, std::string note) {
        const auto key = "k" + std::to_string(static_cast<int>(channel)) + by;
        const auto id = purse.take("0.10", key).id;
        const Ruling ruling{
            .id = id, .by = std::move(by), .channel = channel, .note = std::move(note)};
        purse.run(
            [&](Books& books) { return Approvals{books}.deny(ruling, ApprovalState::denied); });
        return purse.take("0.10", key).refusals.at(0).detail;
    };
    using Catch::Contains;
    using Catch::StartsWith;
    CHECK_THAT(
        words(Channel::chat, "a client", ""),
        StartsWith("It was not approved by a client in the chat at ") && !Contains("Their note"));
    CHECK_THAT(words(Channel::page, "op_1", "too dear"),
               Contains(" by op_1 on the operator page at ") && Contains("Their note: too dear."));
    CHECK_THAT(words(Channel::command, "ada", ""), Contains(" by ada by command at "));
    CHECK_THAT(words(Channel::none, "", ""), StartsWith("It was not approved at "));
}

TEST_CASE("approval: what waits and what was decided is listed, bounded")
{
    Asked purse;
    std::vector<TxId> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(purse.take("0.10", "k" + std::to_string(i)).id);
        purse.clock.pass(Span::seconds(1));
    }
    REQUIRE(deny(purse, ids[0]) == Ruled::done);
    REQUIRE(grant(purse, ids[2]) == Ruled::done);
    const auto listed = [&](bool decided, std::size_t most) {
        return purse.run([&](Books& books) {
            Approvals approvals{books};
            std::vector<TxId> found;
            for (const auto& one : decided ? approvals.decided(most) : approvals.waiting(most))
                found.push_back(one.hold.id);
            return found;
        });
    };
    // Those whose time is over first come first; of those that are decided the latest.
    CHECK(listed(false, 10) == std::vector{ids[1], ids[3]});
    CHECK(listed(false, 1) == std::vector{ids[1]});
    CHECK(listed(true, 10) == std::vector{ids[2], ids[0]});
    CHECK(listed(true, 1) == std::vector{ids[2]});
}

TEST_CASE("approval: wishes of a later version are left out, the others are read")
{
    const auto document = json::parse(
        R"([{"cause":"amount","detail":"d","rule":"r"},{"cause":"moon","detail":"d","rule":"r"}])");
    const auto wishes = wishes_from_json(&document->root());
    REQUIRE(wishes.size() == 1);
    CHECK(wishes[0].cause == ApprovalCause::amount);
    CHECK(wishes_from_json(nullptr).empty());
}

TEST_CASE("approval: an approval ends with its hold")
{
    Asked purse;
    const auto answer = purse.take("1.50", "k");
    REQUIRE(grant(purse, answer.id) == Ruled::done);
    purse.clock.pass(kLasts);
    CHECK(purse.settle(answer.id, "1.50").outcome == SettleAnswer::Outcome::expired);
    const auto late = purse.late(answer.id, usdc("1.50"));
    CHECK(late.outcome == SettleAnswer::Outcome::refused);
    CHECK(late.reason == Reason::approval_expired);
    CHECK(purse.cap(0).spent == 0);
}

TEST_CASE("approval: who has no key is given one, and it is bound to the same arguments")
{
    Asked purse;
    const auto answer = purse.take("1.50");
    REQUIRE(answer.key == "approval-" + answer.id.to_string());
    auto again = asking(purse.rules, "1.50");
    again.key = answer.key;
    CHECK(purse.hold(again).outcome == Outcome::awaiting);
    CHECK(purse.hold(again).id == answer.id);
    again.fingerprint[0] ^= 1;
    CHECK(purse.hold(again).outcome == Outcome::conflict);
    CHECK(purse.cap(0).held == 1'500'000);
}

TEST_CASE("approval: a full loop guard asks, and what is approved is not counted beyond it")
{
    Asked purse;
    auto& loop = purse.rules.count(Span::minutes(1), 2);
    loop.reason = Reason::loop_detected;
    loop.asks = Asks::when_full;
    auto request = asking(purse.rules, "0.10");
    request.approval->wishes.clear();
    CHECK(purse.hold(request).outcome == Outcome::approved);
    CHECK(purse.hold(request).outcome == Outcome::approved);
    const auto third = purse.hold(request);
    REQUIRE(third.outcome == Outcome::awaiting);
    CHECK(third.approval->wishes.front().cause == ApprovalCause::loop);
    CHECK(purse.cap(1).spent == 2);
    REQUIRE(grant(purse, third.id) == Ruled::done);
    CHECK(purse.cap(1).spent == 2);
    request.approval.reset();  // a rule that asks nobody refuses
    CHECK(purse.hold(request).outcome == Outcome::refused);
}

TEST_CASE("approval: a payee is new until something was paid to it")
{
    Asked purse;
    purse.rules.money("payee", Window::lifetime, kNoLimit).asks = Asks::when_unspent;
    auto request = asking(purse.rules, "0.10");
    request.approval->wishes.clear();
    const auto first = purse.hold(request);
    REQUIRE(first.outcome == Outcome::awaiting);
    CHECK(first.approval->wishes.front().cause == ApprovalCause::new_payee);
    grant(purse, first.id);
    purse.settle(first.id, "0");  // nothing was paid: still new
    const auto second = purse.hold(request);
    REQUIRE(second.outcome == Outcome::awaiting);
    grant(purse, second.id);
    purse.settle(second.id, "0.01");
    CHECK(purse.hold(request).outcome == Outcome::approved);
}

TEST_CASE("approval: at most a thousand of one agent wait")
{
    TestLedger purse{nullptr, TempFolder::On::memory};
    purse.run([&](Books& books) {
        for (int i = 0; i < 1000; ++i) {
            auto request = asking(purse.rules, "0.10");
            request.epoch = books.meta().epoch;
            REQUIRE(books.hold(request).outcome == Outcome::awaiting);
        }
        return 0;
    });
    const auto answer = purse.hold(asking(purse.rules, "0.10"));
    REQUIRE(answer.outcome == Outcome::refused);
    CHECK(answer.refusals.at(0).reason == Reason::approval_required);
    auto other = asking(purse.rules, "0.10");
    other.who.agent = "writer";
    CHECK(purse.hold(other).outcome == Outcome::awaiting);
}

TEST_CASE("approval: a store that fails anywhere leaves a whole answer or none")
{
    for (int nth = 1;; ++nth) {
        CAPTURE(nth);
        TempFolder folder{TempFolder::On::memory};
        sqlite::SqliteStore real{{.folder = folder.path()}};
        FaultStore store{real};
        FakeClock clock;
        SeededEntropy entropy;
        Ledger ledger{store, clock, entropy, nullptr};
        Rules rules;
        rules.money("daily", Window::day, 2'000'000);
        HoldAnswer taken;
        const auto take = [&](Books& books) {
            auto request = asking(rules, "1.50", "k");
            request.epoch = books.meta().epoch;
            taken = books.hold(request);
        };
        ledger.transact(take);
        store.fail_at(nth, StoreError::Kind::failed);
        const auto rule = [&](Books& books) {
            nth % 2 == 0 ? Approvals{books}.grant(by_page(taken.id))
                         : Approvals{books}.deny(by_page(taken.id));
        };
        try {
            ledger.transact(rule);
        } catch (const StoreError&) {
            store.fail_at(0, StoreError::Kind::failed);
            ledger.transact(rule);  // nothing was stored: the same again does it
        }
        const bool was_hit = store.hit();
        store.fail_at(0, StoreError::Kind::failed);
        ledger.transact(take);
        CHECK(taken.outcome == (nth % 2 == 0 ? Outcome::approved : Outcome::refused));
        CHECK(audit(folder.path()).text() == "");
        if (!was_hit) break;
        REQUIRE(nth < 500);
    }
}
