// SPDX-License-Identifier: Apache-2.0
#include "policy/hours.hpp"

#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
std::vector<Hours> times_of(const std::string& entries)
{
    return document_of({.agent = R"({ "times": [)" + entries + "] }"})
        ->agent("a")
        ->charged[0]
        ->times;
}

std::string change(const std::vector<Hours>& times, std::string_view from)
{
    const auto next = next_change(times, at(from));
    return next ? to_rfc3339(*next).substr(0, 19) : "none";
}

/// Walks minute by minute: what next_change() must agree with.
std::optional<Instant> change_by_walking(const std::vector<Hours>& times, Instant from)
{
    const bool is_open = open_at(times, from);
    for (auto t = from; t <= from + Span::days(8); t = t + Span::minutes(1))
        if (open_at(times, t) != is_open) return t;
    return std::nullopt;
}
}  // namespace

TEST_CASE("Without times it is always open")
{
    CHECK(open_at({}, at("2026-11-23T03:00:00")));
    CHECK_FALSE(next_change({}, at("2026-11-23T03:00:00")));
}

TEST_CASE("An entry includes its start and excludes its end")
{
    const auto times = times_of(R"({ "days": ["mon", "wed"], "from": "08:00", "to": "18:00" })");
    CHECK_FALSE(open_at(times, at("2026-11-23T07:59:59")));
    CHECK(open_at(times, at("2026-11-23T08:00:00")));
    CHECK(open_at(times, at("2026-11-23T17:59:59")));
    CHECK_FALSE(open_at(times, at("2026-11-23T18:00:00")));
    CHECK_FALSE(open_at(times, at("2026-11-24T12:00:00")));
    CHECK(change(times, "2026-11-23T12:00:00") == "2026-11-23T18:00:00");
    CHECK(change(times, "2026-11-23T18:00:00") == "2026-11-25T08:00:00");
    CHECK(change(times, "2026-11-25T18:00:00") == "2026-11-30T08:00:00");
    CHECK(to_string(times) == "Mon,Wed 08:00-18:00 UTC");
}

TEST_CASE("An entry that crosses midnight belongs to the day on which it opens")
{
    const auto times = times_of(R"({ "days": ["fri"], "from": "22:00", "to": "06:00" })");
    CHECK_FALSE(open_at(times, at("2026-11-27T05:59:59")));
    CHECK(open_at(times, at("2026-11-27T22:00:00")));
    CHECK(open_at(times, at("2026-11-28T05:59:59")));
    CHECK_FALSE(open_at(times, at("2026-11-28T06:00:00")));
    CHECK_FALSE(open_at(times, at("2026-11-28T22:00:00")));
    CHECK(change(times, "2026-11-27T23:00:00") == "2026-11-28T06:00:00");
    CHECK(change(times, "2026-11-28T06:00:00") == "2026-12-04T22:00:00");
}

TEST_CASE("Whole days, adjoining entries and several zones are one time")
{
    CHECK(change(times_of(R"({ })"), "2026-11-23T12:00:00") == "none");
    CHECK(change(times_of(R"({ "days": ["mon"] })"), "2026-11-23T12:00:00") ==
          "2026-11-24T00:00:00");
    CHECK(change(times_of(
                     R"({ "days": ["mon"], "to": "12:00" }, { "days": ["mon"], "from": "12:00",
        "to": "24:00" })"),
                 "2026-11-23T11:00:00") == "2026-11-24T00:00:00");
    const auto two =
        times_of(R"({ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00",
                                  "timeZone": "Asia/Tokyo" }, { "days": ["sun"],
        "timeZone": "UTC" })");
    CHECK(open_at(two, at("2026-11-23T00:00:00")));  // 09:00 in Tokyo
    CHECK(open_at(two, at("2026-11-22T23:59:59")));  // Sunday, UTC
    CHECK(change(two, "2026-11-22T12:00:00") == "2026-11-23T08:00:00");
    CHECK(to_string(two) == "Mon-Fri 09:00-17:00 Asia/Tokyo; Sun 00:00-24:00 UTC");
}

