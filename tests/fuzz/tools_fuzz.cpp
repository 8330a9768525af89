// SPDX-License-Identifier: Apache-2.0
// Arguments of an agent through every tool, resource and prompt, on a real ledger. Each call has
// one answer that fits the tool's output schema, money is text that is an amount, what was asked
// twice with one key is answered alike, and no cap is passed whatever was asked.
#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "policy/credential.hpp"
#include "tests/fuzz/conversation_script.hpp"
#include "tests/fuzz/ledger_world.hpp"
#include "tools/toolbox.hpp"

namespace {
using namespace purse;
using fuzz::check;

constexpr std::string_view kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906", "ceiling": "4" },
                "search": { "payee": "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65" } },
  "budgets": { "team": { "caps": { "daily": "20", "rolling": [{ "span": "1h", "limit": "8" }] } } },
  "agents": { "painter": { "budgets": ["team"],
      "caps": { "perTx": "5", "daily": "10", "perTask": "3",
                "count": [{ "span": "1m", "limit": 8 }] },
      "loopGuard": { "times": 4, "span": "1m" },
      "hold": { "ttl": "2m", "maxTtl": "1h" }, "overCapture": { "percent": 10 },
      "approval": { "above": "2", "within": "5m" } } } })";

class NoPolicyFile final : public tools::PolicySource {
public:
    std::optional<std::expected<tools::PolicyText, std::string>> changed() override { return {}; }
};
class Silence final : public tools::Alarm {
public:
    void warn(std::string_view) override {}
};

struct World {
    World()
        : till{[this](Books& books) {
              books.apply_policy(kPolicy, "policy.jsonc");
              auto issued = policy::issue({.agent = "painter", .now = books.now(), .note = {}},
                                          credential_entropy);
              books.issue_credential(issued.row);
              secret = issued.secret;
          }}
    {
    }
    test::SeededEntropy credential_entropy{3};
    std::string secret;
    fuzz::RolledBackTill till;
    NoPolicyFile source;
    Silence alarm;
};

std::string_view type_of(const boost::json::value& value)
{
    if (value.is_bool()) return "boolean";
    if (value.is_int64() || value.is_uint64()) return "integer";
    if (value.is_string()) return "string";
    if (value.is_array()) return "array";
    return value.is_object() ? "object" : "something else";
}

bool is_amount(std::string_view text)
{
    const auto money = Money::parse(text);
    return money && money->to_string() == text;
}

void check_fits(const boost::json::object& answer, const json::Value& schema)
{
    const auto& properties = *schema.find("properties");
    for (const auto& [name, value] : answer) {
        const auto* property = properties.find(std::string_view{name});
        check(property != nullptr, "a member that the schema has");
        check(property->find("type")->text() == type_of(value), "a member of its type");
        for (const auto* amount : {"amount", "captured", "released", "held", "maxCapture"})
            if (name == amount && value.is_string() && !answer.contains("unit"))
                check(is_amount(value.as_string()), "money is an amount");
        if (value.is_array() && property->find("items")->find("properties") != nullptr)
            for (const auto& item : value.as_array())
                check_fits(item.as_object(), *property->find("items"));
        if (value.is_object() && property->find("properties") != nullptr)
            check_fits(value.as_object(), *property);
    }
}

