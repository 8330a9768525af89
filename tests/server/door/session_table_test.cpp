// SPDX-License-Identifier: Apache-2.0
#include "server/door/session_table.hpp"

#include <catch2/catch.hpp>

#include "server/door/limits.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/scripted_client.hpp"

using namespace purse;
using namespace purse::server;
using Trouble = SessionTable::Trouble;

namespace {
constexpr SessionOwner kOwner{.credential = "secret", .principal = "owner"};
constexpr SessionOwner kOther{.credential = "other secret", .principal = "other"};

struct Fixture {
    test::ScriptedProtocol behind{test::everything()};
    EventStreams streams;
    SessionTable table = fresh();

    SessionTable fresh()
    {
        return {behind.protocol, SessionIds{"key"}, behind.entropy, behind.clock};
    }
    /// A session that was initialized as its owner.
    std::shared_ptr<HttpSession> begin(const SessionOwner& owner = kOwner)
    {
        auto session = table.make(owner).value();
        const auto frames = std::make_shared<test::Frames>();
        session->session.receive(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{)"
                                 R"("protocolVersion":"2025-06-18","capabilities":{"sampling":{}},)"
                                 R"("clientInfo":{"name":"c","version":"1"}}})",
                                 frames);
        CHECK(table.add(session, owner) == session->id);
        return session;
    }
    /// An id that is good, of a session that is not in memory.
    std::string somebody(const SessionOwner& owner)
    {
        return SessionIds{"key"}.write(
            {.begun = behind.clock.wall(), .name = SessionIds::fresh_name(behind.entropy)},
            owner.credential);
    }
    std::shared_ptr<test::FakeExchange> open_stream(HttpSession& session)
    {
        auto peer = std::make_shared<test::FakeExchange>();
        session.streams.push_back(streams.open(peer, {}, {}, session.principal, [] {}));
        return peer;
    }
    void tick(std::size_t times)
    {
        for (; times > 0; --times) table.tick();
    }
    std::optional<Trouble> trouble(std::string_view id, const SessionOwner& owner = kOwner)
    {
        const auto found = table.find(id, owner);
        return found ? std::nullopt : std::optional{found.error()};
    }
    void fill(const SessionOwner& owner, std::size_t count)
    {
        for (; count > 0; --count) REQUIRE(table.find(somebody(owner), owner));
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "sessions: found by id, by its owner alone")
{
    const auto session = begin();
    CHECK(table.count() == 1);
    CHECK(table.find(session->id, kOwner).value() == session);
    CHECK(trouble(session->id, kOther) == Trouble::unknown);
    CHECK(trouble("") == Trouble::unknown);
    CHECK(trouble(session->id + "x") == Trouble::unknown);
    CHECK(trouble(somebody(kOther)) == Trouble::unknown);
    CHECK(table.count() == 1);
    // Made, and not initialized: nobody could name it.
    CHECK(table.make(kOwner).value()->id.empty());
    CHECK(table.count() == 1);
}

TEST_CASE_METHOD(Fixture, "sessions: one goes on when the memory was lost")
{
    const auto before = begin();
    auto after = fresh();
    CHECK(after.count() == 0);
    CHECK_FALSE(after.find(before->id, kOther));
    const auto session = after.find(before->id, kOwner).value();
    CHECK(after.count() == 1);
    CHECK(session != before);
    CHECK(session->name == before->name);
    CHECK(session->id == before->id);
    CHECK(session->principal == "owner");
    CHECK(session->session.negotiated() == Version::v2025_06_18);
    CHECK(session->session.peer().abilities == ClientAbilities{.samples = true});
    CHECK(session->session.peer().caller.client == "c/1");
    CHECK(session->session.peer().caller.credential == "secret");
    CHECK(session->session.peer().caller.session == before->name);
    CHECK(after.find(before->id, kOwner).value() == session);
}

TEST_CASE_METHOD(Fixture, "sessions: an event id is never given twice, also after a loss of memory")
{
    const auto before = begin();
    const auto stream = before->replay.begin_stream();
    before->replay.add(stream, "a");
    behind.clock.pass(Span{1'000'000});
    auto after = fresh();
    const auto session = after.find(before->id, kOwner).value();
    for (int i = 0; i < 3; ++i) {
        const auto again = session->replay.begin_stream();
        session->replay.add(again, "of another call");
        session->replay.add(again, "of another call");
    }
    // The client asks for what followed an event of before: not for another stream's.
    CHECK_FALSE(session->replay.after({stream, 1}));
}

TEST_CASE_METHOD(Fixture, "sessions: an idle one leaves the memory and comes back")
{
    const auto id = begin()->id;
    tick(kSessionIdleTicks);
    CHECK(table.count() == 1);
    SECTION("used at the last moment, it stays as long again")
    {
        REQUIRE(table.find(id, kOwner));
        tick(kSessionIdleTicks);
        CHECK(table.count() == 1);
        tick(1);
        CHECK(table.count() == 0);
    }
    SECTION("unused")
    {
        const std::weak_ptr<HttpSession> gone = table.find(id, kOwner).value();
        tick(kSessionIdleTicks + 1);
        CHECK(table.count() == 0);
        CHECK(gone.expired());
        CHECK(table.find(id, kOwner).value()->session.negotiated() == Version::v2025_06_18);
        CHECK(table.count() == 1);
    }
}

TEST_CASE_METHOD(Fixture, "sessions: neither a stream nor a call is idle")
{
    const auto session = begin();
    SECTION("a stream")
    {
        const auto peer = open_stream(*session);
        tick(3 * kSessionIdleTicks);
        CHECK(table.count() == 1);
        session->streams.clear();
    }
    SECTION("a call")
    {
        std::optional<Responder> kept;
        behind.catalog["wait"] = [&](Responder responder) { kept.emplace(std::move(responder)); };
        session->session.receive(
            R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}})",
            std::make_shared<test::Frames>());
        REQUIRE(kept);
        tick(3 * kSessionIdleTicks);
        CHECK(table.count() == 1);
        (*kept)(Done{});
    }
    tick(1);
    CHECK(table.count() == 0);
}

