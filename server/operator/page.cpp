// SPDX-License-Identifier: Apache-2.0
#include "server/operator/page.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/door/headers.hpp"
#include "server/door/origin.hpp"
#include "server/mcp/seal.hpp"
#include "server/operator/limits.hpp"
#include "web/web_files.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kRoot = "/operator";
constexpr std::string_view kApi = "/operator/api/";

std::string kept(std::optional<std::string_view> header)
{
    return std::string{header.value_or(std::string_view{})};
}

std::optional<std::string> owned(std::optional<std::string_view> header)
{
    return header ? std::optional{std::string{*header}} : std::nullopt;
}
}  // namespace

OperatorPage::OperatorPage(const Ports& ports, OperatorSettings settings)
    : ports_{ports},
      settings_{std::move(settings)},
      clerk_{{.till = ports.till, .post = ports.post}},
      feed_{{.clerk = clerk_, .after = ports.after}}
{
}

OperatorPage::~OperatorPage() = default;

void OperatorPage::handle(http::Request& request, std::shared_ptr<http::Exchange> exchange)
{
    if (request.path.starts_with(kApi)) return api(request, std::move(exchange));
    file(request, exchange);
}

void OperatorPage::file(const http::Request& request,
                        const std::shared_ptr<http::Exchange>& exchange)
{
    const auto answer = [&](http::Response response) {
        ports_.metrics.count_request(server::Route::operator_page, response.status);
        response.headers += page_headers();
        exchange->respond(std::move(response));
    };
    if (request.method != http::Method::get)
        return answer({.status = 405,
                       .content_type = "text/plain; charset=utf-8",
                       .body = "Only GET here\n",
                       .headers = "Allow: GET\r\n"});
    if (request.path == kRoot)
        return answer({.status = 308,
                       .content_type = {},
                       .body = {},
                       .headers = "Location: /operator/\r\nCache-Control: no-cache\r\n"});
    const auto name = request.path.substr(kRoot.size() + 1);
    const auto* found =
        web::find_web_file("operator/" + std::string{name.empty() ? "index.html" : name});
    if (found == nullptr)
        return answer({.status = 404,
                       .content_type = "text/plain; charset=utf-8",
                       .body = "Not found. The operator page is at /operator/\n",
                       .headers = {}});
    const auto etag = "\"" + std::string{found->etag} + "\"";
    auto headers = "Cache-Control: no-cache\r\nETag: " + etag + "\r\n";
    if (kept(request.header("if-none-match")).find(etag) != std::string::npos)
        return answer(
            {.status = 304, .content_type = {}, .body = {}, .headers = std::move(headers)});
    answer({.status = 200,
            .content_type = found->content_type,
            .body = std::string{found->bytes},
            .headers = std::move(headers)});
}

/// Whether another site's page has sent this. A browser says so by Origin, and by Sec-Fetch-Site
/// (W3C Fetch Metadata); what sends neither is no browser, and has no cookie that it did not make.
bool OperatorPage::is_from_elsewhere(const http::Request& request) const
{
    const auto site = request.header("sec-fetch-site");
    if (site && *site != "same-origin" && *site != "none") return true;
    const auto origin = request.header("origin");
    if (!origin) return false;
    const auto known = origin_of_url(*origin);
    if (!known || *known != *origin) return true;
    if (!settings_.public_origin.empty() && *known == settings_.public_origin) return false;
    const auto host = known->substr(known->find("://") + 3);
    return host != kept(request.header("host"));
}

void OperatorPage::api(http::Request& request, std::shared_ptr<http::Exchange> exchange)
{
    auto ask = std::make_shared<Ask>();
    ask->exchange = std::move(exchange);
    ask->method = request.method;
    ask->path = request.path.substr(kApi.size());
    ask->query = request.query;
    ask->address = request.remote->address;
    ask->cookie = owned(session_cookie(request, settings_.reached));
    ask->csrf = owned(request.header("x-purse-csrf"));
    ask->last_event = owned(request.header("last-event-id"));
    ask->is_json = request.header("content-type").has_value() && is_json(request);
    if (is_from_elsewhere(request))
        return refuse(*ask, {.status = 403,
                             .code = "forbidden",
                             .message = "Only this server's own page may ask here"});
    if (request.body.size() > kOperatorBodyMax)
        return refuse(*ask, {.status = 413,
                             .code = "too_large",
                             .message = "The body is larger than " +
                                        std::to_string(kOperatorBodyMax) + " bytes"});
    ask->body = std::move(request.body);
    dispatch(ask);
}

/// An address of the API.
struct OperatorPage::Address {
    http::Method method = http::Method::get;
    std::string_view path;  ///< "*" stands for one id
    Act act = nullptr;
    bool is_open = false;  ///< to anybody
};

namespace {
bool fits(std::string_view pattern, std::string_view path)
{
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    const auto tail = pattern.substr(star + 1);
    if (path.size() <= star + tail.size() || !path.starts_with(pattern.substr(0, star)) ||
        !path.ends_with(tail))
        return false;
    const auto id = path.substr(star, path.size() - star - tail.size());
    return id.find('/') == std::string_view::npos;
}
}  // namespace

