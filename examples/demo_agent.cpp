// SPDX-License-Identifier: Apache-2.0
#include "examples/demo_agent.hpp"

#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace purse::demo {

namespace {
json::Document parsed(std::string_view line)
{
    auto document = json::parse(line);
    if (!document)
        throw std::runtime_error{"the purse answered what is no JSON: " + std::string{line}};
    return std::move(*document);
}

const json::Value* member(const json::Value* object, std::string_view name)
{
    return object == nullptr ? nullptr : object->find(name);
}
}  // namespace

Answer::Answer(std::string_view line) : document_{parsed(line)}
{
    const auto* result = document_.root().find("result");
    structured_ = member(result, "structuredContent");
    const auto* content = member(result, "content");
    if (structured_ == nullptr || content == nullptr || content->items().empty())
        throw std::runtime_error{"the purse answered no tool result: " + std::string{line}};
    if (const auto* text = content->items().front().find("text")) text_ = text->text();
}

bool Answer::ok() const
{
    return truth("ok");
}

std::string_view Answer::get(std::string_view name) const
{
    const auto* value = structured_->find(name);
    return value == nullptr ? std::string_view{} : value->text();
}

Money Answer::money(std::string_view name) const
{
    return Money::parse(get(name)).value_or(Money{});
}

bool Answer::truth(std::string_view name) const
{
    const auto* value = structured_->find(name);
    return value != nullptr && value->truth();
}

const json::Value* Answer::cap(std::string_view budget, std::string_view kind) const
{
    const auto* caps = structured_->find("caps");
    if (caps == nullptr) return nullptr;
    for (const auto& cap : caps->items()) {
        const auto* its_budget = cap.find("budget");
        const auto* its_kind = cap.find("cap");
        if (its_budget != nullptr && its_budget->text() == budget && its_kind != nullptr &&
            its_kind->text() == kind)
            return &cap;
    }
    return nullptr;
}

std::string Place::credential_file(std::string_view agent) const
{
    return folder + "/" + std::string{agent} + ".credential";
}

Agent::Agent(const Place& place, std::string_view name)
    : child_{std::make_unique<test::Child>(
          std::vector<std::string>{place.purse, "--state", place.state(), "--policy", place.policy,
                                   "--credential-file", place.credential_file(name)})}
{
    ask("initialize", {{"protocolVersion", "2025-11-25"},
                       {"capabilities", boost::json::object{}},
                       {"clientInfo", {{"name", "purse-demo"}, {"version", "1"}}}});
    child_->write("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
}

std::string Agent::ask(std::string_view method, const boost::json::object& params)
{
    const auto id = ++last_id_;
    const boost::json::object request{
        {"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
    if (!child_->write(boost::json::serialize(request) + "\n"))
        throw std::runtime_error{"the purse no longer reads"};
    while (auto line = child_->read_line()) {
        const auto message = parsed(*line);
        const auto* answers = message.root().find("id");
        if (answers != nullptr && answers->integer() == id) return std::move(*line);
    }
    throw std::runtime_error{"the purse did not answer " + std::string{method}};
}

Answer Agent::call(std::string_view tool, const boost::json::object& arguments)
{
    return Answer{ask("tools/call", {{"name", tool}, {"arguments", arguments}})};
}

int Agent::leave()
{
    child_->close_input();
    return child_->wait().value_or(-1);
}

Command operate(const Place& place, std::initializer_list<std::string_view> words)
{
    // The shell parts the two outputs; what a program answers and what it remarks differ.
    const auto remarks = place.folder + "/operator.err";
    std::vector<std::string> argv{"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", remarks, place.purse};
    for (const auto word : words) argv.emplace_back(word);
    for (const auto& word :
         {std::string{"--state"}, place.state(), std::string{"--policy"}, place.policy})
        argv.push_back(word);
    test::Child child{argv};
    child.close_input();
    Command command;
    while (const auto line = child.read_line()) command.out += *line + "\n";
    command.code = child.wait().value_or(-1);
    std::ifstream in{remarks};
    command.err.assign(std::istreambuf_iterator<char>{in}, {});
    return command;
}

}  // namespace purse::demo
