// SPDX-License-Identifier: Apache-2.0
#include "server/webhook/message.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "ledger/shadows.hpp"
#include "server/webhook/signature.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::server;
using purse::test::TestLedger;

namespace {
std::vector<std::string> types_of(const JournalRow& row)
{
    std::vector<std::string> types;
    for (const auto& message : messages_of(row)) types.push_back(message.type);
    return types;
}
using Types = std::vector<std::string>;
}  // namespace

TEST_CASE("webhook messages: each decision is one, with the entry as it is stored")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 10'000'000);
    const auto held = purse.hold("1");
    CHECK(types_of(purse.journal().back()) == Types{"decision.approved"});
    const auto row = purse.journal().back();
    const auto message = messages_of(row).at(0);
    CHECK(message.body == "{\"data\":" + row.body + ",\"timestamp\":\"" + to_rfc3339(row.at) +
                              "\",\"type\":\"decision.approved\"}");
    CHECK(message.agent == "painter");
    purse.settle(held.id, "0.4");
    CHECK(types_of(purse.journal().back()) == Types{"payment.settled"});
    purse.give_back(purse.hold("1").id);
    CHECK(types_of(purse.journal().back()) == Types{"hold.voided"});
    purse.hold("11");
    CHECK(types_of(purse.journal().back()) == Types{"decision.refused"});
    purse.run([](Books& books) {
        books.freeze("agent/painter", "why");
        return 0;
    });
    CHECK(types_of(purse.journal().back()) == Types{"freeze.begun"});
    CHECK(messages_of(purse.journal().back()).at(0).agent == "painter");
}

TEST_CASE("webhook messages: a policy's text stays at home")
{
    TestLedger purse;
    purse.run([](Books& books) { return books.apply_policy("{\"secret plan\": 1}", "a file"); });
    const auto message = messages_of(purse.journal().back()).at(0);
    CHECK(message.type == "policy.changed");
    CHECK(message.body.find("secret plan") == std::string::npos);
    CHECK(message.body.find("\"source\":\"a file\",\"version\":1}") != std::string::npos);
    CHECK(json::parse(message.body).has_value());

    purse.run([](Books& books) { return Shadows{books}.start("{\"next plan\": 1}", "b", ""), 0; });
    const auto shadow = messages_of(purse.journal().back()).at(0);
    CHECK(shadow.type == "policy.shadow_started");
    CHECK(shadow.body.find("next plan") == std::string::npos);
}

TEST_CASE("webhook messages: a loop guard that says no is two")
{
    TestLedger purse;
    auto& loop = purse.rules.count(Span::minutes(1), 1);
    loop.reason = Reason::loop_detected;
    purse.hold("1");
    purse.hold("1");
    const auto messages = messages_of(purse.journal().back());
    REQUIRE(types_of(purse.journal().back()) == Types{"decision.refused", "loop.tripped"});
    CHECK(message_id("wh_a", messages[0]) != message_id("wh_a", messages[1]));
}

TEST_CASE("webhook messages: a cap at 80 and at 95 percent, money alone")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 10'000'000);
    purse.rules.count(Span::minutes(1), 1);
    purse.hold("9.6");
    const auto messages = messages_of(purse.journal().back());
    REQUIRE(types_of(purse.journal().back()) ==
            Types{"decision.approved", "cap.threshold", "cap.threshold"});
    CHECK(messages[1].threshold->percent == 80);
    CHECK(messages[2].threshold->percent == 95);
    CHECK(messages[1].threshold->mark == window_start(Window::day, purse.journal().back().at));
    for (const auto* part :
         {R"("budget":"agent/painter","cap":"daily","held":"9.60","limit":"10.00","percent":95)",
          R"("spent":"0.00")", R"("usedPercent":96,"window":"day")"})
        CHECK(messages[2].body.find(part) != std::string::npos);
    CHECK(json::parse(messages[2].body).has_value());
}

TEST_CASE("webhook messages: entries of other kinds, and what cannot be read, are none")
{
    CHECK(types_of({.seq = 1, .body = R"({"kind":"of_a_later_version"})"}).empty());
    CHECK(types_of({.seq = 1, .body = "{"}).empty());
    CHECK(types_of({.seq = 1, .body = "[]"}).empty());
    CHECK(types_of({.seq = 1, .body = R"({"kind":"payout_held","reason":"no_gas"})"}) ==
          Types{"payout.trouble"});
}

TEST_CASE("webhook events: patterns choose, and one that fits nothing is a mistake")
{
    CHECK(read_events("decision.*, payout.trouble").value() == "decision.* payout.trouble");
    CHECK(read_events("*").value() == "*");
    CHECK(read_events("decision.refusd").error().find("did you mean \"decision.refused\"?") !=
          std::string::npos);
    for (const auto* bad : {"", ",", "decision.*,", "decision", "deci*", "*.refused", "none.*"})
        CHECK_FALSE(read_events(bad).has_value());
    CHECK_FALSE(read_events(std::string(1025, '*')).has_value());
    CHECK(is_wanted("decision.* payout.trouble", "decision.refused"));
    CHECK(is_wanted("decision.* payout.trouble", "payout.trouble"));
    CHECK_FALSE(is_wanted("decision.* payout.trouble", "payout.final"));
    CHECK_FALSE(is_wanted("decision.*", "decisions"));
    const auto types = event_types();
    CHECK(std::set<std::string_view>(types.begin(), types.end()).size() == types.size());
}

TEST_CASE("webhook signatures: what OpenSSL's own command says")
{
    CHECK(to_base64("").empty());
    CHECK(to_base64("f") == "Zg==");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(to_base64("foobar") == "Zm9vYmFy");
    CHECK(webhook_secret_text("foobar") == "whsec_Zm9vYmFy");
    // printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -hmac key -binary | base64
    CHECK(webhook_signature("key", "msg_1", "1700000000", "{}") ==
          "v1,XaXLFEFQ69Q4+demDWPEv5ydXczDW2mM5crCUEFcFBA=");
}
