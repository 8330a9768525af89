// SPDX-License-Identifier: Apache-2.0
// What asks the client something first. Each is written once: the protocol asks a modern client by
// an input_required result and a legacy one by requests of ours.
#include <array>
#include <utility>
#include <vector>

#include "fixtures.hpp"
#include "words.hpp"

namespace purse::conformance {

namespace {
using server::Call;
using server::Done;
using server::InputRequest;
using server::NeedsInput;
using server::Outcome;
using server::Responder;

// Questions.

InputRequest form(std::string key, std::string_view message, std::string_view schema)
{
    return {.key = std::move(key),
            .method = "elicitation/create",
            .params = R"({"mode":"form","message":)" + json::quoted(message) +
                      R"(,"requestedSchema":)" + std::string{schema} + "}"};
}

/// A form with one field that must be filled in.
InputRequest field(std::string key, std::string_view message, std::string_view name,
                   std::string_view type = "string")
{
    const auto quoted = json::quoted(name);
    return form(std::move(key), message,
                R"({"type":"object","properties":{)" + quoted + R"(:{"type":)" +
                    json::quoted(type) + R"(}},"required":[)" + quoted + "]}");
}

InputRequest sampling(std::string key, std::string_view prompt, int tokens_max)
{
    return {.key = std::move(key),
            .method = "sampling/createMessage",
            .params = R"({"messages":[{"role":"user","content":)" + text_block(prompt) +
                      R"(}],"maxTokens":)" + std::to_string(tokens_max) + "}"};
}

InputRequest roots(std::string key)
{
    return {.key = std::move(key), .method = "roots/list", .params = "{}"};
}

// Answers.

const json::Value* input(const Call& call, std::string_view key)
{
    return call.inputs() == nullptr ? nullptr : call.inputs()->find(key);
}

/// The member that every answer to such a question has; nullptr: it is no answer to it.
const json::Value* essence(const InputRequest& request, const json::Value* answer)
{
    if (answer == nullptr) return nullptr;
    // A legacy client that refuses a question answers it so, whatever the question was.
    if (const auto* action = answer->find("action")) return action;
    if (request.method == "sampling/createMessage") return answer->find("content");
    if (request.method == "roots/list") return answer->find("roots");
    return nullptr;
}

/// Whether all that was asked is answered. What is not is asked again, as the specification has
/// it; extra answers are let be.
bool answered(const Call& call, const std::vector<InputRequest>& requests)
{
    for (const auto& request : requests)
        if (essence(request, input(call, request.key)) == nullptr) return false;
    return true;
}

/// The text of a field of an accepted form.
std::string_view field_of(const Call& call, std::string_view key, std::string_view name)
{
    const auto* answer = input(call, key);
    return argument(answer == nullptr ? nullptr : answer->find("content"), name);
}

std::string text_of_sampling(const json::Value* answer)
{
    const auto* block = answer == nullptr ? nullptr : answer->find("content");
    if (block != nullptr && block->is(json::Kind::array))
        block = block->items().empty() ? nullptr : &block->items().front();
    return std::string{argument(block, "text")};
}

/// "action=accept, content={...}", with the sign between name and value given.
std::string words_of_elicitation(const json::Value* answer, std::string_view sign)
{
    std::string words = "action" + std::string{sign} + std::string{argument(answer, "action")};
    words += ", content" + std::string{sign};
    const auto* content = answer == nullptr ? nullptr : answer->find("content");
    if (content == nullptr) return words + "{}";
    json::append(words, *content);
    return words;
}

/// Asks one question without state, then gives what `turn` makes of the call.
template <typename Turn>
void ask(Responder& responder, InputRequest request, Turn turn)
{
    auto& call = responder.call();
    std::vector<InputRequest> requests;
    requests.push_back(std::move(request));
    if (!answered(call, requests)) return responder(NeedsInput{std::move(requests), {}});
    responder(turn(call));
}

// Of 2025-11-25 and before, but any client may call them.

void sampled(Stage&, const json::Value* arguments, Responder responder)
{
    ask(responder, sampling("response", argument(arguments, "prompt"), 100), [](const Call& call) {
        return said("LLM response: " + text_of_sampling(input(call, "response")));
    });
}

void elicited(Stage&, const json::Value* arguments, Responder responder)
{
    auto request =
        form("response", argument(arguments, "message"),
             R"({"type":"object",)"
             R"("properties":{"username":{"type":"string","description":"User's response"},)"
             R"("email":{"type":"string","description":"User's email address"}},)"
             R"("required":["username","email"]})");
    ask(responder, std::move(request), [](const Call& call) {
        return said("User response: " + words_of_elicitation(input(call, "response"), ": "));
    });
}

Done completed(const Call& call)
{
    return said("Elicitation completed: " + words_of_elicitation(input(call, "response"), "="));
}

void defaults(Stage&, const json::Value*, Responder responder)
{
    ask(responder,
        form("response", "Please review the form with default values",
             R"({"type":"object",)"
             R"("properties":{"name":{"type":"string","default":"John Doe"},)"
             R"("age":{"type":"integer","default":30},"score":{"type":"number","default":95.5},)"
             R"("status":{"type":"string","enum":["active","inactive","pending"],)"
             R"("default":"active"},"verified":{"type":"boolean","default":true}},)"
             R"("required":[]})"),
        completed);
}

void enums(Stage&, const json::Value*, Responder responder)
{
    ask(responder,
        form(
            "response", "Please choose",
            R"({"type":"object","properties":{)"
            R"("untitledSingle":{"type":"string","enum":["option1","option2","option3"]},)"
            R"("titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},)"
            R"({"const":"value2","title":"Second Option"},)"
            R"({"const":"value3","title":"Third Option"}]},)"
            R"("legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],)"
            R"("enumNames":["Option One","Option Two","Option Three"]},)"
            R"("untitledMulti":{"type":"array","items":{"type":"string",)"
            R"("enum":["option1","option2","option3"]}},)"
            R"("titledMulti":{"type":"array","items":{"anyOf":[)"
            R"({"const":"value1","title":"First Choice"},)"
            R"({"const":"value2","title":"Second Choice"},)"
            R"({"const":"value3","title":"Third Choice"}]}}},"required":[]})"),
        completed);
}

