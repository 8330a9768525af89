// SPDX-License-Identifier: Apache-2.0
#include "ledger/calendar.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_entropy.hpp"

using namespace purse;
using purse::test::at;

namespace {
struct Row {
    Window window;
    const char* moment;
    const char* start;
    const char* end;
};
}  // namespace

TEST_CASE("calendar: windows start and end where the calendar says")
{
    const Row rows[] = {
        {Window::hour, "2026-11-23T17:04:05.000123Z", "2026-11-23T17:00:00.000000Z",
         "2026-11-23T18:00:00.000000Z"},
        {Window::hour, "2026-12-31T23:59:59.999999Z", "2026-12-31T23:00:00.000000Z",
         "2027-01-01T00:00:00.000000Z"},
        {Window::day, "2026-11-23T00:00:00.000000Z", "2026-11-23T00:00:00.000000Z",
         "2026-11-24T00:00:00.000000Z"},
        {Window::day, "2026-11-22T23:59:59.999999Z", "2026-11-22T00:00:00.000000Z",
         "2026-11-23T00:00:00.000000Z"},
        {Window::day, "2028-02-28T12:00:00.000000Z", "2028-02-28T00:00:00.000000Z",
         "2028-02-29T00:00:00.000000Z"},
        {Window::day, "2028-02-29T12:00:00.000000Z", "2028-02-29T00:00:00.000000Z",
         "2028-03-01T00:00:00.000000Z"},
        {Window::day, "2100-02-28T12:00:00.000000Z", "2100-02-28T00:00:00.000000Z",
         "2100-03-01T00:00:00.000000Z"},  // no leap year
        // 2026-11-23 is a Monday.
        {Window::week, "2026-11-23T00:00:00.000000Z", "2026-11-23T00:00:00.000000Z",
         "2026-11-30T00:00:00.000000Z"},
        {Window::week, "2026-11-22T23:59:59.999999Z", "2026-11-16T00:00:00.000000Z",
         "2026-11-23T00:00:00.000000Z"},
        {Window::week, "2027-01-01T08:00:00.000000Z", "2026-12-28T00:00:00.000000Z",
         "2027-01-04T00:00:00.000000Z"},  // a week across the year
        {Window::month, "2026-11-23T17:00:00.000000Z", "2026-11-01T00:00:00.000000Z",
         "2026-12-01T00:00:00.000000Z"},
        {Window::month, "2026-12-31T23:59:59.999999Z", "2026-12-01T00:00:00.000000Z",
         "2027-01-01T00:00:00.000000Z"},
        {Window::month, "2028-02-29T00:00:00.000000Z", "2028-02-01T00:00:00.000000Z",
         "2028-03-01T00:00:00.000000Z"},
        {Window::month, "2027-01-31T23:59:59.999999Z", "2027-01-01T00:00:00.000000Z",
         "2027-02-01T00:00:00.000000Z"},
        {Window::month, "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z",
         "1970-02-01T00:00:00.000000Z"},
    };
    for (const auto& row : rows) {
        CAPTURE(wire_name(row.window), row.moment);
        CHECK(to_rfc3339(window_start(row.window, at(row.moment))) == row.start);
        CHECK(to_rfc3339(window_end(row.window, at(row.moment))) == row.end);
    }
    for (const auto window : {Window::lifetime, Window::rolling}) {
        CHECK(window_start(window, at("2026-11-23T17:04:05.000123Z")) == Instant{});
        CHECK(window_end(window, at("2026-11-23T17:04:05.000123Z")) == Instant::never());
    }
}

