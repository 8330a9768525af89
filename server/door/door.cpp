// SPDX-License-Identifier: Apache-2.0
#include "server/door/door.hpp"

#include <array>
#include <utility>
#include <vector>

#include "server/door/headers.hpp"
#include "server/door/limits.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kMetadataPath = "/.well-known/oauth-protected-resource";

Route route_of(std::string_view path)
{
    static constexpr std::array<std::pair<std::string_view, Route>, 8> kRoutes{{
        {"/mcp", Route::mcp},
        {"/sse", Route::sse},
        {"/messages", Route::messages},
        {"/healthz", Route::healthz},
        {"/readyz", Route::readyz},
        {"/metrics", Route::metrics},
        {kMetadataPath, Route::metadata},
        {"/.well-known/oauth-protected-resource/mcp", Route::metadata},
    }};
    for (const auto& [known, route] : kRoutes)
        if (known == path) return route;
    return is_operator_path(path) ? Route::operator_page : Route::other;
}

bool is_behind_the_gate(Route route)
{
    return route == Route::mcp || route == Route::sse || route == Route::messages;
}

std::string cors_headers(std::string_view origin)
{
    return "Access-Control-Allow-Origin: " + std::string{origin} +
           "\r\nVary: Origin\r\nAccess-Control-Expose-Headers: Mcp-Session-Id, "
           "MCP-Protocol-Version, WWW-Authenticate\r\n";
}
}  // namespace

struct Door::OwnedRequest {
    explicit OwnedRequest(const http::Request& from)
        : path{from.path},
          query{from.query},
          remote{*from.remote}
    {
        texts.reserve(2 * from.headers.size());  // views of short strings must not move
        for (const auto& header : from.headers) {
            const std::string& name = texts.emplace_back(header.name);
            const std::string& value = texts.emplace_back(header.value);
            request.headers.push_back({name, value});
        }
        request.method = from.method;
        request.path = path;
        request.query = query;
        request.body = from.body;
        request.remote = &remote;
        request.tls = from.tls;
    }
    OwnedRequest(const OwnedRequest&) = delete;
    OwnedRequest& operator=(const OwnedRequest&) = delete;

    std::string path;
    std::string query;
    std::vector<std::string> texts;
    http::Remote remote;
    http::Request request;
};

Door::Door(const Ports& ports, DoorSettings settings, SessionIds ids)
    : ports_{ports},
      settings_{std::move(settings)},
      origins_{settings_.origin},
      gate_{ports.registrar, ports.post},
      sessions_{ports.protocol, std::move(ids), ports.entropy, ports.clock}
{
}

Door::~Door() = default;

void Door::handle(http::Request&& request, ExchangePtr exchange)
{
    Visit visit{.request = request,
                .exchange = std::move(exchange),
                .route = route_of(request.path),
                .cors = {},
                .credential = {}};
    // Probes come by any name and tell nothing.
    if (visit.route == Route::healthz) return health(visit);
    if (visit.route == Route::readyz) return ready(visit);
    if (refuse_stranger(visit)) return;
    if (visit.route == Route::operator_page) return to_operator(visit, request);
    if (request.method == http::Method::options) return preflight(visit);
    if (is_behind_the_gate(visit.route)) return enter(std::move(visit));
    dispatch(visit);
}

bool Door::refuse_stranger(Visit& visit)
{
    const auto host = visit.request.header("host");
    auto why = origins_.why_no_host(host.value_or(""));
    const auto origin = visit.request.header("origin");
    if (!why && origin) why = origins_.why_no_origin(*origin);
    if (why) {
        refuse(visit, 403, *why);
        return true;
    }
    if (origin) visit.cors = cors_headers(*origin);
    return false;
}

void Door::to_operator(Visit& visit, http::Request& request)
{
    // Pages of other origins that agents' clients may be have no business here, and get no headers
    // that would let them read.
    visit.cors.clear();
    if (ports_.operator_door == nullptr)
        return refuse(visit, 404, "Not found. The operator page is off here");
    ports_.operator_door->handle(request, std::move(visit.exchange));
}

