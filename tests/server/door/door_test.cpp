// SPDX-License-Identifier: Apache-2.0
// Who is let in, in which order a request is judged, and what stands beside MCP.
#include "server/door/door.hpp"

#include "server/door/limits.hpp"
#include "tests/server/door/door_bench.hpp"

using namespace purse;
using namespace purse::server;
using namespace purse::test;

namespace {
const auto kList = message(1, "tools/list");
constexpr auto kMetadata = "/.well-known/oauth-protected-resource";

OwnRequest as(OwnRequest request, const std::string& credential)
{
    return std::move(request.set("authorization", "Bearer " + credential));
}
/// Answers every request, and remembers that it did.
class ScriptedOperator final : public OperatorDoor {
public:
    void handle(purse::server::http::Request& request,
                std::shared_ptr<purse::server::http::Exchange> exchange) override
    {
        paths.emplace_back(request.path);
        exchange->respond({.status = 200, .content_type = "text/plain", .body = "page"});
    }
    void tick() override { ++ticks; }
    void stopping() override { ++stops; }

    std::vector<std::string> paths;
    int ticks = 0;
    int stops = 0;
};
}  // namespace

TEST_CASE("door: the order of checks: host, origin, credential, type, JSON, shape")
{
    DoorBench door;
    auto request = post("{");
    request.set("host", "evil.example").set("origin", "https://evil.example");
    request.set("authorization", "Bearer bad").set("content-type", "text/plain");
    const auto status = [&] { return door.send(request)->status(); };
    CHECK_THAT(door.send(request)->body(), Catch::Contains("--allow-host"));
    CHECK(status() == 403);
    request.set("host", "localhost");
    CHECK_THAT(door.send(request)->body(), Catch::Contains("--allow-origin"));
    CHECK(status() == 403);
    CHECK(door.registrar.asked == 0);  // a stranger makes no work
    request.set("origin", "http://localhost:1");
    CHECK(status() == 401);
    request.set("authorization", "Bearer good");
    CHECK(status() == 415);
    request.set("content-type", "application/json");
    CHECK(code_of(*door.send(request)) == -32700);
    request.body = "[1]";
    CHECK(code_of(*door.send(request)) == -32600);
}

TEST_CASE("door: a stranger's 403 has no id, and no page may read it")
{
    DoorBench door;
    for (const auto* path : {"/mcp", "/sse", "/messages", "/metrics", kMetadata, "/nowhere"}) {
        INFO(path);
        auto request = post(kList).set("origin", "https://evil.example");
        request.path = path;
        const auto peer = door.send(request);
        CHECK(peer->status() == 403);
        CHECK_FALSE(json_of(*peer).as_object().contains("id"));
        CHECK_FALSE(peer->header("Access-Control-Allow-Origin"));
        CHECK(door.send(post(kList).drop("host"))->status() == 403);
    }
}

