// SPDX-License-Identifier: Apache-2.0
// Who may see and change what at the operator's addresses.
#include "tests/server/operator/page_bench.hpp"

#include "server/operator/limits.hpp"

using namespace purse;
using namespace purse::server;
using namespace purse::test;

namespace {
constexpr auto kApi = "/operator/api/";
const std::vector<std::string> kReads{
    "session", "overview",  "journal",
    "spend",   "approvals", "credentials",
    "payouts", "events",    "holds/tx_y3nz14yhdqwjhdb3dmp26pjme8"};
const std::vector<std::string> kChanges{"logout",
                                        "freeze",
                                        "unfreeze",
                                        "credentials",
                                        "credentials/cred_x/revoke",
                                        "approvals/tx_y3nz14yhdqwjhdb3dmp26pjme8/approve",
                                        "approvals/tx_y3nz14yhdqwjhdb3dmp26pjme8/deny"};

std::string last_entry(PageBench& bench, std::string_view name)
{
    const auto entry = bench.purse.last_entry();
    const auto document = json::parse(entry);
    const auto* found = document->root().find(name);
    return found == nullptr ? std::string{} : std::string{found->text()};
}
}  // namespace

TEST_CASE("page: a link signs in once")
{
    PageBench bench;
    const auto code = bench.link();
    const auto peer = bench.login(code);
    CHECK(peer->status() == 200);
    CHECK(member(*peer, "id").starts_with("op_"));
    CHECK(member(*peer, "rail") == "book");
    CHECK(peer->header("Cache-Control") == "no-store");
    const auto again = bench.login(code);
    CHECK(again->status() == 401);
    CHECK(error_code(*again) == "not_signed_in");
    CHECK_FALSE(again->header("Set-Cookie"));
}

TEST_CASE("page: codes that open nothing")
{
    PageBench bench;
    const auto old = bench.link();
    bench.purse.clock.pass(kOperatorLinkLife);
    for (const auto& code : {old, std::string(52, '0'), std::string{"guess"}}) {
        const auto peer = bench.login(code);
        CHECK(peer->status() == 401);
        CHECK_FALSE(peer->header("Set-Cookie"));
    }
    CHECK(bench.login("")->status() == 400);
    auto request = bench.request("POST", "/operator/api/login", false);
    request.body = R"({"code":"x","more":"y"})";
    CHECK(bench.send(request)->status() == 400);
    request.body = R"({"code":)";
    CHECK(bench.send(request)->status() == 400);
    request.body = R"({"code":")" + bench.link() + R"("})";
    request.set("content-type", "text/plain");
    CHECK(bench.send(request)->status() == 400);
    request.drop("content-type");
    CHECK(bench.send(request)->status() == 400);
}

TEST_CASE("page: nothing is seen or changed without a session")
{
    PageBench bench;
    bench.sign_in();
    const auto entries = bench.purse.entries();
    for (const auto& path : kReads) {
        CAPTURE(path);
        const auto peer = bench.get(kApi + path, false);
        CHECK(peer->status() == 401);
        CHECK(error_code(*peer) == "not_signed_in");
        auto forged = bench.request("GET", kApi + path, false);
        forged.set("cookie", "purse_operator=" + std::string(52, '0'));
        CHECK(bench.send(forged)->status() == 401);
        // What an agent has opens nothing here.
        auto agent = bench.request("GET", kApi + path, false);
        agent.set("authorization", "Bearer purse_painter_" + std::string(52, '0'));
        CHECK(bench.send(agent)->status() == 401);
    }
    for (const auto& path : kChanges) {
        CAPTURE(path);
        auto request = bench.request("POST", kApi + path, false);
        request.set("x-purse-csrf", bench.csrf);
        request.body = R"({"target":"all"})";
        CHECK(bench.send(request)->status() == 401);
    }
    CHECK(bench.purse.entries() == entries);
}

TEST_CASE("page: every change needs the secret of its session besides the cookie")
{
    PageBench bench;
    bench.sign_in();
    const auto entries = bench.purse.entries();
    for (const auto& path : kChanges) {
        CAPTURE(path);
        auto request = bench.request("POST", kApi + path, true);
        request.body = R"({"target":"all"})";
        auto peer = bench.send(request);
        CHECK(peer->status() == 403);
        CHECK(error_code(*peer) == "csrf");
        request.set("x-purse-csrf", bench.csrf.substr(1) + "A");
        CHECK(bench.send(request)->status() == 403);
    }
    CHECK(bench.purse.entries() == entries);
}

