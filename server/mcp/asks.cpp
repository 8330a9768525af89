// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/asks.hpp"

#include <utility>

#include "server/limits.hpp"

namespace purse::server {

namespace {
// The params of a question as the client's version has them: before 2025-11-25 there was one mode
// of elicitation and no member for it; a URL needs an id in legacy versions.
std::string legacy_params(const Call& call, const InputRequest& request, std::string_view id)
{
    if (request.method != "elicitation/create") return request.params;
    const auto document = json::parse(request.params);
    if (!document || !document->root().is(json::Kind::object)) return request.params;
    std::string out = "{";
    bool is_url = false;
    for (const auto& member : document->root().items()) {
        if (member.key() == "mode") {
            is_url = member.text() == "url";
            if (call.version() < Version::v2025_11_25) continue;
        }
        if (out.size() > 1) out += ',';
        json::append_quoted(out, member.key());
        out += ':';
        json::append(out, member);
    }
    if (is_url) {
        out += R"(,"elicitationId":)";
        json::append_quoted(out, id);
    }
    return out + "}";
}

// A refusal to answer (an error) becomes what a cancelled question is: the handler decides.
void append_input(std::string& inputs, std::string_view key, const Message& message)
{
    if (inputs.size() > 1) inputs += ',';
    json::append_quoted(inputs, key);
    inputs += ':';
    if (message.result != nullptr)
        json::append(inputs, *message.result);
    else
        inputs += R"({"action":"cancel"})";
}
}  // namespace

bool Asks::ask(const std::shared_ptr<Call>& call, NeedsInput needs)
{
    auto round = std::make_shared<Round>(Round{.call = call,
                                               .unanswered = std::move(needs.unanswered),
                                               .state = std::move(needs.state),
                                               .inputs = "{"});
    round->missing = needs.requests.size();
    std::vector<std::string> frames;
    const bool has_room = table_.with([&](Table& table) {
        if (table.closed || table.questions.size() + needs.requests.size() > kAsksMax) return false;
        round->since = table.ticks;
        for (auto& request : needs.requests) {
            const auto id = "purse-" + std::to_string(++table.asked);
            std::string frame = R"({"jsonrpc":"2.0","id":")" + id + R"(","method":)";
            json::append_quoted(frame, request.method);
            frame += R"(,"params":)" + legacy_params(*call, request, id) + "}";
            frames.push_back(std::move(frame));
            table.questions[json::quoted(id)] = {round, std::move(request.key)};
        }
        return true;
    });
    for (auto& frame : frames) call->facts().transport->send(std::move(frame));
    return has_room;
}

Asks::Arrival Asks::answer(const Message& message)
{
    return table_.with([&](Table& table) -> Arrival {
        const auto found = table.questions.find(message.id.json);
        if (found == table.questions.end()) return {};
        const auto question = std::move(found->second);
        table.questions.erase(found);
        auto& round = *question.round;
        append_input(round.inputs, question.key, message);
        if (--round.missing > 0) return {};
        return {std::move(round.call), std::move(round.inputs) + "}", std::move(round.state)};
    });
}

template <typename Ends>
Asks::Ended Asks::end_rounds(Table& table, Ends ends)
{
    Ended ended;
    std::erase_if(table.questions, [&](auto& entry) {
        auto& round = *entry.second.round;
        if (!round.ended && !ends(round)) return false;
        if (!std::exchange(round.ended, true))
            ended.calls.push_back({round.call, std::move(round.unanswered)});
        ended.questions.emplace_back(round.call, entry.first);
        return true;
    });
    return ended;
}

// So that no form stays before a user whose answer would go nowhere.
void Asks::withdraw(const Ended& ended)
{
    for (const auto& [call, id] : ended.questions)
        call->facts().transport->send(
            R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
            "}}");
}

std::vector<Asks::Waiting> Asks::tick()
{
    auto ended = table_.with([](Table& table) {
        ++table.ticks;
        return end_rounds(
            table, [&](const Round& round) { return table.ticks - round.since >= kAskTicks; });
    });
    withdraw(ended);
    return std::move(ended.calls);
}

std::vector<Asks::Waiting> Asks::take_all()
{
    return table_.with([](Table& table) {
        table.closed = true;
        return end_rounds(table, [](const Round&) { return true; }).calls;
    });
}

std::optional<Asks::Waiting> Asks::forget(const Call& call)
{
    auto ended = table_.with([&](Table& table) {
        return end_rounds(table, [&](const Round& round) { return round.call.get() == &call; });
    });
    withdraw(ended);
    if (ended.calls.empty()) return std::nullopt;
    return std::move(ended.calls.front());
}

}  // namespace purse::server