// Of 2026-07-28.

void streamed_elicitation(Stage&, const json::Value*, Responder responder)
{
    responder.call().progress({.done = 1, .total = 2, .message = "About to ask"});
    ask(responder, field("answer", "Please go on", "ok", "boolean"), [](const Call& call) {
        return said("Elicitation completed: " + words_of_elicitation(input(call, "answer"), "="));
    });
}

void missing_capability(Stage&, const json::Value*, Responder responder)
{
    ask(responder, sampling("answer", "Anything", 10), [](const Call& call) {
        return said("LLM response: " + text_of_sampling(input(call, "answer")));
    });
}

void name_asked(Stage&, const json::Value*, Responder responder)
{
    ask(responder, field("user_name", "What is your name?", "name"), [](const Call& call) {
        return said("Hello, " + std::string{field_of(call, "user_name", "name")} + "!");
    });
}

void capital_asked(Stage&, const json::Value*, Responder responder)
{
    ask(responder, sampling("capital_question", "What is the capital of France?", 100),
        [](const Call& call) { return said(text_of_sampling(input(call, "capital_question"))); });
}

std::string names_of_roots(const Call& call)
{
    const auto* answer = input(call, "client_roots");
    const auto* list = answer == nullptr ? nullptr : answer->find("roots");
    std::string names;
    if (list != nullptr)
        for (const auto& root : list->items()) names += " " + std::string{argument(&root, "uri")};
    return names;
}

void roots_asked(Stage&, const json::Value*, Responder responder)
{
    ask(responder, roots("client_roots"),
        [](const Call& call) { return said("Roots:" + names_of_roots(call)); });
}

/// Questions with a state, answered only together with it.
void ask_with_state(Responder& responder, std::vector<InputRequest> requests,
                    std::string_view answer)
{
    static constexpr std::string_view kState = "asked";
    const auto& call = responder.call();
    if (call.state() != kState || !answered(call, requests))
        return responder(NeedsInput{std::move(requests), std::string{kState}});
    responder(said(answer));
}

void state_asked(Stage&, const json::Value*, Responder responder)
{
    ask_with_state(responder, {field("confirm", "Please confirm", "ok", "boolean")},
                   "state-ok: it came back as it was sent");
}

void several_asked(Stage&, const json::Value*, Responder responder)
{
    ask_with_state(responder,
                   {field("user_name", "What is your name?", "name"),
                    sampling("greeting", "Generate a greeting", 50), roots("client_roots")},
                   "All three were answered");
}

