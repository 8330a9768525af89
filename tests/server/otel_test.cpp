// SPDX-License-Identifier: Apache-2.0
// The shape is checked by OpenTelemetry's own definitions in tests/e2e/otel.test.mjs.
#include "server/otel.hpp"

#include <catch2/catch.hpp>

#include "ledger/json.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using purse::test::TestLedger;

namespace {
/// The one record of a line.
const json::Value& record(const json::Document& line)
{
    const auto& logs = line.root().find("resourceLogs")->items()[0];
    return logs.find("scopeLogs")->items()[0].find("logRecords")->items()[0];
}
/// An attribute's text or number; empty: there is none.
std::string attribute(const json::Value& record, std::string_view name)
{
    for (const auto& one : record.find("attributes")->items())
        if (one.text_of("key") == name) return std::string{one.find("value")->items()[0].text()};
    return {};
}
}  // namespace

TEST_CASE("otel: a payment's entries are log records with what they say")
{
    TestLedger purse;
    const auto held = purse.hold("0.08");
    purse.settle(held.id, "0.07");
    const auto rows = purse.journal();
    const auto line = json::parse(server::otel_line(rows.back()));
    REQUIRE(line.has_value());
    const auto& settled = record(*line);
    CHECK(settled.text_of("timeUnixNano") == std::to_string(rows.back().at.us) + "000");
    CHECK(settled.text_of("eventName") == "purse.payment.settled");
    CHECK(settled.find("severityNumber")->integer() == 9);
    CHECK(settled.find("body")->text_of("stringValue").starts_with("painter paid 0.07 USDC"));
    CHECK(attribute(settled, "purse.agent") == "painter");
    CHECK(attribute(settled, "purse.tx_id") == held.id.to_string());
    CHECK(attribute(settled, "purse.actual_micro_usdc") == "70000");
    CHECK(attribute(settled, "purse.released_micro_usdc") == "10000");
    CHECK(attribute(settled, "purse.entry") == "2");
    CHECK(attribute(settled, "purse.entry_hash") == to_hex(as_bytes(rows.back().hash)));
    const auto first = json::parse(server::otel_line(rows.front()));
    CHECK(attribute(record(*first), "purse.amount_micro_usdc") == "80000");
    CHECK(attribute(record(*first), "purse.max_capture_micro_usdc") == "80000");
}

TEST_CASE("otel: a request's trace")
{
    TestLedger purse;
    auto request = purse::test::ask(purse.rules, purse::test::usdc("0.08"));
    request.who.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    purse.hold(request);
    const auto traced = json::parse(server::otel_line(purse.journal().back()));
    CHECK(record(*traced).text_of("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(record(*traced).text_of("spanId") == "00f067aa0ba902b7");
    CHECK(record(*traced).find("flags")->integer() == 1);
    CHECK(attribute(record(*traced), "purse.trace").empty());
    purse.hold("0.08");
    const auto plain = json::parse(server::otel_line(purse.journal().back()));
    CHECK(record(*plain).find("traceId") == nullptr);
    CHECK(record(*plain).find("flags") == nullptr);
}

TEST_CASE("otel: a refusal is a warning with its reason; a policy's text is left out")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1);
    purse.hold("1");
    const auto refused = json::parse(server::otel_line(purse.journal().back()));
    CHECK(record(*refused).text_of("severityText") == "WARN");
    CHECK(attribute(record(*refused), "purse.reason") == "spend_limit_reached");
    purse.run([](Books& books) { return books.apply_policy("{\"plan\":1}", "a file"); });
    CHECK(server::otel_line(purse.journal().back()).find("plan") == std::string::npos);
    const auto broken = json::parse(server::otel_line({.seq = 7, .body = "{"}));
    CHECK(attribute(record(*broken), "purse.entry") == "7");
}
