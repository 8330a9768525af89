// SPDX-License-Identifier: Apache-2.0
// One webhook followed through what receivers, crashes and clocks do.
#include "server/webhook/sender.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "server/webhook/limits.hpp"
#include "server/webhook/signature.hpp"
#include "tests/support/webhook_desk.hpp"

using namespace purse;
using namespace purse::server;
using purse::test::WebhookDesk;
using Types = std::vector<std::string>;

namespace {
/// Holds without any cap, so that each is one message.
void holds(WebhookDesk& desk, int count)
{
    for (int i = 0; i < count; ++i) desk.purse.hold("1");
}
/// Entries of all that was received, in order.
std::vector<std::int64_t> entries(const WebhookDesk& desk)
{
    std::vector<std::int64_t> seqs;
    for (const auto& one : desk.receiver.received) {
        const auto document = json::parse(one.body);
        seqs.push_back(document->root().find("data")->find("seq")->integer().value());
    }
    return seqs;
}
}  // namespace

TEST_CASE("webhook sender: all that comes after it was made, in order, once, signed")
{
    WebhookDesk desk;
    holds(desk, 300);
    desk.work();
    REQUIRE(desk.receiver.received.size() == 300);
    const auto seqs = entries(desk);
    for (std::size_t i = 0; i < seqs.size(); ++i) CHECK(seqs[i] == static_cast<int>(i) + 2);
    std::set<std::string> ids;
    for (const auto& one : desk.receiver.received) {
        ids.insert(one.id());
        CHECK(one.field("webhook-signature") == webhook_signature(std::string(32, 'k'), one.id(),
                                                                  one.field("webhook-timestamp"),
                                                                  one.body));
    }
    CHECK(ids.size() == 300);
    CHECK(desk.receiver.received[0].field("webhook-timestamp") ==
          std::to_string(desk.purse.clock.wall().us / 1'000'000));
    CHECK(desk.row().progress.cursor == 301);
    CHECK(desk.row().progress.delivered == 300);
    desk.work();
    desk.start();
    desk.work();
    CHECK(desk.receiver.received.size() == 300);
}

TEST_CASE("webhook sender: only what is wanted, and only one agent's")
{
    WebhookDesk desk{"hold.* freeze.*", "painter"};
    const auto held = desk.purse.hold("1");
    desk.purse.give_back(held.id);
    auto other = test::ask(desk.purse.rules, test::usdc("1"));
    other.who.agent = "poet";
    const auto poets = desk.purse.hold(other);
    desk.purse.end({.who = {.agent = "poet"}, .id = poets.id, .is_void = true});
    desk.purse.run([](Books& books) {
        books.freeze("agent/poet", {});
        books.freeze("all", {});
        return 0;
    });
    desk.work();
    CHECK(desk.receiver.types() == Types{"hold.voided", "freeze.begun"});
}

TEST_CASE("webhook sender: looking past what nobody wants costs no commit")
{
    WebhookDesk desk{"payout.*"};
    holds(desk, 600);
    const auto before = desk.row().progress.cursor;
    desk.work();
    CHECK(desk.receiver.received.empty());
    CHECK(desk.row().progress.cursor == before);
    CHECK_FALSE(
        desk.sender->wants(desk.row(), desk.purse.entries(), false, desk.purse.clock.wall()));
    holds(desk, static_cast<int>(kWebhookSkippedMax));
    desk.work();
    CHECK(desk.row().progress.cursor > before + kWebhookSkippedMax / 2);
}

TEST_CASE("webhook sender: what fails is tried again under the same id, and the rest goes on")
{
    WebhookDesk desk;
    desk.receiver.statuses = {500};
    holds(desk, 3);
    desk.work();
    CHECK(entries(desk) == std::vector<std::int64_t>{2, 3, 4});
    CHECK(desk.letters(Letters::waiting).size() == 1);
    CHECK(desk.row().progress.cursor == 4);
    desk.work();
    CHECK(desk.receiver.received.size() == 3);
    desk.purse.clock.pass(Span::seconds(7));
    desk.work();
    REQUIRE(entries(desk) == std::vector<std::int64_t>{2, 3, 4, 2});
    CHECK(desk.receiver.received[3].id() == desk.receiver.received[0].id());
    CHECK(desk.receiver.received[3].field("webhook-timestamp") !=
          desk.receiver.received[0].field("webhook-timestamp"));
    CHECK(desk.letters(Letters::waiting).empty());
    CHECK(desk.row().progress.delivered == 3);
}

