// SPDX-License-Identifier: Apache-2.0
#include "server/door/metrics.hpp"

#include <charconv>

namespace purse::server {

namespace {
void append_number(std::string& out, double value)
{
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), error == std::errc{} ? end : text.data());
}

void append_head(std::string& out, std::string_view name, std::string_view help,
                 std::string_view type)
{
    out.append("# HELP ").append(name).append(" ").append(help);
    out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_sample(std::string& out, std::string_view name, std::string_view labels,
                   std::uint64_t value)
{
    out.append(name);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(std::to_string(value)).append("\n");
}

constexpr std::array<std::string_view, kRouteCount> kRouteNames{
    "mcp", "sse", "messages", "healthz", "readyz", "metrics", "metadata", "operator", "other"};

struct Plain {
    std::string_view name;
    std::string_view help;
    std::string_view type;
    std::uint64_t value;
};

std::string label(std::string_view name, std::string_view value)
{
    // Values are ours: routes, reasons, statuses. None needs escaping.
    return std::string{name} + "=\"" + std::string{value} + "\"";
}
}  // namespace

template <std::size_t kBounds>
void Histogram<kBounds>::append(std::string& out, std::string_view name,
                                std::string_view help) const
{
    append_head(out, name, help, "histogram");
    std::uint64_t count = 0;
    const auto bucket = std::string{name} + "_bucket";
    for (std::size_t i = 0; i <= kBounds; ++i) {
        count += buckets_[i].load(std::memory_order_relaxed);
        std::string bound = "+Inf";
        if (i < kBounds) {
            bound.clear();
            append_number(bound, bounds_[i]);
        }
        append_sample(out, bucket, label("le", bound), count);
    }
    out.append(name).append("_sum ");
    append_number(out, sum_.load(std::memory_order_relaxed));
    out.append("\n");
    append_sample(out, std::string{name} + "_count", {}, count);
}

void Metrics::begin_commit(std::size_t pieces)
{
    commit_pieces_.add(static_cast<double>(pieces));
    commit_began_ = std::chrono::steady_clock::now();
}

void Metrics::end_commit()
{
    commit_seconds_.add(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - commit_began_).count());
}

void Metrics::count_decision(const tools::Result& result)
{
    // What waits for a person is no error, and no yes either.
    if (!result.is_error && result.question == nullptr) {
        approved_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const auto* reason = result.structured.if_contains("reason");
    const auto known = reason == nullptr || !reason->is_string()
                           ? std::nullopt
                           : reason_of(std::string_view{reason->as_string()});
    if (known) refused_[static_cast<std::size_t>(*known)].fetch_add(1, std::memory_order_relaxed);
}

void Metrics::count_request(Route route, int status)
{
    const auto place = static_cast<std::size_t>(status) - kStatusMin;
    if (place < kStatuses) ++requests_[static_cast<std::size_t>(route)][place];
}

std::string Metrics::text(const Now& now) const
{
    std::string out;
    append_head(out, "purse_http_requests_total", "HTTP requests answered, by route and status.",
                "counter");
    for (std::size_t route = 0; route < kRouteCount; ++route)
        for (std::size_t i = 0; i < kStatuses; ++i)
            if (requests_[route][i] > 0)
                append_sample(out, "purse_http_requests_total",
                              label("route", kRouteNames[route]) + "," +
                                  label("status", std::to_string(kStatusMin + i)),
                              requests_[route][i]);
    append_head(out, "purse_decisions_total",
                "Answers of the tools: ok, or the reason of a refusal.", "counter");
    append_sample(out, "purse_decisions_total", label("reason", "ok"), approved_);
    for (std::size_t i = 0; i < kReasonCount; ++i)
        if (const auto count = refused_[i].load(std::memory_order_relaxed); count > 0)
            append_sample(out, "purse_decisions_total", label("reason", kReasonNames[i]), count);
    commit_pieces_.append(out, "purse_commit_pieces",
                          "Pieces of work that shared one commit of the ledger.");
    commit_seconds_.append(out, "purse_commit_seconds",
                           "From the start of a transaction to its answers, in seconds.");
    const std::array plain{
        Plain{"purse_http_connections", "Open connections.", "gauge", now.http.connections},
        Plain{"purse_http_requests_in_progress", "Requests whose answer is being made.", "gauge",
              now.http.requests_in_progress},
        Plain{"purse_http_accepted_total", "Connections accepted.", "counter", now.http.accepted},
        Plain{"purse_http_refused_total", "Connections and requests refused for capacity.",
              "counter", now.http.refused_capacity},
        Plain{"purse_http_timed_out_total", "Connections closed for a slow or silent peer.",
              "counter", now.http.timed_out},
        Plain{"purse_http_malformed_total", "Requests that were no HTTP we take.", "counter",
              now.http.malformed},
        Plain{"purse_http_unauthorized_total", "Requests without a good credential.", "counter",
              unauthorized_},
        Plain{"purse_http_throttled_total", "Requests refused after too many bad credentials.",
              "counter", throttled_},
        Plain{"purse_sessions", "Sessions of Streamable HTTP in memory.", "gauge", now.sessions},
        Plain{"purse_sse_sessions", "Sessions of HTTP+SSE.", "gauge", now.sse_sessions},
        Plain{"purse_streams", "Open event streams.", "gauge", now.streams}};
    for (const auto& one : plain) {
        append_head(out, one.name, one.help, one.type);
        append_sample(out, one.name, {}, one.value);
    }
    if (now.holds_open) {
        append_head(out, "purse_holds_open", "Holds that are open in the ledger.", "gauge");
        append_sample(out, "purse_holds_open", {}, *now.holds_open);
    }
    return out;
}

}  // namespace purse::server
