// SPDX-License-Identifier: Apache-2.0
#include "tools/budget_status.hpp"

#include <boost/json/array.hpp>

#include "ledger/payouts.hpp"
#include "policy/decision.hpp"
#include "tools/card.hpp"
#include "tools/schema.hpp"
#include "tools/settlement.hpp"

namespace purse::tools {

namespace {
constexpr std::string_view kDescription =
    "Show what this agent may still spend: every cap with limit, spent, held, available and when "
    "it resets, what is used so far, and the holds that are open. Costs nothing and changes "
    "nothing. Give taskId or workflowId to see their budgets too.";

// clang-format off
constexpr std::string_view kInputSchema = R"({
  "type": "object",
  "properties": {
    "taskId": {
      "type": "string", "maxLength": 128, "description": "Show this task's budget too" },
    "workflowId": {
      "type": "string", "maxLength": 128, "description": "Show this workflow's budget too" }
  },
  "additionalProperties": false
})";
// clang-format on

// clang-format off
constexpr std::string_view kOutputHead = R"({
  "type": "object",
  "properties": {)";
constexpr std::string_view kOutputAfterOutcome = R"(,
    "agent": { "type": "string" },
    "asOf": { "type": "string", "description": "RFC 3339" },
    "frozen": { "type": "boolean" },
    "caps": { "type": "array", "description": "Every cap that applies",
              "items": )";
constexpr std::string_view kOutputUsage = R"( },
    "usage": { "type": "array", "description": "What this agent has used so far, capped or not",
               "items": )";
constexpr std::string_view kOutputEnd = R"( },
    "held": { "type": "string", "description": "In open holds of this agent, USDC" },
    "holds": {
      "type": "array", "description": "Open holds, the first to expire first",
      "items": {
        "type": "object",
        "properties": {
          "txId": { "type": "string" },
          "amount": { "type": "string" },
          "service": { "type": "string" },
          "payee": { "type": "string" },
          "taskId": { "type": "string" },
          "state": { "type": "string", "description": "open, or awaiting_approval" },
          "expiresAt": { "type": "string" }
        },
        "additionalProperties": false
      }
    },
    "settlements": {
      "type": "array", "description": "The latest payments over a chain, and how far they are",
      "items": {
        "type": "object",
        "properties": {
          "txId": { "type": "string" },
          "amount": { "type": "string" },
          "payee": { "type": "string" },
          "settlement": { "type": "string", "description": "As of pay_settle" },
          "payout": { "type": "object" }
        },
        "additionalProperties": false
      }
    }
  },
  "required": ["ok"],
  "additionalProperties": false
})";
// clang-format on
constexpr std::string_view kOutputSchema =
    Joined<kOutputHead, kOutcomeSchema, kOutputAfterOutcome, kCapSchema, kOutputUsage, kCapSchema,
           kOutputEnd>::kText;

// Settlements that a status shows: enough to see whether money moves.
constexpr std::size_t kSettlementsShown = 10;

struct Paid {
    Hold hold;
    Settlement settlement;
};

struct Answer {
    std::string agent;
    StatusAnswer status;
    std::vector<Refusal> frozen;
    bool is_on_chain = false;
    std::vector<Paid> paid;  ///< the latest first
};

std::vector<Paid> latest_settlements(Books& books, const std::string& agent)
{
    Payouts payouts{books};
    std::vector<Paid> paid;
    for (const auto& debt : payouts.rows().debts_of(agent, kSettlementsShown))
        if (auto row = books.rows().hold(debt.hold))
            paid.push_back({std::move(row->hold), payouts.settlement_of(debt.hold)});
    return paid;
}

Answer look(Books& books, const Standing& standing, const std::string& task,
            const std::string& workflow)
{
    Answer answer{.agent = standing.who.agent, .status = {}, .frozen = {}, .paid = {}};
    if (standing.funding != nullptr) {
        answer.is_on_chain = true;
        answer.paid = latest_settlements(books, standing.who.agent);
    }
    const auto* agent = standing.document->agent(standing.who.agent);
    answer.frozen = policy::freezes_on(*agent, standing.freezes);
    answer.status =
        books.status({.agent = standing.who.agent,
                      .legs = policy::status_legs(
                          *standing.document,
                          {.agent = standing.who.agent, .task = task, .workflow = workflow})});
    return answer;
}

boost::json::object to_json(const Hold& hold)
{
    boost::json::object json{{"txId", hold.id.to_string()},
                             {"amount", hold.what.amount.to_string()}};
    if (!hold.what.service.empty()) json["service"] = hold.what.service;
    json["payee"] = hold.what.payee;
    if (!hold.what.task.empty()) json["taskId"] = hold.what.task;
    json["state"] = wire_name(hold.state);
    json["expiresAt"] = to_rfc3339(hold.expires_at);
    return json;
}

