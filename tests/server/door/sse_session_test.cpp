// SPDX-License-Identifier: Apache-2.0
#include "server/door/sse_session.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "tests/server/door/door_bench.hpp"

using namespace purse;
using namespace purse::server;
using test::events_of;
using test::message;

namespace {
struct Fixture {
    test::Loop loop;
    Mailbox mailbox{[this](std::move_only_function<void()> work) { loop.post(std::move(work)); }};
    EventStreams streams;
    test::ScriptedProtocol behind{test::everything()};
    test::PeerPtr peer = std::make_shared<test::FakeExchange>();
    std::shared_ptr<SseSession> session = std::make_shared<SseSession>(
        mailbox, behind.protocol, SessionStart{.caller = {"secret", "http-1", ""}}, "p");
    std::vector<Responder> kept;

    Fixture()
    {
        mailbox.adopt_thread();
        session->attach(streams.open(peer, {}, {}, "p", [] {}));
        behind.catalog["wait"] = [this](Responder responder) {
            kept.push_back(std::move(responder));
        };
        receive(message(0, "initialize", {{"protocolVersion", "2024-11-05"}}));
        peer->taken();
    }
    void receive(const test::value& frame) { session->receive(serialize(frame)); }
    void call(int id) { receive(message(id, "tools/call", {{"name", "wait"}})); }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "sse session: answers come as messages on the stream, in any order")
{
    CHECK(session->principal() == "p");
    call(1);
    receive(message(2, "ping"));
    CHECK(peer->taken() ==
          "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n");
    REQUIRE(kept.size() == 1);
    std::thread{[this] { kept[0](test::said("hello")); }}.join();
    CHECK(peer->taken().empty());
    loop.run();
    const auto events = events_of(peer->taken());
    REQUIRE(events.size() == 1);
    CHECK(boost::json::parse(events[0].data).at("id") == 1);
    CHECK(events[0].name == "message");
}

TEST_CASE_METHOD(Fixture, "sse session: what cannot be read is answered on the stream too")
{
    session->receive("{");
    const auto events = events_of(peer->taken());
    REQUIRE(events.size() == 1);
    CHECK(boost::json::parse(events[0].data).at("error").at("code") == -32700);
}

TEST_CASE_METHOD(Fixture, "sse session: so many calls at once")
{
    for (std::size_t i = 0; i < kInFlightMax; ++i) {
        REQUIRE(session->has_room());
        call(static_cast<int>(i) + 1);
    }
    CHECK_FALSE(session->has_room());
    kept.front()(Done{});
    CHECK(session->has_room());
}

TEST_CASE_METHOD(Fixture, "sse session: a cancelled call makes room and says nothing")
{
    call(1);
    receive(test::notice("notifications/cancelled", {{"requestId", 1}}));
    kept.front()(Done{});
    CHECK(peer->taken().empty());
    CHECK(session->has_room());
}

TEST_CASE_METHOD(Fixture, "sse session: its end ends the stream, what is late is dropped")
{
    call(1);
    session->end();
    CHECK(peer->ends == 1);
    CHECK(streams.count() == 0);
    const auto before = peer->body();
    kept.front()(Done{});
    CHECK(peer->body() == before);
    session->end();
    CHECK(peer->ends == 1);
}

TEST_CASE_METHOD(Fixture, "sse session: after its end nothing holds it")
{
    call(1);
    const std::weak_ptr<SseSession> weak = session;
    SECTION("its last call comes later")
    {
        session->end();
        session.reset();
        kept.clear();
        CHECK(weak.expired());
    }
    SECTION("a question was open")
    {
        receive(message(5, "initialize",
                        {{"protocolVersion", "2025-06-18"}, {"capabilities", test::kAbilities}}));
        behind.catalog["ask"] = [](Responder responder) {
            responder(NeedsInput{{{"n", "elicitation/create", R"({"message":"?"})"}}, {}});
        };
        peer->taken();
        receive(message(6, "tools/call", {{"name", "ask"}}));
        const auto events = events_of(peer->taken());
        REQUIRE(events.size() == 1);
        CHECK(boost::json::parse(events[0].data).at("method") == "elicitation/create");
        session->end();
        session.reset();
        kept.clear();
        CHECK(weak.expired());
    }
}