void Door::enter(Visit visit)
{
    const auto bearer = bearer_of(visit.request);
    if (!bearer || bearer->size() > kCredentialBytesMax) {
        gate_.count_bad(visit.request.remote->address);
        return unauthorized(visit);
    }
    visit.credential = *bearer;
    if (const auto* verdict = gate_.look(*bearer)) {
        visit.verdict = verdict;
        return admit(visit);
    }
    // A good one that was not seen yet passes from a throttled address too; but few are looked up
    // at once, so that whoever makes them up keeps neither the ledger nor the others busy.
    const bool is_throttled = gate_.is_throttled(visit.request.remote->address);
    if (is_throttled && throttled_lookups_ >= kThrottledLookupsMax) return throttle(visit);
    // The request is the connection's only until this returns.
    auto owned = std::make_shared<OwnedRequest>(visit.request);
    const auto exchange = visit.exchange;
    throttled_lookups_ += is_throttled ? 1 : 0;
    const bool is_waiting =
        gate_.wait(*bearer, [this, owned, exchange, is_throttled, route = visit.route,
                             cors = visit.cors](const Verdict& verdict) {
            throttled_lookups_ -= is_throttled ? 1 : 0;
            admit({.request = owned->request,
                   .exchange = exchange,
                   .route = route,
                   .cors = cors,
                   .credential = bearer_of(owned->request).value_or(std::string_view{}),
                   .verdict = &verdict});
        });
    if (is_waiting) return;
    throttled_lookups_ -= is_throttled ? 1 : 0;
    at_capacity(visit);
}

void Door::throttle(const Visit& visit)
{
    ports_.metrics.count_throttled();
    auto later = visit;
    later.cors += "Retry-After: 1\r\n";
    refuse(later, 429, "Too many bad credentials from this address");
}

void Door::admit(const Visit& visit)
{
    if (visit.verdict->passes()) return dispatch(visit);
    const auto reason = *visit.verdict->identity.refused;
    if (reason == Reason::busy || reason == Reason::ledger_unavailable ||
        reason == Reason::policy_invalid)
        return refuse(visit, 503, visit.verdict->identity.message);
    if (visit.credential.empty()) return unauthorized(visit);
    const auto& address = visit.request.remote->address;
    const bool is_throttled = gate_.is_throttled(address);
    gate_.count_bad(address);
    is_throttled ? throttle(visit) : unauthorized(visit);
}

void Door::dispatch(const Visit& visit)
{
    switch (visit.route) {
        case Route::mcp: return mcp(visit);
        case Route::sse: return open_sse(visit);
        case Route::messages: return sse_message(visit);
        case Route::metrics: return metrics(visit);
        case Route::metadata: return metadata(visit);
        case Route::healthz:
        case Route::readyz:
        case Route::operator_page:
        case Route::other: break;
    }
    refuse(visit, 404, "Not found. MCP is served at /mcp");
}

void Door::tick()
{
    streams_.tick();
    gate_.tick();
    sessions_.tick();
    for (const auto& [id, session] : sse_) session->tick();
    ports_.protocol.tick();
    if (ports_.operator_door != nullptr) ports_.operator_door->tick();
    std::erase_if(probes_, [](const std::shared_ptr<Probe>& one) {
        if (one->answer && --one->ticks_left == 0) one->end(std::nullopt);
        return !one->answer;
    });
}

void Door::stopping()
{
    is_stopping_ = true;
    for (auto& [key, listener] : std::exchange(listeners_, {}))
        ports_.protocol.end_listening(*listener.first, listener.second);
    for (auto& [id, session] : std::exchange(sse_, {})) session->end();
    sessions_.end_streams();
    if (ports_.operator_door != nullptr) ports_.operator_door->stopping();
}

}  // namespace purse::server
