// SPDX-License-Identifier: Apache-2.0
// HTTP+SSE of MCP 2024-11-05: GET /sse opens a session and its stream, POST /messages brings
// messages.
#include <utility>

#include "server/door/door.hpp"
#include "server/door/limits.hpp"
#include "server/door/session_id.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kSessionParameter = "sessionId=";

std::string_view session_in(std::string_view query)
{
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto one = query.substr(0, end);
        if (one.starts_with(kSessionParameter)) return one.substr(kSessionParameter.size());
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    }
    return {};
}
}  // namespace

void Door::open_sse(const Visit& visit)
{
    if (settings_.legacy_sse == Switch::off)
        return refuse(visit, 404,
                      "HTTP+SSE (2024-11-05) is off here: use /mcp, or start with --legacy-sse on");
    if (visit.request.method != http::Method::get) return not_allowed(visit, "GET, OPTIONS");
    // It has left while its credential was looked up: nobody would end its stream.
    if (visit.exchange->gone()) return;
    const auto& principal = visit.verdict->principal;
    if (is_stopping_ || !streams_.has_room(principal)) return at_capacity(visit);

    const auto name = SessionIds::fresh_name(ports_.entropy);
    auto session = std::make_shared<SseSession>(
        ports_.mailbox, ports_.protocol,
        SessionStart{
            .caller = {.credential = std::string{visit.credential}, .session = name, .client = {}},
            .negotiated = {},
            .abilities = {}},
        principal);
    std::string first;
    append_event(first, {.name = "endpoint", .id = {}, .data = "/messages?sessionId=" + name});
    ports_.metrics.count_request(Route::sse, 200);
    session->attach(streams_.open(visit.exchange, visit.cors, first, principal, [this, name] {
        const auto found = sse_.find(name);
        if (found == sse_.end()) return;
        const auto gone = std::move(found->second);
        sse_.erase(found);
        gone->end();
    }));
    sse_.emplace(name, std::move(session));
}

void Door::sse_message(const Visit& visit)
{
    if (visit.request.method != http::Method::post) return not_allowed(visit, "POST, OPTIONS");
    const auto found = sse_.find(std::string{session_in(visit.request.query)});
    // One of another credential is answered like one that never was.
    if (found == sse_.end() || found->second->principal() != visit.verdict->principal)
        return refuse_message(
            visit, 404, {},
            {ErrorCode::session_unknown, "No such session: open a stream with GET /sse first", {}});
    const auto session = found->second;
    if (!session->has_room()) return at_capacity(visit);
    session->receive(visit.request.body);
    respond(visit,
            {.status = 202, .content_type = "text/plain", .body = "Accepted", .headers = {}});
}

}  // namespace purse::server
