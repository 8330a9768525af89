// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/json_rpc.hpp"

#include <catch2/catch.hpp>

#include "tests/support/scripted_transport.hpp"

using namespace purse;
using purse::test::Script;
using Kind = NodeFault::Kind;

namespace {
struct Peer {
    explicit Peer(std::size_t batch_max = JsonRpc::kBatchMax)
        : rpc{std::make_unique<test::ScriptedTransport>(script), batch_max}
    {
    }
    NodeAnswer<RpcReplies> ask(std::size_t count)
    {
        return rpc.ask(std::vector<RpcCall>(count, RpcCall{"m", "[]"}));
    }
    /// The numbers of the results, joined.
    std::string results(std::size_t count)
    {
        const auto asked = ask(count);
        if (!asked) return "fault " + asked.error().what;
        std::string all;
        for (const auto& reply : asked->replies)
            all += (all.empty() ? "" : " ") +
                   (reply.result ? std::string{reply.result->text()} : reply.error.message);
        return all;
    }

    Script script;
    JsonRpc rpc;
};

std::string good(int id)
{
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":")" +
           std::to_string(id) + "\"}";
}

NodeFault fault_of(std::size_t count, std::string body, int status = 200)
{
    Peer peer;
    peer.script.answer(std::move(body), status);
    const auto asked = peer.ask(count);
    REQUIRE_FALSE(asked.has_value());
    return asked.error();
}

std::string error(const char* id, int code, const char* message)
{
    return R"({"jsonrpc":"2.0","id":)" + std::string{id} + R"(,"error":{"code":)" +
           std::to_string(code) + R"(,"message":")" + message + "\"}}";
}
}  // namespace

TEST_CASE("json-rpc: one call stands alone, several in a batch, and ids go on")
{
    Peer peer;
    peer.script.answer(good(1));
    CHECK(peer.results(1) == "1");
    CHECK(peer.script.sent[0] == R"({"jsonrpc":"2.0","id":1,"method":"m","params":[]})");
    peer.script.answer("[" + good(3) + "," + good(2) + "]");
    CHECK(peer.results(2) == "2 3");  // in the order of the calls
    CHECK(peer.script.sent[1] == R"([{"jsonrpc":"2.0","id":2,"method":"m","params":[]},)"
                                 R"({"jsonrpc":"2.0","id":3,"method":"m","params":[]}])");
    CHECK(peer.results(0).empty());
    CHECK(peer.script.sent.size() == 2);
}

TEST_CASE("json-rpc: batches have a bounded size")
{
    Peer peer{2};
    peer.script.answer("[" + good(1) + "," + good(2) + "]");
    peer.script.answer("[" + good(3) + "," + good(4) + "]");
    peer.script.answer(good(5));
    CHECK(peer.results(5) == "1 2 3 4 5");
}

TEST_CASE("json-rpc: a node that refuses batches is asked one by one, and so remembered")
{
    const auto refusals = {
        error("null", -32600, "batches are not supported"),
        std::string{"["} + error("null", -32600, "batch too large") + "]",
        std::string{"[]"},
        "[" + good(1) + "]",
    };
    for (const auto& refusal : refusals) {
        CAPTURE(refusal);
        Peer peer;
        peer.script.answer(refusal);
        peer.script.answer(good(3));
        peer.script.answer(good(4));
        CHECK(peer.results(2) == "3 4");
        peer.script.answer(good(5));
        peer.script.answer(good(6));
        CHECK(peer.results(2) == "5 6");
    }
    Peer peer;
    peer.script.answer("no batches here", 400);
    peer.script.answer(good(3));
    peer.script.answer(good(4));
    CHECK(peer.results(2) == "3 4");
}

TEST_CASE("json-rpc: a node that answers nothing after a refused batch keeps its batches")
{
    Peer peer;
    peer.script.answer("who are you?", 401);
    peer.script.answer("who are you?", 401);
    CHECK(peer.results(2) == "fault HTTP status 401");
    peer.script.answer("[" + good(4) + "," + good(5) + "]");
    CHECK(peer.results(2) == "4 5");
}

TEST_CASE("json-rpc: ids that are foreign, missing or twice")
{
    const auto what = [](std::size_t count, const std::string& body) {
        const auto fault = fault_of(count, body);
        CHECK(fault.kind == Kind::unknown);
        return fault.what;
    };
    CHECK(what(1, good(2)) == "a reply has another id");
    CHECK(what(1, R"({"jsonrpc":"2.0","id":"1","result":"x"})") == "a reply has another id");
    CHECK(what(1, R"({"jsonrpc":"2.0","result":"x"})") == "a reply has another id");
    CHECK(what(1, "[" + good(1) + "]") == "a reply has another id");
    constexpr const char* kForeign = "a reply in a batch has an id that was not asked";
    CHECK(what(2, "[" + good(1) + "," + good(3) + "]") == kForeign);
    CHECK(what(2, "[" + good(1) + "," + good(0) + "]") == kForeign);
    CHECK(what(2, "[" + good(1) + R"(,{"jsonrpc":"2.0","result":"x"}])") == kForeign);
    CHECK(what(2, "[" + good(1) + R"(,{"id":-9223372036854775808,"result":"x"}])") == kForeign);
    CHECK(what(2, "[" + good(1) + ",7]") == kForeign);
    CHECK(what(2, "[" + good(1) + "," + good(1) + "]") == "two replies in a batch have one id");
    CHECK(what(2, good(1)) == "one reply came for a batch");
}

