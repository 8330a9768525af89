// SPDX-License-Identifier: Apache-2.0
// Questions to the client, both ways: input_required results for 2026-07-28, requests of ours
// before.
#include <catch2/catch.hpp>
#include <functional>

#include "scripted_client.hpp"
#include "server/mcp/protocol.hpp"

using namespace purse;
using namespace purse::server;
using test::kAbilities;
using test::object;
using test::said;
using test::text_of;
using test::value;
using Fixture = test::ScriptedClient;

namespace {
const InputRequest kForm{"name", "elicitation/create",
                         R"({"mode":"form","message":"Who?","requestedSchema":{}})"};
const InputRequest kSampling{"model", "sampling/createMessage", R"({"messages":[],"maxTokens":1})"};
/// Asks kForm, then says what was answered and the state.
void greeter(Responder responder)
{
    const auto& call = responder.call();
    const auto* input = call.inputs() == nullptr ? nullptr : call.inputs()->find("name");
    if (input == nullptr) return responder(NeedsInput{{kForm}, "state"});
    std::string text = call.state() + " ";
    json::append(text, *input);
    responder(said(text));
}

const object kAccepted{{"action", "accept"}, {"content", {{"name", "Alice"}}}};
}  // namespace

// Questions, 2026-07-28.

TEST_CASE_METHOD(Fixture, "a modern question is a result; the same request with answers goes on")
{
    catalog["t"] = greeter;
    catalog["prompt:p"] = greeter;
    catalog["resource:test://r"] = greeter;
    const std::vector<std::pair<std::string, object>> requests = {
        {"tools/call", {{"name", "t"}, {"arguments", {{"a", 1}}}}},
        {"prompts/get", {{"name", "p"}}},
        {"resources/read", {{"uri", "test://r"}}},
    };
    for (auto [method, params] : requests) {
        INFO(method);
        modern(method, params);
        const auto asked = result();
        CHECK(asked.at("resultType") == "input_required");
        CHECK(asked.at("inputRequests") ==
              value{{"name",
                     {{"method", kForm.method}, {"params", boost::json::parse(kForm.params)}}}});
        CHECK_FALSE(asked.as_object().contains("ttlMs"));
        CHECK(asked.at("requestState").as_string().find("state") == std::string::npos);
        params["requestState"] = asked.at("requestState");
        params["inputResponses"] = {{"name", kAccepted}};
        modern(method, params);
        const auto done = result();
        CHECK(done.at("resultType") == "complete");
        CHECK(text_of(done) == "state " + serialize(kAccepted));
        modern(method, params);  // used once
        CHECK(error() == -32602);
    }
}

