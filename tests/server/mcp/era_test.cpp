// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/era.hpp"

#include <catch2/catch.hpp>

#include "server/limits.hpp"

using namespace purse;
using namespace purse::server;

namespace {
json::Document parsed(const std::string& text)
{
    auto document = json::parse(text);
    REQUIRE(document);
    return *std::move(document);
}

const std::string kVersion = R"("io.modelcontextprotocol/protocolVersion":)";
const std::string kCapabilities = R"("io.modelcontextprotocol/clientCapabilities":)";
const std::string kWhole = kVersion + R"("2026-07-28",)" + kCapabilities + "{}";

/// "legacy", "modern" or the error's code.
std::string era(const std::string& params)
{
    const auto document = parsed(params);
    const auto envelope = read_envelope(&document.root());
    const auto code_of = [](const RpcError& error) {
        return std::to_string(static_cast<int>(error.code));
    };
    if (!envelope) return code_of(envelope.error());
    if (!*envelope) return "legacy";
    const auto error = why_not_served(**envelope);
    return error ? code_of(*error) : "modern";
}

std::string era_of_meta(const std::string& meta)
{
    return era(R"({"_meta":{)" + meta + "}}");
}
}  // namespace

TEST_CASE("negotiation echoes a legacy version and never names the modern one")
{
    CHECK(negotiate("2024-11-05") == Version::v2024_11_05);
    CHECK(negotiate("2025-03-26") == Version::v2025_03_26);
    CHECK(negotiate("2025-06-18") == Version::v2025_06_18);
    CHECK(negotiate("2025-11-25") == Version::v2025_11_25);
    for (const auto* other : {"2026-07-28", "", "2025", "1.0", "2024-11-05 ", "9999-99-99"})
        CHECK(negotiate(other) == Version::v2025_11_25);
    CHECK(name_of(kNewestLegacy) == "2025-11-25");
    CHECK(name_of(kModern) == "2026-07-28");
}

TEST_CASE("each message shows its era by itself")
{
    CHECK_FALSE(*read_envelope(nullptr));
    CHECK(era("{}") == "legacy");
    CHECK(era_of_meta("") == "legacy");
    CHECK(era_of_meta(R"("progressToken":{},"other":1)") == "legacy");
    CHECK(era_of_meta(kWhole) == "modern");
    CHECK(era_of_meta(kWhole + R"(,"io.modelcontextprotocol/clientInfo":{})") == "modern");
    CHECK(era_of_meta(kWhole + R"(,"io.modelcontextprotocol/logLevel":"warning")") == "modern");
    CHECK(era_of_meta(kWhole + R"(,"progressToken":0)") == "modern");
}

TEST_CASE("an envelope is whole before its version counts")
{
    CHECK(era(R"({"_meta":7})") == "-32602");
    CHECK(era_of_meta(kVersion + R"("2026-07-28")") == "-32602");
    CHECK(era_of_meta(kVersion + R"("1999-01-01")") == "-32602");
    CHECK(era_of_meta(kCapabilities + "{}") == "-32602");
    CHECK(era_of_meta(kVersion + "null," + kCapabilities + "{}") == "-32602");
    CHECK(era_of_meta(kVersion + R"("2026-07-28",)" + kCapabilities + "null") == "-32602");
    CHECK(era_of_meta(kWhole + R"(,"io.modelcontextprotocol/clientInfo":null)") == "-32602");
    CHECK(era_of_meta(kWhole + R"(,"io.modelcontextprotocol/logLevel":"trace")") == "-32602");
    CHECK(era_of_meta(kWhole + R"(,"io.modelcontextprotocol/logLevel":1)") == "-32602");
    CHECK(era_of_meta(kWhole + R"(,"progressToken":null)") == "-32602");
    CHECK(era_of_meta(kVersion + R"("2025-11-25",)" + kCapabilities + "{}") == "-32022");
}

TEST_CASE("the refusal of a version says what is served, and repeats no more than it should")
{
    const auto document = parsed(R"({"_meta":{)" + kVersion + '"' + std::string(5000, 'v') + "\"," +
                                 kCapabilities + "{}}}");
    const auto envelope = read_envelope(&document.root());
    REQUIRE(envelope);
    const auto error = why_not_served(**envelope);
    REQUIRE(error);
    CHECK(error->data ==
          R"({"supported":["2026-07-28"],"requested":")" + std::string(kEchoBytesMax, 'v') + "\"}");
}
