// SPDX-License-Identifier: Apache-2.0
#include "tools/settle.hpp"

#include "policy/decision.hpp"
#include "tools/card.hpp"
#include "tools/receipt.hpp"
#include "tools/schema.hpp"
#include "tools/settlement.hpp"
#include "wallet/rail.hpp"

namespace purse::tools {

namespace {
constexpr std::string_view kDescription =
    "Finish a payment that pay_preauthorize reserved, right after the paid call. Give the txId "
    "and the actual cost; what was held beyond it becomes available again. If the call was not "
    "made or failed without cost, give outcome \"void\" instead. Repeating the call with the same "
    "arguments is safe and gives the same answer.";

// clang-format off
constexpr std::string_view kInputHead = R"({
  "type": "object",
  "properties": {
    "txId": { "type": "string", "description": "From pay_preauthorize" },
    "actualCost": {
      "type": "string", "pattern": "^[0-9]+([.][0-9]{1,6})?$",
      "description": "What the call cost, in USDC, a decimal string; leave it out for a void" },
    "outcome": {
      "type": "string", "enum": ["captured", "void"], "default": "captured",
      "description": "captured: pay actualCost; void: nothing is to be paid" },)";
constexpr std::string_view kInputEnd = R"(
  },
  "required": ["txId"],
  "additionalProperties": false
})";
// clang-format on
constexpr std::string_view kInputSchema = Joined<kInputHead, kReceiptArgument, kInputEnd>::kText;

// clang-format off
constexpr std::string_view kOutputHead = R"({
  "type": "object",
  "properties": {)";
constexpr std::string_view kOutputBody = R"(,
    "txId": { "type": "string" },
    "state": {
      "type": "string",
      "enum": ["settled", "voided", "expired", "open", "awaiting_approval", "denied"] },
    "captured": { "type": "string", "description": "Paid, USDC" },
    "released": { "type": "string", "description": "Returned to the budgets, USDC" },
    "held": { "type": "string", "description": "Of a refused settle: still held, USDC" },
    "maxCapture": {
      "type": "string", "description": "Of a refused settle: the most that may be captured" },
    "service": { "type": "string" },
    "payee": { "type": "string" },
    "rail": { "type": "string", "description": "How the payee is paid" },
    "settlement": {
      "type": "string",
      "enum": ["settled", "queued", "submitted", "paid", "final", "held", "in_doubt"],
      "description": "How far the money is; settled: on the books, all others: over a chain" },
    "payout": {
      "type": "object", "description": "Of the evm rail: what carries the payment",
      "properties": {
        "id": { "type": "integer" },
        "tx": { "type": "string" },
        "block": { "type": "integer" },
        "gasUsed": { "type": "integer" },
        "costWei": { "type": "string" },
        "reason": { "type": "string" }
      },
      "additionalProperties": false },
    "late": { "type": "boolean", "description": "Settled after the hold had expired" })";
constexpr std::string_view kOutputEnd = R"(
  },
  "required": ["ok"],
  "additionalProperties": false
})";
// clang-format on
constexpr std::string_view kOutputSchema =
    Joined<kOutputHead, kOutcomeSchema, kOutputBody, kReceiptSchema, kOutputEnd>::kText;

struct Request {
    TxId id;
    bool is_void = false;
    Money actual;
    WithReceipt receipt = WithReceipt::no;
};

/// The ledger's answer, and what proves it.
struct Settled {
    SettleAnswer answer;
    std::optional<Receipt> receipt{};
};

std::expected<Request, ArgumentError> decode(const json::Value* object)
{
    Arguments arguments{object, {"txId", "actualCost", "outcome", "receipt"}};
    Request request;
    request.id = arguments.tx_id("txId");
    const auto cost = arguments.money("actualCost");
    if (arguments.flag("receipt")) request.receipt = WithReceipt::yes;
    request.is_void = arguments.choice("outcome", {"captured", "void"}) == "void";
    if (!request.is_void && !cost)
        arguments.fail("actualCost", "is required (or outcome \"void\" when nothing was paid)");
    if (request.is_void && cost.value_or(Money{}) > Money{})
        arguments.fail("actualCost", "must be left out when outcome is \"void\"");
    if (arguments.error()) return std::unexpected{*arguments.error()};
    request.actual = cost.value_or(Money{});
    return request;
}

// Who pays; 0: the books.
std::int64_t treasury_of(Books& books, const Standing& standing)
{
    return standing.funding == nullptr ? 0 : standing.funding->treasury(books);
}

SettleAnswer settle_late(Books& books, const Standing& standing, const Hold& hold, Money actual)
{
    auto what = hold.what;
    what.amount = actual;
    auto decision = policy::decide_late(
        *standing.document, standing.facts(),
        {.agent = standing.who.agent, .what = std::move(what), .ttl = {}, .now = books.now()});
    return books.late_settle({.epoch = standing.epoch,
                              .who = standing.who,
                              .id = hold.id,
                              .actual = actual,
                              .legs = std::move(decision.legs),
                              .refusals = std::move(decision.refusals),
                              .treasury = treasury_of(books, standing)});
}

