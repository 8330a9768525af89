// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/calls.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "frames.hpp"
#include "server/limits.hpp"
#include "test_protocol.hpp"

using namespace purse;
using namespace purse::server;

namespace {
struct Fixture {
    std::shared_ptr<test::Frames> frames = std::make_shared<test::Frames>();
    test::TestProtocol behind;
    Calls calls;

    std::shared_ptr<Call> begin(std::string id, std::shared_ptr<Batch> batch = nullptr,
                                std::size_t place = 0)
    {
        auto call = std::make_shared<Call>(CallFacts{.protocol = behind.protocol,
                                                     .transport = frames,
                                                     .method = "tools/call",
                                                     .id = {std::move(id)},
                                                     .batch = std::move(batch),
                                                     .place = place});
        calls.add(call);
        frames->begin_call();
        return call;
    }
    std::optional<std::string> next() { return frames->take(std::chrono::milliseconds{0}); }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "a call is in flight until it is answered or cancelled")
{
    const auto first = begin("1");
    const auto second = begin("2");
    CHECK(calls.in_flight({"1"}));
    CHECK_FALSE(calls.in_flight({"3"}));

    first->finish("answer", std::nullopt);
    CHECK_FALSE(calls.in_flight({"1"}));
    CHECK(next() == "answer");

    calls.cancel({"2"});
    CHECK(second->cancelled());
    CHECK_FALSE(calls.in_flight({"2"}));
    CHECK(frames->calls() == 1);  // the tool has still to let go of it
    const auto again = begin("2");
    second->finish("too late", std::nullopt);
    CHECK_FALSE(next());
    again->finish("in time", std::nullopt);
    CHECK(next() == "in time");
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "an answer that has left is not cancelled")
{
    const auto call = begin("1");
    call->finish("answer", std::nullopt);
    calls.cancel({"1"});
    CHECK_FALSE(call->cancelled());
    CHECK(next() == "answer");
    CHECK_FALSE(next());
}

TEST_CASE_METHOD(Fixture, "answered calls do not pile up")
{
    std::vector<std::weak_ptr<Call>> seen;
    for (std::size_t i = 0; i < 10 * kInFlightMax; ++i) {
        auto call = begin(std::to_string(i));
        call->finish({}, std::nullopt);
        seen.push_back(call);
    }
    const auto alive =
        std::ranges::count_if(seen, [](const auto& call) { return !call.expired(); });
    CHECK(alive == 0);
}

TEST_CASE_METHOD(Fixture, "a batch is sent when its last answer is there")
{
    const auto batch = std::make_shared<Batch>(frames, 3);
    const auto a = begin("1", batch, 0);
    const auto b = begin("2", batch, 1);
    batch->fill(2, "C");
    b->finish("B", std::nullopt);
    CHECK_FALSE(next());
    a->finish("A", std::nullopt);
    CHECK(next() == "[A,B,C]");
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "a cancelled call leaves its batch at once")
{
    const auto batch = std::make_shared<Batch>(frames, 2);
    const auto a = begin("1", batch, 0);
    const auto b = begin("2", batch, 1);
    b->finish("B", std::nullopt);
    calls.cancel({"1"});
    CHECK(next() == "[B]");
    a->finish("A", std::nullopt);
    CHECK_FALSE(next());
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "a batch of cancelled calls is not answered")
{
    const auto batch = std::make_shared<Batch>(frames, 1);
    const auto a = begin("1", batch, 0);
    calls.cancel({"1"});
    a->finish("A", std::nullopt);
    CHECK_FALSE(next());
}

TEST_CASE("an answer and a cancellation at the same time: one of them counts")
{
    for (int round = 0; round < 500; ++round) {
        Fixture fixture;
        const auto batch = std::make_shared<Batch>(fixture.frames, 2);
        const auto a = fixture.begin("1", batch, 0);
        const auto b = fixture.begin("2", batch, 1);
        std::thread tool{[&] {
            a->finish("A", std::nullopt);
            b->finish("B", std::nullopt);
        }};
        fixture.calls.cancel({"1"});
        tool.join();
        const auto frame = fixture.next();
        REQUIRE(frame);
        REQUIRE((*frame == "[B]" || *frame == "[A,B]"));
        REQUIRE_FALSE(fixture.next());
        REQUIRE(fixture.frames->calls() == 0);
    }
}
