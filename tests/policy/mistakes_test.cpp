// SPDX-License-Identifier: Apache-2.0
// What a document's author reads when something is wrong: the place and the words.
#include "policy/limits.hpp"
#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
struct Wrong {
    std::string_view text;  ///< the document, or the rules of agent "a" when it starts with '@'
    std::string_view path;
    std::string_view words;  ///< stands in the message
};

Mistakes mistakes_of(std::string_view text)
{
    const auto document = parse_document(text);
    INFO(text);
    REQUIRE_FALSE(document);
    return document.error();
}

const Wrong kWrong[] = {
    // approval
    {R"(@{ "approval": {} })", "$.agents.a.approval", "asks for nothing"},
    {R"(@{ "approval": { "within": "5m" } })", "$.agents.a.approval", "asks for nothing"},
    {R"(@{ "approval": { "newPayee": false } })", "$.agents.a.approval", "asks for nothing"},
    {R"(@{ "approval": { "services": [] } })", "$.agents.a.approval", "asks for nothing"},
    {R"(@{ "approval": { "above": "-1" } })", "$.agents.a.approval.above", ""},
    {R"(@{ "approval": { "above": "1", "within": "2d" } })", "$.agents.a.approval.within",
     "1s to 1d"},
    {R"(@{ "approval": { "above": "1", "lasts": "0s" } })", "$.agents.a.approval.lasts", "1s"},
    {R"(@{ "approval": { "services": ["nothing"] } })", "$.agents.a.approval.services[0]",
     "there is no service"},
    {R"(@{ "approval": { "outsideHours": true } })", "$.agents.a.approval.outsideHours",
     "needs \"times\""},
    {R"(@{ "approval": { "loop": true } })", "$.agents.a.approval.loop", "needs \"loopGuard\""},
    {R"(@{ "approval": { "limit": "1" } })", "$.agents.a.approval.limit", "there is no field"},
    // the document
    {"", "$", "line 1:1: the text ends too early"},
    {"{", "$", "ends too early"},
    {"{ \"version\": 1,\n  \"agents\" {} }", "$", "line 2:12: a syntax error"},
    {"{ \"version\": 1 } x", "$", "after the end"},
    {"[]", "$", "is an array; expected an object"},
    {"{}", "$.version", "is missing"},
    {R"({ "version": 2 })", "$.version", "expected 1"},
    {R"({ "version": "1" })", "$.version", "expected 1"},
    {R"({ "version": 1, "version": 1 })", "$", "\"version\" stands twice"},
    {R"({ "version": 1, "$schema": 7 })", "$.$schema", "is a number"},
    {R"({ "version": 1, "agent": {} })", "$.agent", "did you mean \"agents\"?"},
    {R"({ "version": 1, "rules": {} })", "$.rules", "there is no field \"rules\""},
    {R"({ "version": 1, "agents": [] })", "$.agents", "is an array; expected an object"},
    {R"({ "version": 1, "agents": { "a": 1 } })", "$.agents.a", "is a number; expected an object"},
    {R"({ "version": 1, "agents": { "": {} } })", "$.agents[\"\"]", "is not a name"},
    {R"({ "version": 1, "agents": { "a b": {} } })", "$.agents[\"a b\"]", "is not a name"},
    {R"({ "version": 1, "agents": { "-a": {} } })", "$.agents.-a", "is not a name"},
    {R"({ "version": 1, "agents": { "a/b": {} } })", "$.agents[\"a/b\"]", "1 to 64"},
    {R"({ "version": 1, "agents": { "v1.2": { "caps": { "daily": "x" } } } })",
     "$.agents[\"v1.2\"].caps.daily", "\"x\" is not a plain decimal"},
    {R"({ "version": 1, "agents": { "a\n\"b": {} } })", "$.agents[\"a\\n\\\"b\"]", "is not a name"},
    // services
    {R"({ "version": 1, "services": { "s": {} } })", "$.services.s.payee", "is missing"},
    {R"({ "version": 1, "services": { "s": { "payee": "0x12" } } })", "$.services.s.payee",
     "\"0x12\" is not an address"},
    {R"({ "version": 1, "services": { "s": {
        "payee": "0x0000000000000000000000000000000000000000" } } })",
     "$.services.s.payee", "zero address"},
    {R"({ "version": 1, "services": { "s": {
        "payee": "0X90F79bf6EB2c4f870365E785982E1f101E93b906" } } })",
     "$.services.s.payee", "is not an address"},
    {R"({ "version": 1, "services": { "s": {
        "payee": "0xg0F79bf6EB2c4f870365E785982E1f101E93b906" } } })",
     "$.services.s.payee", "is not an address"},
    {R"({ "version": 1, "services": { "s": {
        "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906", "cap": "1" } } })",
     "$.services.s.cap", "there is no field \"cap\""},
    {R"({ "version": 1, "services": { "s": {
        "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906", "category": "a b" } } })",
     "$.services.s.category", "is not a name"},
    // money and caps
    {R"(@{ "caps": { "daily": "1,50" } })", "$.agents.a.caps.daily",
     "\"1,50\" is not a plain decimal"},
    {R"(@{ "caps": { "daily": "-1" } })", "$.agents.a.caps.daily", "is not a plain decimal"},
    {R"(@{ "caps": { "daily": 1e2 } })", "$.agents.a.caps.daily", "\"1e2\" is not a plain decimal"},
    {R"(@{ "caps": { "daily": "" } })", "$.agents.a.caps.daily", "is empty"},
    {R"(@{ "caps": { "daily": 0.0000001 } })", "$.agents.a.caps.daily", "more than six decimals"},
    {R"(@{ "caps": { "daily": "1000000000001" } })", "$.agents.a.caps.daily", "is above"},
    {R"(@{ "caps": { "daily": true } })", "$.agents.a.caps.daily",
     "is a boolean; expected an amount"},
    {R"(@{ "caps": { "dialy": "1" } })", "$.agents.a.caps.dialy", "did you mean \"daily\"?"},
    {R"(@{ "caps": { "pertx": "1" } })", "$.agents.a.caps.pertx", "did you mean \"perTx\"?"},
    {R"(@{ "caps": { "rolling": { "span": "1h", "limit": "1" } } })", "$.agents.a.caps.rolling",
     "expected an array"},
    {R"(@{ "caps": { "rolling": [{ "limit": "1" }] } })", "$.agents.a.caps.rolling[0].span",
     "is missing"},
    {R"(@{ "caps": { "rolling": [{ "span": "1y", "limit": "1" }] } })",
     "$.agents.a.caps.rolling[0].span", "\"1y\" is not a time span"},
    {R"(@{ "caps": { "rolling": [{ "span": "500ms", "limit": "1" }] } })",
     "$.agents.a.caps.rolling[0].span", "out of range"},
    {R"(@{ "caps": { "rolling": [{ "span": "367d", "limit": "1" }] } })",
     "$.agents.a.caps.rolling[0].span", "out of range"},
    {R"(@{ "caps": { "rolling": [{ "span": "1h", "limit": "1" }, { "span": "60m",
        "limit": "2" }] } })",
     "$.agents.a.caps.rolling[1]", "a cap over 1h already"},
    {R"(@{ "caps": { "count": [{ "span": "1m", "limit": 0 }] } })",
     "$.agents.a.caps.count[0].limit", "from 1 to"},
    {R"(@{ "caps": { "count": [{ "span": "1m", "limit": 1.5 }] } })",
     "$.agents.a.caps.count[0].limit", "whole number"},
    {R"(@{ "caps": { "count": [{ "span": "1m", "limit": "5" }] } })",
     "$.agents.a.caps.count[0].limit", "is a string"},
    {R"(@{ "caps": { "count": [{}, {}, {}, {}, {}, {}, {}, {}, {}] } })", "$.agents.a.caps.count",
     "has 9 entries"},
    // lists
    {R"(@{ "allow": { "services": ["image"] } })", "$.agents.a.allow.services[0]",
     "did you mean \"images\"?"},
    {R"(@{ "deny": { "services": ["*"] } })", "$.agents.a.deny.services[0]",
     "there is no service \"*\""},
    {R"(@{ "allow": { "categories": ["medai"] } })", "$.agents.a.allow.categories[0]",
     "did you mean \"media\"?"},
    {R"(@{ "allow": { "categories": ["*"] } })", "$.agents.a.allow.categories[0]",
     "there is no category"},
    {R"(@{ "allow": { "payees": ["0x1"] } })", "$.agents.a.allow.payees[0]", "is not an address"},
    {R"(@{ "deny": { "payees": ["*"] } })", "$.agents.a.deny.payees[0]", "is not an address"},
    {R"(@{ "allow": { "service": [] } })", "$.agents.a.allow.service",
     "did you mean \"services\"?"},
    {R"(@{ "allow": { "services": "images" } })", "$.agents.a.allow.services",
     "is a string; expected an array"},
    // times
    {R"(@{ "times": [] })", "$.agents.a.times", "has no entry"},
    {R"(@{ "times": [{ "days": ["monday"] }] })", "$.agents.a.times[0].days[0]",
     "\"monday\" is not a day"},
    {R"(@{ "times": [{ "days": [] }] })", "$.agents.a.times[0].days", "has no day"},
    {R"(@{ "times": [{ "from": "8:00" }] })", "$.agents.a.times[0].from",
     "\"8:00\" is not a time of day"},
    {R"(@{ "times": [{ "from": "24:00" }] })", "$.agents.a.times[0].from", "end of a day"},
    {R"(@{ "times": [{ "to": "24:01" }] })", "$.agents.a.times[0].to", "is not a time of day"},
    {R"(@{ "times": [{ "to": "12:60" }] })", "$.agents.a.times[0].to", "is not a time of day"},
    {R"(@{ "times": [{ "from": "08:00", "to": "08:00" }] })", "$.agents.a.times[0]",
     "at the same time"},
    {R"(@{ "times": [{ "timeZone": "Europe/Berlim" }] })", "$.agents.a.times[0].timeZone",
     "is not a time zone"},
    {R"(@{ "times": [{ "timeZone": "../../etc/passwd" }] })", "$.agents.a.times[0].timeZone",
     "is not a time zone"},
    // holds, over-capture, late settles, loops, freezes
    {R"(@{ "hold": { "ttl": "25h" } })", "$.agents.a.hold.ttl", "from 1s to 1d"},
    {R"(@{ "hold": { "ttl": "10m", "maxTtl": "5m" } })", "$.agents.a.hold.ttl",
     "10m is above maxTtl"},
    {R"(@{ "hold": { "ttl": 120 } })", "$.agents.a.hold.ttl", "is a number; expected a time span"},
    {R"(@{ "overCapture": {} })", "$.agents.a.overCapture", "says nothing"},
    {R"(@{ "overCapture": { "percent": 101 } })", "$.agents.a.overCapture.percent",
     "101 is not a percentage"},
    {R"(@{ "overCapture": { "percent": "10" } })", "$.agents.a.overCapture.percent", "is a string"},
    {R"(@{ "overCapture": { "percent": -1 } })", "$.agents.a.overCapture.percent",
     "-1 is not a percentage"},
    {R"(@{ "lateSettle": "allow" })", "$.agents.a.lateSettle", "\"recheck\" or \"refuse\""},
    {R"(@{ "loopGuard": { "times": 1, "span": "1m" } })", "$.agents.a.loopGuard.times",
     "from 2 to"},
    {R"(@{ "loopGuard": { "times": 5, "span": "2d" } })", "$.agents.a.loopGuard.span",
     "out of range"},
    {R"(@{ "loopGuard": { "times": 5 } })", "$.agents.a.loopGuard.span", "is missing"},
    {R"(@{ "frozen": "yes" })", "$.agents.a.frozen", "true or false"},
    {R"(@{ "description": 5 })", "$.agents.a.description", "a text of at most"},
    // shared budgets
    {R"(@{ "budgets": ["tema"] })", "$.agents.a.budgets[0]", "did you mean \"team\"?"},
    {R"(@{ "budgets": ["team", "team"] })", "$.agents.a.budgets[1]", "stands here twice"},
    {R"(@{ "budgets": [1] })", "$.agents.a.budgets[0]", "is a number"},
    {R"({ "version": 1, "budgets": { "x": { "budgets": ["x"] } } })", "$.budgets.x.budgets",
     "circle: x -> x"},
    {R"({ "version": 1, "budgets": { "x": { "budgets": ["y"] }, "y": { "budgets": ["z"] }, "z": {
        "budgets": ["y"] } } })",
     "$.budgets.y.budgets", "circle: y -> z -> y"},
};
}  // namespace

