// SPDX-License-Identifier: Apache-2.0
// Requests of clients through the whole door, with made-up exchanges. Every exchange is answered
// once or streams, statuses are statuses, headers are whole lines, bodies are what their type says,
// and when all is over nothing is left.
#include <cstdint>
#include <vector>

#include "tests/fuzz/door_script.hpp"
#include "tests/fuzz/door_world.hpp"

namespace {
using namespace purse;
using fuzz::check;
using fuzz::check_json;
using test::FakeExchange;

void check_headers(std::string_view lines)
{
    while (!lines.empty()) {
        const auto end = lines.find("\r\n");
        check(end != std::string_view::npos, "a header ends");
        const auto line = lines.substr(0, end);
        check(line.find(": ") != std::string_view::npos, "a header has a name");
        check(line.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos,
              "a header is one line");
        lines = lines.substr(end + 2);
    }
}

void check_events(std::string_view text)
{
    check(text.empty() || text.ends_with("\n\n"), "an event is whole");
    bool is_endpoint = false;
    while (!text.empty()) {
        const auto line = fuzz::take_line(text);
        if (line.starts_with("event: ")) is_endpoint = line == "event: endpoint";
        const bool is_known = line.empty() || line == ":" || line.starts_with("event: ") ||
                              line.starts_with("id: ") || line.starts_with("retry: ") ||
                              line.starts_with("data: ");
        check(is_known, "a field of an event");
        if (line.starts_with("data: ") && line.size() > 6 && !is_endpoint)
            check_json(line.substr(6), "an event is JSON");
    }
}

void check_answer(const FakeExchange& peer)
{
    check(peer.answers <= 1 && peer.ends <= 1, "answered once");
    if (!peer.head) return;
    const auto& head = *peer.head;
    check(head.status >= 100 && head.status <= 599, "a status");
    check_headers(head.headers);
    check(!head.content_type.empty() || head.body.empty(), "a body has a type");
    if (head.content_type == "application/json") check_json(head.body, "a body is JSON");
    if (peer.is_stream) {
        check(head.content_type == "text/event-stream", "a stream is of events");
        check_events(head.body);
    }
}

void play(std::string_view text)
{
    fuzz::DoorWorld world;
    for (int steps = 0; !text.empty() && steps < 100; ++steps) {
        const auto step = fuzz::take_step(text, world.last_session, world.last_sse);
        if (step.request)
            world.send(*step.request);
        else
            world.act(step.act);
    }
    world.end();
    for (const auto& peer : world.peers) {
        check_answer(*peer);
        check(peer->answers == 1 || peer->has_left, "every exchange is answered");
        check(!peer->is_open(), "every stream ends with the server");
        check(peer.use_count() == 1, "nothing is left over");
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    play({reinterpret_cast<const char*>(data), size});
    return 0;
}