void OperatorPage::dispatch(const AskPtr& ask)
{
    using enum http::Method;
    static const std::array kRoutes{
        Address{post, "login", &OperatorPage::login, true},
        Address{post, "logout", &OperatorPage::logout},
        Address{get, "session", &OperatorPage::session},
        Address{get, "events", &OperatorPage::events},
        Address{get, "overview", &OperatorPage::overview},
        Address{get, "journal", &OperatorPage::journal},
        Address{get, "holds/*", &OperatorPage::hold},
        Address{get, "spend", &OperatorPage::spend},
        Address{get, "approvals", &OperatorPage::approvals},
        Address{post, "approvals/*/approve", &OperatorPage::approve},
        Address{post, "approvals/*/deny", &OperatorPage::deny},
        Address{get, "credentials", &OperatorPage::credentials},
        Address{get, "payouts", &OperatorPage::payouts},
        Address{post, "freeze", &OperatorPage::freeze},
        Address{post, "unfreeze", &OperatorPage::unfreeze},
        Address{post, "credentials", &OperatorPage::issue},
        Address{post, "credentials/*/revoke", &OperatorPage::revoke},
    };
    const Address* found = nullptr;
    std::string allowed;
    for (const auto& route : kRoutes) {
        if (!fits(route.path, ask->path)) continue;
        if (route.method == ask->method) found = &route;
        allowed +=
            (allowed.empty() ? "" : ", ") + std::string{route.method == get ? "GET" : "POST"};
    }
    if (found == nullptr && allowed.empty())
        return refuse(*ask,
                      {.status = 404, .code = "not_found", .message = "There is nothing here"});
    if (found == nullptr)
        return respond(*ask, error_answer({.status = 405,
                                           .code = "method_not_allowed",
                                           .message = "Only " + allowed + " here"},
                                          "Allow: " + allowed + "\r\n"));
    if (waiting_ >= kAsksWaitingMax)
        return refuse(*ask, {.status = 503,
                             .code = "ledger_unavailable",
                             .message = "Too many requests wait; try again"});
    if (ask->method == post && !ask->is_json)
        return refuse(*ask, {.status = 400,
                             .code = "invalid_argument",
                             .message = "Content-Type must be application/json"});
    if (!found->is_open && !enter(ask)) return;
    (this->*found->act)(ask);
}

/// Has a cookie that may be a session's and, for a change, the secret that goes with it.
bool OperatorPage::enter(const AskPtr& ask)
{
    if (!ask->cookie || !is_operator_secret(*ask->cookie)) {
        if (ask->cookie) bad_.count(ask->address);
        ask->cookie.reset();
        not_signed_in(*ask);
        return false;
    }
    if (ask->method == http::Method::post &&
        !equal_in_constant_time(csrf_token(*ask->cookie), ask->csrf.value_or(""))) {
        refuse(*ask, {.status = 403,
                      .code = "csrf",
                      .message = "X-Purse-CSRF is missing or is not of this session; load the "
                                 "page again"});
        return false;
    }
    ask->session = operator_secret_hash(*ask->cookie);
    return admit(ask);
}

/// Secrets made up by somebody at that address must keep neither the ledger nor the operator busy.
bool OperatorPage::admit(const AskPtr& ask)
{
    const bool is_good = std::ranges::find(good_, ask->session) != good_.end();
    if (!is_good && bad_.is_throttled(ask->address)) {
        if (throttled_asks_ >= kThrottledAsksMax) {
            refuse(*ask, {.status = 429,
                          .code = "throttled",
                          .message = "Too many wrong sign-ins from this address; try again in some "
                                     "seconds"});
            return false;
        }
        ask->counts_as_throttled = true;
        ++throttled_asks_;
    }
    ask->is_waiting = true;
    ++waiting_;
    return true;
}

void OperatorPage::remember_good(const Digest& session)
{
    if (std::ranges::find(good_, session) != good_.end()) return;
    if (good_.size() >= kGoodSecretsMax) good_.pop_front();
    good_.push_back(session);
}

void OperatorPage::leave(Ask& ask)
{
    if (std::exchange(ask.is_waiting, false)) --waiting_;
    if (std::exchange(ask.counts_as_throttled, false)) --throttled_asks_;
}

void OperatorPage::respond(Ask& ask, http::Response response)
{
    leave(ask);
    ports_.metrics.count_request(server::Route::operator_page, response.status);
    if (response.status == 429) ports_.metrics.count_throttled();
    ask.exchange->respond(std::move(response));
}

void OperatorPage::refuse(Ask& ask, const PageError& error)
{
    respond(ask, error_answer(error, error.status == 429 ? "Retry-After: 2\r\n" : ""));
}

void OperatorPage::refuse(Ask& ask, const LedgerFault& fault)
{
    const bool is_busy = fault.kind == StoreError::Kind::busy;
    respond(ask,
            error_answer({.status = 503,
                          .code = "ledger_unavailable",
                          .message = is_busy ? "The ledger is busy; nothing was done, try again"
                                             : "The ledger cannot be used; `purse doctor` says "
                                               "more"},
                         "Retry-After: 1\r\n"));
}

void OperatorPage::not_signed_in(Ask& ask)
{
    if (ask.cookie) bad_.count(ask.address);
    ports_.metrics.count_unauthorized();
    respond(ask,
            error_answer({.status = 401,
                          .code = "not_signed_in",
                          .message = "Sign in: run `purse operator login` on the machine of the "
                                     "purse and open the link it prints"}));
}

void OperatorPage::deliver_news()
{
    if (!has_news_.exchange(false, std::memory_order_relaxed)) return;
    ports_.post([this] { feed_.wake(); });
}

void OperatorPage::tick()
{
    bad_.tick();
    feed_.tick();
}

void OperatorPage::stopping()
{
    feed_.stop();
}

}  // namespace purse::server
