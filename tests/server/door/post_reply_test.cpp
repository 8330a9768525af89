// SPDX-License-Identifier: Apache-2.0
#include "server/door/post_reply.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "server/door/limits.hpp"
#include "tests/server/door/door_bench.hpp"

using namespace purse;
using namespace purse::server;
using test::events_of;
using test::PeerPtr;

namespace {
struct Fixture {
    test::Loop loop;
    Mailbox mailbox{[this](std::move_only_function<void()> work) { loop.post(std::move(work)); }};
    EventStreams streams;
    Metrics metrics;
    test::ScriptedProtocol behind{test::everything()};
    PeerPtr peer = std::make_shared<test::FakeExchange>();

    Fixture() { mailbox.adopt_thread(); }
    std::shared_ptr<PostReply> reply(PostReply::Facts facts = {})
    {
        facts.principal = "p";
        return std::make_shared<PostReply>(PostReply::Ports{mailbox, streams, metrics}, peer,
                                           std::move(facts));
    }
    std::shared_ptr<HttpSession> session(Version version = Version::v2025_11_25)
    {
        return std::make_shared<HttpSession>(
            behind.protocol,
            SessionStart{.caller = {"secret", "http-1", ""}, .negotiated = version}, "p");
    }
    /// A reply that has said "a" on its stream, in a session.
    std::shared_ptr<PostReply> streaming(const std::shared_ptr<HttpSession>& in,
                                         Version version = Version::v2025_11_25)
    {
        auto made = reply({.version = version, .session = in});
        made->send("a");
        REQUIRE(peer->is_open());
        return made;
    }
};
}  // namespace

TEST_CASE("post reply: the status of an answer, by era")
{
    const std::vector<std::tuple<std::optional<ErrorCode>, int, int>> table{
        {std::nullopt, 200, 200},
        {ErrorCode::parse_error, 400, 400},
        {ErrorCode::invalid_request, 400, 400},
        {ErrorCode::method_not_found, 404, 200},
        {ErrorCode::invalid_params, 200, 200},
        {ErrorCode::internal_error, 200, 200},
        {ErrorCode::header_mismatch, 400, 400},
        {ErrorCode::missing_capability, 400, 400},
        {ErrorCode::unsupported_protocol_version, 400, 400},
        {ErrorCode::session_unknown, 404, 404},
    };
    for (const auto& [error, modern, legacy] : table) {
        INFO((error ? static_cast<int>(*error) : 0));
        CHECK(status_of(error, kModern) == modern);
        for (const auto version : {Version::v2024_11_05, Version::v2025_03_26, Version::v2025_06_18,
                                   Version::v2025_11_25})
            CHECK(status_of(error, version) == legacy);
    }
}

TEST_CASE_METHOD(Fixture, "post reply: one JSON answer")
{
    const auto one = reply({.headers = "Vary: Origin\r\n"});
    one->add_headers([] { return "Mcp-Session-Id: x\r\n"; });
    one->end_call("{}", std::nullopt);
    CHECK(peer->answers == 1);
    CHECK(peer->status() == 200);
    CHECK(peer->head->content_type == "application/json");
    CHECK(peer->body() == "{}");
    CHECK(peer->header("Vary") == "Origin");
    CHECK(peer->header("Mcp-Session-Id") == "x");
    CHECK(peer->header("Cache-Control") == "no-store");
    CHECK(one->is_over());
    // What comes later is nobody's.
    one->send("late");
    one->answer("late", std::nullopt);
    one->accept();
    CHECK(peer->answers == 1);
    CHECK(peer->body() == "{}");
}

TEST_CASE_METHOD(Fixture, "post reply: an error has the status of its code")
{
    reply({.version = kModern})->answer("{}", ErrorCode::method_not_found);
    CHECK(peer->status() == 404);
}

TEST_CASE_METHOD(Fixture, "post reply: from another thread it goes by the mailbox")
{
    const auto one = reply();
    std::thread{[&] {
        one->send("a");
        one->end_call("b", std::nullopt);
    }}.join();
    CHECK_FALSE(peer->is_answered());
    loop.run();
    REQUIRE(peer->is_stream);
    CHECK(peer->taken() == "event: message\ndata: a\n\nevent: message\ndata: b\n\n");
    CHECK(peer->ends == 1);
}

TEST_CASE_METHOD(Fixture, "post reply: the first notice makes it a stream, the answer ends it")
{
    const auto one = reply({.headers = "Vary: Origin\r\n"});
    one->send("a");
    REQUIRE(peer->is_open());
    CHECK(peer->head->content_type == "text/event-stream");
    CHECK(peer->header("Vary") == "Origin");
    CHECK(streams.count() == 1);
    one->send("b");
    one->end_call("c", std::nullopt);
    // Without a session there is nothing to come back to: no ids.
    CHECK(peer->taken() ==
          "event: message\ndata: a\n\nevent: message\ndata: b\n\nevent: message\ndata: c\n\n");
    CHECK(peer->answers == 1);
    CHECK(peer->ends == 1);
    CHECK(streams.count() == 0);
    CHECK(one->is_over());
}

