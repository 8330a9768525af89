// SPDX-License-Identifier: Apache-2.0
// The examples people copy must work: those of the policy reference, and the design's.
#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
/// Fenced blocks of JSONC that are whole documents.
std::vector<std::string> documents_in(const std::string& page)
{
    static constexpr std::string_view kOpen = "```jsonc\n";
    std::vector<std::string> documents;
    for (auto at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at)) {
        at += kOpen.size();
        auto text = page.substr(at, page.find("```", at) - at);
        if (text.contains("\"version\"")) documents.push_back(std::move(text));
    }
    return documents;
}

// The example by which the parts of the design were agreed on.
constexpr std::string_view kDesign = R"(
{ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
        "ceiling": "0.10" } },
  "budgets":  { "team-design": { "caps": { "daily": "200" } } },
  "agents":   { "image-gen-agent-v2": {
      "budgets": ["team-design"],
      "caps": { "perTx": "5", "daily": "50", "perTask": "2",
                "rolling": [{ "span": "1h", "limit": "10" }], "count": [{ "span": "1m",
        "limit": 30 }] },
      "allow": { "services": ["images"] }, "overCapture": { "percent": 10 }, "hold": {
        "ttl": "2m" } } } })";
}  // namespace

TEST_CASE("Every document in the policy reference is right")
{
    const auto documents = documents_in(file_text("docs/policy.md"));
    CHECK(documents.size() >= 1);
    for (const auto& text : documents) CHECK_FALSE(parsed(text)->agents().empty());
}

TEST_CASE("The design's document decides as the design says")
{
    const auto document = parsed(kDesign);
    auto ask = ask_of_a();
    ask.agent = "image-gen-agent-v2";
    ask.what.amount = usdc("0.08");
    ask.what.task = "task-7";
    const auto decision = decide(*document, {}, ask);
    CHECK(reasons(decision) == Names{});
    CHECK(decision.what.payee == kImages);
    CHECK(decision.ttl == Span::minutes(2));
    CHECK(decision.max_capture == usdc("0.088"));
    CHECK(decision.valid_until == Instant::never());
    const std::string agent = "agent/image-gen-agent-v2 ";
    const std::string team = "budget/team-design ";
    CHECK(names_of(decision.legs) ==
          Names{agent + "count 1m", agent + "daily", agent + "weekly", agent + "monthly",
                agent + "lifetime", agent + "perTask [task/task-7]", agent + "rolling 1h",
                team + "daily", team + "weekly", team + "monthly", team + "lifetime"});

    ask.what.task.clear();
    ask.what.amount = usdc("6");
    CHECK(verdicts(decide(*document, {}, ask)) ==
          Names{"task_required by agent/image-gen-agent-v2",
                "price_above_ceiling by service/images",
                "transaction_limit_exceeded by agent/image-gen-agent-v2"});
}