TEST_CASE("Each mistake names its place and what is expected")
{
    for (const auto& wrong : kWrong) {
        const auto text = wrong.text.starts_with('@')
                              ? text_of({.agent = std::string{wrong.text.substr(1)}})
                              : std::string{wrong.text};
        const auto mistakes = mistakes_of(text);
        INFO(text);
        INFO(to_string(mistakes));
        CHECK(mistakes.front().path == wrong.path);
        CHECK(to_string(mistakes.front()).find(wrong.words) != std::string::npos);
    }
}

TEST_CASE("One mistake is told once")
{
    // Where a value is wrong, what follows from it is not a second mistake.
    for (const auto& wrong : kWrong) {
        if (!wrong.text.starts_with('@') || wrong.text.contains("[{}, {}")) continue;
        INFO(wrong.text);
        CHECK(mistakes_of(text_of({.agent = std::string{wrong.text.substr(1)}})).size() == 1);
    }
}

TEST_CASE("All mistakes are told at once, in the order of services, budgets and agents")
{
    const auto mistakes = mistakes_of(R"({ "version": 1, "x": 0,
        "agents": { "a": { "caps": { "daily": "?" }, "frozen": 1 } },
        "budgets": { "b": { "caps": { "weekly": null } } },
        "services": { "s": { "payee": "?" } } })");
    Names paths;
    for (const auto& mistake : mistakes) paths.push_back(mistake.path);
    CHECK(paths == Names{"$.x", "$.services.s.payee", "$.budgets.b.caps.weekly",
                         "$.agents.a.caps.daily", "$.agents.a.frozen"});
    CHECK(to_string(Mistakes{mistakes[0], mistakes[2]}) ==
          "$.x: there is no field \"x\"\n"
          "$.budgets.b.caps.weekly: is null; expected an amount of USDC such as \"0.10\"");
}