std::string text_in(const boost::json::object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

class Agent {
public:
    explicit Agent(World& world)
        : world_{world},
          box_{{.till = world.till, .source = world.source, .alarm = world.alarm}},
          caller_{.credential = world.secret, .session = "s-1", .client = "fuzz/1"}
    {
    }

    /// "> TOOL ARGUMENTS", where "$" in the arguments is the last txId.
    void call(std::string_view line)
    {
        const auto space = std::min(line.find(' '), line.size());
        const auto name = line.substr(0, space);
        if (!box_.knows(name)) return;
        std::string text;
        for (const char c : line.substr(std::min(space + 1, line.size())))
            if (c == '$')
                text += last_id_;
            else
                text += c;
        const auto arguments = json::parse(text);
        if (!arguments) return;
        const auto result = answer_of(name, arguments->root());
        if (const auto id = text_in(result, "txId"); !id.empty()) last_id_ = id;
        if (arguments->root().text_of("idempotencyKey").empty()) return;
        const auto again = answer_of(name, arguments->root());
        check(again.at("ok") == result.at("ok"), "one key, one answer");
        check(text_in(again, "txId") == text_in(result, "txId"), "one key, one hold");
        check(text_in(again, "reason") == text_in(result, "reason"), "one key, one reason");
    }
    void act(char act)
    {
        switch (act) {
            case 'T': return world_.till.clock.pass(Span::minutes(1));
            case 'D': return world_.till.clock.pass(Span::days(1));
            case 'F': return world_.till.run([](Books& books) { books.freeze("all", "fuzz"); });
            case 'U': return world_.till.run([](Books& books) { books.unfreeze("all"); });
            case 'A': return decide(tools::Answered::approve);
            case 'N': return decide(tools::Answered::deny);
            case 'C': caller_.credential = "purse_painter_unknown"; return;
            case 'c': caller_.credential = world_.secret; return;
            default: return;
        }
    }
    void read(std::string_view uri)
    {
        box_.read(uri, caller_, nullptr, [](const tools::Result& result) { check_words(result); });
    }
    void prompt(std::string_view text)
    {
        const auto arguments = json::parse(text);
        box_.prompt("spending_report", arguments ? &arguments->root() : nullptr, caller_, nullptr,
                    [](const tools::Result& result) { check_words(result); });
    }
    /// What is held and spent, by the tool's own account, is within every limit.
    void check_caps()
    {
        caller_.credential = world_.secret;
        const auto arguments = json::parse("{}");
        const auto status = answer_of("pay_budget_status", arguments->root());
        check(status.at("ok").as_bool(), "there is a status");
        for (const auto& cap : status.at("caps").as_array()) {
            const auto& one = cap.as_object();
            if (text_in(one, "unit") != "USDC") continue;
            const auto used =
                Money::parse(text_in(one, "held"))->plus(*Money::parse(text_in(one, "spent")));
            check(used && *used <= *Money::parse(text_in(one, "limit")), "no cap is passed");
        }
    }

private:
    static void check_words(const tools::Result& result)
    {
        check(json::well_formed(result.text) == result.text, "words are UTF-8");
        check(!result.is_error || !result.text.empty(), "an error has words");
    }
    static const json::Value& schema_of(const tools::Tool& tool)
    {
        static std::map<std::string_view, json::Document> schemas;
        const auto found = schemas.find(tool.name);
        if (found != schemas.end()) return found->second.root();
        return schemas.emplace(tool.name, std::move(*json::parse(tool.output_schema)))
            .first->second.root();
    }
    boost::json::object answer_of(std::string_view name, const json::Value& arguments)
    {
        int answers = 0;
        boost::json::object answer;
        box_.call(name, &arguments, caller_, nullptr, [&](const tools::Result& result) {
            ++answers;
            check_words(result);
            answer = result.rendered == nullptr
                         ? result.structured
                         : boost::json::parse(result.rendered->json).as_object();
            const bool is_asked = text_in(answer, "reason") == "approval_pending";
            check(answer.at("ok").as_bool() != (result.is_error || is_asked), "ok or an error");
        });
        check(answers == 1, "one answer a call");
        check_fits(answer, schema_of(*std::ranges::find(box_.list(), name, &tools::Tool::name)));
        check(!text_in(answer, "message").empty(), "an answer has a sentence");
        if (!answer.at("ok").as_bool()) {
            const auto reason = reason_of(text_in(answer, "reason"));
            check(reason.has_value(), "a reason that is known");
            check(*reason != Reason::busy && *reason != Reason::ledger_unavailable,
                  "nothing that is asked stops the ledger");
        }
        return answer;
    }
    void decide(tools::Answered answered)
    {
        int answers = 0;
        box_.follow_up(last_id_, answered, caller_, [&](const tools::Result& result) {
            ++answers;
            check_words(result);
        });
        check(answers == 1, "one answer a decision");
    }

    World& world_;
    tools::PurseToolbox box_;
    tools::Caller caller_;
    std::string last_id_ = "tx_00000000000000000000000000";
};
}  // namespace

// The name and the linkage are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static World world;
    std::string_view text{reinterpret_cast<const char*>(data), size};
    Agent agent{world};
    bool has_called = false;
    for (int lines = 0; !text.empty() && lines < 40; ++lines) {
        const auto line = fuzz::take_line(text);
        if (line.starts_with("> ")) {
            agent.call(line.substr(2));
            has_called = true;
        } else if (line.starts_with("! ") && line.size() == 3) {
            agent.act(line[2]);
        } else if (line.starts_with("? ")) {
            agent.read(line.substr(2));
        } else if (line.starts_with("% ")) {
            agent.prompt(line.substr(2));
        }
    }
    if (has_called) agent.check_caps();
    world.till.take_back();
    return 0;
}
