// SPDX-License-Identifier: Apache-2.0
// What must hold of the answer to any request: whole headers, JSON that is JSON, events that are
// events, one answer.
#pragma once

#include <string_view>

#include "tests/fuzz/check.hpp"
#include "tests/fuzz/conversation_script.hpp"
#include "tests/support/fake_exchange.hpp"

namespace purse::fuzz {

inline void check_headers(std::string_view lines)
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

inline void check_events(std::string_view text)
{
    check(text.empty() || text.ends_with("\n\n"), "an event is whole");
    bool is_endpoint = false;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.starts_with("event: ")) is_endpoint = line == "event: endpoint";
        const bool is_known = line.empty() || line == ":" || line.starts_with("event: ") ||
                              line.starts_with("id: ") || line.starts_with("retry: ") ||
                              line.starts_with("data: ");
        check(is_known, "a field of an event");
        if (line.starts_with("data: ") && line.size() > 6 && !is_endpoint)
            check_json(line.substr(6), "an event is JSON");
    }
}

inline void check_answer(const test::FakeExchange& peer)
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

}  // namespace purse::fuzz