TEST_CASE_METHOD(Fixture, "sessions: one that its client has ended is remembered")
{
    const auto session = begin();
    const auto peer = open_stream(*session);
    table.end(session);
    CHECK(peer->ends == 1);
    CHECK(streams.count() == 0);
    CHECK(table.count() == 0);
    CHECK(trouble(session->id) == Trouble::unknown);
    table.end(session);  // twice does nothing
    CHECK(table.count() == 0);
    begin();
    CHECK(table.count() == 1);
}

TEST_CASE_METHOD(Fixture, "sessions: the newest that were ended are remembered, no more")
{
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < kEndedMax + 1; ++i) {
        const auto session = begin();
        ids.push_back(session->id);
        table.end(session);
    }
    CHECK(table.find(ids[0], kOwner));
    CHECK(trouble(ids[1]) == Trouble::unknown);
    CHECK(trouble(ids.back()) == Trouble::unknown);
}

TEST_CASE_METHOD(Fixture, "sessions: no principal takes the whole house")
{
    fill(kOwner, kSessionsPerPrincipalMax);
    CHECK(table.make(kOwner).error() == Trouble::full);
    CHECK(trouble(somebody(kOwner)) == Trouble::full);
    // An unknown one is unknown, not "later".
    CHECK(trouble("x") == Trouble::unknown);

    const auto others = begin(kOther);
    fill(kOther, kSessionsMax - kSessionsPerPrincipalMax - 1);
    CHECK(table.count() == kSessionsMax);
    CHECK(table.make(kOther).error() == Trouble::full);
    CHECK(trouble(somebody(kOther), kOther) == Trouble::full);
    // Those inside go on, and one that ends makes room for one.
    CHECK(table.find(others->id, kOther).value() == others);
    table.end(others);
    CHECK(table.make(kOwner).error() == Trouble::full);
    CHECK_FALSE(trouble(somebody(kOther), kOther));
    CHECK(trouble(somebody(kOther), kOther) == Trouble::full);
}

TEST_CASE_METHOD(Fixture, "sessions: when its id is good no more, a session ends with its streams")
{
    const auto session = begin();
    const auto peer = open_stream(*session);
    behind.clock.pass(Span{kSessionLife.us - 1});
    tick(1);
    CHECK(table.count() == 1);
    CHECK(peer->ends == 0);
    behind.clock.pass(Span{1});
    tick(1);
    CHECK(table.count() == 0);
    CHECK(peer->ends == 1);
    CHECK(trouble(session->id) == Trouble::unknown);
}

TEST_CASE_METHOD(Fixture, "sessions: a revived one lives as long as its id, not anew")
{
    const auto id = begin()->id;
    behind.clock.pass(Span::days(29));
    auto after = fresh();
    const auto session = after.find(id, kOwner).value();
    const auto peer = open_stream(*session);
    behind.clock.pass(Span::days(1));
    after.tick();
    CHECK(after.count() == 0);
    CHECK(peer->ends == 1);
}

TEST_CASE_METHOD(Fixture, "sessions: streams can be ended while sessions stay")
{
    const auto one = begin();
    const auto two = begin(kOther);
    const auto first = open_stream(*one);
    const auto second = open_stream(*two);
    table.end_streams();
    CHECK(first->ends == 1);
    CHECK(second->ends == 1);
    CHECK(streams.count() == 0);
    CHECK(table.count() == 2);
}