TEST_CASE("webhook sender: after nine attempts in a day a letter is dead, and can be tried again")
{
    WebhookDesk desk{"decision.refused"};
    desk.purse.rules.money("daily", Window::day, 1);
    holds(desk, 1);
    desk.receiver.always = 400;
    desk.work();
    Span waited{};
    for (int i = 0; i < 40'000 && desk.letters(Letters::dead).empty(); ++i) {
        desk.purse.clock.pass(Span::minutes(1));
        waited = Span{waited.us + Span::minutes(1).us};
        desk.work();
    }
    CHECK(desk.receiver.received.size() == 9);
    CHECK(waited > Span::hours(18));
    CHECK(waited < Span::hours(30));
    const auto dead = desk.letters(Letters::dead);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].trouble == "it answered 400");
    desk.purse.clock.pass(Span::days(3));
    desk.work();
    CHECK(desk.receiver.received.size() == 9);

    desk.receiver.always = 204;
    CHECK(desk.purse.run([&](Books& books) { return Webhooks{books}.retry(desk.id, "me"); }) == 1);
    desk.work();
    CHECK(desk.receiver.received.size() == 10);
    CHECK(desk.receiver.received[9].id() == desk.receiver.received[0].id());
    CHECK(desk.letters(Letters::dead).empty());
    CHECK(desk.letters(Letters::waiting).empty());
}

