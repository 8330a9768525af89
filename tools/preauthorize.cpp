// SPDX-License-Identifier: Apache-2.0
#include "tools/preauthorize.hpp"

#include "tools/card.hpp"
#include "tools/hold_story.hpp"
#include "tools/receipt.hpp"
#include "tools/schema.hpp"

namespace purse::tools {

namespace {
constexpr std::size_t kServiceCharsMax = 64;
constexpr std::size_t kPurposeCharsMax = 200;
constexpr std::int64_t kTtlSecondsMax = 86'400;  // a day: a forgotten hold must not block longer

constexpr std::string_view kDescription =
    "Reserve money BEFORE calling a paid service. Give the service's name (or its payee address) "
    "and the most the call may cost. If ok is true, make the call and then call pay_settle with "
    "the txId and the actual cost. If ok is false, do not make the paid call: show `message` to "
    "the user and follow `retry`. With reason approval_pending a person has to approve first: tell "
    "the user, and make the same call with the idempotencyKey of the answer to learn what was "
    "decided. Send an idempotencyKey to be able to repeat this call safely: "
    "the same key with the same arguments always gives the same answer.";

// clang-format off
constexpr std::string_view kInputHead = R"({
  "type": "object",
  "properties": {
    "service": {
      "type": "string", "minLength": 1, "maxLength": 64,
      "description": "Name of the service to be paid, as in the policy. Give this or payee." },
    "payee": {
      "type": "string", "pattern": "^0x[0-9a-fA-F]{40}$",
      "description": "Address to be paid, only where no service name is known." },
    "estimatedCost": {
      "type": "string", "pattern": "^[0-9]+([.][0-9]{1,6})?$",
      "description": "The most the call may cost, in USDC, a decimal string such as 0.08" },
    "currency": { "type": "string", "enum": ["USDC"], "description": "USDC, if given at all" },
    "purpose": {
      "type": "string", "maxLength": 200,
      "description": "What this buys, for the audit trail" },
    "taskId": {
      "type": "string", "maxLength": 128,
      "description": "The task this belongs to; some budgets are per task" },
    "workflowId": {
      "type": "string", "maxLength": 128,
      "description": "The workflow this belongs to; some budgets are per workflow" },
    "idempotencyKey": {
      "type": "string", "maxLength": 128,
      "description": "Unique for each intended payment; repeat it only for the same request" },
    "ttlSeconds": {
      "type": "integer", "minimum": 1, "maximum": 86400,
      "description": "How long to hold; the policy sets the default and the maximum" },)";
constexpr std::string_view kInputEnd = R"(
  },
  "required": ["estimatedCost"],
  "additionalProperties": false
})";
// clang-format on
constexpr std::string_view kInputSchema = Joined<kInputHead, kReceiptArgument, kInputEnd>::kText;

// clang-format off
constexpr std::string_view kOutputHead = R"({
  "type": "object",
  "properties": {)";
constexpr std::string_view kOutputBody = R"(,
    "txId": { "type": "string", "description": "Id of the hold, for pay_settle" },
    "state": { "type": "string", "enum": ["held", "awaiting_approval"] },
    "amount": { "type": "string", "description": "Held, USDC" },
    "service": { "type": "string" },
    "payee": { "type": "string" },
    "expiresAt": { "type": "string", "description": "RFC 3339; settle before" },
    "maxCapture": { "type": "string", "description": "The most pay_settle may capture, USDC" },
    "idempotencyKey": {
      "type": "string", "description": "Of approval_pending: repeat the call with this key" },
    "approval": {
      "type": "object", "description": "What a person is asked, and what came of it",
      "properties": {
        "state": { "type": "string" },
        "until": { "type": "string", "description": "RFC 3339; then it is refused" },
        "inChat": { "type": "boolean", "description": "It may be approved in the chat" },
        "url": { "type": "string", "description": "Where a person approves it" },
        "by": { "type": "string", "description": "Who decided" },
        "channel": { "type": "string", "enum": ["chat", "page", "command"] },
        "causes": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "cause": { "type": "string" },
              "rule": { "type": "string" },
              "message": { "type": "string" }
            },
            "additionalProperties": false
          }
        }
      },
      "additionalProperties": false
    },
    "notes": { "type": "array", "items": { "type": "string" } })";