TEST_CASE("page: other sites' pages may not ask, though the browser sends the cookie")
{
    PageBench bench;
    bench.sign_in();
    auto request = bench.request("GET", "/operator/api/overview", true);
    for (const auto* origin : {"https://evil.example", "http://127.0.0.1:1", "null", "x"}) {
        CAPTURE(origin);
        CHECK(bench.send(request.set("origin", origin))->status() == 403);
    }
    CHECK(bench.send(request.set("origin", "http://127.0.0.1:8377"))->status() == 200);
    for (const auto* site : {"cross-site", "same-site"}) {
        CAPTURE(site);
        CHECK(bench.send(request.set("sec-fetch-site", site))->status() == 403);
    }
    CHECK(bench.send(request.set("sec-fetch-site", "same-origin"))->status() == 200);
}

TEST_CASE("page: addresses that are not, methods that do not fit, bodies that are too large")
{
    PageBench bench;
    bench.sign_in();
    CHECK(bench.get("/operator/api/nothing")->status() == 404);
    CHECK(bench.get("/operator/api/")->status() == 404);
    CHECK(bench.get("/operator/api/holds/a/b")->status() == 404);
    CHECK(bench.get("/operator/api/holds/")->status() == 404);
    const auto wrong = bench.get("/operator/api/login");
    CHECK(wrong->status() == 405);
    CHECK(wrong->header("Allow") == "POST");
    CHECK(bench.get("/operator/api/freeze")->status() == 405);
    CHECK(bench.post("/operator/api/overview", "{}")->status() == 405);
    const auto large =
        bench.post("/operator/api/freeze",
                   R"({"target":"all","note":")" + std::string(kOperatorBodyMax, 'x') + R"("})");
    CHECK(large->status() == 413);
}

TEST_CASE("page: files come with the rules that keep the page to itself")
{
    PageBench bench;
    const auto moved = bench.get("/operator", false);
    CHECK(moved->status() == 308);
    CHECK(moved->header("Location") == "/operator/");
    for (const auto* path :
         {"/operator/nothing.js", "/operator/../web_files.cpp", "/operator/%2e%2e/x"}) {
        const auto peer = bench.get(path, false);
        CHECK(peer->status() == 404);
        CHECK(peer->header("X-Content-Type-Options") == "nosniff");
    }
    const auto policy = moved->header("Content-Security-Policy").value();
    CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(moved->header("X-Frame-Options") == "DENY");
    CHECK(moved->header("Referrer-Policy") == "no-referrer");
    CHECK(bench.send(bench.request("POST", "/operator/", false))->status() == 405);
}

TEST_CASE("page: signing out ends the session and its stream")
{
    PageBench bench;
    bench.sign_in();
    const auto stream = bench.get("/operator/api/events");
    REQUIRE(stream->is_open());
    CHECK_THAT(stream->taken(), Catch::Contains("event: hello"));
    const auto peer = bench.post("/operator/api/logout", "");
    CHECK(peer->status() == 204);
    CHECK_THAT(peer->header("Set-Cookie").value(), Catch::Contains("Max-Age=0"));
    bench.elapse();
    CHECK_THAT(stream->taken(), Catch::Contains("event: bye"));
    CHECK(stream->ends == 1);
    CHECK(bench.get("/operator/api/session")->status() == 401);
    CHECK(last_entry(bench, "kind") == "operator_signed_out");
}

TEST_CASE("page: a session that was idle, and one that is too old")
{
    PageBench bench;
    bench.sign_in();
    CHECK(bench.get("/operator/api/session")->status() == 200);
    bench.purse.clock.pass(kOperatorSessionIdle);
    CHECK(bench.get("/operator/api/session")->status() == 401);
}

TEST_CASE("page: freezing is journaled with whose session it was, and shown")
{
    PageBench bench;
    bench.sign_in();
    auto peer = bench.post("/operator/api/freeze", R"({"target":"agent/painter","note":"odd"})");
    CHECK(peer->status() == 200);
    CHECK_THAT(peer->body(), Catch::Contains(R"("target":"agent/painter")") &&
                                 Catch::Contains(R"("target":"agent/poet")"));
    CHECK(last_entry(bench, "kind") == "frozen");
    CHECK(last_entry(bench, "by") == "operator/" + bench.id);
    CHECK(last_entry(bench, "note") == "odd");
    const auto entries = bench.purse.entries();
    CHECK(bench.post("/operator/api/freeze", R"({"target":"agent/painter"})")->status() == 200);
    CHECK(bench.purse.entries() == entries);

    peer = bench.post("/operator/api/freeze", R"({"target":"agent/paintr"})");
    CHECK(peer->status() == 400);
    CHECK_THAT(peer->body(), Catch::Contains("did you mean"));
    for (const auto* body : {R"({"target":"everything"})", "{}", R"({"target":"budget/x"})"})
        CHECK(bench.post("/operator/api/freeze", body)->status() == 400);

    CHECK(bench.post("/operator/api/unfreeze", R"({"target":"agent/painter"})")->status() == 200);
    CHECK(last_entry(bench, "kind") == "unfrozen");
    CHECK(last_entry(bench, "by") == "operator/" + bench.id);
    CHECK(bench.post("/operator/api/freeze", R"({"target":"all"})")->status() == 200);
    CHECK_THAT(bench.get("/operator/api/overview")->body(), Catch::Contains(R"("target":"all")"));
}