TEST_CASE_METHOD(Fixture, "post reply: a client that takes no events gets the answer alone")
{
    const auto one = reply({.takes_events = false});
    CHECK_FALSE(one->can_ask());
    one->send("a");
    CHECK_FALSE(peer->is_answered());
    one->end_call("c", std::nullopt);
    CHECK_FALSE(peer->is_stream);
    CHECK(peer->body() == "c");
}

TEST_CASE_METHOD(Fixture, "post reply: a client that takes nothing but events gets a stream")
{
    const auto one = reply({.takes_json = false});
    one->add_headers([] { return "Mcp-Session-Id: x\r\n"; });
    one->end_call("c", std::nullopt);
    CHECK(peer->taken() == "event: message\ndata: c\n\n");
    CHECK(peer->header("Mcp-Session-Id") == "x");
    CHECK(peer->ends == 1);
}

TEST_CASE_METHOD(Fixture, "post reply: a client that says it takes neither gets JSON")
{
    reply({.takes_json = false, .takes_events = false})->end_call("c", std::nullopt);
    CHECK(peer->body() == "c");
    CHECK_FALSE(peer->is_stream);
}

TEST_CASE_METHOD(Fixture, "post reply: where there is no room for a stream the answer will do")
{
    std::vector<std::unique_ptr<EventStream>> others;
    for (std::size_t i = 0; i < kStreamsPerPrincipalMax; ++i)
        others.push_back(streams.open(std::make_shared<test::FakeExchange>(), {}, {}, "p", [] {}));
    const auto in = session();
    int headers = 0;
    const auto one = reply({.version = Version::v2025_11_25, .session = in});
    one->add_headers([&] { return ++headers, "X: y\r\n"; });
    one->send("a");
    CHECK_FALSE(peer->is_answered());
    CHECK(in->replay.empty());
    CHECK(in->calls.empty());
    one->end_call("c", std::nullopt);
    CHECK(peer->body() == "c");
    CHECK(headers == 1);
}

TEST_CASE_METHOD(Fixture, "post reply: an id to come back with from 2025-11-25 on")
{
    const auto version = GENERATE(Version::v2025_03_26, Version::v2025_06_18, Version::v2025_11_25);
    const auto in = session(version);
    streaming(in, version)->end_call("b", std::nullopt);
    const auto text = peer->taken();
    const auto events = events_of(text);
    const bool is_primed = version == Version::v2025_11_25;
    REQUIRE(events.size() == (is_primed ? 3 : 2));
    CHECK(text.starts_with("retry: 1000\nid: ") == is_primed);
    if (is_primed) {
        CHECK(events[0].name.empty());
        CHECK(events[0].data.empty());
    }
    const auto last = EventId::parse(events.back().id);
    REQUIRE(last);
    CHECK(last->event == 2);
    CHECK(events.back().data == "b");
    const auto rest = in->replay.after({last->stream, 0});
    REQUIRE(rest);
    CHECK(rest->events.size() == 2);
    CHECK(rest->is_complete);
    CHECK(in->calls.empty());
}

TEST_CASE_METHOD(Fixture, "post reply: a cancelled call is accepted, or ends its stream")
{
    SECTION("before anything was said")
    {
        reply()->end_call({}, std::nullopt);
        CHECK(peer->status() == 202);
        CHECK(peer->body().empty());
        CHECK(peer->head->content_type.empty());
    }
    SECTION("for a client that takes nothing but events")
    {
        reply({.takes_json = false})->end_call({}, std::nullopt);
        CHECK(peer->status() == 202);
        CHECK_FALSE(peer->is_stream);
    }
    SECTION("on a stream")
    {
        const auto one = reply();
        one->send("a");
        one->end_call({}, std::nullopt);
        CHECK(peer->taken() == "event: message\ndata: a\n\n");
        CHECK(peer->ends == 1);
    }
}

TEST_CASE_METHOD(Fixture, "post reply: the calls of a batch end without a word, the whole answers")
{
    const auto one = reply({.is_batch = true});
    one->end_call({}, std::nullopt);
    one->end_call({}, std::nullopt);
    CHECK_FALSE(peer->is_answered());
    one->answer("[]", std::nullopt);
    CHECK(peer->body() == "[]");
}

TEST_CASE_METHOD(Fixture, "post reply: the peer leaves while it waits")
{
    int gone = 0;
    const auto one = reply();
    one->when_gone([&] { ++gone; });
    peer->leave();
    CHECK(gone == 1);
    one->end_call("c", std::nullopt);
    CHECK(one->is_over());
    CHECK(gone == 1);
    CHECK_FALSE(peer->is_answered());
}