SettleAnswer settle_now(Books& books, const Standing& standing, const Request& request)
{
    const auto limit_of = [document = standing.document](std::string_view budget,
                                                         std::string_view kind) {
        return policy::limit_of(*document, budget, kind);
    };
    auto answer = books.settle(
        {.epoch = standing.epoch,
         .who = standing.who,
         .id = request.id,
         .is_void = request.is_void,
         .actual = request.actual,
         .limit_of = limit_of,
         .refusals = policy::who_refusals(*standing.document, standing.facts(),
                                          {.agent = standing.who.agent, .now = books.now()}),
         .treasury = request.is_void ? 0 : treasury_of(books, standing)});
    if (answer.outcome != SettleAnswer::Outcome::expired) return answer;
    return settle_late(books, standing, answer.hold, request.actual);
}

Result ended(const SettleAnswer& answer)
{
    const auto& hold = answer.hold;
    const bool settled = answer.outcome == SettleAnswer::Outcome::settled;
    const auto captured = hold.captured.to_string();
    const auto released = answer.released.to_string();
    const auto whom = hold.what.service.empty() ? hold.what.payee : hold.what.service;
    Result result;
    if (settled)
        result.text = settled_text(answer.settlement, captured, whom) + "; " + released +
                      " USDC went back to the budgets.";
    else
        result.text = "Nothing was paid to " + whom + "; the hold of " +
                      hold.what.amount.to_string() + " USDC is " +
                      (hold.state == HoldState::expired ? "expired" : "released") + ".";
    if (hold.late) result.text += " The hold had expired; the caps had room again.";
    result.text += warnings_text(answer.near);
    auto& json = result.structured;
    json["ok"] = true;
    json["txId"] = hold.id.to_string();
    json["state"] = wire_name(hold.state);
    json["captured"] = captured;
    json["released"] = released;
    json["currency"] = "USDC";
    if (!hold.what.service.empty()) json["service"] = hold.what.service;
    json["payee"] = hold.what.payee;
    if (settled) {
        const auto stage = answer.settlement.stage;
        json["rail"] = wire_name(stage == Stage::booked ? Rail::book : Rail::evm);
        json["settlement"] = wire_name(stage);
        if (answer.settlement.payout != 0) json["payout"] = to_json(answer.settlement);
    }
    json["at"] = to_rfc3339(answer.at);
    if (hold.late) json["late"] = true;
    if (answer.replay) json["replayed"] = true;
    json["warnings"] = warnings_json(answer.near);
    json["message"] = result.text;
    return result;
}

Result not_ended(const SettleAnswer& answer, const Request& request)
{
    Verdict verdict{.refusals = answer.refusals,
                    .failing = answer.failing,
                    .at = answer.at,
                    .wanted = request.actual,
                    .subject = "Not settled"};
    if (verdict.refusals.empty() || verdict.refusals.front().reason != answer.reason)
        verdict.refusals.insert(verdict.refusals.begin(),
                                {.reason = answer.reason, .rule = "hold", .detail = answer.detail});
    auto result = refused(verdict);
    auto& json = result.structured;
    json["txId"] = request.id.to_string();
    if (answer.reason == Reason::hold_unknown) return result;
    json["state"] = wire_name(answer.hold.state);
    if (!has_ended(answer.hold.state)) {
        json["held"] = answer.hold.what.amount.to_string();
        json["maxCapture"] = answer.hold.max_capture.to_string();
    }
    if (answer.hold.state == HoldState::settled)
        json["captured"] = answer.hold.captured.to_string();
    return result;
}

Result in_words(const SettleAnswer& answer, const Request& request)
{
    switch (answer.outcome) {
        case SettleAnswer::Outcome::settled:
        case SettleAnswer::Outcome::voided: return ended(answer);
        case SettleAnswer::Outcome::refused:
        case SettleAnswer::Outcome::expired: return not_ended(answer, request);
        case SettleAnswer::Outcome::stale: break;
    }
    return refused(Reason::busy, "The rules changed at this moment; nothing was done.");
}
}  // namespace

const Tool kSettle{.name = "pay_settle",
                   .title = "Pay the actual cost",
                   .description = kDescription,
                   .input_schema = kInputSchema,
                   .output_schema = kOutputSchema,
                   .annotations = {.read_only = false,
                                   .destructive = true,
                                   .idempotent = true,
                                   .open_world = true},
                   .view = kCardUri};

void settle(Desk& desk, const json::Value* arguments, const Caller& caller, CancelFlag cancelled,
            Reply reply)
{
    const auto request = decode(arguments);
    if (!request) return reply(invalid_argument(request.error()));
    desk.run(
        caller, std::move(cancelled),
        [request = *request](Books& books, const Standing& standing) {
            return with_receipt(
                request.receipt, books, standing,
                [&] { return Settled{settle_now(books, standing, request)}; },
                [](Receipts& receipts, const Settled& done) {
                    const auto& answer = done.answer;
                    return answer.replay ? receipts.end_of(answer.hold) : answer.seq;
                });
        },
        [request = *request](const Settled& done) {
            auto result = in_words(done.answer, request);
            add_receipt(done.receipt, result);
            return result;
        },
        std::move(reply));
}

}  // namespace purse::tools