TEST_CASE("page: a credential's secret is shown once and kept nowhere")
{
    PageBench bench;
    bench.sign_in();
    const auto made = bench.post("/operator/api/credentials",
                                 R"({"agent":"painter","note":"desk","expiresIn":"30d"})");
    REQUIRE(made->status() == 200);
    const auto secret = member(*made, "secret");
    const auto id = member(*made, "id");
    CHECK(secret.starts_with("purse_painter_"));
    CHECK_FALSE(member(*made, "expiresAt").empty());
    CHECK(last_entry(bench, "by") == "operator/" + bench.id);
    for (const auto& row : bench.purse.journal()) CHECK(row.body.find(secret) == std::string::npos);
    const auto list = bench.get("/operator/api/credentials");
    CHECK_THAT(list->body(), Catch::Contains(id) && !Catch::Contains(secret));
    CHECK_THAT(list->body(), Catch::Contains(R"("agents":["painter","poet"])"));

    CHECK(bench.post("/operator/api/credentials", R"({"agent":"nobody"})")->status() == 400);
    CHECK(bench.post("/operator/api/credentials", R"({"agent":"painter","expiresIn":"soon"})")
              ->status() == 400);
    CHECK(bench.post("/operator/api/credentials/cred_none/revoke", "{}")->status() == 404);
    const auto revoked = bench.post("/operator/api/credentials/" + id + "/revoke", "{}");
    CHECK(revoked->status() == 200);
    CHECK_THAT(revoked->body(), Catch::Contains(R"("state":"revoked")"));
    CHECK(last_entry(bench, "by") == "operator/" + bench.id);
    CHECK(bench.post("/operator/api/credentials/" + id + "/revoke", "{}")->status() == 200);
}

TEST_CASE("page: one hold's story, from taking it to its end")
{
    PageBench bench;
    bench.sign_in();
    const auto held = bench.purse.hold("1.00");
    const auto other = bench.purse.hold("1.00");
    bench.purse.clock.pass(Span::seconds(5));
    bench.purse.settle(held.id, "9.00");  // more than may be captured
    bench.purse.clock.pass(Span::seconds(5));
    bench.purse.settle(held.id, "0.70");
    bench.purse.give_back(other.id);
    const auto peer = bench.get("/operator/api/holds/" + held.id.to_string());
    REQUIRE(peer->status() == 200);
    const auto document = json::parse(peer->body());
    const auto& root = document->root();
    CHECK(root.find("hold")->find("state")->text() == "settled");
    CHECK(root.find("hold")->find("captured")->text() == "0.70");
    CHECK(root.find("settlement")->find("stage")->text() == "booked");
    CHECK(root.find("approval")->is(json::Kind::null));
    std::vector<std::string> kinds;
    for (const auto& entry : root.find("entries")->items())
        kinds.emplace_back(entry.find("kind")->text());
    CHECK(kinds == std::vector<std::string>{"hold", "settle_refused", "settled"});
    CHECK(bench.get("/operator/api/holds/tx_0")->status() == 404);
    auto strange = held.id;
    strange.token ^= 1;
    CHECK(bench.get("/operator/api/holds/" + strange.to_string())->status() == 404);
}

TEST_CASE("page: what is asked wrongly is an error that names the field")
{
    PageBench bench;
    bench.sign_in();
    for (const auto* query :
         {"journal?limit=0", "journal?limit=201", "journal?decision=maybe", "journal?before=x",
          "journal?who=x", "spend?range=year", "approvals?state=odd", "events?from=-1"}) {
        CAPTURE(query);
        const auto peer = bench.get(std::string{kApi} + query);
        CHECK(peer->status() == 400);
        CHECK(error_code(*peer) == "invalid_argument");
    }
}

TEST_CASE("page: a ledger that gives no answer is said so, and asked again later it works")
{
    PageBench bench;
    bench.sign_in();
    bench.till.is_full = true;
    const auto peer = bench.get("/operator/api/overview");
    CHECK(peer->status() == 503);
    CHECK(error_code(*peer) == "ledger_unavailable");
    bench.till.is_full = false;
    CHECK(bench.get("/operator/api/overview")->status() == 200);
}

TEST_CASE("page: wrong secrets from one address are slowed down, the good one is not")
{
    PageBench bench;
    bench.sign_in();
    for (int i = 0; i < 40; ++i) bench.login(std::string(52, '0'));
    const auto pieces = bench.till.pieces;
    CHECK(bench.get("/operator/api/session")->status() == 200);
    CHECK(bench.till.pieces == pieces + 1);
    // A fresh link passes too: few wait at once here.
    CHECK(bench.login(bench.link())->status() == 200);
}