TEST_CASE("json-rpc: replies that are none")
{
    const auto what = [](const std::string& body) { return fault_of(1, body).what; };
    CHECK(what(R"({"id":1})") == "a reply has neither a result nor an error");
    CHECK(what(R"({"id":1,"result":1,"error":{"code":1,"message":"x"}})") ==
          "a reply has both a result and an error");
    CHECK(what(R"({"id":1,"error":"x"})") == "a reply's error is no object");
    CHECK(what(R"({"id":1,"result":"x)") == "the answer is no JSON: the text ends too early");
    CHECK(what("") == "the answer is no JSON: the text ends too early");
    CHECK(what("<html>") == "the answer is no JSON: a syntax error");
    CHECK(what("7") == "the answer is neither an object nor an array");
    CHECK(what(R"({"id":1,"id":1,"result":"x"})") ==
          "the answer is no JSON: the key \"id\" stands twice in one object");
    CHECK(what("[" + std::string(100, '[')) == "the answer is no JSON: it is nested too deeply");
    std::string many = "[0";
    for (std::size_t i = 0; i < JsonRpc::kValuesMax; ++i) many += ",0";
    CHECK(what(many + "]") == "the answer is no JSON: it has too many values");
}

TEST_CASE("json-rpc: results and errors of any shape a node sends")
{
    Peer peer;
    peer.script.answer(R"({"id":1,"result":null})");
    const auto null = peer.ask(1);
    REQUIRE(null.has_value());
    REQUIRE(null->replies[0].result != nullptr);
    CHECK(null->replies[0].result->is(json::Kind::null));

    peer.script.answer(R"({"id":2,"result":"x","error":null})");
    CHECK(peer.results(1) == "x");

    const auto data_of = [&](int id, const char* data) {
        peer.script.answer(R"({"id":)" + std::to_string(id) +
                           R"(,"error":{"code":3,"message":"execution reverted","data":)" + data +
                           "}}");
        const auto asked = peer.ask(1);
        CHECK(asked->replies[0].result == nullptr);
        CHECK(asked->replies[0].error.code == 3);
        return asked->replies[0].error.data;
    };
    CHECK(data_of(3, "\"0x08c379a0\"") == "0x08c379a0");
    CHECK(data_of(4, "{\"data\":\"0x01\"}") == "0x01");
    CHECK(data_of(5, "[1]").empty());
    CHECK(data_of(6, ("\"" + std::string(70'000, '0') + "\"").c_str()).empty());

    peer.script.answer(R"({"id":7,"error":{}})");
    CHECK(peer.results(1).empty());
    // It could not read the request, so it does not know the id.
    peer.script.answer(error("null", -32700, "parse error"));
    CHECK(peer.results(1) == "parse error");
}

TEST_CASE("json-rpc: asked too often, in each form")
{
    const auto kind = [](std::size_t count, const std::string& body, int status = 200) {
        return fault_of(count, body, status).kind;
    };
    CHECK(fault_of(1, error("1", -32016, "over rate limit")).what ==
          "error -32016: over rate limit");
    CHECK(fault_of(1, error("1", -32016, "")).what == "error -32016");
    CHECK(kind(1, "", 429) == Kind::rate_limited);
    CHECK(kind(2, "", 429) == Kind::rate_limited);
    CHECK(kind(1, error("1", -32016, "over rate limit")) == Kind::rate_limited);
    CHECK(kind(1, error("null", -32005, "limit exceeded")) == Kind::rate_limited);
    CHECK(kind(2, error("null", -32016, "over rate limit")) == Kind::rate_limited);
    CHECK(kind(2, "[" + error("null", -32016, "over rate limit") + "]") == Kind::rate_limited);
    CHECK(kind(2, "[" + good(1) + "," + error("2", -32016, "over rate limit") + "]") ==
          Kind::rate_limited);
    CHECK(kind(1, error("1", -32000, R"(429 Too Many Requests: {\"code\":-32016})")) ==
          Kind::rate_limited);
}

TEST_CASE("json-rpc: statuses of HTTP")
{
    CHECK(fault_of(1, good(1), 502).kind == Kind::unknown);
    CHECK(fault_of(1, "", 503).what == "HTTP status 503");
    CHECK(fault_of(1, good(1), 201).kind == Kind::unknown);
    CHECK(fault_of(1, "", 401).kind == Kind::refused);
    CHECK(fault_of(1, good(1), 404).kind == Kind::refused);
    CHECK(fault_of(1, "", 302).what ==
          "HTTP status 302: it sends elsewhere, which is not followed");
    Peer peer;
    peer.script.answer(error("1", -32000, "nonce too low"), 400);
    CHECK(peer.results(1) == "nonce too low");
    peer.script.fail("it took longer than the time-out");
    CHECK(peer.results(1) == "fault it took longer than the time-out");
}

TEST_CASE("json-rpc: a node's words are bounded, printable and without secrets")
{
    Peer peer;
    CHECK(peer.rpc.words("POST /SECRET?\n\x1b[31m\xc3\xa9") == "POST /***???[31m??");
    CHECK(peer.rpc.words(std::string(297, 'x') + "SECRET") == std::string(297, 'x') + "***");
    CHECK(peer.rpc.words(std::string(1'000, 'x')) == std::string(300, 'x') + "...");
    peer.script.answer(error("1", -32000, "unknown key SECRET"));
    CHECK(peer.results(1) == "unknown key ***");
    peer.script.fail("cannot reach SECRET");
    CHECK(peer.results(1) == "fault cannot reach ***");
}
