// SPDX-License-Identifier: Apache-2.0
// The door's own answers: errors, probes, figures, metadata.
#include <utility>

#include "server/door/door.hpp"
#include "server/door/limits.hpp"
#include "server/http/limits.hpp"
#include "server/mcp/protocol.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
}  // namespace

void Door::respond(const Visit& visit, http::Response response)
{
    ports_.metrics.count_request(visit.route, response.status);
    response.headers += visit.cors;
    visit.exchange->respond(std::move(response));
}

void Door::refuse(const Visit& visit, int status, std::string_view text)
{
    // JSON-RPC clients read a body, people read a sentence: this is both, and carries no id.
    auto body = error_frame({}, invalid_request(std::string{text}));
    std::string headers;
    if (status == 503)
        headers = "Retry-After: " + std::to_string(http::Limits{}.retry_after.count()) + "\r\n";
    respond(visit, {.status = status,
                    .content_type = kJson,
                    .body = std::move(body),
                    .headers = std::move(headers)});
}

void Door::refuse_message(const Visit& visit, int status, const RequestId& id,
                          const RpcError& error)
{
    respond(
        visit,
        {.status = status, .content_type = kJson, .body = error_frame(id, error), .headers = {}});
}

void Door::at_capacity(const Visit& visit)
{
    refuse(visit, 503, "The server is at capacity; try again shortly");
}

void Door::not_allowed(const Visit& visit, std::string_view allow)
{
    respond(visit, {.status = 405,
                    .content_type = kJson,
                    .body = error_frame({}, invalid_request("Method not allowed here")),
                    .headers = "Allow: " + std::string{allow} + "\r\n"});
}

// RFC 6750, section 3: a challenge without an error when nothing was presented; RFC 9728, section
// 5.1: where the metadata is.
void Door::unauthorized(const Visit& visit)
{
    ports_.metrics.count_unauthorized();
    const bool was_presented = visit.request.header("authorization").has_value();
    auto challenge = "WWW-Authenticate: Bearer resource_metadata=\"" + settings_.scheme_and_host +
                     "/.well-known/oauth-protected-resource/mcp\"";
    if (was_presented) challenge += ", error=\"invalid_token\"";
    std::string text = "This purse needs a credential: Authorization: Bearer purse_...";
    if (was_presented && visit.verdict != nullptr && !visit.verdict->identity.message.empty())
        text = visit.verdict->identity.message;
    respond(visit, {.status = 401,
                    .content_type = kJson,
                    .body = error_frame({}, invalid_request(text)),
                    .headers = challenge + "\r\n"});
}

void Door::preflight(const Visit& visit)
{
    respond(visit, {.status = 204,
                    .content_type = {},
                    .body = {},
                    .headers = "Access-Control-Allow-Methods: GET, POST, DELETE\r\n"
                               "Access-Control-Allow-Headers: Authorization, Content-Type, Accept, "
                               "Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, "
                               "Mcp-Name\r\nAccess-Control-Max-Age: 600\r\n"});
}

void Door::health(const Visit& visit)
{
    respond(visit, {.status = 200, .content_type = kText, .body = "ok\n", .headers = {}});
}

void Door::Probe::end(std::optional<std::size_t> holds_open)
{
    if (auto call = std::exchange(answer, {})) call(holds_open);
}

void Door::probe(ProbeAnswer answer)
{
    if (is_stopping_ || probes_.size() >= kProbesMax) return answer(std::nullopt);
    auto waiting = std::make_shared<Probe>();
    waiting->answer = std::move(answer);
    probes_.push_back(waiting);
    ports_.ledger.probe([this, waiting](std::optional<std::size_t> holds_open) {
        ports_.post([waiting, holds_open] { waiting->end(holds_open); });
    });
}

void Door::ready(const Visit& visit)
{
    probe([this, exchange = visit.exchange](std::optional<std::size_t> holds_open) {
        const int status = holds_open ? 200 : 503;
        ports_.metrics.count_request(Route::readyz, status);
        exchange->respond({.status = status,
                           .content_type = kText,
                           .body = holds_open ? "ready\n" : "the ledger gives no answer\n",
                           .headers = {}});
    });
}

void Door::metrics(const Visit& visit)
{
    if (settings_.open_metrics == Switch::off && !visit.request.remote->loopback)
        return refuse(visit, 403,
                      "Figures are for this machine alone. Open them with --open-metrics");
    probe([this, exchange = visit.exchange](std::optional<std::size_t> holds_open) {
        ports_.metrics.count_request(Route::metrics, 200);
        exchange->respond({.status = 200,
                           .content_type = kMetricsType,
                           .body = ports_.metrics.text({.http = ports_.figures(),
                                                        .sessions = sessions_.count(),
                                                        .sse_sessions = sse_.size(),
                                                        .streams = streams_.count(),
                                                        .holds_open = holds_open}),
                           .headers = {}});
    });
}

// RFC 9728, section 2. There is no authorization server: the operator issues credentials.
void Door::metadata(const Visit& visit)
{
    if (visit.request.method != http::Method::get) return not_allowed(visit, "GET, OPTIONS");
    respond(visit, {.status = 200,
                    .content_type = kJson,
                    .body = R"({"resource":)" + json::quoted(settings_.scheme_and_host + "/mcp") +
                            R"(,"resource_name":"Purse","bearer_methods_supported":["header"]})",
                    .headers = "Cache-Control: max-age=300\r\n"});
}

}  // namespace purse::server