TEST_CASE("calendar: windows tile time without gap or overlap")
{
    test::Dice dice{7};
    for (const auto window : {Window::hour, Window::day, Window::week, Window::month})
        for (int i = 0; i < 3'000; ++i) {
            const Instant moment{dice.between(0, 4'102'444'800'000'000)};  // until 2100
            const auto start = window_start(window, moment);
            const auto end = window_end(window, moment);
            CAPTURE(to_rfc3339(moment));
            REQUIRE(start <= moment);
            REQUIRE(moment < end);
            REQUIRE(window_start(window, start) == start);
            REQUIRE(window_start(window, end) == end);
            REQUIRE(window_start(window, end - Span{1}) == start);
        }
}

TEST_CASE("calendar: RFC 3339 there and back")
{
    CHECK(to_rfc3339({0}) == "1970-01-01T00:00:00.000000Z");
    CHECK(to_rfc3339({1}) == "1970-01-01T00:00:00.000001Z");
    CHECK(to_rfc3339({951'782'399'999'999}) == "2000-02-28T23:59:59.999999Z");
    CHECK(to_rfc3339({951'782'400'000'000}) == "2000-02-29T00:00:00.000000Z");
    CHECK(to_words(at("2026-11-23T17:04:05.999999Z")) == "2026-11-23 17:04:05 UTC");
    test::Dice dice{8};
    for (int i = 0; i < 10'000; ++i) {
        const Instant moment{dice.between(-62'135'596'800'000'000, 253'402'300'799'999'999)};
        REQUIRE(from_rfc3339(to_rfc3339(moment)) == moment);
    }
    const Instant early{1'000'000'000'000'000};
    CHECK(to_rfc3339(early) < to_rfc3339(early + Span{1}));
}

TEST_CASE("calendar: texts that are not RFC 3339 as we write it")
{
    for (const char* text : {"", "2026-11-23", "2026-11-23T17:04:05Z", "2026-11-23T17:04:05.000Z",
                             "2026-11-23T17:04:05.000000", "2026-11-23T17:04:05.000000+00:00",
                             "2026-11-23t17:04:05.000000Z", "2026-11-23 17:04:05.000000Z",
                             "2026-02-29T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
                             "2026-00-01T00:00:00.000000Z", "2026-04-31T00:00:00.000000Z",
                             "2026-11-23T24:00:00.000000Z", "2026-11-23T23:60:00.000000Z",
                             "2026-11-23T23:59:60.000000Z", "2026-11-23T23:59:59.00000aZ",
                             "2026-11-23T23:59:59.000000Zx", "-026-11-23T23:59:59.000000Z"}) {
        CAPTURE(text);
        CHECK_FALSE(from_rfc3339(text).has_value());
    }
}

TEST_CASE("calendar: spans")
{
    struct Good {
        const char* text;
        std::int64_t us;
        const char* written;
    };
    for (const auto& row :
         {Good{"1ms", 1'000, "1ms"}, Good{"250ms", 250'000, "250ms"},
          Good{"1000ms", 1'000'000, "1s"}, Good{"90s", 90'000'000, "90s"},
          Good{"60s", 60'000'000, "1m"}, Good{"2m", 120'000'000, "2m"},
          Good{"1h", 3'600'000'000, "1h"}, Good{"24h", 86'400'000'000, "1d"},
          Good{"7d", 604'800'000'000, "1w"}, Good{"30d", 2'592'000'000'000, "30d"},
          Good{"1w", 604'800'000'000, "1w"}, Good{"010s", 10'000'000, "10s"},
          Good{"3660d", 316'224'000'000'000, "3660d"}}) {
        CAPTURE(row.text);
        const auto span = parse_span(row.text);
        REQUIRE(span.has_value());
        CHECK(span->us == row.us);
        CHECK(to_string(*span) == row.written);
        CHECK(parse_span(to_string(*span)) == span);
    }
    for (const char* text : {"",
                             "s",
                             "1",
                             "0s",
                             "0ms",
                             "-1s",
                             "+1s",
                             " 1s",
                             "1 s",
                             "1s ",
                             "1S",
                             "1.5h",
                             "1us",
                             "1M",
                             "1y",
                             "3661d",
                             "523w",
                             "99999999999999999999s",
                             "9223372036854775807w",
                             "1e3s",
                             "0x1s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_span(text).has_value());
    }
}

TEST_CASE("calendar: names of windows there and back")
{
    for (const auto window : {Window::lifetime, Window::hour, Window::day, Window::week,
                              Window::month, Window::rolling})
        CHECK(window_of(wire_name(window)) == window);
    CHECK_FALSE(window_of("").has_value());
    CHECK_FALSE(window_of("Day").has_value());
}
