// SPDX-License-Identifier: Apache-2.0
// Lines from a client through parse_frame, read_message and a whole session. Each line has at most
// one answer, every frame is JSON of one line, every call ends once, and nothing is left over.
#include <cstdint>
#include <deque>
#include <vector>

#include "server/mcp/session.hpp"
#include "tests/fuzz/conversation_script.hpp"
#include "tests/support/scripted_catalog.hpp"

namespace {
using namespace purse;
using namespace purse::server;
using fuzz::check;
using fuzz::check_json;

/// Keeps nothing, judges each frame.
class Judge final : public Transport {
public:
    void send(std::string frame) override { check_json(frame, "a notice is JSON"); }
    void answer(std::string frame, std::optional<ErrorCode>) override { judge(frame); }
    void begin_call() override { ++calls; }
    void end_call(std::string frame, std::optional<ErrorCode>) override
    {
        check(calls > 0, "a call ends once");
        --calls;
        judge(frame);
    }

    std::size_t calls = 0;
    std::size_t answers = 0;

private:
    void judge(const std::string& frame)
    {
        if (frame.empty()) return;
        ++answers;
        check_json(frame, "an answer is JSON");
    }
};

Offer offer()
{
    return {.name = "s",
            .tools = {{.name = "echo", .input_schema = "{}"}},
            .resources = {{.uri = "test://r"}},
            .prompts = {{.name = "p"}},
            .completions = true,
            .logging = true,
            .lists_change = true,
            .subscriptions = true};
}

struct Client {
    test::ScriptedProtocol behind{offer()};
    std::shared_ptr<Judge> judge = std::make_shared<Judge>();
    Session session{behind.protocol, {.caller = {"secret", "s", ""}}};
    std::deque<Responder> kept;

    Client()
    {
        auto& catalog = behind.catalog;
        catalog["echo"] = [](Responder responder) {
            responder(tools::Result{.structured = {{"text", "x"}}, .text = "x", .is_error = false});
        };
        catalog["null"] = catalog["fail"] = catalog["echo"];
        catalog["throw"] = [](const Responder&) { throw std::runtime_error{"on purpose"}; };
        catalog["drop"] = [](const Responder&) {};
        catalog["hold"] = [this](Responder responder) { kept.push_back(std::move(responder)); };
        catalog["slow"] = [this](Responder responder) {
            responder.call().progress({.done = 1, .total = 2, .message = "half"});
            kept.push_back(std::move(responder));
        };
        catalog["ask"] = [](Responder responder) {
            const auto& call = responder.call();
            if (call.inputs() != nullptr) return responder(Done{R"("content":[])"});
            responder(NeedsInput{{{"n", "elicitation/create", R"({"message":"?"})"}}, "state"});
        };
        catalog["prompt:p"] = catalog["resource:test://r"] = catalog["ask"];
    }
    /// What is late; each was begun by a line of its own, or by one batch.
    void release()
    {
        while (!kept.empty()) {
            auto responder = std::move(kept.front());
            kept.pop_front();
            responder(Done{R"("content":[])"});
        }
    }
    void line(std::string_view text)
    {
        const auto before = judge->answers;
        session.receive(text, judge);
        check(judge->answers - before <= 1, "one answer a line");
    }
};

/// What is read once is read the same again.
void check_reading(std::string_view line)
{
    const auto document = parse_frame(line);
    if (!document) return check_json(document.error().message.empty() ? "" : "1", "a reason");
    const auto message = read_message(document->root());
    const auto& id = message ? message->id : message.error().id;
    if (id.json.empty() || id == unknown_id()) return;
    check_json(id.json, "an id is JSON");
    const auto again = json::parse(id.json);
    check(again && read_id(again->root()) == id, "an id is read as it was written");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view text{reinterpret_cast<const char*>(data), size};
    Client client;
    for (int lines = 0; !text.empty() && lines < 200; ++lines) {
        const auto line = purse::fuzz::take_line(text);
        if (line.starts_with("> ")) {
            check_reading(line.substr(2));
            client.line(line.substr(2));
        } else if (line == "R") {
            client.release();
        } else if (line == "T") {
            client.session.tick();
        } else if (line == "N") {
            client.behind.protocol.notices().tools_changed();
            client.behind.protocol.notices().resource_updated("test://r");
        }
    }
    client.release();
    client.session.end();
    check(client.judge->calls == 0, "every call has ended");
    const std::weak_ptr<Judge> weak = client.judge;
    client.judge.reset();
    check(weak.expired(), "nothing is left over");
    return 0;
}
