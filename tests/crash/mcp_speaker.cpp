// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/mcp_speaker.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <set>
#include <stdexcept>

#include "ledger/money.hpp"
#include "tests/support/child.hpp"

namespace purse::test {

namespace {
using Object = boost::json::object;

constexpr std::string_view kAgents[McpSpeaker::kParties] = {"painter", "writer"};

constexpr std::string_view kRules = R"({
    "budgets": ["team"],
    "caps": { "perTask": "100", "rolling": [{ "span": "1s", "limit": "0.25" }],
              "count": [{ "span": "2s", "limit": 500 }] },
    "allow": { "services": ["images"] },
    "hold": { "ttl": "2s" }, "overCapture": { "percent": 20 }, "lateSettle": "recheck" })";

std::string policy()
{
    std::string agents;
    for (const auto agent : kAgents)
        agents +=
            (agents.empty() ? "\"" : ", \"") + std::string{agent} + "\": " + std::string{kRules};
    return R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "budgets": { "team": { "caps": { "daily": ")" +
           Money::from_micro(McpSpeaker::kDailyCap).to_string() + R"(" } } },
  "agents": { )" +
           agents + " } }\n";
}

struct Ran {
    std::optional<int> code;
    std::string output;
};

Ran run(const std::vector<std::string>& words)
{
    Child child{words};
    child.close_input();
    Ran result;
    while (const auto line = child.read_line()) result.output += *line + "\n";
    result.code = child.wait();
    return result;
}

std::string text_of(const Object& object, const char* name)
{
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::int64_t micro_of(const Object& object, const char* name)
{
    return Money::parse(text_of(object, name)).value().micro();
}

/// The caps in one list of an answer, each with what is held and spent of it.
void add_caps(const Object& answer, const char* list, std::int64_t refusals, Outcome& outcome)
{
    const auto* caps = answer.if_contains(list);
    if (caps == nullptr) return;
    for (const auto& item : caps->as_array()) {
        const auto& cap = item.as_object();
        if (!cap.contains("cap")) continue;
        const auto count = [&](const char* name) {
            return text_of(cap, "unit") == "USDC" ? micro_of(cap, name)
                                                  : std::stoll(text_of(cap, name));
        };
        outcome.caps.push_back({.cap = text_of(cap, "budget") + " " + text_of(cap, "cap"),
                                .used = count("held") + count("spent"),
                                .limit = count("limit"),
                                .refusals = refusals});
    }
}

void read_approval(const Object& answer, Outcome& outcome)
{
    add_caps(answer, "warnings", 0, outcome);
    const auto state = text_of(answer, "state");
    if (state == "held") {
        outcome.kind = Outcome::Kind::approved;
        outcome.tx = text_of(answer, "txId");
        outcome.amount = micro_of(answer, "amount");
    } else if (state == "settled") {
        outcome.kind = Outcome::Kind::settled;
        outcome.amount = micro_of(answer, "captured");
    } else {
        outcome.kind = state == "voided" ? Outcome::Kind::voided : Outcome::Kind::lapsed;
    }
}

void read_refusal(const Object& answer, Outcome& outcome)
{
    static const std::set<std::string> kExpected{"rate_limit_reached", "spend_limit_reached",
                                                 "hold_closed", "hold_expired", "over_capture"};
    add_caps(answer, "failures", 1, outcome);
    const auto reason = text_of(answer, "reason");
    outcome.kind = kExpected.contains(reason) ? Outcome::Kind::refused
                   : reason == "busy"         ? Outcome::Kind::failed
                                              : Outcome::Kind::unexpected;
}
}  // namespace

McpSpeaker::McpSpeaker(std::string program, std::string desk, const std::string& folder)
    : program_{std::move(program)},
      desk_{std::move(desk)}
{
    std::ofstream{policy_file()} << policy();
    for (std::size_t party = 0; party < kParties; ++party) {
        const auto issued = run({program_, "--state", folder, "--policy", policy_file(),
                                 "credential", "issue", std::string{kAgents[party]}});
        if (issued.code != 0) throw std::runtime_error{"no credential: " + issued.output};
        std::ofstream{credential_file(party)} << issued.output;
    }
}

std::string McpSpeaker::credential_file(std::size_t party) const
{
    return desk_ + "/" + std::string{kAgents[party]} + ".key";
}

std::vector<std::string> McpSpeaker::command(const std::string& folder, std::size_t party) const
{
    return {program_,   "serve",       "--state",           folder,
            "--policy", policy_file(), "--credential-file", credential_file(party)};
}

std::string McpSpeaker::greeting() const
{
    return R"({"jsonrpc":"2.0","id":"hello","method":"initialize","params":{)"
           R"("protocolVersion":"2025-06-18","capabilities":{},)"
           R"("clientInfo":{"name":"torture","version":"1"}}})"
           "\n"
           R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
           "\n";
}

std::string McpSpeaker::say(const Operation& operation) const
{
    const auto amount = Money::from_micro(operation.amount).to_string();
    Object arguments;
    switch (operation.kind) {
        case Operation::Kind::hold:
            arguments = {{"service", "images"},
                         {"estimatedCost", amount},
                         {"taskId", operation.task},
                         {"idempotencyKey", operation.key}};
            break;
        case Operation::Kind::settle:
            arguments = {{"txId", operation.tx}, {"actualCost", amount}};
            break;
        case Operation::Kind::give_back:
            arguments = {{"txId", operation.tx}, {"outcome", "void"}};
            break;
    }
    const bool is_hold = operation.kind == Operation::Kind::hold;
    return boost::json::serialize(
               Object{{"jsonrpc", "2.0"},
                      {"id", operation.id},
                      {"method", "tools/call"},
                      {"params", Object{{"name", is_hold ? "pay_preauthorize" : "pay_settle"},
                                        {"arguments", arguments}}}}) +
           "\n";
}

std::optional<Outcome> McpSpeaker::hear(const std::string& line) const
{
    Outcome outcome{
        .kind = Outcome::Kind::unexpected, .tx = {}, .caps = {}, .words = line.substr(0, 300)};
    try {
        const auto message = boost::json::parse(line).as_object();
        if (message.at("id") == "hello" && message.contains("result")) return std::nullopt;
        outcome.id = message.at("id").as_int64();
        if (message.contains("error")) return outcome;
        const auto& answer = message.at("result").at("structuredContent").as_object();
        if (answer.at("ok").as_bool())
            read_approval(answer, outcome);
        else
            read_refusal(answer, outcome);
    } catch (const std::exception& error) {
        outcome.kind = Outcome::Kind::unexpected;
        outcome.words = std::string{error.what()} + " in " + line;
    }
    return outcome;
}

std::vector<std::string> McpSpeaker::caps() const
{
    std::vector<std::string> all{"budget/team daily"};
    for (const auto agent : kAgents)
        for (const auto* cap : {" rolling 1s", " count 2s"})
            all.push_back("agent/" + std::string{agent} + cap);
    return all;
}

std::vector<std::string> McpSpeaker::complaints(const std::string& folder) const
{
    std::vector<std::string> all;
    for (const auto& words :
         {std::vector<std::string>{"journal", "verify"}, {"doctor", "--deep"}}) {
        std::vector<std::string> line{program_,          "--state",     folder,
                                      "--policy",        policy_file(), "--credential-file",
                                      credential_file(0)};
        line.insert(line.end(), words.begin(), words.end());
        const auto ran = run(line);
        std::printf("purse %s\n%s", words[0].c_str(), ran.output.c_str());
        if (ran.code != 0) all.push_back("purse " + words[0] + " does not succeed");
    }
    return all;
}

}  // namespace purse::test
