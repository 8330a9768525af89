// SPDX-License-Identifier: Apache-2.0
#include "server/door/gate.hpp"

#include <catch2/catch.hpp>

#include "server/door/limits.hpp"
#include "tests/server/door/door_bench.hpp"

using namespace purse;
using namespace purse::server;

namespace {
struct Fixture {
    test::ScriptedRegistrar registrar;
    test::Loop loop;
    Gate gate{registrar,
              [this](std::move_only_function<void()> work) { loop.post(std::move(work)); }};
    int passed = 0;
    int refused = 0;

    bool wait(std::string_view credential)
    {
        return gate.wait(credential, [this](const Verdict& verdict) {
            ++(verdict.passes() ? passed : refused);
        });
    }
    void enter(std::string_view credential)
    {
        REQUIRE(wait(credential));
        loop.run();
    }
    void tick(std::size_t times)
    {
        for (; times > 0; --times) gate.tick();
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "gate: a verdict is asked for once and remembered")
{
    CHECK(gate.look("good") == nullptr);
    CHECK(registrar.asked == 0);
    REQUIRE(wait("good"));
    CHECK(passed == 0);  // later, on the I/O thread
    loop.run();
    CHECK(passed == 1);
    for (std::size_t i = 0; i <= kVerdictFreshTicks; ++i, gate.tick()) {
        const auto* verdict = gate.look("good");
        REQUIRE(verdict);
        CHECK(verdict->passes());
        CHECK(verdict->identity.agent == "good");
        CHECK(verdict->principal.size() == 32);
    }
    CHECK(registrar.asked == 1);
    CHECK(gate.look("good2") == nullptr);
}

TEST_CASE_METHOD(Fixture, "gate: principals differ as credentials do, and show none of them")
{
    enter("good");
    enter("good2");
    CHECK(gate.look("good")->principal != gate.look("good2")->principal);
    CHECK(gate.look("good")->principal.find("good") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "gate: a good verdict that is not fresh passes, and is asked for anew")
{
    enter("good");
    tick(kVerdictFreshTicks + 1);
    registrar.is_silent = true;
    for (int i = 0; i < 3; ++i) CHECK(gate.look("good"));
    CHECK(registrar.asked == 2);  // once for all who come meanwhile
    SECTION("still good")
    {
        registrar.answer_all();
        loop.run();
        tick(kVerdictFreshTicks);
        CHECK(gate.look("good"));
        CHECK(registrar.asked == 2);
    }
    SECTION("revoked: the next one is refused")
    {
        registrar.refused["good"] = Reason::credential_revoked;
        CHECK(gate.look("good")->passes());
        registrar.answer_all();
        loop.run();
        REQUIRE(gate.look("good"));
        CHECK_FALSE(gate.look("good")->passes());
    }
    SECTION("no answer: it passes so long and no longer")
    {
        tick(kVerdictStaleTicks - kVerdictFreshTicks - 1);
        CHECK(gate.look("good"));
        tick(1);
        CHECK(gate.look("good") == nullptr);
        // Whoever waits then is let in by the question that is under way.
        REQUIRE(wait("good"));
        REQUIRE(wait("good"));
        CHECK(registrar.asked == 2);
        registrar.answer_all();
        loop.run();
        CHECK(passed == 3);
        // Its age counts from the question.
        tick(kVerdictFreshTicks);
        CHECK(gate.look("good"));
        tick(1);
        CHECK(gate.look("good") == nullptr);
    }
}

TEST_CASE_METHOD(Fixture, "gate: a refusal is remembered for a moment, then asked for first")
{
    enter("bad");
    CHECK(refused == 1);
    tick(kVerdictFreshTicks);
    REQUIRE(gate.look("bad"));
    CHECK_FALSE(gate.look("bad")->passes());
    CHECK(gate.look("bad")->identity.refused == Reason::credential_unknown);
    tick(1);
    CHECK(gate.look("bad") == nullptr);
    CHECK(registrar.asked == 1);
    enter("bad");
    CHECK(registrar.asked == 2);
    CHECK(refused == 2);
}

TEST_CASE_METHOD(Fixture, "gate: so many wait for verdicts and no more")
{
    registrar.is_silent = true;
    for (std::size_t i = 0; i < kVerdictQueueMax; ++i)
        REQUIRE(wait("good" + std::to_string(i % 10)));
    CHECK(registrar.asked == 10);
    CHECK_FALSE(wait("good0"));
    CHECK_FALSE(wait("another"));
    CHECK(registrar.asked == 10);
    registrar.answer_all();
    loop.run();
    CHECK(passed == static_cast<int>(kVerdictQueueMax));
    CHECK(wait("another"));
}

TEST_CASE_METHOD(Fixture, "gate: whoever is let in may ask again at once")
{
    int again = 0;
    REQUIRE(gate.wait("good", [&](const Verdict&) {
        CHECK(gate.look("good"));
        for (int i = 0; i < 100; ++i)
            gate.wait("good" + std::to_string(i), [&](const Verdict&) { ++again; });
    }));
    loop.run();
    CHECK(again == 100);
}

TEST_CASE_METHOD(Fixture, "gate: bad attempts of an address are counted and forgiven")
{
    for (std::size_t i = 0; i < kBadAttemptsBurst; ++i) {
        CHECK_FALSE(gate.is_throttled("10.0.0.1"));
        gate.count_bad("10.0.0.1");
    }
    CHECK(gate.is_throttled("10.0.0.1"));
    CHECK_FALSE(gate.is_throttled("10.0.0.2"));
    // More of them make it no worse.
    for (int i = 0; i < 1'000; ++i) gate.count_bad("10.0.0.1");
    tick(kTicksPerSecond);
    CHECK_FALSE(gate.is_throttled("10.0.0.1"));
    gate.count_bad("10.0.0.1");
    CHECK(gate.is_throttled("10.0.0.1"));
    tick(kTicksPerSecond * kBadAttemptsBurst);
    for (std::size_t i = 0; i + 1 < kBadAttemptsBurst; ++i) gate.count_bad("10.0.0.1");
    CHECK_FALSE(gate.is_throttled("10.0.0.1"));
}

TEST_CASE_METHOD(Fixture, "gate: so many addresses are counted, and forgotten when forgiven")
{
    for (std::size_t i = 0; i < kBadAddressesMax; ++i)
        for (std::size_t n = 0; n < 2; ++n) gate.count_bad("a" + std::to_string(i));
    for (std::size_t n = 0; n < kBadAttemptsBurst; ++n) gate.count_bad("late");
    CHECK_FALSE(gate.is_throttled("late"));
    for (std::size_t n = 0; n < kBadAttemptsBurst; ++n) gate.count_bad("a7");
    CHECK(gate.is_throttled("a7"));
    tick(2 * kTicksPerSecond);
    for (std::size_t n = 0; n < kBadAttemptsBurst; ++n) gate.count_bad("late");
    CHECK(gate.is_throttled("late"));
}

TEST_CASE_METHOD(Fixture, "gate: made-up credentials do not push out those in use")
{
    for (int i = 0; i < 100; ++i) enter("good" + std::to_string(i));
    const auto asked = static_cast<std::size_t>(registrar.asked);
    for (std::size_t i = asked; i < kVerdictsMax; ++i) enter("bad" + std::to_string(i));
    CHECK(gate.look("bad" + std::to_string(asked)));
    enter("one more");
    CHECK(gate.look("bad" + std::to_string(asked)) == nullptr);
    for (int i = 0; i < 100; ++i) CHECK(gate.look("good" + std::to_string(i)));
    CHECK(gate.look("one more"));
}

TEST_CASE_METHOD(Fixture, "gate: where all are good, all are asked for anew; who waits is not lost")
{
    for (std::size_t i = 0; i < kVerdictsMax - 1; ++i) enter("good" + std::to_string(i));
    registrar.is_silent = true;
    REQUIRE(wait("good one"));
    REQUIRE(wait("good two"));
    CHECK(gate.look("good0") == nullptr);
    registrar.answer_all();
    loop.run();
    CHECK(passed == static_cast<int>(kVerdictsMax) + 1);
    CHECK(gate.look("good one"));
}
