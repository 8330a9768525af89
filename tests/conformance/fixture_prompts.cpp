// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <vector>

#include "fixtures.hpp"
#include "words.hpp"

namespace purse::conformance {

namespace {
using server::Call;
using server::Done;
using server::Outcome;

Outcome messages(std::initializer_list<std::string> all)
{
    return Done{R"("messages":)" + list_of(all)};
}

Outcome simple(const json::Value*, const Call&)
{
    return messages({user_says(text_block("This is a simple prompt for testing."))});
}

Outcome with_arguments(const json::Value* arguments, const Call&)
{
    const std::string first{argument(arguments, "arg1")};
    const std::string second{argument(arguments, "arg2")};
    return messages({user_says(
        text_block("Prompt with arguments: arg1='" + first + "', arg2='" + second + "'"))});
}

Outcome with_resource(const json::Value* arguments, const Call&)
{
    return messages({user_says(resource_block({.uri = argument(arguments, "resourceUri"),
                                               .mime_type = "text/plain",
                                               .text = "Embedded resource content for testing."})),
                     user_says(text_block("Please process the embedded resource above."))});
}

Outcome with_image(const json::Value*, const Call&)
{
    return messages(
        {user_says(image_block()), user_says(text_block("Please analyze the image above."))});
}

PromptFixture fixture(std::string_view name, std::string_view description,
                      decltype(PromptFixture::get) get,
                      std::vector<tools::PromptArgument> arguments = {})
{
    return {{.name = name,
             .title = name,
             .description = description,
             .arguments = std::move(arguments)},
            get};
}
}  // namespace

std::span<const PromptFixture> prompts()
{
    static const std::array kPrompts = {
        fixture("test_simple_prompt", "A prompt without arguments", simple),
        fixture("test_prompt_with_arguments", "A prompt with two arguments", with_arguments,
                {{"arg1", "First test argument", true}, {"arg2", "Second test argument", true}}),
        fixture("test_prompt_with_embedded_resource", "A prompt with a resource", with_resource,
                {{"resourceUri", "URI of the resource to embed", true}}),
        fixture("test_prompt_with_image", "A prompt with an image", with_image),
        fixture("test_input_required_result_prompt", "A prompt that asks for its context first",
                get_asking_prompt),
    };
    return kPrompts;
}

std::optional<Outcome> complete(const json::Value& params)
{
    const auto* ref = params.find("ref");
    const auto* asked = params.find("argument");
    if (argument(ref, "type") != "ref/prompt" ||
        argument(ref, "name") != "test_prompt_with_arguments" || argument(asked, "name") != "arg1")
        return std::nullopt;
    std::string values = "[";
    int total = 0;
    for (const std::string_view city : {"paris", "park", "party"}) {
        if (!city.starts_with(argument(asked, "value"))) continue;
        if (total++ > 0) values += ',';
        json::append_quoted(values, city);
    }
    return Done{R"("completion":{"values":)" + values + R"(],"total":)" + std::to_string(total) +
                R"(,"hasMore":false})"};
}

}  // namespace purse::conformance
