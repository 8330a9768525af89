// SPDX-License-Identifier: Apache-2.0
// The decision table of Streamable HTTP: which message, with which headers, is answered how.
#include "tests/server/door/door_bench.hpp"

using namespace purse;
using namespace purse::server;
using namespace purse::test;

namespace {
constexpr auto kOmitted = "(none)";

/// A POST and how it must be answered.
struct Row {
    const char* what;
    OwnRequest request;
    int status;
    std::int64_t code;  // of the error; 0: a result
    std::string id;     // as JSON; kOmitted: no member; empty: no body
};

value without(value body, std::string_view key)
{
    body.at("params").at("_meta").as_object().erase(key);
    return body;
}
value with_version(value body, const value& version)
{
    body.at("params").at("_meta").as_object()[kVersionKey] = version;
    return body;
}
/// A modern request that calls itself another version, in body and header alike.
OwnRequest of_version(std::string_view version)
{
    auto request = modern("tools/list");
    request.body = serialize(with_version(boost::json::parse(request.body), value(version)));
    return request.set("mcp-protocol-version", version);
}
OwnRequest versioned(OwnRequest request, std::string_view version)
{
    return std::move(request.set("mcp-protocol-version", version));
}

const auto kList = message(1, "tools/list");
const auto kModernList = message(1, "tools/list", modern_params());
const auto kInitialize = message(1, "initialize", {{"protocolVersion", "2025-06-18"}});
const auto kResponse = value{{"jsonrpc", "2.0"}, {"id", 1}, {"result", object{}}};
const auto kBroken = value{{"jsonrpc", "1.0"}, {"id", 7}, {"method", "ping"}};

std::vector<Row> shapes()
{
    return {
        {"no JSON", post("{"), 400, -32700, "null"},
        {"no JSON, modern", versioned(post("{"), kModernName), 400, -32700, kOmitted},
        {"empty", post(""), 400, -32700, "null"},
        {"a text", post("\"x\""), 400, -32600, "null"},
        {"a text, modern", versioned(post("\"x\""), kModernName), 400, -32600, kOmitted},
        {"no 2.0", post(kBroken), 400, -32600, "7"},
        {"null id", post(message(nullptr, "tools/list")), 400, -32600, "null"},
        {"null id, modern",
         versioned(post(message(nullptr, "tools/list", modern_params())), kModernName), 400, -32600,
         kOmitted},
        {"half an id", post(R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})"), 400, -32600, "null"},
        {"params by position", post(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})"), 400,
         -32602, "1"},
        {"another type", post(kList).set("content-type", "text/plain"), 415, -32600, kOmitted},
        {"no type", post(kList).drop("content-type"), 200, 0, "1"},
    };
}

std::vector<Row> batches()
{
    return {
        {"empty batch", post("[]"), 400, -32600, "null"},
        {"a batch with a claim", post(value{kList, kModernList}), 400, -32600, "null"},
        {"a batch with a bad shape", post(value{kList, kBroken}), 400, -32600, "null"},
        {"a batch with initialize", post(value{kInitialize}), 400, -32600, "null"},
        {"a batch, modern", versioned(post(value{kList}), kModernName), 400, -32600, kOmitted},
        {"a batch, 2025-06-18", versioned(post(value{kList}), "2025-06-18"), 400, -32600, "null"},
        {"a batch, unknown version", versioned(post(value{kList}), "2024-01-01"), 400, -32600,
         "null"},
        {"a batch of notices", post(value{notice("notifications/x")}), 202, 0, ""},
    };
}

std::vector<Row> initializes()
{
    auto claimed = modern("initialize", {{"protocolVersion", "2025-06-18"}});
    return {
        {"initialize", post(kInitialize), 200, 0, "1"},
        {"initialize, claimed", claimed, 404, -32601, "1"},
        {"initialize, modern header", versioned(post(kInitialize), kModernName), 200, 0, "1"},
        {"initialize, unknown header", versioned(post(kInitialize), "2099-01-01"), 200, 0, "1"},
        {"initialize without a version", post(message(1, "initialize")), 200, -32602, "1"},
    };
}

