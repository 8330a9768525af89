// SPDX-License-Identifier: Apache-2.0
// Sessions, event streams and what both eras do with them, up to the end of the server.
#include <functional>

#include "server/door/limits.hpp"
#include "tests/server/door/door_bench.hpp"

using namespace purse;
using namespace purse::server;
using namespace purse::test;

namespace {
OwnRequest stream(const std::string& session, const std::string& last = {})
{
    auto request = get("/mcp").set("mcp-session-id", session);
    if (!last.empty()) request.set("last-event-id", last);
    return request;
}
OwnRequest listening(const value& id = 1,
                     const object& notifications = {{"toolsListChanged", true}})
{
    return modern("subscriptions/listen", {{"notifications", notifications}}, id);
}
value call(const value& id, std::string_view tool)
{
    return message(id, "tools/call", {{"name", tool}, {"_meta", {{"progressToken", 1}}}});
}
std::string figure(DoorBench& door, const std::string& name)
{
    const auto text = door.send(get("/metrics"))->body();
    const auto at = text.find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

/// A door with a tool that reports progress and is then answered when the test says so.
struct Fixture : DoorBench {
    std::deque<Responder> kept;

    Fixture()
    {
        catalog["work"] = [this](Responder responder) {
            responder.call().progress({.done = 1, .total = {}, .message = {}});
            kept.push_back(std::move(responder));
        };
        catalog["wait"] = [this](Responder responder) { kept.push_back(std::move(responder)); };
        catalog["ask"] = [](Responder responder) {
            if (responder.call().inputs() != nullptr) return responder(said("thanks"));
            responder(NeedsInput{{{"n", "elicitation/create", R"({"message":"?"})"}}, {}});
        };
    }
    void answer(std::string_view text)
    {
        auto responder = std::move(kept.front());
        kept.pop_front();
        responder(said(text));
        loop.run();
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "door: a session goes on after a restart, for its credential alone")
{
    const auto session = initialize("2025-06-18");
    CHECK(in(session, message(1, "tools/list"))->status() == 200);
    restart();
    CHECK(in(session, message(2, "tools/list"))->status() == 200);
    CHECK(figure(*this, "purse_sessions") == "1");
    auto other = post(message(3, "tools/list")).set("mcp-session-id", session);
    other.set("authorization", "Bearer good other");
    CHECK(send(other)->status() == 404);
    auto ending = stream(session);
    ending.method = http::Method::del;
    CHECK(send(ending)->status() == 200);
    CHECK(in(session, message(4, "tools/list"))->status() == 404);
    CHECK(figure(*this, "purse_sessions") == "0");
}

TEST_CASE_METHOD(Fixture, "door: a client that reads only events begins a session all the same")
{
    auto request = post(message(0, "initialize", {{"protocolVersion", "2025-06-18"}}));
    const auto peer = send(request.set("accept", "text/event-stream"));
    REQUIRE(peer->is_stream);
    CHECK(peer->ends == 1);
    const auto session = peer->header("Mcp-Session-Id");
    REQUIRE(session);
    CHECK(in(*session, message(1, "ping"))->status() == 200);
}

TEST_CASE_METHOD(Fixture, "door: an initialize that fails begins nothing")
{
    CHECK_FALSE(send(post(message(0, "initialize")))->header("Mcp-Session-Id"));
    CHECK(figure(*this, "purse_sessions") == "0");
}

TEST_CASE_METHOD(Fixture, "door: sessions have a bound, and are told when to come back")
{
    for (std::size_t i = 0; i < kSessionsPerPrincipalMax; ++i) initialize();
    const auto peer = send(post(message(0, "initialize", {{"protocolVersion", "2025-06-18"}})));
    CHECK(peer->status() == 503);
    CHECK(peer->header("Retry-After") == "1");
    CHECK(send(post(message(1, "tools/list")))->status() == 200);
}

TEST_CASE_METHOD(Fixture, "door: what is said before the answer makes a stream")
{
    const auto session = initialize();
    const auto peer = in(session, call(1, "work"));
    REQUIRE(peer->is_open());
    CHECK(events_of(peer->body()).size() == 2);
    answer("done");
    CHECK(peer->ends == 1);
    CHECK_THAT(peer->body(), Catch::Contains("done"));
    // And without a session as well.
    const auto modern_peer = send(modern("tools/call", {{"name", "work"}}));
    CHECK_FALSE(modern_peer->is_answered());  // it wants no progress
    answer("done");
    CHECK(modern_peer->status() == 200);
}

TEST_CASE_METHOD(Fixture, "door: a lost stream is taken up where it broke")
{
    const auto session = initialize();
    const auto peer = in(session, call(1, "work"));
    const auto seen = events_of(peer->taken()).back().id;
    peer->leave();
    SECTION("while the call goes on")
    {
        const auto back = send(stream(session, seen));
        REQUIRE(back->is_open());
        CHECK(back->body().empty());
        answer("done");
        CHECK_THAT(back->body(), Catch::Contains("done"));
        CHECK(back->ends == 1);
    }
    SECTION("after it")
    {
        answer("done");
        for (int i = 0; i < 2; ++i) {
            const auto back = send(stream(session, seen));
            CHECK(events_of(back->taken()).size() == 1);
            CHECK(back->ends == 1);
        }
        tick(kReplayTicks + 1);
        CHECK(send(stream(session, seen))->is_open());  // forgotten: a stream like any other
    }
    SECTION("not by another session")
    {
        const auto other = initialize();
        const auto back = send(stream(other, seen));
        answer("done");
        CHECK_THAT(back->body(), !Catch::Contains("done"));
    }
    SECTION("with an id that is none")
    {
        for (const auto* last : {"x", "1-99", "99-1", "-", "1-1-1"}) {
            const auto back = send(stream(session, last));
            CHECK(back->is_open());
            CHECK(events_of(back->body()).size() == 1);
        }
        answer("done");
    }
    CHECK(kept.empty());
}

TEST_CASE_METHOD(Fixture, "door: streams of one session are few, and end with it")
{
    const auto session = initialize("2025-06-18");
    std::vector<PeerPtr> peers;
    for (std::size_t i = 0; i < kStreamsPerSessionMax; ++i) {
        peers.push_back(send(stream(session)));
        REQUIRE(peers.back()->is_open());
        CHECK(peers.back()->body().empty());  // primed from 2025-11-25 on
    }
    const auto late = send(stream(session));
    CHECK(late->status() == 503);
    CHECK(late->header("Retry-After") == "1");
    peers.front()->leave();
    CHECK(send(stream(session))->is_open());
    auto ending = stream(session);
    ending.method = http::Method::del;
    CHECK(send(ending)->status() == 200);
    for (std::size_t i = 1; i < peers.size(); ++i) CHECK(peers[i]->ends == 1);
    CHECK(figure(*this, "purse_streams") == "0");
}

TEST_CASE_METHOD(Fixture, "door: a legacy session is asked on its stream and answers by POST")
{
    const auto session = initialize();
    const auto peer = in(session, call(1, "ask"));
    REQUIRE(peer->is_open());
    const auto question = boost::json::parse(events_of(peer->body()).back().data);
    CHECK(question.at("method") == "elicitation/create");
    const auto accepted =
        in(session,
           {{"jsonrpc", "2.0"}, {"id", question.at("id")}, {"result", {{"action", "accept"}}}});
    CHECK(accepted->status() == 202);
    CHECK(accepted->body().empty());
    CHECK_THAT(peer->body(), Catch::Contains("thanks"));
    CHECK(peer->ends == 1);
    // Who has no session, or no stream, cannot be asked.
    CHECK_THAT(send(post(call(1, "ask")))->body(), Catch::Contains("user_input_unavailable"));
    auto deaf = post(call(2, "ask")).set("mcp-session-id", session);
    CHECK_THAT(send(deaf.set("accept", "application/json"))->body(),
               Catch::Contains("user_input_unavailable"));
}

TEST_CASE_METHOD(Fixture, "door: a question nobody answers is given up with the session")
{
    const auto session = initialize();
    const auto peer = in(session, call(1, "ask"));
    auto ending = stream(session);
    ending.method = http::Method::del;
    CHECK(send(ending)->status() == 200);
    CHECK(peer->ends == 1);
    CHECK(peer.use_count() == 1);
    const auto late = in(initialize(), call(1, "ask"));
    tick(kAskTicks + 1);
    CHECK(late->ends == 1);
    CHECK_THAT(late->body(), Catch::Contains("did not answer in time"));
}

TEST_CASE_METHOD(Fixture, "door: a modern client takes a request back by hanging up")
{
    const auto peer = send(modern("tools/call", {{"name", "wait"}}));
    REQUIRE(kept.size() == 1);
    CHECK_FALSE(kept[0].call().cancelled());
    peer->leave();
    CHECK(kept[0].call().cancelled());
    answer("done");
    CHECK_FALSE(peer->is_answered());
    // A legacy one may come back for its answer.
    const auto legacy = in(initialize(), call(1, "wait"));
    legacy->leave();
    CHECK_FALSE(kept[0].call().cancelled());
    answer("done");
}

TEST_CASE_METHOD(Fixture, "door: a cancelled call of a session is accepted, without an answer")
{
    const auto session = initialize();
    const auto peer = in(session, call(1, "wait"));
    in(session, notice("notifications/cancelled", {{"requestId", 1}}));
    answer("done");
    CHECK(peer->status() == 202);
    CHECK(peer->body().empty());
}

TEST_CASE_METHOD(Fixture, "door: a subscription is acknowledged, told of changes, and ends")
{
    const auto peer = send(listening("sub"));
    REQUIRE(peer->is_open());
    auto events = events_of(peer->taken());
    REQUIRE(events.size() == 1);
    CHECK(boost::json::parse(events[0].data).at("method") ==
          "notifications/subscriptions/acknowledged");
    behind.protocol.notices().tools_changed();
    loop.run();
    CHECK_THAT(peer->taken(), Catch::Contains("tools/list_changed"));
    SECTION("the client leaves")
    {
        peer->leave();
        CHECK(figure(*this, "purse_streams") == "0");
        CHECK(peer.use_count() == 1);
        behind.protocol.notices().tools_changed();
    }
    SECTION("the server stops")
    {
        door->stopping();
        CHECK(peer->ends == 1);
        events = events_of(peer->taken());
        REQUIRE(events.size() == 1);
        CHECK(boost::json::parse(events[0].data).at("id") == "sub");
        CHECK(peer.use_count() == 1);
    }
}

TEST_CASE_METHOD(Fixture, "door: a subscription needs its params and a reader of events")
{
    auto peer = send(modern("subscriptions/listen"));
    CHECK(peer->status() == 200);
    CHECK(code_of(*peer) == -32602);
    // It would wait for ever, and its request would count as one in progress.
    peer = send(listening().set("accept", "application/json"));
    REQUIRE(peer->is_answered());
    CHECK(peer->status() == 406);
    CHECK(json_of(*peer).at("id") == 1);
    CHECK(peer.use_count() == 1);
}

TEST_CASE_METHOD(Fixture, "door: streams of all kinds share one bound")
{
    const auto session = initialize();
    std::vector<PeerPtr> peers;
    for (std::size_t i = 0; i < kStreamsPerPrincipalMax; ++i) {
        peers.push_back(send(i % 2 == 0 ? listening() : get("/sse")));
        REQUIRE(peers.back()->is_open());
    }
    for (const auto& request : {listening(), get("/sse"), stream(session)}) {
        const auto late = send(request);
        CHECK(late->status() == 503);
        CHECK(late->header("Retry-After") == "1");
    }
    // Answers are given all the same, without what leads up to them.
    const auto peer = in(session, call(1, "work"));
    answer("done");
    CHECK(peer->status() == 200);
    CHECK(peer->head->content_type == "application/json");
    peers.clear();
    door->stopping();
}

TEST_CASE_METHOD(Fixture, "door: HTTP+SSE: an endpoint, messages, answers, the end")
{
    const auto peer = send(get("/sse"));
    REQUIRE(peer->is_open());
    const auto text = peer->taken();
    REQUIRE(text.starts_with("event: endpoint\ndata: /messages?sessionId=http-"));
    const auto id = text.substr(text.find('=') + 1, text.size() - text.find('=') - 3);
    auto request = post(message(0, "initialize", {{"protocolVersion", "2024-11-05"}}));
    request.path = "/messages";
    request.query = "x=y&sessionId=" + id;
    const auto accepted = send(request);
    CHECK(accepted->status() == 202);
    CHECK(accepted->body() == "Accepted");
    CHECK_THAT(peer->taken(), Catch::StartsWith("event: message\ndata: ") &&
                                  Catch::Contains("\"id\":0") && Catch::Contains("2024-11-05"));
    request.body = serialize(call(1, "wait"));
    CHECK(send(request)->status() == 202);
    CHECK(peer->taken().empty());
    answer("done");
    CHECK_THAT(peer->taken(), Catch::Contains("done"));

    auto other = request;
    CHECK(send(other.set("authorization", "Bearer good other"))->status() == 404);
    for (const auto* query : {"", "sessionId=", "sessionId=x", "session=1"}) {
        other = request;
        other.query = query;
        const auto lost = send(other);
        CHECK(lost->status() == 404);
        CHECK(code_of(*lost) == -31001);
    }
    other = request;
    other.method = http::Method::get;
    CHECK(send(other)->status() == 405);
    other = get("/sse");
    other.method = http::Method::post;
    CHECK(send(other)->status() == 405);
    peer->leave();
    CHECK(send(request)->status() == 404);
    CHECK(figure(*this, "purse_sse_sessions") == "0");
}

TEST_CASE("door: HTTP+SSE is behind its switch")
{
    DoorBench door{{.legacy_sse = Switch::off}};
    const auto peer = door.send(get("/sse"));
    CHECK(peer->status() == 404);
    CHECK_THAT(peer->body(), Catch::Contains("--legacy-sse"));
}

TEST_CASE_METHOD(Fixture, "door: HTTP+SSE: so many calls at once")
{
    const auto peer = send(get("/sse"));
    const auto text = peer->taken();
    const auto id = text.substr(text.find('=') + 1, text.size() - text.find('=') - 3);
    const auto say = [&](const value& body) {
        auto request = post(body);
        request.path = "/messages";
        request.query = "sessionId=" + id;
        return send(request)->status();
    };
    say(message(0, "initialize", {{"protocolVersion", "2024-11-05"}}));
    for (std::size_t i = 1; i <= kInFlightMax; ++i) REQUIRE(say(call(i, "wait")) == 202);
    CHECK(say(call(5'000, "wait")) == 503);
    answer("done");
    CHECK(say(call(5'000, "wait")) == 202);
    kept.clear();
}

TEST_CASE_METHOD(Fixture, "door: at the end streams end, calls are answered, nothing new begins")
{
    const auto session = initialize();
    const auto get_stream = send(stream(session));
    const auto sse = send(get("/sse"));
    const auto busy = in(session, call(1, "wait"));
    const auto streaming = in(session, call(2, "work"));
    door->stopping();
    CHECK(get_stream->ends == 1);
    CHECK(sse->ends == 1);
    CHECK(streaming->is_open());
    answer("one");
    answer("two");
    CHECK(busy->status() == 200);
    CHECK(streaming->ends == 1);
    for (const auto& request :
         {listening(), get("/sse"), stream(session),
          post(message(0, "initialize", {{"protocolVersion", "2025-06-18"}}))}) {
        const auto late = send(request);
        CHECK(late->status() == 503);
        CHECK(late->header("Retry-After") == "1");
    }
    CHECK(in(session, message(3, "tools/list"))->status() == 200);
}

TEST_CASE_METHOD(Fixture, "door: at the end nobody waits for a user's answer")
{
    const auto session = initialize();
    const auto peer = in(session, call(1, "ask"));
    REQUIRE(peer->is_open());
    door->stopping();
    CHECK(peer->ends == 1);
    CHECK(peer.use_count() == 1);
    const auto answered = boost::json::parse(events_of(peer->body()).back().data);
    CHECK(answered.at("id") == 1);
    CHECK(answered.as_object().contains("error"));
    // Nor is a new question put.
    CHECK_THAT(in(session, call(2, "ask"))->body(), Catch::Contains("user_input_unavailable"));
}

TEST_CASE_METHOD(Fixture, "door: idle sessions and quiet streams, in its own time")
{
    const auto session = initialize();
    CHECK(figure(*this, "purse_sessions") == "1");
    const auto peer = send(stream(session));
    peer->taken();
    tick(kKeepAliveTicks);
    CHECK(peer->taken() == ":\n\n");
    tick(kSessionIdleTicks + 1);
    CHECK(figure(*this, "purse_sessions") == "1");
    peer->leave();
    tick(1);
    CHECK(figure(*this, "purse_sessions") == "0");
    CHECK(in(session, message(1, "tools/list"))->status() == 200);
    behind.clock.pass(kSessionLife);
    CHECK(in(initialize(), message(1, "tools/list"))->status() == 200);
    tick(1);
    CHECK(in(session, message(1, "tools/list"))->status() == 404);
}