TEST_CASE("Berlin sets its clocks forward on 29 March 2026")
{
    // 01:00 UTC: 02:00 becomes 03:00.
    const auto office =
        times_of(R"({ "from": "08:00", "to": "18:00", "timeZone": "Europe/Berlin" })");
    CHECK(change(office, "2026-03-28T00:00:00") == "2026-03-28T07:00:00");
    CHECK(change(office, "2026-03-28T20:00:00") == "2026-03-29T06:00:00");
    CHECK(change(office, "2026-03-29T06:00:00") == "2026-03-29T16:00:00");

    const auto gap = times_of(R"({ "from": "02:15", "to": "02:45", "timeZone": "Europe/Berlin" })");
    CHECK(change(gap, "2026-03-28T12:00:00") == "2026-03-30T00:15:00");  // not at all on the 29th

    const auto into_gap =
        times_of(R"({ "from": "01:00", "to": "02:30", "timeZone": "Europe/Berlin" })");
    CHECK(change(into_gap, "2026-03-29T00:30:00") == "2026-03-29T01:00:00");  // closed by the jump
    const auto out_of_gap =
        times_of(R"({ "from": "02:30", "to": "04:00", "timeZone": "Europe/Berlin" })");
    CHECK(change(out_of_gap, "2026-03-29T00:30:00") ==
          "2026-03-29T01:00:00");  // opened by the jump
    CHECK(change(out_of_gap, "2026-03-29T01:00:00") == "2026-03-29T02:00:00");
}

TEST_CASE("Berlin sets its clocks back on 25 October 2026")
{
    // 01:00 UTC: 03:00 becomes 02:00.
    const auto office =
        times_of(R"({ "from": "08:00", "to": "18:00", "timeZone": "Europe/Berlin" })");
    CHECK(change(office, "2026-10-24T20:00:00") == "2026-10-25T07:00:00");
    const auto twice =
        times_of(R"({ "from": "02:15", "to": "02:45", "timeZone": "Europe/Berlin" })");
    CHECK(change(twice, "2026-10-25T00:00:00") == "2026-10-25T00:15:00");
    CHECK(change(twice, "2026-10-25T00:15:00") == "2026-10-25T00:45:00");
    CHECK(change(twice, "2026-10-25T00:45:00") == "2026-10-25T01:15:00");
    CHECK(change(twice, "2026-10-25T01:15:00") == "2026-10-25T01:45:00");
    const auto until =
        times_of(R"({ "from": "00:00", "to": "02:30", "timeZone": "Europe/Berlin" })");
    CHECK(change(until, "2026-10-25T00:00:00") == "2026-10-25T00:30:00");
    CHECK(change(until, "2026-10-25T00:30:00") ==
          "2026-10-25T01:00:00");  // opened again by the clock
    CHECK(change(until, "2026-10-25T01:00:00") == "2026-10-25T01:30:00");
}

TEST_CASE("The next change is the one that walking minute by minute finds")
{
    const char* entries[] = {
        R"({ "from": "02:15", "to": "02:45", "timeZone": "Europe/Berlin" })",
        R"({ "days": ["sat", "sun"], "from": "23:30", "to": "02:30",
        "timeZone": "Europe/Berlin" })",
        R"({ "days": ["sun"], "timeZone": "America/New_York" })",
        R"({ "from": "00:30", "to": "01:45", "timeZone": "Australia/Lord_Howe" }, {
        "days": ["tue"], "to": "00:01" })",
        R"({ "days": ["sun"], "from": "02:30", "to": "03:30", "timeZone": "Europe/Berlin" })",
    };
    for (const auto* entry : entries)
        for (const auto* start : {"2026-03-26T10:07:00", "2026-10-22T23:00:00",
                                  "2026-10-30T01:30:00", "2026-04-02T12:00:00"}) {
            const auto times = times_of(entry);
            // One change after another, across the days on which clocks are set.
            for (auto t = at(start); t < at(start) + Span::days(4);) {
                const auto next = next_change(times, t);
                INFO(entry << " from " << to_rfc3339(t));
                REQUIRE(next == change_by_walking(times, t));
                if (!next) break;
                t = *next;
            }
        }
}

TEST_CASE("UTC needs no time zone database, and unknown zones are told from known ones")
{
    REQUIRE(find_zone("UTC"));
    CHECK(*find_zone("UTC") == nullptr);
    REQUIRE(find_zone("Europe/Berlin"));
    CHECK(*find_zone("Europe/Berlin") != nullptr);
    CHECK_FALSE(find_zone(""));
    CHECK_FALSE(find_zone("Europe"));
    CHECK_FALSE(find_zone("/etc/localtime"));
}
