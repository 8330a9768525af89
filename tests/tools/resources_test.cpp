// SPDX-License-Identifier: Apache-2.0
#include "tools/resources.hpp"

#include "ledger/hash.hpp"
#include "ledger/ids.hpp"
#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr auto kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "agents": { "painter": { "caps": { "daily": "10" } }, "writer": {} } })";
constexpr auto kImage =
    R"({"service":"images","estimatedCost":"0.50","taskId":"t-1","workflowId":"w-1"})";

struct Fixture : Tools {
    Fixture() : Tools{kPolicy} { log_in("painter"); }

    tools::Result read(std::string_view uri)
    {
        std::optional<tools::Result> result;
        box.read(uri, caller, nullptr, [&](tools::Result answer) { result = std::move(answer); });
        REQUIRE(result);
        if (result->rendered != nullptr)
            result->structured = boost::json::parse(result->rendered->json).as_object();
        return std::move(*result);
    }
    tools::Result story(const std::string& id) { return read("purse://journal/" + id); }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "resources: what there is to read")
{
    REQUIRE(box.resources().size() == 1);
    CHECK(box.resources()[0].uri == "purse://budget");
    REQUIRE(box.resource_templates().size() == 1);
    CHECK(box.resource_templates()[0].uri_template == "purse://journal/{txId}");
}

TEST_CASE_METHOD(Fixture, "resources: the card, which every tool names and no list does")
{
    REQUIRE(box.views().size() == 1);
    const auto& card = box.views()[0];
    CHECK(card.uri == "ui://purse/budget");
    CHECK(card.html.starts_with("<!doctype html>"));
    CHECK(card.html.size() < 40 * 1024);  // hosts load it into a chat, again for each answer
    // Without a list of origins, hosts allow none.
    CHECK(boost::json::parse(card.meta) == boost::json::parse(R"({"prefersBorder":true})"));
    for (const auto& tool : box.list()) CHECK(tool.view == card.uri);
}

TEST_CASE_METHOD(Fixture, "resources: the budget is what pay_budget_status says")
{
    id_of(pay(kImage));
    const auto budget = read("purse://budget");
    CHECK_FALSE(budget.is_error);
    CHECK(budget.structured == call("pay_budget_status", "{}").structured);
    CHECK(text_of(budget, "held") == "0.50");
}

TEST_CASE_METHOD(Fixture, "resources: the story of a hold, as it goes on")
{
    const auto id = id_of(pay(kImage));
    auto told = story(id);
    REQUIRE_FALSE(told.is_error);
    CHECK(text_of(told, "txId") == id);
    CHECK(text_of(told, "state") == "open");
    CHECK(text_of(told, "amount") == "0.50");
    CHECK(text_of(told, "service") == "images");
    CHECK(text_of(told, "payee") == kPayee);
    CHECK(text_of(told, "taskId") == "t-1");
    CHECK(text_of(told, "workflowId") == "w-1");
    CHECK_FALSE(told.structured.contains("captured"));
    CHECK_FALSE(told.structured.contains("endedAt"));
    settle(id, "0.25");
    told = story(id);
    CHECK(text_of(told, "state") == "settled");
    CHECK(text_of(told, "captured") == "0.25");
    CHECK_FALSE(text_of(told, "endedAt").empty());
    CHECK_FALSE(told.structured.contains("late"));

    const auto other = id_of(pay(R"({"service":"images","estimatedCost":"0.50"})"));
    give_back(other);
    told = story(other);
    CHECK(text_of(told, "state") == "voided");
    CHECK_FALSE(told.structured.contains("captured"));
    CHECK_FALSE(told.structured.contains("taskId"));
}

TEST_CASE_METHOD(Fixture, "resources: the journal's entry stands there with its hash")
{
    const auto id = id_of(pay(kImage));
    const auto seq = TxId::parse(id).value().seq;
    const auto row = ledger.run([&](Books& books) { return books.rows().journal(seq, 1); }).at(0);
    const auto told = story(id);
    const auto& entry = told.structured.at("entry");
    CHECK(entry.at("seq") == seq);
    CHECK(entry.at("hash").as_string() == to_hex(as_bytes(row.hash)));
    CHECK(entry.at("body") == boost::json::parse(row.body));
}

TEST_CASE_METHOD(Fixture, "resources: somebody else's hold is answered like one that never was")
{
    const auto id = id_of(pay(kImage));
    const auto parsed = TxId::parse(id).value();
    const auto theirs = [&] {
        log_in("writer");
        return story(id);
    }();
    const auto never = story(TxId::make(999, ledger.entropy).to_string());
    const auto guessed = story(TxId{parsed.seq, parsed.token ^ 1}.to_string());
    for (const auto& answer : {theirs, never, guessed}) {
        CHECK(test::reason_of(answer) == "hold_unknown");
        CHECK(answer.text == never.text);
        CHECK(answer.structured == never.structured);
    }
    // An entry that took no hold: the policy's.
    CHECK(story(TxId::make(1, ledger.entropy).to_string()).structured == never.structured);
}

TEST_CASE_METHOD(Fixture, "resources: what is no resource of ours")
{
    for (const auto* uri :
         {"", "purse://", "purse://budget/", "purse://Budget", "file:///etc/passwd",
          "purse://journal", "purse://journal/", "purse://journal/x", "purse://journal/tx_",
          "purse://journal/../budget"}) {
        INFO(uri);
        const auto answer = read(uri);
        CHECK(test::reason_of(answer) == "invalid_argument");
        CHECK_THAT(answer.text, Catch::Contains("Resource not found"));
    }
    const auto id = id_of(pay(kImage));
    CHECK(test::reason_of(story(id + "0")) == "invalid_argument");
    CHECK(test::reason_of(story(" " + id)) == "invalid_argument");
}

TEST_CASE_METHOD(Fixture, "resources: a credential that is good no more reads nothing")
{
    const auto id = id_of(pay(kImage));
    SECTION("revoked")
    {
        ledger.ledger().transact([&](Books& books) { books.revoke_credential(credential_id); });
        CHECK(test::reason_of(read("purse://budget")) == "credential_revoked");
        CHECK(test::reason_of(story(id)) == "credential_revoked");
    }
    SECTION("expired")
    {
        ledger.ledger().transact([&](Books& books) {
            books.expire_credential(credential_id, books.now() + Span::minutes(1));
        });
        CHECK_FALSE(story(id).is_error);
        ledger.clock.pass(Span::minutes(1));
        CHECK(test::reason_of(story(id)) == "credential_expired");
    }
    SECTION("of an agent that is gone")
    {
        source.edit(R"({ "version": 1, "agents": { "writer": {} } })");
        CHECK(test::reason_of(story(id)) == "agent_unknown");
    }
    SECTION("missing")
    {
        caller.credential.clear();
        CHECK(test::reason_of(story(id)) == "credential_missing");
    }
}

TEST_CASE_METHOD(Fixture, "resources: a read that was cancelled before it began")
{
    const auto cancelled = std::make_shared<std::atomic<bool>>(true);
    std::optional<tools::Result> result;
    box.read("purse://budget", caller, cancelled, [&](tools::Result answer) { result = answer; });
    REQUIRE(result);
    CHECK(test::reason_of(*result) == "busy");
}
