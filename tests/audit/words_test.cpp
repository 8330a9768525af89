// SPDX-License-Identifier: Apache-2.0
// The auditor's readers against the ledger's: two hands that never saw each other's work.
#include "audit/words.hpp"

#include <catch2/catch.hpp>

#include "ledger/calendar.hpp"
#include "ledger/money.hpp"
#include "tests/support/seeded_entropy.hpp"

using namespace purse;
using namespace purse::test;

TEST_CASE("audit words: amounts")
{
    CHECK(auditor::micro_of("0") == 0);
    CHECK(auditor::micro_of("0.08") == 80'000);
    CHECK(auditor::micro_of("12.000001") == 12'000'001);
    CHECK(auditor::micro_of("1000000000000") == 1'000'000'000'000'000'000);
    CHECK(auditor::usdc(80'000) == "0.08");
    CHECK(auditor::usdc(12'000'000) == "12.00");
    for (const auto* wrong : {"", "-1", "1.", ".5", "1.0000001", "1e3", "0x1", " 1", "1,0"})
        CHECK_THROWS_AS(auditor::micro_of(wrong), auditor::Unreadable);

    Dice dice{7};
    for (int i = 0; i < 1'000; ++i) {
        const auto micro = dice.between(0, Money::max().micro());
        CHECK(auditor::micro_of(Money::from_micro(micro).to_string()) == micro);
    }
}

TEST_CASE("audit words: times, and the windows they are in")
{
    CHECK(auditor::time_of("1970-01-01T00:00:00.000000Z") == 0);
    for (const auto* wrong :
         {"", "2026-11-23", "2026-11-23T17:04:05Z", "2026-02-30T00:00:00.000000Z",
          "2026-11-23 17:04:05.000123Z", "2026-11-23T17:04:05.000123+"})
        CHECK_THROWS_AS(auditor::time_of(wrong), auditor::Unreadable);

    struct Case {
        const char* kind;
        Window window;
    };
    Dice dice{11};
    for (int i = 0; i < 2'000; ++i) {
        const Instant at{dice.between(0, 4'000'000'000'000'000)};  // up to the year 2096
        CHECK(auditor::time_of(to_rfc3339(at)) == at.us);
        CHECK(auditor::rfc3339_of(at.us) == to_rfc3339(at));
        for (const auto& [kind, window] :
             {Case{"hourly", Window::hour}, Case{"daily", Window::day},
              Case{"weekly", Window::week}, Case{"monthly", Window::month},
              Case{"lifetime", Window::lifetime}, Case{"perTask", Window::lifetime}})
            CHECK(auditor::window_start(kind, at.us) == window_start(window, at).us);
    }
}

TEST_CASE("audit words: spans")
{
    for (const auto* text : {"250ms", "90s", "2m", "12h", "30d", "2w"})
        CHECK(auditor::span_of(text) == parse_span(text)->us);
    for (const auto* wrong : {"", "s", "5", "5 s", "5y", "-5s", "1.5h"})
        CHECK_THROWS_AS(auditor::span_of(wrong), auditor::Unreadable);
    CHECK(auditor::span_in_kind("rolling 1h") == 3'600'000'000);
    CHECK(auditor::span_in_kind("daily") == 0);
    CHECK(auditor::counts_calls("loop 1m"));
    CHECK(auditor::counts_calls("count 1m"));
    CHECK_FALSE(auditor::counts_calls("rolling 1m"));
}