TEST_CASE("door: pages of allowed origins may read every answer")
{
    DoorBench door;
    const auto check = [](const FakeExchange& peer) {
        CHECK(peer.header("Access-Control-Allow-Origin") == "http://localhost:6274");
        CHECK(peer.header("Vary") == "Origin");
        CHECK_THAT(peer.header("Access-Control-Expose-Headers").value(),
                   Catch::Contains("Mcp-Session-Id") && Catch::Contains("MCP-Protocol-Version"));
    };
    const auto from_page = [](OwnRequest request) {
        return std::move(request.set("origin", "http://localhost:6274"));
    };
    check(*door.send(from_page(post(kList))));
    check(*door.send(from_page(modern("tools/list"))));
    check(*door.send(from_page(as(post(kList), "bad"))));
    check(*door.send(from_page(post("{"))));
    check(*door.send(from_page(get("/sse"))));
    check(*door.send(from_page(get(kMetadata))));
    check(*door.send(from_page(get("/mcp").set("mcp-session-id", door.initialize()))));
    auto preflight = from_page(get("/mcp").drop("authorization"));
    preflight.method = http::Method::options;
    const auto peer = door.send(preflight);
    check(*peer);
    CHECK(peer->status() == 204);
    CHECK(peer->head->content_type.empty());
    CHECK_THAT(peer->header("Access-Control-Allow-Methods").value(), Catch::Contains("DELETE"));
    for (const auto* name : {"Authorization", "Content-Type", "Accept", "Last-Event-ID",
                             "Mcp-Session-Id", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"})
        CHECK_THAT(peer->header("Access-Control-Allow-Headers").value(), Catch::Contains(name));
    CHECK_FALSE(door.send(post(kList))->header("Vary"));
}

TEST_CASE("door: without a credential, a challenge that says where to look")
{
    DoorBench door;
    const auto metadata =
        R"(resource_metadata="http://127.0.0.1:8377/.well-known/oauth-protected-resource/mcp")";
    for (const auto* path : {"/mcp", "/sse", "/messages"}) {
        INFO(path);
        auto request = post(kList).drop("authorization");
        request.path = path;
        auto peer = door.send(request);
        CHECK(peer->status() == 401);
        CHECK(peer->header("WWW-Authenticate") == "Bearer " + std::string{metadata});
        CHECK_FALSE(json_of(*peer).as_object().contains("id"));
        for (const auto& bad : {"Bearer bad", "Basic YTpi", "Bearer"}) {
            peer = door.send(request.set("authorization", bad));
            CHECK(peer->status() == 401);
            CHECK_THAT(peer->header("WWW-Authenticate").value(),
                       Catch::Contains("error=\"invalid_token\""));
        }
    }
    // Nothing of ours is that long: it is not even looked up.
    const auto asked = door.registrar.asked;
    CHECK(door.send(as(post(kList), "good" + std::string(kCredentialBytesMax, 'x')))->status() ==
          401);
    CHECK(door.registrar.asked == asked);
    CHECK(
        door.send(as(post(kList), "good" + std::string(kCredentialBytesMax - 4, 'x')))->status() ==
        200);
}

TEST_CASE("door: a refused credential learns why, and no answer has a secret in it")
{
    DoorBench door;
    door.registrar.refused["good old"] = Reason::credential_expired;
    const auto peer = door.send(as(post(kList), "good old"));
    CHECK(peer->status() == 401);
    CHECK_THAT(peer->body(), Catch::Contains("Not let in"));
    for (const auto reason : {Reason::busy, Reason::ledger_unavailable, Reason::policy_invalid}) {
        door.registrar.refused["good busy"] = reason;
        door.tick(kVerdictFreshTicks + 1);
        const auto later = door.send(as(post(kList), "good busy"));
        CHECK(later->status() == 503);
        CHECK(later->header("Retry-After") == "1");
    }
}

TEST_CASE("door: an address that tries bad credentials is slowed, a good one of it is not")
{
    DoorBench door;
    CHECK(door.send(post(kList))->status() == 200);
    for (std::size_t i = 0; i < kBadAttemptsBurst; ++i)
        CHECK(door.send(as(post(kList), "bad" + std::to_string(i)))->status() == 401);
    const auto peer = door.send(as(post(kList), "bad again"));
    CHECK(peer->status() == 429);
    CHECK(peer->header("Retry-After") == "1");
    CHECK(door.send(post(kList))->status() == 200);
    CHECK(door.send(as(post(kList), "good unseen"))->status() == 200);
    auto elsewhere = as(post(kList), "bad");
    elsewhere.remote.address = "10.0.0.9";
    CHECK(door.send(elsewhere)->status() == 401);
    door.tick(kTicksPerSecond);
    CHECK(door.send(as(post(kList), "bad again"))->status() == 401);
    // Without any credential nobody guesses.
    DoorBench other;
    for (std::size_t i = 0; i < 3 * kBadAttemptsBurst; ++i)
        CHECK(other.send(post(kList).drop("authorization"))->status() == 401);
}

TEST_CASE("door: few unseen credentials of slowed addresses are looked up at once")
{
    DoorBench door;
    for (std::size_t i = 0; i < kBadAttemptsBurst; ++i)
        door.send(as(post(kList), "bad" + std::to_string(i)));
    door.registrar.is_silent = true;
    const auto asked = static_cast<std::size_t>(door.registrar.asked);
    std::vector<std::shared_ptr<FakeExchange>> waiting;
    for (std::size_t i = 0; i < kThrottledLookupsMax; ++i)
        waiting.push_back(door.send(as(post(kList), "good" + std::to_string(i))));
    CHECK(static_cast<std::size_t>(door.registrar.asked) == asked + kThrottledLookupsMax);
    CHECK(door.send(as(post(kList), "good last"))->status() == 429);
    CHECK(static_cast<std::size_t>(door.registrar.asked) == asked + kThrottledLookupsMax);
    door.registrar.answer_all();
    door.loop.run();
    for (const auto& peer : waiting) CHECK(peer->status() == 200);
    door.registrar.is_silent = false;
    CHECK(door.send(as(post(kList), "good last"))->status() == 200);
}

TEST_CASE("door: a request waits for its verdict, and none of it is lost meanwhile")
{
    DoorBench door;
    door.registrar.is_silent = true;
    auto peer = std::make_shared<FakeExchange>();
    {
        // As the connection has it: its buffer is used for something else afterwards.
        auto request = modern("tools/call", {{"name", "say"}});
        door.door->handle(request.view(), peer);
        for (auto& [name, text] : request.headers) {
            std::ranges::fill(name, '#');
            std::ranges::fill(text, '#');
        }
        std::ranges::fill(request.body, '#');
        std::ranges::fill(request.path, '#');
    }
    door.catalog["say"] = [](Responder responder) {
        CHECK(responder.call().caller().credential == "good");
        responder(said("hello"));
    };
    CHECK_FALSE(peer->is_answered());
    door.registrar.answer_all();
    CHECK_FALSE(peer->is_answered());  // not on that thread
    door.loop.run();
    CHECK(peer->status() == 200);
    CHECK_THAT(peer->body(), Catch::Contains("hello"));
}

TEST_CASE("door: whoever leaves before its verdict leaves nothing behind")
{
    DoorBench door;
    int said = 0;
    door.catalog["say"] = [&](Responder responder) { ++said, responder(Done{}); };
    const auto session = door.initialize();
    door.tick(kVerdictStaleTicks + 1);
    door.registrar.is_silent = true;
    std::vector<PeerPtr> peers{
        door.send(get("/sse")), door.send(get("/mcp").set("mcp-session-id", session)),
        door.send(modern("tools/call", {{"name", "say"}})),
        door.send(modern("subscriptions/listen", {{"notifications", object{}}}))};
    for (const auto& peer : peers) peer->leave();
    door.registrar.answer_all();
    door.loop.run();
    CHECK(said == 0);
    for (const auto& peer : peers) CHECK(peer.use_count() == 1);
    door.registrar.is_silent = false;
    CHECK_THAT(door.send(get("/metrics"))->body(),
               Catch::Contains("purse_streams 0\n") && Catch::Contains("purse_sse_sessions 0\n"));
}

TEST_CASE("door: too many that wait for a verdict are told to come back")
{
    DoorBench door;
    door.registrar.is_silent = true;
    std::vector<PeerPtr> peers;
    for (std::size_t i = 0; i < kVerdictQueueMax; ++i) peers.push_back(door.send(post(kList)));
    const auto late = door.send(post(kList));
    CHECK(late->status() == 503);
    CHECK(late->header("Retry-After") == "1");
    door.registrar.answer_all();
    door.loop.run();
    for (const auto& peer : peers) CHECK(peer->status() == 200);
}

TEST_CASE("door: the built-in sandbox needs no credential")
{
    DoorBench door;
    door.registrar.refused[""] = Reason::credential_missing;
    CHECK(door.send(post(kList).drop("authorization"))->status() == 401);
    struct Open final : Registrar {
        void identify(std::string credential, tools::IdentityReply reply) override
        {
            CHECK(credential.empty());
            reply({.agent = "sandbox"});
        }
    } open;
    Gate gate{open, [&](std::move_only_function<void()> work) { door.loop.post(std::move(work)); }};
    bool passed = false;
    REQUIRE(gate.wait("", [&](const Verdict& verdict) { passed = verdict.passes(); }));
    door.loop.run();
    CHECK(passed);
}

TEST_CASE("door: the metadata names this resource and how to bring a credential")
{
    DoorBench door;
    for (const auto* path : {kMetadata, "/.well-known/oauth-protected-resource/mcp"}) {
        auto request = get(path).drop("authorization");
        const auto peer = door.send(request);
        CHECK(peer->status() == 200);
        CHECK(json_of(*peer) == value{{"resource", "http://127.0.0.1:8377/mcp"},
                                      {"resource_name", "Purse"},
                                      {"bearer_methods_supported", {"header"}}});
        request.method = http::Method::post;
        CHECK(door.send(request)->status() == 405);
        CHECK(door.send(request)->header("Allow") == "GET, OPTIONS");
    }
    door.door->set_own_address("https://purse.example.org");
    CHECK(json_of(*door.send(get(kMetadata))).at("resource") == "https://purse.example.org/mcp");
    CHECK_THAT(door.send(as(post(kList), "bad"))->header("WWW-Authenticate").value(),
               Catch::Contains("https://purse.example.org/.well-known"));
}

TEST_CASE("door: probes come by any name and need no credential")
{
    DoorBench door;
    const auto probe = [&](const char* path) {
        auto request = get(path).drop("authorization").set("host", "10.1.2.3:1");
        return door.send(request.set("origin", "https://evil.example"));
    };
    CHECK(probe("/healthz")->status() == 200);
    CHECK(probe("/readyz")->status() == 200);
    door.probe.holds = std::nullopt;
    CHECK(probe("/healthz")->status() == 200);
    CHECK(probe("/readyz")->status() == 503);
    door.probe.holds = 0;
    CHECK(probe("/readyz")->status() == 200);
    door.door->stopping();
    CHECK(probe("/readyz")->status() == 503);
    CHECK(probe("/healthz")->status() == 200);
}

TEST_CASE("door: figures are for this machine, unless they are opened")
{
    DoorBench door;
    door.figures.accepted = 42;
    const auto peer = door.send(get("/metrics").drop("authorization"));
    CHECK(peer->status() == 200);
    CHECK(peer->head->content_type == "text/plain; version=0.0.4; charset=utf-8");
    CHECK_THAT(peer->body(), Catch::Contains("purse_http_accepted_total 42\n") &&
                                 Catch::Contains("purse_holds_open 7\n"));
    auto stranger = get("/metrics");
    stranger.remote = {.address = "10.0.0.1"};
    CHECK_THAT(door.send(stranger)->body(), Catch::Contains("--open-metrics"));
    CHECK(door.send(stranger)->status() == 403);
    DoorBench open{{.open_metrics = Switch::on}};
    CHECK(open.send(stranger)->status() == 200);
}

TEST_CASE("door: requests are counted by route and status")
{
    DoorBench door;
    door.send(post(kList));
    door.send(post("{"));
    door.send(as(post(kList), "bad"));
    door.send(get("/nowhere"));
    door.send(get("/sse"));
    door.send(get("/healthz"));
    const auto text = door.send(get("/metrics"))->body();
    for (const auto* line :
         {R"({route="mcp",status="200"} 1)", R"({route="mcp",status="400"} 1)",
          R"({route="mcp",status="401"} 1)", R"({route="other",status="404"} 1)",
          R"({route="sse",status="200"} 1)", R"({route="healthz",status="200"} 1)",
          "purse_http_unauthorized_total 1", "purse_sse_sessions 1", "purse_streams 1"})
        CHECK_THAT(text, Catch::Contains(line));
}

TEST_CASE("door: elsewhere there is nothing")
{
    DoorBench door;
    for (const auto* path : {"/", "/mcp/", "/MCP", "/mcp%2f", "/sse/", "//mcp", "/metrics/x"}) {
        INFO(path);
        const auto peer = door.send(get(path));
        CHECK(peer->status() == 404);
        CHECK_THAT(peer->body(), Catch::Contains("/mcp"));
    }
}

TEST_CASE(
    "door: the operator's addresses have a port of their own, before which only strangers stop")
{
    DoorBench door;
    ScriptedOperator page;
    door.operator_door = &page;
    door.restart();
    auto request = get("/operator");
    for (const auto* path : {"/operator", "/operator/", "/operator/api/overview"}) {
        request.path = path;
        const auto peer = door.send(request.set("authorization", "Bearer bad"));
        CHECK(peer->body() == "page");
        CHECK(page.paths.back() == path);
    }
    CHECK(door.registrar.asked == 0);
    request.method = http::Method::options;
    const auto preflight = door.send(request.set("origin", "http://localhost:1"));
    CHECK(preflight->body() == "page");
    CHECK_FALSE(preflight->header("Access-Control-Allow-Origin"));
    const auto seen = page.paths.size();
    CHECK(door.send(request.set("origin", "https://evil.example"))->status() == 403);
    CHECK(door.send(request.drop("origin").set("host", "evil.example"))->status() == 403);
    request.set("host", "localhost");
    for (const auto* path : {"/operatorx", "/Operator", "/x/operator"}) {
        request = get(path);
        CHECK(door.send(request)->body() != "page");
    }
    CHECK(page.paths.size() == seen);
    door.tick(3);
    CHECK(page.ticks == 3);
    door.door->stopping();
    CHECK(page.stops == 1);
}

TEST_CASE("door: without the operator page there is nothing at its addresses")
{
    DoorBench door;
    CHECK(door.send(get("/operator/api/overview"))->status() == 404);
    CHECK(door.registrar.asked == 0);
}