TEST_CASE("The number of mistakes told is bounded")
{
    std::string text = R"({ "version": 1)";
    for (int i = 0; i < 100; ++i) text += ", \"f" + std::to_string(i) + "\": 0";
    CHECK(mistakes_of(text + "}").size() == kMistakesMax);
}

TEST_CASE("What is too large is refused before it is read")
{
    const auto blank = [](std::size_t size) {
        return R"({ "version": 1 })" + std::string(size - 16, ' ');
    };
    CHECK(parse_document(blank(limits::kDocumentBytesMax)));
    const auto mistakes = mistakes_of(blank(limits::kDocumentBytesMax + 1));
    CHECK(to_string(mistakes) == "$: has 1048577 bytes; expected at most 1048576");
    CHECK(to_string(mistakes_of(std::string(100, '['))).find("nested too deeply") !=
          std::string::npos);

    std::string budgets;
    for (std::size_t i = 0; i <= limits::kBudgetsMax; ++i)
        budgets += "\"b" + std::to_string(i) + "\": {},";
    const auto many = mistakes_of(R"({ "version": 1, "budgets": {)" + budgets + "} }");
    CHECK(to_string(many.front()) == "$.budgets: has 1001 entries; expected at most 1000");
}

TEST_CASE("A spend is charged to a bounded number of budgets")
{
    // A chain: the agent names the first, each names the next.
    const auto chain = [](std::size_t length) {
        std::string budgets;
        for (std::size_t i = 0; i < length; ++i) {
            const auto next = i + 1 < length ? "\"b" + std::to_string(i + 1) + "\"" : "";
            budgets += "\"b" + std::to_string(i) + "\": { \"budgets\": [" + next + "] },";
        }
        return R"({ "version": 1, "budgets": {)" + budgets +
               R"(}, "agents": { "a": { "budgets": ["b0"] } } })";
    };
    CHECK(parsed(chain(limits::kSharedBudgetsMax))->agent("a")->charged.size() ==
          limits::kSharedBudgetsMax + 1);
    const auto mistakes = mistakes_of(chain(limits::kSharedBudgetsMax + 1));
    CHECK(to_string(mistakes.front()).find("$.agents.a.budgets: leads to more than 16 budgets") ==
          0);
}

TEST_CASE("A document that is all mistakes is read in bounded time")
{
    // Each of the unknown names would be compared with each known one.
    std::string services;
    for (int i = 0; i < 3000; ++i)
        services += "\"service-" + std::to_string(i) + "\": { \"payee\": \"" +
                    std::string{kImages} + "\" },";
    std::string agents;
    for (int a = 0; a < 20; ++a) {
        agents += "\"a" + std::to_string(a) + "\": { \"deny\": { \"services\": [";
        for (int i = 0; i < 1000; ++i) agents += "\"xervice-" + std::to_string(i) + "\",";
        agents += "] } },";
    }
    const auto text =
        R"({ "version": 1, "services": {)" + services + R"(}, "agents": {)" + agents + "} }";
    CHECK(mistakes_of(text).size() == kMistakesMax);
}
