// SPDX-License-Identifier: Apache-2.0
// Streamable HTTP at /mcp, legacy sessions and stateless requests side by side. A message shows its
// era by itself; headers are checked against it.
#include <algorithm>
#include <utility>

#include "server/door/door.hpp"
#include "server/door/headers.hpp"
#include "server/door/limits.hpp"
#include "server/mcp/client.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kSessionHeader = "mcp-session-id";
constexpr std::string_view kVersionHeader = "mcp-protocol-version";
constexpr std::string_view kEventsType = "text/event-stream";

std::optional<Version> header_version(const http::Request& request)
{
    const auto header = request.header(kVersionHeader);
    return header ? parse_version(*header) : std::nullopt;
}

// A modern client leaves the id out where a legacy one expects null.
RequestId unknown_id_for(const http::Request& request)
{
    return header_version(request) == kModern ? RequestId{} : unknown_id();
}

RequestId id_for(const http::Request& request, const RequestId& read)
{
    return read == unknown_id() ? unknown_id_for(request) : read;
}

bool names_unknown_version(const http::Request& request)
{
    return request.header(kVersionHeader) && !header_version(request);
}

RpcError unknown_version()
{
    return invalid_request("MCP-Protocol-Version names no version served here");
}

// Whether a request is among what came; an empty batch is answered, too, with an error. `message`:
// nullptr for a batch.
bool wants_answer(const json::Value& root, const Message* message)
{
    if (message != nullptr) return message->kind == MessageKind::request;
    const auto is_request = [](const json::Value& one) {
        return one.find("id") != nullptr && one.find("method") != nullptr;
    };
    return root.items().empty() || std::ranges::any_of(root.items(), is_request);
}

RpcError session_unknown()
{
    return {ErrorCode::session_unknown,
            "No such session for this credential; begin anew with initialize",
            {}};
}
}  // namespace

void Door::mcp(const Visit& visit)
{
    const bool is_modern = header_version(visit.request) == kModern;
    switch (visit.request.method) {
        case http::Method::post: return post(visit);
        case http::Method::get:
            return is_modern ? not_allowed(visit, "POST, OPTIONS") : get_stream(visit);
        case http::Method::del:
            return is_modern ? not_allowed(visit, "POST, OPTIONS") : end_session(visit);
        case http::Method::options:
        case http::Method::head:
        case http::Method::other: break;
    }
    not_allowed(visit, "GET, POST, DELETE, OPTIONS");
}

void Door::post(const Visit& visit)
{
    const auto& request = visit.request;
    if (!is_json(request)) return refuse(visit, 415, "The Content-Type must be application/json");
    auto parsed = parse_frame(request.body);
    if (!parsed) return refuse_message(visit, 400, unknown_id_for(request), parsed.error());
    auto document = std::make_shared<const json::Document>(*std::move(parsed));
    const bool is_batch = document->root().is(json::Kind::array);
    if (is_batch && header_version(request) == kModern)
        return refuse_message(visit, 400, unknown_id_for(request),
                              invalid_request("MCP 2026-07-28 has no batches"));
    if (is_batch && names_unknown_version(request))
        return refuse_message(visit, 400, unknown_id(), unknown_version());
    if (is_batch) return post_legacy(visit, std::move(document), nullptr);
    const auto message = read_message(document->root());
    if (!message)
        return refuse_message(visit, 400, id_for(request, message.error().id),
                              message.error().error);
    if (message->kind == MessageKind::response)
        return post_legacy(visit, std::move(document), &*message);
    if (message->kind == MessageKind::notification &&
        (has_claim(message->params) || header_version(request) == kModern))
        return respond(visit, {.status = 202, .content_type = {}, .body = {}, .headers = {}});

    const auto envelope = read_envelope(message->params);
    if (!envelope) return refuse_message(visit, 400, message->id, envelope.error());
    if (*envelope) return post_modern(visit, std::move(document), *message, **envelope);
    if (header_version(request) == kModern && message->method != "initialize")
        return refuse_message(
            visit, 400, message->id,
            invalid_params("MCP 2026-07-28 needs params._meta with "
                           "io.modelcontextprotocol/protocolVersion and "
                           "io.modelcontextprotocol/clientCapabilities in each request"));
    // Whoever begins with a version to come is made an offer, as the handshake has it.
    if (names_unknown_version(request) && message->method != "initialize")
        return refuse_message(visit, 400, message->id, unknown_version());
    post_legacy(visit, std::move(document), &*message);
}