std::vector<Row> claims()
{
    auto no_header = modern("tools/list").drop("mcp-protocol-version");
    auto old_header = versioned(modern("tools/list"), "2025-11-25");
    auto no_abilities = versioned(post(without(kModernList, kAbilitiesKey)), kModernName);
    auto number = versioned(post(with_version(kModernList, 5)), kModernName);
    auto differs = versioned(of_version("2099-01-01"), kModernName);
    return {
        {"modern", modern("tools/list"), 200, 0, "1"},
        {"modern, id 0", modern("tools/list", {}, 0), 200, 0, "0"},
        {"modern, id \"\"", modern("tools/list", {}, ""), 200, 0, "\"\""},
        {"envelope without abilities", no_abilities, 400, -32602, "1"},
        {"envelope without version",
         versioned(post(without(kModernList, kVersionKey)), kModernName), 400, -32602, "1"},
        {"version is a number", number, 400, -32602, "1"},
        {"header without claim", versioned(post(kList), kModernName), 400, -32602, "1"},
        {"claim without header", no_header, 400, -32020, "1"},
        {"claim with another header", old_header, 400, -32020, "1"},
        {"differs goes before unsupported", differs, 400, -32020, "1"},
        {"unsupported", of_version("2099-01-01"), 400, -32022, "1"},
        {"a legacy version in an envelope", of_version("2025-11-25"), 400, -32022, "1"},
        {"unsupported goes before a missing header", of_version("2099-01-01").drop("mcp-method"),
         400, -32022, "1"},
        {"another Mcp-Method goes before unsupported",
         of_version("2099-01-01").set("mcp-method", "x"), 400, -32020, "1"},
        {"no Mcp-Method", modern("tools/list").drop("mcp-method"), 400, -32020, "1"},
        {"no Mcp-Name", modern("tools/call", {{"name", "say"}}).drop("mcp-name"), 400, -32020, "1"},
        {"a modern notice",
         versioned(post(notice("notifications/x", modern_params())), kModernName), 202, 0, ""},
        {"a notice with a modern header", versioned(post(notice("notifications/x")), kModernName),
         202, 0, ""},
    };
}

std::vector<Row> methods()
{
    std::vector<Row> rows;
    // The legacy side has them; with an envelope they are unknown.
    for (const auto* method : {"ping", "initialize", "logging/setLevel", "resources/subscribe",
                               "resources/unsubscribe", "tools/none", ""})
        rows.push_back({"modern, unknown method", modern(method), 404, -32601, "1"});
    auto lost = modern("tools/none", {{"name", "x"}}).drop("mcp-method");
    rows.push_back({"a missing header goes before the method", lost, 400, -32020, "1"});
    rows.push_back({"unknown tool", modern("tools/call", {{"name", "none"}}), 200, -32602, "1"});
    rows.push_back({"no name", modern("tools/call"), 200, -32602, "1"});
    rows.push_back({"a tool", modern("tools/call", {{"name", "say"}}), 200, 0, "1"});
    rows.push_back({"needs an ability", modern("tools/call", {{"name", "ask"}}), 400, -32021, "1"});
    rows.push_back({"legacy, unknown method", post(message(1, "tools/none")), 200, -32601, "1"});
    rows.push_back({"legacy, unknown tool", post(message(1, "tools/call", {{"name", "none"}})), 200,
                    -32602, "1"});
    return rows;
}

std::vector<Row> legacies()
{
    return {
        {"no header, no session", post(kList), 200, 0, "1"},
        {"legacy header", versioned(post(kList), "2025-06-18"), 200, 0, "1"},
        {"unknown header", versioned(post(kList), "2024-01-01"), 400, -32600, "1"},
        {"empty header", versioned(post(kList), ""), 400, -32600, "1"},
        {"a notice", post(notice("notifications/initialized")), 202, 0, ""},
        {"a call without an id", post(notice("tools/call", {{"name", "say"}})), 202, 0, ""},
        {"a response without a session", post(kResponse), 400, -32600, "null"},
        {"an unknown session", post(kList).set("mcp-session-id", "x"), 404, -31001, "null"},
        {"an empty session", post(kList).set("mcp-session-id", ""), 404, -31001, "null"},
        {"modern ignores the session", modern("tools/list").set("mcp-session-id", "x"), 200, 0,
         "1"},
    };
}

