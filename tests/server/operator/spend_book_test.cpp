// SPDX-License-Identifier: Apache-2.0
#include "server/operator/spend_book.hpp"

#include <catch2/catch.hpp>

#include "server/operator/hold_story.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::server;
using namespace purse::test;

namespace {
struct Desk {
    TestLedger purse;
    SpendBook book;

    Desk() { purse.rules.money("daily", Window::day, 1'000'000'000); }
    void pay(std::string_view amount)
    {
        const auto held = purse.hold(amount);
        REQUIRE(held.outcome == HoldAnswer::Outcome::approved);
        purse.settle(held.id, amount);
    }
    void catch_up()
    {
        if (!book.has_begun()) book.begin(purse.run(SpendBook::find_beginning));
        book.take(
            purse.run([&](Books& books) { return books.rows().journal(book.next(), 100'000); }));
    }
    boost::json::object day()
    {
        catch_up();
        return book.day(purse.clock.wall());
    }
};

std::string last_of(const boost::json::object& chart, const char* member)
{
    const auto& point = chart.at("points").as_array().back().as_object();
    const auto& value = point.at(member);
    return value.is_string() ? std::string{value.as_string()} : std::to_string(value.as_int64());
}

std::string sum_of(const boost::json::object& chart)
{
    std::int64_t sum = 0;
    for (const auto& point : chart.at("points").as_array())
        sum += usdc(std::string_view{point.at("spent").as_string()}).micro();
    return micro(sum).to_string();
}
}  // namespace

TEST_CASE("spend: steps of a quarter of an hour over a day, the last one going on")
{
    Desk desk;
    desk.pay("1.50");
    desk.pay("0.25");
    desk.purse.hold("2000");  // refused
    auto chart = desk.day();
    CHECK(chart.at("points").as_array().size() == 96);
    CHECK(chart.at("stepSeconds").as_int64() == 900);
    CHECK(chart.at("complete").as_bool());
    CHECK(last_of(chart, "spent") == "1.75");
    CHECK(last_of(chart, "settled") == "2");
    CHECK(last_of(chart, "refused") == "1");
    CHECK(chart.at("byAgent").as_array().front().at("agent").as_string() == "painter");
    CHECK(chart.at("byAgent").as_array().front().at("spent").as_string() == "1.75");

    desk.purse.clock.pass(Span::minutes(15));
    desk.pay("3");
    chart = desk.day();
    CHECK(last_of(chart, "spent") == "3.00");
    CHECK(sum_of(chart) == "4.75");
    // Nothing is looked at twice.
    CHECK(sum_of(desk.day()) == "4.75");

    desk.purse.clock.pass(Span::hours(24));
    desk.pay("1");
    CHECK(sum_of(desk.day()) == "1.00");
}

TEST_CASE("spend: a month's days are what the counters say, however long the journal is")
{
    Desk desk;
    desk.pay("1");
    desk.purse.clock.pass(Span::days(3));
    desk.pay("2");
    desk.purse.clock.pass(Span::days(1));
    desk.pay("4");
    desk.catch_up();
    const auto now = desk.purse.clock.wall();
    const auto days = desk.purse.run([&](Books& books) {
        DaysSpent counted;
        SpendBook::add_days(books, kAgent, SpendBook::month_start(now), counted);
        return counted;
    });
    const auto chart = desk.book.month(now, days);
    CHECK(chart.at("points").as_array().size() == 30);
    CHECK(last_of(chart, "spent") == "4.00");
    CHECK(last_of(chart, "settled") == "1");
    CHECK(sum_of(chart) == "7.00");
    CHECK(chart.at("byAgent").as_array().front().at("spent").as_string() == "7.00");
}

TEST_CASE("spend: entries are found by their time")
{
    Desk desk;
    std::vector<Instant> times;
    for (int i = 0; i < 20; ++i) {
        if (i % 3 == 0) desk.purse.clock.pass(Span::minutes(1));
        desk.purse.hold("1");
        times.push_back(desk.purse.clock.wall());
    }
    const auto rows = desk.purse.journal();
    for (const auto at : times) {
        const auto first = desk.purse.run([&](Books& books) { return first_entry_at(books, at); });
        CHECK(rows.at(static_cast<std::size_t>(first - 1)).at >= at);
        if (first > 1) CHECK(rows.at(static_cast<std::size_t>(first - 2)).at < at);
    }
    const auto after = desk.purse.run(
        [&](Books& books) { return first_entry_at(books, books.now() + Span::days(1)); });
    CHECK(after == static_cast<std::int64_t>(rows.size()) + 1);
}

TEST_CASE(
    "spend: sums beyond 64 bits, of a journal that somebody has written into, stay at the top")
{
    std::vector<JournalRow> rows;
    for (std::int64_t seq = 1; seq <= 12; ++seq)
        rows.push_back({.seq = seq,
                        .at = {1'795'000'000'000'000},
                        .body = R"({"actual":"1000000000000","agent":")" +
                                std::string{seq % 2 == 0 ? "a" : "b"} +
                                R"(","kind":"settled","seq":)" + std::to_string(seq) + "}"});
    SpendBook book;
    book.begin({.seq = 1, .whole_since = {}});
    book.take(rows);
    const auto chart = book.day({1'795'000'000'000'000});
    CHECK(last_of(chart, "settled") == "12");
    CHECK(last_of(chart, "spent") == "9223372036854.775807");
    const auto& agents = chart.at("byAgent").as_array();
    REQUIRE(agents.size() == 2);
    for (const auto& agent : agents)
        CHECK(std::string_view{agent.as_object().at("spent").as_string()} == "6000000000000.00");
}