TEST_CASE("webhook sender: a receiver that is down is asked after pauses, then gets all in order")
{
    WebhookDesk desk{"decision.*"};
    desk.receiver.always = 0;
    holds(desk, 100);
    desk.work();
    CHECK(desk.receiver.received.size() == kWebhookDownAfter);
    CHECK(desk.row().progress.paused_until > desk.purse.clock.wall());
    CHECK(desk.row().progress.trouble == "no connection");
    // A day of pauses asks seldom, and keeps few letters.
    for (int i = 0; i < 24 * 60; ++i) {
        desk.purse.clock.pass(Span::minutes(1));
        desk.work();
    }
    CHECK(desk.receiver.received.size() < 1'500);
    CHECK(desk.receiver.received.size() > 100);
    CHECK(desk.letters(Letters::dead).size() <= 100);
    desk.receiver.always = 200;
    desk.receiver.received.clear();
    desk.purse.clock.pass(Span::minutes(13));
    for (int i = 0; i < 5; ++i) desk.work();
    CHECK(desk.letters(Letters::waiting).empty());
    CHECK(desk.receiver.received.size() + desk.letters(Letters::dead).size() == 100);
    CHECK(desk.row().progress.failures == 0);
    // The holds have expired meanwhile, of which nobody wants to hear.
    CHECK(desk.row().progress.cursor >= 101);
}

TEST_CASE("webhook sender: what a receiver cannot take does not stop what it can")
{
    WebhookDesk desk;
    // Every third is refused for good.
    desk.receiver.on_message = [&](const test::Received& one) {
        const auto document = json::parse(one.body);
        const auto seq = document->root().find("data")->find("seq")->integer().value();
        desk.receiver.always = seq % 3 == 0 ? 422 : 200;
    };
    holds(desk, 90);
    desk.work();
    CHECK(desk.receiver.received.size() == 90);
    CHECK(desk.letters(Letters::waiting).size() == 30);
    CHECK(desk.row().progress.cursor == 91);
}

TEST_CASE("webhook sender: Retry-After is heeded, up to an hour")
{
    WebhookDesk desk;
    desk.receiver.statuses = {503};
    desk.receiver.retry_after = "600";
    holds(desk, 1);
    desk.work();
    const auto now = desk.purse.clock.wall();
    CHECK(desk.letters(Letters::waiting).at(0).next_at == now + Span::minutes(10));
    desk.receiver.statuses = {503};
    desk.receiver.retry_after = "99999999999";
    holds(desk, 1);
    desk.work();
    CHECK(desk.letters(Letters::waiting).at(1).next_at - now <= Span::hours(1));
}

TEST_CASE("webhook sender: 410 turns it off, and it goes on from there when it is turned on")
{
    WebhookDesk desk;
    desk.receiver.statuses = {200, 410};
    holds(desk, 3);
    desk.work();
    CHECK(desk.row().state == WebhookState::off);
    CHECK(desk.receiver.received.size() == 2);
    CHECK(desk.purse.last_entry().find(R"("kind":"webhook_off","reason":"it answered 410 Gone")") !=
          std::string::npos);
    CHECK_FALSE(
        desk.sender->wants(desk.row(), desk.purse.entries(), true, desk.purse.clock.wall()));
    desk.work();
    CHECK(desk.receiver.received.size() == 2);
    desk.purse.run([&](Books& books) { return Webhooks{books}.retry(desk.id, "me"); });
    desk.work();
    CHECK(entries(desk) == std::vector<std::int64_t>{2, 3, 3, 4, 5, 6});
    CHECK(desk.receiver.types().back() == "webhook.on");
}

TEST_CASE("webhook sender: killed between sending and storing, it sends again, with the same id")
{
    WebhookDesk desk;
    holds(desk, 5);
    struct Killed {};
    int left = 3;
    desk.receiver.on_message = [&](const test::Received&) {
        if (--left == 0) throw Killed{};
    };
    CHECK_THROWS_AS(desk.work(), Killed);
    desk.receiver.on_message = {};
    desk.start();
    desk.work();
    std::set<std::string> ids;
    for (const auto& one : desk.receiver.received) ids.insert(one.id());
    CHECK(ids.size() == 5);
    CHECK(desk.receiver.received.size() == 8);
    CHECK(desk.row().progress.cursor == 6);
}

TEST_CASE("webhook sender: clocks that jump lose nothing and repeat nothing")
{
    WebhookDesk desk{"decision.*"};
    desk.receiver.statuses = {500};
    holds(desk, 1);
    desk.work();
    desk.purse.clock.jump(Span::days(-400));
    holds(desk, 1);
    desk.work();
    CHECK(desk.receiver.received.size() == 2);
    // What is signed is the machine's time, which receivers compare with theirs.
    CHECK(desk.receiver.received[1].field("webhook-timestamp") ==
          std::to_string(desk.purse.clock.wall().us / 1'000'000));
    desk.purse.clock.pass(Span::seconds(7));
    desk.work();
    CHECK(desk.receiver.received.size() == 3);
    desk.receiver.statuses = {500};
    holds(desk, 1);
    desk.work();
    desk.purse.clock.jump(Span::days(3'000));
    desk.work();
    CHECK(desk.receiver.received.size() == 5);
    CHECK(desk.letters(Letters::waiting).empty());
    CHECK(desk.letters(Letters::dead).empty());
}

TEST_CASE("webhook sender: a new secret signs at once, the old one with it for a while")
{
    WebhookDesk desk;
    const std::string old_key(32, 'k');
    const std::string new_key = std::string("\0\xff", 2) + std::string(30, 'n');
    desk.purse.run([&](Books& books) {
        return Webhooks{books}.rotate(
            desk.id, {.secret = new_key, .old_until = books.now() + Span::hours(1), .by = "me"});
    });
    desk.work();
    const auto sign = [&](const std::string& key) {
        const auto& last = desk.receiver.received.back();
        return webhook_signature(key, last.id(), last.field("webhook-timestamp"), last.body);
    };
    CHECK(desk.receiver.received.back().field("webhook-signature") ==
          sign(new_key) + " " + sign(old_key));
    desk.purse.clock.pass(Span::hours(2));
    holds(desk, 1);
    desk.work();
    CHECK(desk.receiver.received.back().field("webhook-signature") == sign(new_key));
    CHECK(desk.purse.last_entry().find("nnn") == std::string::npos);
}

TEST_CASE("webhook sender: a threshold is told once in its window, also after a restart")
{
    WebhookDesk desk{"cap.threshold"};
    desk.purse.rules.money("daily", Window::day, 10'000'000);
    const auto first = desk.purse.hold("8.5");
    desk.work();
    CHECK(desk.receiver.received.size() == 1);
    desk.purse.give_back(first.id);
    desk.purse.hold("8.5");
    desk.work();
    CHECK(desk.receiver.received.size() == 1);
    desk.start();
    desk.purse.hold("1.2");
    desk.work();
    REQUIRE(desk.receiver.received.size() == 2);
    CHECK(desk.receiver.received[1].body.find("\"percent\":95") != std::string::npos);
    // Another day, another window.
    desk.purse.clock.pass(Span::days(1));
    desk.purse.hold("9");
    desk.work();
    CHECK(desk.receiver.received.size() == 3);
}

TEST_CASE("webhook sender: a threshold of a rolling window comes again when its span is over")
{
    WebhookDesk desk{"cap.threshold"};
    desk.purse.rules.rolling(Span::hours(1), 10'000'000);
    desk.purse.hold("9");
    desk.work();
    CHECK(desk.receiver.received.size() == 1);
    desk.purse.clock.pass(Span::minutes(59));
    desk.purse.hold("0.1");
    desk.work();
    CHECK(desk.receiver.received.size() == 1);
    desk.purse.clock.pass(Span::minutes(2));
    desk.purse.hold("9");
    desk.work();
    CHECK(desk.receiver.received.size() == 2);
}

TEST_CASE("webhook sender: a threshold whose delivery failed is told by its letter, once")
{
    WebhookDesk desk{"cap.threshold"};
    desk.purse.rules.money("daily", Window::day, 10'000'000);
    desk.receiver.statuses = {500};
    desk.purse.hold("8");
    desk.work();
    desk.start();
    desk.purse.hold("0.5");
    desk.work();
    CHECK(desk.receiver.received.size() == 1);
    desk.purse.clock.pass(Span::seconds(7));
    desk.work();
    REQUIRE(desk.receiver.received.size() == 2);
    CHECK(desk.receiver.received[0].id() == desk.receiver.received[1].id());
    CHECK(desk.letters(Letters::waiting).empty());
}

TEST_CASE("webhook sender: one that is removed ends, with all that was its own")
{
    WebhookDesk desk;
    desk.receiver.always = 500;
    holds(desk, 3);
    desk.work();
    CHECK(desk.letters(Letters::waiting).size() == 3);
    CHECK(desk.purse.run([&](Books& books) { return Webhooks{books}.remove(desk.id, "me"); }));
    CHECK(desk.letters(Letters::waiting).empty());
    CHECK(desk.sender->round() == WebhookSender::Round::gone);
    CHECK_FALSE(
        desk.purse.run([&](Books& books) { return Webhooks{books}.remove(desk.id, "me"); }));
}

TEST_CASE("webhook sender: a full house of letters is asked whether the receiver is back")
{
    WebhookDesk desk;
    desk.receiver.on_message = [&](const test::Received& one) {
        // Every fourth is taken, so that it never counts as down while letters gather.
        const auto document = json::parse(one.body);
        const auto seq = document->root().find("data")->find("seq")->integer().value();
        desk.receiver.always = seq % 4 == 0 ? 200 : 500;
    };
    holds(desk, 1'800);
    desk.work();
    const auto waiting = static_cast<std::int64_t>(desk.letters(Letters::waiting).size());
    CHECK(waiting >= kWebhookLettersMax);
    CHECK(waiting <= kWebhookLettersMax + static_cast<std::int64_t>(kWebhookEntriesARound));
    CHECK_FALSE(desk.letters(Letters::dead).empty());
    desk.receiver.on_message = {};
    desk.receiver.always = 0;
    holds(desk, 20);
    desk.work();
    const auto seen = desk.receiver.received.size();
    desk.receiver.always = 200;
    desk.purse.clock.pass(Span::seconds(7));
    for (int i = 0; i < 200 && !desk.letters(Letters::waiting).empty(); ++i) desk.work();
    CHECK(desk.letters(Letters::waiting).empty());
    CHECK(desk.receiver.received.size() > seen + 1'000);
    CHECK(desk.row().progress.cursor == desk.purse.entries());
}
