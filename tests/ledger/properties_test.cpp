// SPDX-License-Identifier: Apache-2.0
// Random days of a purse, compared after every commit with a shadow that sums its own list.
// PURSE_PROPERTY_RUNS raises the number of days; PURSE_PROPERTY_SEED names the first.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "ledger/approvals.hpp"
#include "tests/ledger/shadow.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
std::uint64_t setting(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Day {
public:
    explicit Day(std::uint64_t seed) : dice_{seed}, purse_{nullptr, TempFolder::On::memory}
    {
        auto& rules = purse_.rules;
        rules.money("perTask", Window::lifetime, 3'000);
        rules.money("hourly", Window::hour, 4'000);
        rules.money("daily", Window::day, 9'000);
        rules.money("weekly", Window::week, 20'000);
        rules.money("monthly", Window::month, 30'000, "budget/team");
        rules.rolling(Span::minutes(10), 2'500);
        rules.rolling(Span::hours(30), 15'000, "budget/team");
        rules.count(Span::minutes(1), 8);
        rules.money("lifetime", Window::lifetime, kNoLimit);
        auto& loop = rules.count(Span::minutes(2), 5);
        loop.kind = "loop 2m";
        loop.asks = Asks::when_full;
        rules.money("payee", Window::lifetime, kNoLimit).asks = Asks::when_unspent;
    }

    void live(int commits)
    {
        for (int i = 0; i < commits; ++i) {
            move_time();
            if (dice_.odds(1, 25)) change_rules();
            if (dice_.odds(1, 40)) reopen();
            purse_.run([&](Books& books) {
                check_time(books);
                for (auto pieces = dice_.between(1, 4); pieces > 0; --pieces) piece(books);
                note_time(books);
                return 0;
            });
            compare();
        }
        finish();
    }

private:
    void move_time()
    {
        switch (dice_.between(1, 12)) {
            case 1: purse_.clock.pass({dice_.between(1, 1'000)}); break;
            case 2: purse_.clock.pass(Span::minutes(dice_.between(1, 90))); break;
            case 3: purse_.clock.pass(Span::hours(dice_.between(1, 40))); break;
            case 4:
                if (dice_.odds(1, 8))
                    purse_.clock.jump({Span::days(400).us * (dice_.odds(1, 2) ? 1 : -1)});
                break;
            case 5: to_an_edge(); break;
            case 6: break;  // no time at all
            default: purse_.clock.pass(Span::seconds(dice_.between(0, 30))); break;
        }
    }

    /// To the microsecond at which something leaves, expires or begins anew, or just before it.
    void to_an_edge()
    {
        auto edge = window_end(Window::hour, shadow_.now);
        if (!shadow_.holds.empty()) {
            const auto& hold = shadow_.holds[static_cast<std::size_t>(
                dice_.between(0, static_cast<std::int64_t>(shadow_.holds.size()) - 1))];
            if (dice_.odds(1, 2)) edge = hold.expires_at;
            for (const auto& share : hold.shares)
                if (share.rule->window == Window::rolling && dice_.odds(1, 3))
                    edge = share.leaves_at;
        }
        const auto now = purse_.ledger().now();
        if (edge > now) purse_.clock.pass({(edge - now).us - dice_.between(0, 1)});
    }

    void change_rules()
    {
        auto& rule = purse_.rules[static_cast<std::size_t>(dice_.between(0, 7))];
        rule.limit = rule.unit == Unit::calls ? dice_.between(0, 12) : dice_.between(0, 12'000);
        const auto text = "{\"n\":" + std::to_string(++policies_) + "}";
        purse_.run([&](Books& books) {
            check_time(books);
            books.apply_policy(text, "test");
            note_time(books);
            return 0;
        });
    }

    void reopen()
    {
        purse_.reopen();
        is_new_process_ = true;
    }

    void check_time(const Books& books)
    {
        const auto now = books.now();
        REQUIRE(now >= purse_.clock.wall());
        // A report leaves no trace, so a new process may be behind one; never behind an entry.
        REQUIRE(now >= (is_new_process_ ? written_at_ : shadow_.now));
        is_new_process_ = false;
        shadow_.set_time(now);
    }

    void note_time(const Books& books)
    {
        if (books.meta().seq == entries_) return;
        entries_ = books.meta().seq;
        written_at_ = books.now();
    }

    std::vector<Leg> legs(const std::string& task) const
    {
        auto all = purse_.rules.legs();
        all[0].scope = task;
        all.back().scope = "payee/" + task;  // one payee a task
        return all;
    }

    void piece(Books& books)
    {
        if (shadow_.holds.empty() || dice_.odds(9, 20)) return hold(books);
        if (dice_.odds(1, 5)) return rule(books);
        // Mostly a recent hold, so that many are still open.
        const auto last = static_cast<std::int64_t>(shadow_.holds.size()) - 1;
        const auto first = dice_.odds(1, 5) ? 0 : std::max<std::int64_t>(0, last - 5);
        end(books, shadow_.holds[static_cast<std::size_t>(dice_.between(first, last))]);
    }

    void hold(Books& books)
    {
        auto key = dice_.odds(1, 2) ? "k" + std::to_string(dice_.between(1, 200)) : std::string{};
        const auto amount =
            dice_.odds(1, 20) ? 0 : dice_.between(1, dice_.odds(1, 10) ? 9'000 : 900);
        auto request = ask(purse_.rules, micro(amount), key);
        request.epoch = books.meta().epoch;
        request.legs = legs("t" + std::to_string(dice_.between(1, 4)));
        request.ttl =
            Span::seconds(dice_.odds(1, 3) ? dice_.between(1, 90'000) : dice_.between(1, 200));
        request.max_capture = micro(amount + amount * dice_.between(0, 100) / 100);
        if (dice_.odds(1, 15))
            request.refusals = {{.reason = Reason::outside_hours, .rule = "x", .detail = "closed"}};
        if (!dice_.odds(1, 8))
            request.approval = {.wishes = {},
                                .within = Span::seconds(dice_.between(1, 600)),
                                .lasts = Span::seconds(dice_.between(1, 600))};
        if (request.approval && dice_.odds(1, 6))
            request.approval->wishes = {
                {.cause = ApprovalCause::amount, .rule = "x", .detail = "y"}};
        const auto failing =
            shadow_.failing(request.legs, amount,
                            request.approval ? Shadow::WhenFull::ask : Shadow::WhenFull::refuse);
        const bool asks =
            request.approval && (!request.approval->wishes.empty() ||
                                 std::ranges::any_of(request.legs, [&](const Leg& leg) {
                                     return shadow_.asks(leg, amount);
                                 }));
        const auto answer = books.hold(request);

        if (const auto known = keys_.find(key); !key.empty() && known != keys_.end()) {
            if (known->second.fingerprint != request.fingerprint) {
                REQUIRE(answer.outcome == HoldAnswer::Outcome::conflict);
                return;
            }
            REQUIRE(answer.replay);
            REQUIRE(answer.id == known->second.answer.id);
            if (known->second.answer.outcome == HoldAnswer::Outcome::awaiting)
                return check_how_it_stands(answer);
            REQUIRE(answer.outcome == known->second.answer.outcome);
            REQUIRE(answer.seq == known->second.answer.seq);
            REQUIRE(to_json(answer.failing) == to_json(known->second.answer.failing));
            return;
        }
        REQUIRE_FALSE(answer.replay);
        const bool is_allowed = failing.empty() && request.refusals.empty();
        REQUIRE((answer.outcome == HoldAnswer::Outcome::approved) == (is_allowed && !asks));
        REQUIRE((answer.outcome == HoldAnswer::Outcome::awaiting) == (is_allowed && asks));
        if (!key.empty()) keys_[key] = {request.fingerprint, answer};
        if (is_allowed) {
            shadow_.take(answer, request.legs);
            shadow_.holds.back().was_asked = asks;
            return;
        }
        REQUIRE(answer.outcome == HoldAnswer::Outcome::refused);
        REQUIRE(answer.failing.size() == failing.size());
        for (std::size_t i = 0; i < failing.size(); ++i)
            REQUIRE(answer.failing[i].kind == request.legs[failing[i]].rule->kind);
    }

    /// A question asked again tells what came of it since.
    void check_how_it_stands(const HoldAnswer& answer)
    {
        const auto hold = std::ranges::find(shadow_.holds, answer.id, &Shadow::ShadowHold::id);
        REQUIRE(hold != shadow_.holds.end());
        REQUIRE((answer.outcome == HoldAnswer::Outcome::awaiting) ==
                (hold->state == HoldState::awaiting));
        if (hold->state == HoldState::denied)
            REQUIRE(answer.outcome == HoldAnswer::Outcome::refused);
        if (answer.outcome == HoldAnswer::Outcome::approved)
            REQUIRE(answer.expires_at == hold->expires_at);
    }

    /// A person says yes or no to some hold, also to one that nobody was asked about.
    void rule(Books& books)
    {
        const auto last = static_cast<std::int64_t>(shadow_.holds.size()) - 1;
        auto& hold = shadow_.holds[static_cast<std::size_t>(
            dice_.between(std::max<std::int64_t>(0, last - 5), last))];
        Approvals approvals{books};
        const Ruling ruling{.id = hold.id, .by = "a person", .channel = Channel::page, .note = {}};
        const bool is_yes = dice_.odds(2, 3);
        const auto ruled = is_yes ? approvals.grant(ruling) : approvals.deny(ruling);
        if (!hold.was_asked) {
            REQUIRE(ruled == Ruled::unknown);
        } else if (hold.state != HoldState::awaiting) {
            REQUIRE(ruled == Ruled::decided_before);
        } else {
            REQUIRE(ruled == Ruled::done);
            if (is_yes) {
                hold.state = HoldState::open;
                hold.expires_at = approvals.find(hold.id)->hold.expires_at;
            } else {
                Shadow::close(hold, HoldState::denied, 0);
            }
        }
    }

    void end(Books& books, Shadow::ShadowHold& hold)
    {
        using Outcome = SettleAnswer::Outcome;
        const bool is_void = dice_.odds(1, 4);
        const bool unknown = dice_.odds(1, 20);
        const auto actual =
            dice_.odds(2, 3) ? dice_.between(0, hold.amount) : dice_.between(0, hold.amount * 3);
        auto id = hold.id;
        if (unknown) id.token ^= 1;
        const auto answer = books.settle({.epoch = books.meta().epoch,
                                          .who = {.agent = kAgent},
                                          .id = id,
                                          .is_void = is_void,
                                          .actual = micro(actual),
                                          .limit_of = purse_.rules.limits()});
        if (unknown) {
            REQUIRE(answer.outcome == Outcome::refused);
            REQUIRE(answer.reason == Reason::hold_unknown);
            return;
        }
        switch (hold.state) {
            case HoldState::open:
                if (is_void) {
                    REQUIRE(answer.outcome == Outcome::voided);
                    Shadow::close(hold, HoldState::voided, 0);
                } else if (actual <= hold.max_capture &&
                           (actual <= hold.amount || shadow_.has_room(hold, actual))) {
                    REQUIRE(answer.outcome == Outcome::settled);
                    Shadow::close(hold, HoldState::settled, actual);
                } else {
                    REQUIRE(answer.outcome == Outcome::refused);
                }
                return;
            case HoldState::settled:
                REQUIRE(answer.replay == (!is_void && actual == hold.captured));
                REQUIRE((answer.outcome == Outcome::settled) == answer.replay);
                return;
            case HoldState::voided:
                REQUIRE(answer.outcome == (is_void ? Outcome::voided : Outcome::refused));
                return;
            case HoldState::awaiting:
                REQUIRE(answer.outcome == (is_void ? Outcome::voided : Outcome::refused));
                if (is_void)
                    Shadow::close(hold, HoldState::voided, 0);
                else
                    REQUIRE(answer.reason == Reason::approval_pending);
                return;
            case HoldState::denied:
                REQUIRE(answer.outcome == (is_void ? Outcome::voided : Outcome::refused));
                return;
            case HoldState::expired:
                REQUIRE(answer.outcome == (is_void ? Outcome::voided : Outcome::expired));
                if (!is_void) late(books, hold, actual);
                return;
        }
    }

    void late(Books& books, Shadow::ShadowHold& hold, std::int64_t actual)
    {
        const auto today = legs("t1");
        const bool fits = shadow_.failing(today, actual, Shadow::WhenFull::refuse).empty() &&
                          actual <= hold.max_capture && !hold.was_asked;
        const auto answer = books.late_settle({.epoch = books.meta().epoch,
                                               .who = {.agent = kAgent},
                                               .id = hold.id,
                                               .actual = micro(actual),
                                               .legs = today});
        REQUIRE((answer.outcome == SettleAnswer::Outcome::settled) == fits);
        if (fits) shadow_.close_late(hold, today, actual);
    }

    void compare()
    {
        if (dice_.odds(1, 30)) reopen();
        for (const char* task : {"t1", "t2", "t3", "t4"}) {
            const auto all = legs(task);
            const auto answer = purse_.run([&](Books& books) {
                check_time(books);
                note_time(books);  // holds may have expired
                return books.status({.agent = kAgent, .legs = all});
            });
            for (std::size_t i = 0; i < all.size(); ++i) {
                CAPTURE(all[i].rule->kind, task);
                const Shadow::Sums found{answer.caps[i].held, answer.caps[i].spent};
                const auto expected = shadow_.sums(*all[i].rule, all[i].scope);
                REQUIRE(found.held == expected.held);
                REQUIRE(found.spent == expected.spent);
            }
        }
    }

    void finish()
    {
        const auto found = audit(purse_.folder.path());
        REQUIRE(found.text() == "");
        REQUIRE(found.holds.size() == shadow_.holds.size());
        REQUIRE(found.captured == shadow_.captured());
        for (const auto& hold : shadow_.holds) {
            const auto& stored = found.holds.at(hold.id.to_string());
            REQUIRE(stored.state == wire_name(hold.state));
            REQUIRE(stored.captured == hold.captured);
        }
    }

    struct Known {
        Digest fingerprint{};
        HoldAnswer answer;
    };

    Dice dice_;
    TestLedger purse_;
    Shadow shadow_;
    std::map<std::string, Known> keys_;
    int policies_ = 0;
    std::int64_t entries_ = 0;
    Instant written_at_;
    bool is_new_process_ = false;
};
}  // namespace

TEST_CASE("properties: a random purse and its shadow agree after every commit")
{
    const auto runs = setting("PURSE_PROPERTY_RUNS", 12);
    const auto first = setting("PURSE_PROPERTY_SEED", 1);
    for (std::uint64_t seed = first; seed < first + runs; ++seed) {
        CAPTURE(seed);
        Day{seed}.live(120);
    }
}
