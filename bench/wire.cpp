// SPDX-License-Identifier: Apache-2.0
#include "bench/wire.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>

namespace purse::bench {

namespace {

[[noreturn]] void unexpected(std::string_view what, std::string_view line)
{
    throw std::runtime_error("an answer " + std::string(what) + ": " +
                             std::string(line.substr(0, 2000)));
}

void append_number(std::string& out, std::uint64_t number)
{
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

/// A call as far as its arguments' opening brace.
void append_call(std::string& out, std::uint64_t id, const CallStyle& style, std::string_view tool)
{
    out += R"({"jsonrpc":"2.0","id":)";
    append_number(out, id);
    out += R"(,"method":"tools/call","params":{)";
    if (!style.meta.empty()) {
        out += R"("_meta":)";
        out += style.meta;
        out += ',';
    }
    out += R"("name":")";
    out += tool;
    out += R"(","arguments":{)";
}

}  // namespace

std::string_view opening()
{
    return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
           R"("capabilities":{},"clientInfo":{"name":"purse-bench","version":"1.0.0"}}})"
           "\n"
           R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
           "\n";
}

void append_preauthorize(std::string& out, std::uint64_t id, const CallStyle& style)
{
    append_call(out, id, style, "pay_preauthorize");
    out += R"("service":"images","estimatedCost":"0.08","taskId":"task-1")";
    if (!style.key_prefix.empty()) {
        out += R"(,"idempotencyKey":")";
        out += style.key_prefix;
        append_number(out, id);
        out += '"';
    }
    out += "}}}\n";
}

void append_settle(std::string& out, std::uint64_t id, std::string_view tx_id,
                   const CallStyle& style)
{
    append_call(out, id, style, "pay_settle");
    out += R"("txId":")";
    out += tx_id;
    out += R"(","actualCost":"0.07"}}})"
           "\n";
}

void append_status(std::string& out, std::uint64_t id, const CallStyle& style)
{
    append_call(out, id, style, "pay_budget_status");
    out += "}}}\n";
}

// Inside the text blocks of an answer every quote is escaped, so that the needles below are
// found only in the message itself and in its structuredContent; neither has another "id".
std::uint64_t answer_id(std::string_view line)
{
    constexpr std::string_view kNeedle = R"("id":)";
    const auto at = line.find(kNeedle);
    if (at == std::string_view::npos) unexpected("has no id", line);
    std::uint64_t id = 0;
    const auto* begin = line.data() + at + kNeedle.size();
    const auto [end, error] = std::from_chars(begin, line.data() + line.size(), id);
    if (error != std::errc{} || end == begin) unexpected("has no number for its id", line);
    return id;
}

void require_ok(std::string_view line)
{
    constexpr std::string_view kNeedle = R"("ok":true)";
    // An answer is full of quotes: memmem passes over them several times faster than find.
    if (::memmem(line.data(), line.size(), kNeedle.data(), kNeedle.size()) == nullptr)
        unexpected("is not ok", line);
}

std::string_view tx_id_of(std::string_view line)
{
    constexpr std::string_view kNeedle = R"("txId":")";
    const auto at = line.find(kNeedle);
    if (at == std::string_view::npos) unexpected("has no txId", line);
    const auto begin = at + kNeedle.size();
    const auto end = line.find('"', begin);
    if (end == std::string_view::npos) unexpected("has half a txId", line);
    return line.substr(begin, end - begin);
}

}  // namespace purse::bench