boost::json::object to_json(const Paid& paid)
{
    boost::json::object json{{"txId", paid.hold.id.to_string()},
                             {"amount", paid.hold.captured.to_string()},
                             {"payee", paid.hold.what.payee},
                             {"settlement", wire_name(paid.settlement.stage)}};
    if (paid.settlement.payout != 0) json["payout"] = tools::to_json(paid.settlement);
    return json;
}

Result in_words(const Answer& answer)
{
    const auto& status = answer.status;
    const auto self = "agent/" + answer.agent;
    boost::json::array caps;
    boost::json::array usage;
    Money held;
    Result result;
    result.text = "Budget of " + answer.agent + " as of " + to_words(status.at) + ":";
    for (const auto& refusal : answer.frozen) result.text += "\nFrozen: " + refusal.detail;
    for (const auto& cap : status.caps) {
        if (cap.budget == self && cap.kind == "lifetime") held = Money::from_micro(cap.held);
        if (cap.limit == kNoLimit) {
            if (cap.budget == self) usage.push_back(tools::to_json(cap));
            continue;
        }
        caps.push_back(tools::to_json(cap));
        result.text += "\n- " + to_sentence(cap);
        if (cap.resets_at) result.text += ", room again at " + to_words(*cap.resets_at);
    }
    if (caps.empty()) result.text += "\n- no caps";
    boost::json::array holds;
    for (const auto& hold : status.next_holds) holds.push_back(to_json(hold));
    result.text += "\nHeld now: " + held.to_string() + " USDC.";
    if (!answer.paid.empty()) result.text += "\nLatest payments:";
    for (const auto& paid : answer.paid)
        result.text +=
            "\n- " + paid.hold.captured.to_string() + " USDC to " +
            (paid.hold.what.service.empty() ? paid.hold.what.payee : paid.hold.what.service) +
            ": " + std::string{wire_name(paid.settlement.stage)} +
            (paid.settlement.reason.empty() ? "" : ", " + paid.settlement.reason);

    auto& json = result.structured;
    json["ok"] = true;
    json["agent"] = answer.agent;
    json["asOf"] = to_rfc3339(status.at);
    json["currency"] = "USDC";
    json["frozen"] = !answer.frozen.empty();
    json["caps"] = std::move(caps);
    json["usage"] = std::move(usage);
    json["held"] = held.to_string();
    json["holds"] = std::move(holds);
    if (answer.is_on_chain) {
        boost::json::array settlements;
        for (const auto& paid : answer.paid) settlements.push_back(to_json(paid));
        json["settlements"] = std::move(settlements);
    }
    json["message"] = result.text;
    return result;
}

using Shared = std::shared_ptr<const Result>;

// With its JSON at hand: an answer for each caller then costs little.
Shared with_words(Result result)
{
    result.rendered = render(result);
    result.structured.clear();
    return std::make_shared<const Result>(std::move(result));
}

Shared answer(StatusMemo& memo, Books& books, const Standing& standing,
              const StatusMemo::Question& question)
{
    // Asked of each caller by itself: agents are remembered, credentials are not.
    auto who = policy::who_refusals(*standing.document, standing.facts(),
                                    {.agent = standing.who.agent, .now = books.now()});
    if (!who.empty())
        return std::make_shared<const Result>(
            refused(Verdict{.refusals = std::move(who), .subject = "No status"}));
    if (auto known = memo.find(books, question)) return known;
    auto rendered = with_words(in_words(look(books, standing, question.task, question.workflow)));
    memo.keep(books, question, rendered);
    return rendered;
}
}  // namespace

const Tool kBudgetStatus{.name = "pay_budget_status",
                         .title = "What is left to spend",
                         .description = kDescription,
                         .input_schema = kInputSchema,
                         .output_schema = kOutputSchema,
                         .annotations = {.read_only = true,
                                         .destructive = false,
                                         .idempotent = true,
                                         .open_world = false},
                         .view = kCardUri};

void budget_status(Desk& desk, const json::Value* object, const Caller& caller,
                   CancelFlag cancelled, Reply reply)
{
    Arguments arguments{object, {"taskId", "workflowId"}};
    auto task = arguments.text("taskId", {});
    auto workflow = arguments.text("workflowId", {});
    if (arguments.error()) return reply(invalid_argument(*arguments.error()));
    desk.run(
        caller, std::move(cancelled),
        [&memo = desk.status_memo(), task = std::move(task), workflow = std::move(workflow)](
            Books& books, const Standing& standing) {
            return answer(memo, books, standing, {standing.who.agent, task, workflow});
        },
        [](const Shared& answer) { return *answer; }, std::move(reply));
}

}  // namespace purse::tools