void Door::post_modern(const Visit& visit, std::shared_ptr<const json::Document> document,
                       const Message& message, const Envelope& envelope)
{
    auto error = why_headers_differ(visit.request, message, envelope);
    if (!error) error = why_not_served(envelope);
    if (!error) error = why_headers_lack(visit.request, message);
    if (error) return refuse_message(visit, 400, message.id, *error);
    if (!ports_.protocol.serves(message.method, kModern))
        return refuse_message(visit, 404, message.id, method_not_found(message.method));
    // It has hung up while its credential was looked up, and so taken the request back.
    if (visit.exchange->gone()) return;
    if (message.method == "subscriptions/listen") return listen(visit, message);

    const auto reply = reply_to(visit, kModern, nullptr);
    const std::shared_ptr<Call> call{new Call{ports_.protocol.modern_facts(
        std::move(document), message, envelope,
        {.credential = std::string{visit.credential}, .session = {}, .client = {}}, reply)}};
    // A stateless client takes a request back by hanging up.
    reply->when_gone([weak = std::weak_ptr{call}] {
        if (const auto gone = weak.lock()) gone->cancel();
    });
    ports_.protocol.start(call);
}

void Door::listen(const Visit& visit, const Message& message)
{
    // Without a stream nothing could ever be said: it would only stay a request in progress.
    if (!accepts(visit.request, kEventsType))
        return refuse_message(visit, 406, message.id,
                              invalid_request("subscriptions/listen is answered by an event "
                                              "stream: Accept must name text/event-stream"));
    if (is_stopping_ || !streams_.has_room(visit.verdict->principal)) return at_capacity(visit);
    const auto reply = reply_to(visit, kModern, nullptr);
    if (const auto granted = ports_.protocol.listen(reply, message); !granted)
        return reply->answer(error_frame(message.id, granted.error()), granted.error().code);
    listeners_.emplace(reply.get(), std::pair{reply, message.id});
    reply->when_gone([this, key = reply.get()] {
        const auto found = listeners_.find(key);
        if (found == listeners_.end()) return;
        const auto [listener, id] = found->second;
        listeners_.erase(found);
        ports_.protocol.stop_listening(*listener, id);
    });
}

std::shared_ptr<PostReply> Door::reply_to(const Visit& visit, Version version,
                                          std::shared_ptr<HttpSession> session, Carries carries)
{
    return std::make_shared<PostReply>(
        PostReply::Ports{ports_.mailbox, streams_, ports_.metrics}, visit.exchange,
        PostReply::Facts{.version = version,
                         .principal = visit.verdict->principal,
                         .headers = visit.cors,
                         .takes_json = accepts(visit.request, "application/json"),
                         // Once it stops, nothing begins that may stay open.
                         .takes_events = !is_stopping_ && accepts(visit.request, kEventsType),
                         .is_batch = carries == Carries::batch,
                         .session = std::move(session)});
}

// Answers for itself when there is none.
std::shared_ptr<HttpSession> Door::session_of(const Visit& visit)
{
    const auto id = visit.request.header(kSessionHeader);
    auto session = sessions_.find(
        id.value_or(""), {.credential = visit.credential, .principal = visit.verdict->principal});
    if (session) return *std::move(session);
    if (session.error() == SessionTable::Trouble::full)
        at_capacity(visit);
    else
        refuse_message(visit, 404, unknown_id(), session_unknown());
    return nullptr;
}