TEST_CASE_METHOD(Fixture, "a requestState is good for the caller and request it was given to")
{
    catalog["t"] = greeter;
    catalog["u"] = greeter;
    catalog["prompt:t"] = greeter;
    const object params{{"name", "t"}, {"arguments", {{"a", 1}}}};
    modern("tools/call", params);
    const auto state = result().at("requestState");
    const auto with = [&](object other) {
        other["requestState"] = state;
        other["inputResponses"] = {{"name", kAccepted}};
        return other;
    };
    modern("tools/call", with({{"name", "u"}, {"arguments", {{"a", 1}}}}));
    CHECK(error() == -32602);
    modern("tools/call", with({{"name", "t"}, {"arguments", {{"a", 2}}}}));
    CHECK(error() == -32602);
    modern("tools/call", with({{"name", "t"}}));
    CHECK(error() == -32602);
    modern("prompts/get", with(params));
    CHECK(error() == -32602);
    {
        Session other{behind.protocol, {.caller = {"another secret", "s", ""}}};
        auto message = with(params);
        message["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                            {"io.modelcontextprotocol/clientCapabilities", kAbilities}};
        other.receive(
            serialize(value{
                {"jsonrpc", "2.0"}, {"id", ++ids}, {"method", "tools/call"}, {"params", message}}),
            frames);
        CHECK(error() == -32602);
    }
    modern("tools/call", with(params));
    CHECK(text_of(result()).starts_with("state "));
}

TEST_CASE_METHOD(Fixture,
                 "answers of the wrong shape are refused; a state without answers asks anew")
{
    catalog["t"] = greeter;
    for (const value& inputs : {value(nullptr), value(7), value("x"), value{1, 2}}) {
        modern("tools/call", {{"name", "t"}, {"inputResponses", inputs}});
        CHECK(error() == -32602);
    }
    for (const value& state : {value(nullptr), value(7), value(""), value("x")}) {
        modern("tools/call", {{"name", "t"}, {"requestState", state}});
        CHECK(error() == -32602);
    }
    modern("tools/call", {{"name", "t"}});
    modern("tools/call",
           {{"name", "t"}, {"requestState", next()->at("result").at("requestState")}});
    CHECK(result().at("resultType") == "input_required");
    // Lists ask for nothing and take nothing.
    modern("tools/list", {{"inputResponses", 7}, {"requestState", 7}});
    CHECK(result().at("resultType") == "complete");
}

TEST_CASE_METHOD(Fixture, "a modern client is asked only what it declared")
{
    catalog["model"] = [](Responder responder) { responder(NeedsInput{{kForm, kSampling}, ""}); };
    catalog["link"] = [](Responder responder) {
        responder(NeedsInput{{{"a", "elicitation/create", R"({"mode":"url","url":"x:"})"}}, ""});
    };
    const auto missing = [&](std::string_view tool, const object& abilities) {
        modern("tools/call", {{"name", tool}}, abilities);
        const auto error = answer().at("error");
        CHECK(error.at("code") == -32021);
        return error.at("data").at("requiredCapabilities");
    };
    CHECK(missing("model", {{"elicitation", object{}}}) == value{{"sampling", object{}}});
    CHECK(missing("model", {{"sampling", object{}}}) ==
          value{{"elicitation", {{"form", object{}}}}});
    CHECK(missing("link", {{"elicitation", object{}}}) ==
          value{{"elicitation", {{"url", object{}}}}});
    modern("tools/call", {{"name", "link"}});
    const auto asked = result();
    CHECK(asked.at("resultType") == "input_required");
    CHECK_FALSE(asked.as_object().contains("requestState"));
}

// Questions, before 2026-07-28.

TEST_CASE_METHOD(Fixture, "a legacy question is a request of ours, and its answer goes on")
{
    catalog["t"] = greeter;
    initialize();
    const auto id = request("tools/call", {{"name", "t"}});
    const auto asked = question();
    CHECK(asked.at("method") == "elicitation/create");
    CHECK(asked.at("params") == boost::json::parse(kForm.params));
    CHECK_FALSE(next());
    CHECK_FALSE(session.idle());
    request("ping");  // the session goes on meanwhile
    CHECK(result() == object{});
    reply(asked, kAccepted);
    const auto done = next();
    REQUIRE(done);
    CHECK(done->at("id") == id);
    CHECK(text_of(done->at("result")) == "state " + serialize(kAccepted));
    CHECK_FALSE(done->at("result").as_object().contains("resultType"));
    reply(asked, kAccepted);
    CHECK_FALSE(next());
    CHECK(session.idle());
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "declined, cancelled and refused questions are the handler's to judge")
{
    catalog["t"] = greeter;
    initialize();
    for (const char* action : {"decline", "cancel"}) {
        request("tools/call", {{"name", "t"}});
        reply(question(), {{"action", action}});
        CHECK(text_of(result()) == std::string{R"(state {"action":")"} + action + "\"}");
    }
    request("tools/call", {{"name", "t"}});
    send({{"jsonrpc", "2.0"},
          {"id", question().at("id")},
          {"error", {{"code", -32601}, {"message", "what?"}}}});
    CHECK(text_of(result()) == R"(state {"action":"cancel"})");
}

TEST_CASE_METHOD(Fixture, "a legacy client that cannot be asked gets a result that says so")
{
    catalog["t"] = greeter;
    catalog["prompt:p"] = greeter;
    catalog["link"] = [](Responder responder) {
        responder(NeedsInput{{{"a", "elicitation/create", R"({"mode":"url","url":"x:"})"}}, ""});
    };
    const auto cannot = [&](std::string_view tool, std::string_view version,
                            const object& abilities) {
        initialize(version, abilities);
        request("tools/call", {{"name", tool}});
        const auto said = result();
        CHECK(said.at("isError") == true);
        CHECK_FALSE(text_of(said).empty());
    };
    cannot("t", "2025-11-25", {});
    cannot("t", "2025-11-25", {{"sampling", object{}}});
    cannot("link", "2025-11-25", {{"elicitation", object{}}});
    cannot("t", "2025-03-26", kAbilities);     // has no elicitation
    cannot("link", "2025-06-18", kAbilities);  // has no mode for it
    request("prompts/get", {{"name", "p"}});
    CHECK(question().at("method") == "elicitation/create");
    initialize("2025-11-25", {});
    request("prompts/get", {{"name", "p"}});
    CHECK(error() == -32600);
}

TEST_CASE_METHOD(Fixture, "a call may ask in several rounds, but not for ever")
{
    std::size_t rounds = 0;
    catalog["t"] = [&](Responder responder) {
        ++rounds;
        responder(NeedsInput{{kForm}, std::to_string(rounds)});
    };
    initialize();
    request("tools/call", {{"name", "t"}});
    for (std::size_t i = 0; i < kRoundsMax; ++i) reply(question(), kAccepted);
    CHECK(result().at("isError") == true);
    CHECK(rounds == kRoundsMax + 1);
}

TEST_CASE_METHOD(Fixture, "a legacy handler that asks for nothing but time is called again at once")
{
    catalog["t"] = [](Responder responder) {
        if (responder.call().state().empty()) return responder(NeedsInput{{}, "later"});
        responder(said(responder.call().state()));
    };
    initialize();
    request("tools/call", {{"name", "t"}});
    CHECK(text_of(result()) == "later");
}

TEST_CASE_METHOD(Fixture, "a cancelled call takes its question back and says nothing more")
{
    catalog["t"] = greeter;
    initialize();
    const auto id = request("tools/call", {{"name", "t"}});
    const auto asked = question();
    notify("notifications/cancelled", {{"requestId", id}});
    const auto withdrawn = next();
    REQUIRE(withdrawn);
    CHECK(withdrawn->at("method") == "notifications/cancelled");
    CHECK(withdrawn->at("params").at("requestId") == asked.at("id"));
    reply(asked, kAccepted);
    CHECK_FALSE(next());
    CHECK(frames->calls() == 0);
    CHECK(session.idle());
}

TEST_CASE_METHOD(Fixture, "a call that was cancelled before it asks does not ask")
{
    std::optional<Responder> held;
    catalog["t"] = [&](Responder responder) { held.emplace(std::move(responder)); };
    initialize();
    const auto id = request("tools/call", {{"name", "t"}});
    notify("notifications/cancelled", {{"requestId", id}});
    (*held)(NeedsInput{{kForm}, ""});
    CHECK_FALSE(next());
    CHECK(frames->calls() == 0);
}

namespace {
/// In the very moment before a question is sent, something else happens.
class Meanwhile final : public Transport {
public:
    Meanwhile(std::shared_ptr<Transport> to, std::function<void()> happens)
        : to_{std::move(to)},
          happens_{std::move(happens)}
    {
    }
    void send(std::string frame) override { to_->send(std::move(frame)); }
    void answer(std::string frame, std::optional<ErrorCode> error) override
    {
        to_->answer(std::move(frame), error);
    }
    void begin_call() override { to_->begin_call(); }
    void end_call(std::string frame, std::optional<ErrorCode> error) override
    {
        to_->end_call(std::move(frame), error);
    }
    bool can_ask() const override
    {
        happens_();
        return true;
    }

private:
    std::shared_ptr<Transport> to_;
    std::function<void()> happens_;
};
}  // namespace

TEST_CASE_METHOD(Fixture, "a call that is cancelled while it asks does not wait")
{
    catalog["t"] = greeter;
    initialize();
    const auto path = std::make_shared<Meanwhile>(
        frames, [&] { notify("notifications/cancelled", {{"requestId", 1}}); });
    session.receive(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}})",
                    path);
    const auto asked = question();
    CHECK(next()->at("params").at("requestId") == asked.at("id"));
    CHECK_FALSE(next());
    CHECK(frames->calls() == 0);
    CHECK(session.idle());
}

TEST_CASE_METHOD(Fixture, "the end of the session ends what waits for the client, now and later")
{
    std::optional<Responder> held;
    catalog["t"] = greeter;
    catalog["slow"] = [&](Responder responder) { held.emplace(std::move(responder)); };
    initialize();
    request("tools/call", {{"name", "slow"}});
    request("tools/call", {{"name", "t"}});
    question();
    session.end();
    CHECK(error() == -32600);
    (*held)(NeedsInput{{kForm}, ""});
    --ids;
    CHECK(result().at("isError") == true);
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "a question that nobody answers is given up")
{
    catalog["t"] = greeter;
    initialize();
    request("tools/call", {{"name", "t"}});
    question();
    for (std::size_t i = 1; i < kAskTicks; ++i) session.tick();
    CHECK_FALSE(next());
    session.tick();
    CHECK(next()->at("method") == "notifications/cancelled");
    CHECK(error() == -32600);
    CHECK(frames->calls() == 0);
}