constexpr std::string_view kOutputEnd = R"(
  },
  "required": ["ok"],
  "additionalProperties": false
})";
// clang-format on
constexpr std::string_view kOutputSchema =
    Joined<kOutputHead, kOutcomeSchema, kOutputBody, kReceiptSchema, kOutputEnd>::kText;

struct Request {
    Purchase what;
    std::optional<Span> ttl;
    std::string key;
    Digest fingerprint{};
    WithReceipt receipt = WithReceipt::no;  ///< no part of the fingerprint: it changes no decision
};

std::expected<Request, ArgumentError> decode(const json::Value* object)
{
    Arguments arguments{object,
                        {"service", "payee", "estimatedCost", "currency", "purpose", "taskId",
                         "workflowId", "idempotencyKey", "ttlSeconds", "receipt"}};
    Request request;
    auto& what = request.what;
    what.service = arguments.text("service", {.chars_max = kServiceCharsMax});
    what.payee = arguments.address("payee");
    const auto cost = arguments.money("estimatedCost");
    arguments.choice("currency", {"USDC"});
    what.purpose = arguments.text("purpose", {.chars_max = kPurposeCharsMax});
    what.task = arguments.text("taskId", {});
    what.workflow = arguments.text("workflowId", {});
    request.key = arguments.text("idempotencyKey", {});
    const auto ttl = arguments.integer("ttlSeconds", {.min = 1, .max = kTtlSecondsMax});
    if (arguments.flag("receipt")) request.receipt = WithReceipt::yes;
    if (!cost) arguments.fail("estimatedCost", "is required: a decimal string such as \"0.08\"");
    if (cost == Money{}) arguments.fail("estimatedCost", "must be more than 0");
    if (what.service.empty() && what.payee.empty())
        arguments.fail("service", "or payee is required: say who is to be paid");
    if (arguments.error()) return std::unexpected{*arguments.error()};
    what.amount = *cost;
    if (ttl) request.ttl = Span::seconds(*ttl);
    const auto amount = std::to_string(what.amount.micro());
    const auto seconds = std::to_string(ttl.value_or(0));
    static constexpr std::string_view kEnd{"\0", 1};  // no field can hold it
    request.fingerprint = sha256({what.service, kEnd, what.payee, kEnd, amount, kEnd, what.purpose,
                                  kEnd, what.task, kEnd, what.workflow, kEnd, seconds});
    return request;
}

HoldStory decide_and_hold(Books& books, const Standing& standing, const Request& request)
{
    auto decision = policy::decide(*standing.document, standing.facts(),
                                   {.agent = standing.who.agent,
                                    .what = request.what,
                                    .ttl = request.ttl,
                                    .now = books.now()});
    HoldRequest hold{.epoch = standing.epoch,
                     .valid_until = decision.valid_until,
                     .who = standing.who,
                     .what = std::move(decision.what),
                     .key = request.key,
                     .fingerprint = request.fingerprint,
                     .ttl = decision.ttl,
                     .max_capture = decision.max_capture,
                     .legs = std::move(decision.legs),
                     .refusals = std::move(decision.refusals),
                     .approval = std::move(decision.approval)};
    if (standing.funding != nullptr) standing.funding->judge(books, hold);
    auto answer = books.hold(hold);
    return {.agent = standing.who.agent,
            .hold = std::move(answer),
            .what = std::move(hold.what),
            .notes = std::move(decision.notes)};
}
}  // namespace

const Tool kPreauthorize{.name = "pay_preauthorize",
                         .title = "Reserve money for a paid call",
                         .description = kDescription,
                         .input_schema = kInputSchema,
                         .output_schema = kOutputSchema,
                         .annotations = {.read_only = false,
                                         .destructive = true,
                                         .idempotent = false,
                                         .open_world = true},
                         .view = kCardUri};

void preauthorize(Desk& desk, const json::Value* arguments, const Caller& caller,
                  CancelFlag cancelled, Reply reply)
{
    auto request = decode(arguments);
    if (!request) return reply(invalid_argument(request.error()));
    desk.run(
        caller, std::move(cancelled),
        [request = std::move(*request)](Books& books, const Standing& standing) {
            return with_receipt(
                request.receipt, books, standing,
                [&] { return decide_and_hold(books, standing, request); },
                [](Receipts&, const HoldStory& story) { return story.hold.seq; });
        },
        [&desk](const HoldStory& story) { return to_result(story, desk.link(story.hold.id)); },
        std::move(reply));
}

}  // namespace purse::tools