void Door::post_legacy(const Visit& visit, std::shared_ptr<const json::Document> document,
                       const Message* message)
{
    const auto& request = visit.request;
    if (message != nullptr && message->kind == MessageKind::request &&
        message->method == "initialize")
        return initialize(visit, document);

    const bool has_session = request.header(kSessionHeader).has_value();
    const auto session = has_session ? session_of(visit) : nullptr;
    if (has_session && session == nullptr) return;
    // A response of a client answers a question, and only a session asks.
    if (!has_session && message != nullptr && message->kind == MessageKind::response)
        return refuse_message(visit, 400, unknown_id(),
                              invalid_request("A response needs its Mcp-Session-Id"));

    const auto version = has_session ? session->session.negotiated().value_or(kNewestLegacy)
                                     : header_version(request).value_or(Version::v2025_03_26);
    const auto reply = reply_to(visit, version, session,
                                message == nullptr ? Carries::batch : Carries::one_message);
    if (has_session) {
        session->session.receive(document, reply);
    } else {
        // Many clients lose their session's id: what needs none is served without.
        Session alone{
            ports_.protocol,
            {.caller = {.credential = std::string{visit.credential}, .session = {}, .client = {}},
             .negotiated = version,
             .abilities = {}}};
        alone.receive(document, reply);
    }
    if (!wants_answer(document->root(), message)) reply->accept();
}

void Door::initialize(const Visit& visit, const std::shared_ptr<const json::Document>& document)
{
    const SessionOwner owner{.credential = visit.credential, .principal = visit.verdict->principal};
    auto session = sessions_.make(owner);
    if (!session || is_stopping_) return at_capacity(visit);
    const auto reply = reply_to(visit, kNewestLegacy, nullptr);
    // Its answer is made at once; the id is known when the version is.
    reply->add_headers([this, session = *session, owner]() -> std::string {
        if (!session->session.negotiated()) return {};
        return "Mcp-Session-Id: " + sessions_.add(session, owner) + "\r\n";
    });
    (*session)->session.receive(document, reply);
}

void Door::get_stream(const Visit& visit)
{
    if (!accepts(visit.request, kEventsType))
        return refuse(visit, 406, "GET opens an event stream: Accept must name text/event-stream");
    if (!visit.request.header(kSessionHeader))
        return refuse_message(visit, 400, unknown_id(),
                              invalid_request("An event stream needs its Mcp-Session-Id"));
    const auto session = session_of(visit);
    if (session == nullptr || visit.exchange->gone()) return;  // nobody would end its stream
    if (is_stopping_ || !streams_.has_room(session->principal) ||
        session->streams.size() >= kStreamsPerSessionMax)
        return at_capacity(visit);
    const auto last = EventId::parse(visit.request.header("last-event-id").value_or(""));
    if (const auto rest = last ? session->replay.after(*last) : std::nullopt)
        return resume_stream(visit, session, last->stream, *rest);

    std::string first;
    if (session->session.negotiated() >= Version::v2025_11_25)
        append_event(first, {.name = {}, .id = "0-0", .data = {}});
    const auto place = std::make_shared<EventStream*>(nullptr);
    auto stream = streams_.open(
        visit.exchange, visit.cors, first, session->principal,
        [weak = std::weak_ptr{session}, place] {
            if (const auto owner = weak.lock())
                std::erase_if(owner->streams, [&](const auto& one) { return one.get() == *place; });
        });
    ports_.metrics.count_request(Route::mcp, 200);
    *place = stream.get();
    session->streams.push_back(std::move(stream));
}

void Door::resume_stream(const Visit& visit, const std::shared_ptr<HttpSession>& session,
                         std::uint64_t stream, const Replay::Rest& rest)
{
    std::string missed;
    for (const auto& [id, data] : rest.events)
        append_event(missed, {.name = "message", .id = id.to_string(), .data = data});
    ports_.metrics.count_request(Route::mcp, 200);
    const auto call = session->calls.find(stream);
    const auto reply = call == session->calls.end() ? nullptr : call->second.lock();
    if (reply != nullptr && !rest.is_complete) {
        reply->resume(visit.exchange, missed);
        return;
    }
    streams_.open(visit.exchange, visit.cors, missed, session->principal, [] {})->finish();
}

void Door::end_session(const Visit& visit)
{
    if (!visit.request.header(kSessionHeader))
        return refuse_message(visit, 400, unknown_id(),
                              invalid_request("DELETE needs the Mcp-Session-Id that is to end"));
    const auto session = session_of(visit);
    if (session == nullptr) return;
    sessions_.end(session);
    respond(visit, {.status = 200, .content_type = {}, .body = {}, .headers = {}});
}

}  // namespace purse::server