void check(DoorBench& door, const Row& row)
{
    INFO(row.what << ": " << row.request.body);
    const auto peer = door.send(row.request);
    REQUIRE(peer->answers == 1);
    CHECK(peer->status() == row.status);
    if (row.id.empty()) {
        CHECK(peer->body().empty());
        CHECK(peer->head->content_type.empty());
        return;
    }
    const auto body = json_of(*peer).as_object();
    CHECK(body.at("jsonrpc") == "2.0");
    CHECK(body.contains("id") == (row.id != kOmitted));
    if (body.contains("id")) CHECK(serialize(body.at("id")) == row.id);
    if (row.code == 0)
        CHECK(body.contains("result"));
    else
        CHECK(body.at("error").at("code") == row.code);
}
}  // namespace

TEST_CASE("door: the decision table of POST")
{
    DoorBench door;
    int said = 0;
    door.catalog["say"] = [&](Responder responder) { ++said, responder(test::said("x")); };
    door.catalog["ask"] = [](Responder responder) {
        responder(NeedsInput{{{"m", "sampling/createMessage", R"({"messages":[]})"}}, {}});
    };
    for (const auto& rows : {shapes(), batches(), initializes(), claims(), methods(), legacies()})
        for (const auto& row : rows) check(door, row);
    CHECK(said == 1);  // the one that was to be made
}

TEST_CASE("door: errors say what a client needs to go on")
{
    DoorBench door;
    auto peer = door.send(of_version("2099-01-01"));
    CHECK(json_of(*peer).at("error").at("data") ==
          value{{"supported", {kModernName}}, {"requested", "2099-01-01"}});
    peer = door.send(versioned(post(kList), kModernName));
    const std::string text{json_of(*peer).at("error").at("message").as_string()};
    CHECK_THAT(text, Catch::Contains(kVersionKey) && Catch::Contains(kAbilitiesKey));
}

TEST_CASE("door: other methods of HTTP at /mcp")
{
    DoorBench door;
    const auto session = door.initialize();
    const auto send = [&](http::Method method, bool is_modern) {
        auto request = get("/mcp").set("mcp-session-id", session);
        request.method = method;
        if (is_modern) request.set("mcp-protocol-version", kModernName);
        return door.send(request);
    };
    for (const auto method : {http::Method::get, http::Method::del}) {
        const auto peer = send(method, true);
        CHECK(peer->status() == 405);
        CHECK(peer->header("Allow") == "POST, OPTIONS");
    }
    for (const auto method : {http::Method::head, http::Method::other}) {
        const auto peer = send(method, false);
        CHECK(peer->status() == 405);
        CHECK(peer->header("Allow") == "GET, POST, DELETE, OPTIONS");
        CHECK_FALSE(json_of(*peer).as_object().contains("id"));
    }
    CHECK(send(http::Method::get, false)->is_open());
    CHECK(send(http::Method::del, false)->status() == 200);
    CHECK(send(http::Method::del, false)->status() == 404);
    CHECK(send(http::Method::get, false)->status() == 404);
}

TEST_CASE("door: GET and DELETE need their session, GET a reader of events")
{
    DoorBench door;
    auto request = get("/mcp");
    auto peer = door.send(request);
    CHECK(peer->status() == 400);
    CHECK(code_of(*peer) == -32600);
    request.method = http::Method::del;
    CHECK(door.send(request)->status() == 400);
    request = get("/mcp").set("mcp-session-id", door.initialize());
    request.set("accept", "application/json");
    CHECK(door.send(request)->status() == 406);
}

TEST_CASE("door: a batch of 2025-03-26 is answered as one")
{
    DoorBench door;
    const auto peer = door.send(post(value{kList, notice("notifications/x"), message(2, "ping")}));
    const auto answers = json_of(*peer).as_array();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].at("id") == 1);
    CHECK(answers[1].at("id") == 2);
}

TEST_CASE("door: any legacy version header does on a session, as clients send it")
{
    DoorBench door;
    const auto session = door.initialize("2024-11-05");
    for (const auto* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
        auto request = versioned(post(kList), version);
        CHECK(door.send(request.set("mcp-session-id", session))->status() == 200);
    }
    auto unknown = versioned(post(kList), "2023-01-01").set("mcp-session-id", session);
    CHECK(door.send(unknown)->status() == 400);
}
