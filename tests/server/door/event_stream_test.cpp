// SPDX-License-Identifier: Apache-2.0
#include "server/door/event_stream.hpp"

#include <catch2/catch.hpp>

#include "server/door/limits.hpp"
#include "tests/support/fake_exchange.hpp"

using namespace purse::server;
using purse::test::FakeExchange;

namespace {
constexpr auto kBeat = ":\n\n";

struct Fixture {
    EventStreams all;
    int gone = 0;

    std::unique_ptr<EventStream> open(const std::shared_ptr<FakeExchange>& peer,
                                      const std::string& principal = "p")
    {
        return all.open(peer, "X: y\r\n", "first", principal, [this] { ++gone; });
    }
};

std::string text_of(const Event& event)
{
    std::string text;
    append_event(text, event);
    return text;
}
}  // namespace

TEST_CASE("event stream: how an event is written")
{
    CHECK(text_of({.name = {}, .id = {}, .data = "x"}) == "data: x\n\n");
    CHECK(text_of({.name = "message", .id = "1-2", .data = "{}"}) ==
          "event: message\nid: 1-2\ndata: {}\n\n");
    CHECK(text_of({.name = {}, .id = "1-0", .data = {}}) == "id: 1-0\ndata: \n\n");
}

TEST_CASE_METHOD(Fixture, "event stream: its head keeps proxies from holding it back")
{
    const auto peer = std::make_shared<FakeExchange>();
    const auto stream = open(peer);
    REQUIRE(stream);
    CHECK(peer->is_stream);
    CHECK(peer->status() == 200);
    CHECK(peer->head->content_type == "text/event-stream");
    CHECK(peer->header("X") == "y");
    CHECK(peer->header("Cache-Control") == "no-cache, no-transform");
    CHECK(peer->header("X-Accel-Buffering") == "no");
    CHECK(peer->taken() == "first");
    CHECK(stream->send({.name = "message", .id = "1-1", .data = "a"}));
    CHECK(peer->taken() == "event: message\nid: 1-1\ndata: a\n\n");
    stream->finish();
    CHECK(peer->ends == 1);
    CHECK_FALSE(stream->send({.name = {}, .id = {}, .data = "late"}));
    stream->finish();
    CHECK(peer->ends == 1);
    CHECK(peer->taken().empty());
}

TEST_CASE_METHOD(Fixture, "event stream: quiet ones are kept alive, the first to be due first")
{
    const auto early = std::make_shared<FakeExchange>();
    const auto late = std::make_shared<FakeExchange>();
    const auto first = open(early);
    all.tick();
    const auto second = open(late);
    early->taken();
    late->taken();
    for (std::size_t tick = 2; tick < 3 * kKeepAliveTicks + 2; ++tick) {
        all.tick();
        INFO(tick);
        CHECK(early->taken() == (tick % kKeepAliveTicks == 0 ? kBeat : ""));
        CHECK(late->taken() == (tick % kKeepAliveTicks == 1 ? kBeat : ""));
    }
}

TEST_CASE_METHOD(Fixture, "event stream: one that goes does not stop the others' comments")
{
    std::vector<std::shared_ptr<FakeExchange>> peers;
    std::vector<std::unique_ptr<EventStream>> streams;
    for (int i = 0; i < 5; ++i) {
        peers.push_back(std::make_shared<FakeExchange>());
        streams.push_back(open(peers.back()));
        peers.back()->taken();
    }
    streams[0].reset();
    streams[3].reset();
    CHECK(peers[0]->ends == 1);  // let go of: an end all the same
    CHECK(all.count() == 3);
    for (std::size_t i = 0; i < kKeepAliveTicks; ++i) all.tick();
    for (const std::size_t i : {1U, 2U, 4U}) CHECK(peers[i]->taken() == kBeat);
    CHECK(peers[3]->taken().empty());
}

TEST_CASE_METHOD(Fixture, "event stream: the owner hears once of a peer that leaves, not of an end")
{
    const auto peer = std::make_shared<FakeExchange>();
    auto stream = open(peer);
    peer->leave();
    CHECK(gone == 1);
    CHECK_FALSE(stream->write("x"));
    CHECK(all.count() == 1);  // until the owner lets go
    stream.reset();
    CHECK(all.count() == 0);
    CHECK(peer->ends == 0);

    const auto other = std::make_shared<FakeExchange>();
    stream = open(other);
    stream->finish();
    other->leave();
    CHECK(gone == 1);
}

TEST_CASE_METHOD(Fixture, "event stream: so many of one principal, and so many in all")
{
    std::vector<std::unique_ptr<EventStream>> streams;
    const auto fill = [&](const std::string& principal, std::size_t count) {
        for (; count > 0; --count) {
            streams.push_back(open(std::make_shared<FakeExchange>(), principal));
            REQUIRE(streams.back());
        }
    };
    fill("a", kStreamsPerPrincipalMax);
    CHECK_FALSE(all.has_room("a"));
    const auto peer = std::make_shared<FakeExchange>();
    CHECK(open(peer, "a") == nullptr);
    CHECK_FALSE(peer->is_answered());  // it can still be told why
    CHECK(all.has_room("b"));
    fill("b", kStreamsMax - kStreamsPerPrincipalMax);
    CHECK(all.count() == kStreamsMax);
    CHECK_FALSE(all.has_room("b"));
    CHECK_FALSE(all.has_room("c"));
    streams.pop_back();
    CHECK(all.has_room("c"));
    CHECK_FALSE(all.has_room("a"));
    streams.clear();
    CHECK(all.count() == 0);
    CHECK(all.has_room("a"));
}
