// SPDX-License-Identifier: Apache-2.0
#include "server/door/replay.hpp"

#include <catch2/catch.hpp>

#include "server/door/limits.hpp"

using namespace purse::server;

namespace {
/// The data of what follows an event, or "nothing".
std::string after(const Replay& replay, EventId last)
{
    const auto rest = replay.after(last);
    if (!rest) return "nothing";
    std::string text;
    for (const auto& [id, data] : rest->events) {
        CHECK(id.stream == last.stream);
        text += std::to_string(id.event) + data + " ";
    }
    return text + (rest->is_complete ? "." : "...");
}
}  // namespace

TEST_CASE("replay: event ids, both ways")
{
    for (const EventId id : {EventId{0, 0}, EventId{1, 2}, EventId{~0ULL, ~0ULL}}) {
        const auto back = EventId::parse(id.to_string());
        REQUIRE(back);
        CHECK(back->stream == id.stream);
        CHECK(back->event == id.event);
    }
    CHECK(EventId{12, 34}.to_string() == "12-34");
    for (const auto* text :
         {"", "-", "1", "1-", "-1", "1--1", "-1-1", "1-1-1", "a-1", "1-a", " 1-1", "1-1 ", "+1-1",
          "0x1-1", "1_1", "18446744073709551616-1", "01-1", "1-01", "00-0"}) {
        INFO(text);
        CHECK_FALSE(EventId::parse(text));
    }
}

TEST_CASE("replay: what followed an event, of its own stream alone")
{
    Replay replay;
    CHECK(replay.empty());
    const auto one = replay.begin_stream();
    const auto two = replay.begin_stream();
    CHECK(one != two);
    CHECK(replay.add(one, "a").event == 1);
    CHECK(replay.add(two, "x").event == 1);
    CHECK(replay.add(one, "b").event == 2);
    CHECK(after(replay, {one, 0}) == "1a 2b ...");
    CHECK(after(replay, {one, 1}) == "2b ...");
    CHECK(after(replay, {one, 2}) == "...");
    CHECK(after(replay, {two, 0}) == "1x ...");
    replay.end_stream(one);
    CHECK(after(replay, {one, 1}) == "2b .");
    CHECK(after(replay, {two, 1}) == "...");
    // Never happened.
    CHECK(after(replay, {one, 3}) == "nothing");
    CHECK(after(replay, {two + 1, 0}) == "nothing");
    CHECK(after(replay, {0, 0}) == "nothing");
    CHECK(after(replay, {one, ~0ULL}) == "nothing");
    replay.forget(one);
    CHECK(after(replay, {one, 2}) == "nothing");
    CHECK(after(replay, {two, 0}) == "1x ...");
}

TEST_CASE("replay: so many bytes of all streams, and a gap is no answer")
{
    Replay replay;
    const auto stream = replay.begin_stream();
    const std::string half(kReplayBytesMax / 2, 'x');
    replay.add(stream, half);
    replay.add(stream, half);
    CHECK(replay.after({stream, 0})->events.size() == 2);
    replay.add(stream, "y");
    CHECK_FALSE(replay.after({stream, 0}));
    CHECK(replay.after({stream, 1})->events.size() == 2);
    CHECK(replay.after({stream, 3})->events.empty());
    // One event that is larger than the room: nothing is kept, and nothing is claimed.
    replay.add(stream, std::string(kReplayBytesMax + 1, 'z'));
    CHECK_FALSE(replay.after({stream, 0}));
    CHECK_FALSE(replay.after({stream, 3}));
    CHECK(after(replay, {stream, 4}) == "...");
    CHECK(replay.add(stream, "w").event == 5);
    CHECK(after(replay, {stream, 4}) == "5w ...");
}

TEST_CASE("replay: a full house makes room for the newest stream's events")
{
    Replay replay;
    const auto old = replay.begin_stream();
    replay.add(old, std::string(kReplayBytesMax, 'x'));
    const auto fresh = replay.begin_stream();
    replay.add(fresh, "needed");
    CHECK(after(replay, {fresh, 0}) == "1needed ...");
    CHECK(after(replay, {old, 0}) == "nothing");
    CHECK(after(replay, {old, 1}) == "...");
}

TEST_CASE("replay: so many streams, the oldest goes")
{
    Replay replay;
    const auto first = replay.begin_stream();
    replay.add(first, std::string(kReplayBytesMax, 'x'));
    for (std::size_t i = 1; i < kReplayStreamsMax; ++i) replay.begin_stream();
    CHECK(replay.after({first, 0}));
    const auto last = replay.begin_stream();
    CHECK_FALSE(replay.after({first, 0}));
    // Its bytes went with it.
    replay.add(last, std::string(kReplayBytesMax, 'y'));
    CHECK(replay.after({last, 0}));
    // Who is forgotten may go on, unheard.
    CHECK(replay.add(first, "z").event == 0);
    replay.end_stream(first);
    CHECK_FALSE(replay.after({first, 0}));
}

TEST_CASE("replay: kept for a while after the last event, then forgotten")
{
    Replay replay;
    for (std::size_t i = 0; i < 3 * kReplayTicks; ++i) replay.tick();
    const auto open = replay.begin_stream();
    const auto ended = replay.begin_stream();
    replay.add(open, "a");
    replay.add(ended, "b");
    for (std::size_t i = 0; i < 2 * kReplayTicks; ++i) replay.tick();
    CHECK(replay.after({ended, 0}));  // not over yet: a slow call
    replay.end_stream(ended);
    for (std::size_t i = 0; i < kReplayTicks; ++i) replay.tick();
    CHECK(after(replay, {ended, 0}) == "1b .");
    replay.tick();
    CHECK(after(replay, {ended, 0}) == "nothing");
    CHECK(after(replay, {open, 0}) == "1a ...");
    CHECK_FALSE(replay.empty());
    replay.forget(open);
    CHECK(replay.empty());
}