TEST_CASE_METHOD(Fixture, "post reply: the peer leaves its stream")
{
    int gone = 0;
    const auto one = reply();
    one->send("a");
    one->when_gone([&] { ++gone; });
    peer->leave();
    CHECK(gone == 1);
    CHECK(streams.count() == 0);
    one->send("b");
    one->end_call("c", std::nullopt);
    CHECK(one->is_over());
}

TEST_CASE_METHOD(Fixture, "post reply: once it is over nobody hears of a peer that leaves")
{
    int gone = 0;
    const auto one = reply();
    one->when_gone([&] { ++gone; });
    one->end_call("c", std::nullopt);
    peer->leave();
    CHECK(gone == 0);
}

TEST_CASE_METHOD(Fixture, "post reply: a client that comes back gets what it missed and the rest")
{
    const auto in = session();
    const auto one = streaming(in);
    const auto last = EventId::parse(events_of(peer->taken()).back().id).value();
    peer->leave();
    CHECK(streams.count() == 0);
    one->send("b");  // kept
    const auto rest = in->replay.after(last);
    REQUIRE(rest);
    REQUIRE(rest->events.size() == 1);
    CHECK_FALSE(rest->is_complete);
    REQUIRE(in->calls.at(last.stream).lock() == one);

    const auto back = std::make_shared<test::FakeExchange>();
    std::string missed;
    append_event(missed, {.name = "message", .id = "x", .data = rest->events[0].second});
    REQUIRE(one->resume(back, missed));
    CHECK(back->is_open());
    one->end_call("c", std::nullopt);
    const auto events = events_of(back->taken());
    REQUIRE(events.size() == 2);
    CHECK(events[0].data == "b");
    CHECK(events[1].data == "c");
    CHECK(events[1].id == EventId{last.stream, 3}.to_string());
    CHECK(back->ends == 1);
    CHECK(streams.count() == 0);
}

TEST_CASE_METHOD(Fixture, "post reply: the newest connection of a client is the one that counts")
{
    const auto in = session();
    const auto one = streaming(in);
    const auto back = std::make_shared<test::FakeExchange>();
    REQUIRE(one->resume(back, {}));
    CHECK(peer->ends == 1);
    CHECK(streams.count() == 1);
    peer->leave();  // heard too late: it must not end the new one
    one->end_call("c", std::nullopt);
    CHECK(events_of(back->taken()).size() == 1);
    CHECK(back->ends == 1);
}

TEST_CASE_METHOD(Fixture, "post reply: an answer of a slow call is kept as long as any other")
{
    const auto in = session();
    const auto one = streaming(in);
    const auto last = EventId::parse(events_of(peer->taken()).back().id).value();
    peer->leave();
    for (std::size_t i = 0; i < 3 * kReplayTicks; ++i) in->replay.tick();
    one->end_call("b", std::nullopt);
    for (std::size_t i = 0; i < kReplayTicks; ++i) in->replay.tick();
    const auto rest = in->replay.after(last);
    REQUIRE(rest);
    CHECK(rest->events.size() == 1);
    CHECK(rest->is_complete);
}

TEST_CASE_METHOD(Fixture, "post reply: after the answer nothing holds the session")
{
    auto in = session();
    const std::weak_ptr<HttpSession> weak = in;
    std::shared_ptr<PostReply> one;
    SECTION("answered")
    {
        one = reply({.session = in});
        one->end_call("c", std::nullopt);
    }
    SECTION("accepted")
    {
        one = reply({.session = in});
        one->accept();
    }
    SECTION("streamed")
    {
        one = streaming(in);
        one->end_call("c", std::nullopt);
    }
    SECTION("streamed to a peer that left")
    {
        one = streaming(in);
        peer->leave();
        one->end_call("c", std::nullopt);
    }
    SECTION("let go of while it waits")
    {
        one = reply({.session = in});
        one.reset();
    }
    SECTION("let go of while it streams")
    {
        one = streaming(in);
        one.reset();
        CHECK(streams.count() == 0);
        CHECK(peer->ends == 1);
    }
    in.reset();
    CHECK(weak.expired());
}

TEST_CASE_METHOD(Fixture, "post reply: further headers hold nothing once they are written")
{
    auto in = session();
    const std::weak_ptr<HttpSession> weak = in;
    const auto one = reply();
    one->add_headers([in] { return "X: " + in->name + "\r\n"; });
    in.reset();
    one->answer("{}", std::nullopt);
    CHECK(peer->header("X") == "http-1");
    CHECK(weak.expired());
}

TEST_CASE_METHOD(Fixture, "post reply: only a session with a stream can be asked")
{
    CHECK_FALSE(reply()->can_ask());
    CHECK(reply({.session = session()})->can_ask());
    CHECK_FALSE(reply({.takes_events = false, .session = session()})->can_ask());
}
