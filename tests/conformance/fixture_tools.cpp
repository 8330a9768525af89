// SPDX-License-Identifier: Apache-2.0
// The tools that answer by themselves.
#include <array>
#include <memory>
#include <utility>

#include "fixtures.hpp"
#include "words.hpp"

namespace purse::conformance {

namespace {
using server::Call;
using server::LogSeverity;
using server::Responder;
using std::chrono::milliseconds;

constexpr milliseconds kStep{50};
constexpr std::string_view kNoArguments = R"({"type":"object","additionalProperties":false})";

void simple_text(Stage&, const json::Value*, Responder responder)
{
    responder(said("This is a simple text response for testing."));
}

void image(Stage&, const json::Value*, Responder responder)
{
    responder(content({image_block()}));
}

void audio(Stage&, const json::Value*, Responder responder)
{
    responder(content({audio_block()}));
}

void embedded_resource(Stage&, const json::Value*, Responder responder)
{
    responder(content({resource_block({.uri = "test://embedded-resource",
                                       .mime_type = "text/plain",
                                       .text = "This is an embedded resource content."})}));
}

void several_types(Stage&, const json::Value*, Responder responder)
{
    responder(content({text_block("Multiple content types test:"), image_block(),
                       resource_block({.uri = "test://mixed-content-resource",
                                       .mime_type = "application/json",
                                       .text = R"({"test":"data","value":123})"})}));
}

void error(Stage&, const json::Value*, Responder responder)
{
    responder(failed("This tool intentionally returns an error for testing"));
}

/// Three reports, kStep apart, then the answer.
using Report = void (*)(Call& call, int step);
void in_steps(Later& later, Report report, std::string_view answer,
              std::shared_ptr<Responder> responder, int step)
{
    report(responder->call(), step);
    if (step == 2) return (*responder)(said(answer));
    later.after(kStep, [&later, report, answer, responder, step] {
        in_steps(later, report, answer, responder, step + 1);
    });
}

void with_progress(Stage& stage, const json::Value*, Responder responder)
{
    const auto report = [](Call& call, int step) {
        call.progress({.done = 50 * step, .total = 100, .message = "Working"});
    };
    in_steps(stage.later, report, "Progress reported",
             std::make_shared<Responder>(std::move(responder)), 0);
}

void with_logging(Stage& stage, const json::Value*, Responder responder)
{
    const auto report = [](Call& call, int step) {
        static constexpr std::array<std::string_view, 3> kSteps = {R"("Tool execution started")",
                                                                   R"("Tool processing data")",
                                                                   R"("Tool execution completed")"};
        call.log(LogSeverity::info, kSteps.at(static_cast<std::size_t>(step)));
    };
    in_steps(stage.later, report, "Logged three messages",
             std::make_shared<Responder>(std::move(responder)), 0);
}

void tool_change(Stage& stage, const json::Value*, Responder responder)
{
    if (stage.notices != nullptr) stage.notices->tools_changed();
    responder(said("Listeners were told that the tools have changed"));
}

void prompt_change(Stage& stage, const json::Value*, Responder responder)
{
    if (stage.notices != nullptr) stage.notices->prompts_changed();
    responder(said("Listeners were told that the prompts have changed"));
}

void resource_change(Stage& stage, const json::Value*, Responder responder)
{
    if (stage.notices != nullptr) stage.notices->resource_updated("test://watched-resource");
    responder(said("Listeners were told that test://watched-resource has changed"));
}

// What is said first makes of the answer a stream, which the suite then looks at.
void reconnection(Stage& stage, const json::Value*, Responder responder)
{
    responder.call().log(LogSeverity::info, R"("Answering a little later")");
    stage.later.after(2 * kStep, [responder = std::move(responder)]() mutable {
        responder(said("Reconnection test completed"));
    });
}

void json_schema(Stage&, const json::Value*, Responder responder)
{
    responder(said("JSON Schema 2020-12 tool called"));
}

// Every keyword must come through the list as it stands here.
constexpr std::string_view kJsonSchema = R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
        }
    },
    "properties": {
        "name": { "type": "string" },
        "address": { "$ref": "#/$defs/address" },
        "contactMethod": { "type": "string", "enum": ["phone", "email"] },
        "phone": { "type": "string" },
        "email": { "type": "string" }
    },
    "allOf": [ { "anyOf": [ { "required": ["phone"] }, { "required": ["email"] } ] } ],
    "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
    "then": { "required": ["phone"] },
    "else": { "required": ["email"] },
    "additionalProperties": false
})";

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
                             .idempotent = true,
                             .open_world = false}},
            run};
}

constexpr std::array kTools = {
    fixture("test_simple_text", "Returns a text", simple_text),
    fixture("test_image_content", "Returns an image", image),
    fixture("test_audio_content", "Returns a sound", audio),
    fixture("test_embedded_resource", "Returns a resource", embedded_resource),
    fixture("test_multiple_content_types", "Returns a text, an image and a resource",
            several_types),
    fixture("test_error_handling", "Always fails", error),
    fixture("test_tool_with_progress", "Reports 0, 50 and 100 of 100", with_progress),
    fixture("test_tool_with_logging", "Logs three messages", with_logging),
    fixture("test_logging_tool", "Logs three messages, if the request wants them", with_logging),
    fixture("test_trigger_tool_change", "Tells listeners that the tools have changed", tool_change),
    fixture("test_trigger_prompt_change", "Tells listeners that the prompts have changed",
            prompt_change),
    fixture("test_trigger_resource_change", "Tells listeners that a resource has changed",
            resource_change),
    fixture("test_reconnection", "Answers a little later", reconnection),
    fixture("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", json_schema,
            kJsonSchema),
};
}  // namespace

std::span<const ToolFixture> plain_tools()
{
    return kTools;
}

}  // namespace purse::conformance