void rounds_asked(Stage&, const json::Value*, Responder responder)
{
    static constexpr std::string_view kSecond = "round 2: ";
    const auto& call = responder.call();
    const std::string_view state = call.state();
    if (state.starts_with(kSecond)) {
        std::vector last{field("step2", "Step 2: What is your favorite color?", "color")};
        if (!answered(call, last)) return responder(NeedsInput{std::move(last), call.state()});
        return responder(said(std::string{state.substr(kSecond.size())} + " likes " +
                              std::string{field_of(call, "step2", "color")}));
    }
    std::vector first{field("step1", "Step 1: What is your name?", "name")};
    if (state != "round 1" || !answered(call, first))
        return responder(NeedsInput{std::move(first), "round 1"});
    responder(NeedsInput{{field("step2", "Step 2: What is your favorite color?", "color")},
                         std::string{kSecond} + std::string{field_of(call, "step1", "name")}});
}

// Asks only what the client has declared.
void abilities_asked(Stage&, const json::Value*, Responder responder)
{
    const auto& call = responder.call();
    const auto& abilities = call.abilities();
    std::vector<InputRequest> requests;
    if (abilities.samples) requests.push_back(sampling("greeting", "Generate a greeting", 50));
    if (abilities.elicits_forms)
        requests.push_back(field("user_name", "What is your name?", "name"));
    if (abilities.lists_roots) requests.push_back(roots("client_roots"));
    if (requests.empty()) return responder(said("The client cannot be asked anything"));
    if (!answered(call, requests)) return responder(NeedsInput{std::move(requests), {}});
    responder(said("All that could be asked was answered"));
}

constexpr std::string_view kNoArguments = R"({"type":"object","additionalProperties":false})";
constexpr std::string_view kPrompt =
    R"({"type":"object","properties":{"prompt":{"type":"string","description":"For the LLM"}},)"
    R"("required":["prompt"],"additionalProperties":false})";
constexpr std::string_view kMessage =
    R"({"type":"object","properties":{"message":{"type":"string","description":"For the user"}},)"
    R"("required":["message"],"additionalProperties":false})";

constexpr ToolFixture fixture(std::string_view name, std::string_view description,
                              decltype(ToolFixture::run) run,
                              std::string_view schema = kNoArguments)
{
    return {{.name = name,
             .title = name,
             .description = description,
             .input_schema = schema,
             .output_schema = {},
             .annotations = {.read_only = true,
                             .destructive = false,
                             .idempotent = false,
                             .open_world = true}},
            run};
}

constexpr std::array kTools = {
    fixture("test_sampling", "Has the client's model answer a prompt", sampled, kPrompt),
    fixture("test_elicitation", "Asks the user to fill in a form", elicited, kMessage),
    fixture("test_elicitation_sep1034_defaults", "A form with defaults", defaults),
    fixture("test_elicitation_sep1330_enums", "A form with every kind of choice", enums),
    fixture("test_streaming_elicitation", "Reports progress, then asks", streamed_elicitation),
    fixture("test_missing_capability", "Cannot do without sampling", missing_capability),
    fixture("test_input_required_result_elicitation", "Asks for a name", name_asked),
    fixture("test_input_required_result_sampling", "Asks the client's model", capital_asked),
    fixture("test_input_required_result_list_roots", "Asks for the client's roots", roots_asked),
    fixture("test_input_required_result_request_state", "Asks, with state", state_asked),
    fixture("test_input_required_result_multiple_inputs", "Asks three things", several_asked),
    fixture("test_input_required_result_multi_round", "Asks twice", rounds_asked),
    fixture("test_input_required_result_tampered_state", "Asks, with sealed state", state_asked),
    fixture("test_input_required_result_capabilities", "Asks what it may", abilities_asked),
};
}  // namespace

std::span<const ToolFixture> asking_tools()
{
    return kTools;
}

Outcome get_asking_prompt(const json::Value*, const Call& call)
{
    std::vector requests{field("user_context", "What context should the prompt use?", "context")};
    if (!answered(call, requests)) return NeedsInput{std::move(requests), {}};
    const std::string context{field_of(call, "user_context", "context")};
    return Done{R"("messages":)" +
                list_of({user_says(text_block("Use this context: " + context))})};
}

}  // namespace purse::conformance
