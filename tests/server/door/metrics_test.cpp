// SPDX-License-Identifier: Apache-2.0
#include "server/door/metrics.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace purse;
using namespace purse::server;

namespace {
/// The text of /metrics, taken apart as a scraper does it.
struct Scraped {
    std::map<std::string, double> samples;  // by name and labels
    std::map<std::string, std::string> types;
    std::vector<std::string> order;

    double operator[](const std::string& sample) const
    {
        INFO(sample);
        REQUIRE(samples.contains(sample));
        return samples.at(sample);
    }
};

Scraped scrape(const std::string& text)
{
    static const std::regex kSample{
        R"re(([a-z_]+)(\{[a-z]+="[a-z0-9_+.e-]+"(,[a-z]+="[a-z0-9_+.e-]+")*\})? (\S+))re",
        std::regex::icase};
    REQUIRE(text.ends_with('\n'));
    Scraped seen;
    std::istringstream lines{text};
    std::string family;
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.starts_with("# HELP ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            REQUIRE(line.size() > 8 + family.size());
            continue;
        }
        if (line.starts_with("# TYPE ")) {
            REQUIRE(line.substr(7, family.size() + 1) == family + " ");
            REQUIRE(seen.types.emplace(family, line.substr(8 + family.size())).second);
            continue;
        }
        std::smatch match;
        REQUIRE(std::regex_match(line, match, kSample));
        // A sample belongs to the family whose head stands before it.
        REQUIRE(match[1].str().starts_with(family));
        std::size_t used = 0;
        const auto value = std::stod(match[4], &used);
        REQUIRE(used == match[4].str().size());
        REQUIRE(std::isfinite(value));
        REQUIRE(value >= 0);
        const auto key = match[1].str() + match[2].str();
        REQUIRE(seen.samples.emplace(key, value).second);
        seen.order.push_back(key);
    }
    return seen;
}

tools::Result refusal(std::string_view reason)
{
    return {.structured = {{"ok", false}, {"reason", reason}}, .text = "no", .is_error = true};
}
}  // namespace

TEST_CASE("metrics: all that is there before anything has happened")
{
    const auto seen = scrape(Metrics{}.text({}));
    for (const auto* name : {"purse_http_connections", "purse_http_requests_in_progress",
                             "purse_sessions", "purse_sse_sessions", "purse_streams"}) {
        CHECK(seen.types.at(name) == "gauge");
        CHECK(seen[name] == 0);
    }
    for (const auto* name : {"purse_http_accepted_total", "purse_http_refused_total",
                             "purse_http_timed_out_total", "purse_http_malformed_total",
                             "purse_http_unauthorized_total", "purse_http_throttled_total"}) {
        CHECK(seen.types.at(name) == "counter");
        CHECK(seen[name] == 0);
    }
    CHECK(seen["purse_decisions_total{reason=\"ok\"}"] == 0);
    // What the ledger did not say is left out: a nought would be a lie.
    CHECK_FALSE(seen.samples.contains("purse_holds_open"));
}

TEST_CASE("metrics: gauges are those of now")
{
    const auto seen = scrape(Metrics{}.text({.http = {.connections = 1,
                                                      .requests_in_progress = 2,
                                                      .accepted = 3,
                                                      .refused_capacity = 4,
                                                      .timed_out = 5,
                                                      .malformed = 6},
                                             .sessions = 7,
                                             .sse_sessions = 8,
                                             .streams = 9,
                                             .holds_open = 10}));
    CHECK(seen["purse_http_connections"] == 1);
    CHECK(seen["purse_http_requests_in_progress"] == 2);
    CHECK(seen["purse_http_accepted_total"] == 3);
    CHECK(seen["purse_http_refused_total"] == 4);
    CHECK(seen["purse_http_timed_out_total"] == 5);
    CHECK(seen["purse_http_malformed_total"] == 6);
    CHECK(seen["purse_sessions"] == 7);
    CHECK(seen["purse_sse_sessions"] == 8);
    CHECK(seen["purse_streams"] == 9);
    CHECK(seen["purse_holds_open"] == 10);
}

TEST_CASE("metrics: requests by route and status")
{
    Metrics metrics;
    metrics.count_request(Route::mcp, 200);
    metrics.count_request(Route::mcp, 200);
    metrics.count_request(Route::mcp, 404);
    metrics.count_request(Route::other, 404);
    metrics.count_request(Route::metadata, 599);
    for (const int odd : {-1, 0, 100, 199, 600, 1'000}) metrics.count_request(Route::mcp, odd);
    metrics.count_unauthorized();
    metrics.count_throttled();
    metrics.count_throttled();
    const auto seen = scrape(metrics.text({}));
    CHECK(seen["purse_http_requests_total{route=\"mcp\",status=\"200\"}"] == 2);
    CHECK(seen["purse_http_requests_total{route=\"mcp\",status=\"404\"}"] == 1);
    CHECK(seen["purse_http_requests_total{route=\"other\",status=\"404\"}"] == 1);
    CHECK(seen["purse_http_requests_total{route=\"metadata\",status=\"599\"}"] == 1);
    CHECK(std::ranges::count_if(seen.order, [](const std::string& key) {
              return key.starts_with("purse_http_requests_total");
          }) == 4);
    CHECK(seen["purse_http_unauthorized_total"] == 1);
    CHECK(seen["purse_http_throttled_total"] == 2);
    // Each route has a name of its own.
    for (std::size_t i = 0; i < kRouteCount; ++i) metrics.count_request(static_cast<Route>(i), 202);
    std::set<std::string> routes;
    for (const auto& key : scrape(metrics.text({})).order)
        if (key.find("status=\"202\"") != std::string::npos) routes.insert(key);
    CHECK(routes.size() == kRouteCount);
}

TEST_CASE("metrics: decisions by reason, and what has none is left out")
{
    Metrics metrics;
    metrics.count_decision({.structured = {{"ok", true}}, .text = {}, .is_error = false});
    for (const auto name : kReasonNames) metrics.count_decision(refusal(name));
    metrics.count_decision(refusal("frozen"));
    metrics.count_decision(refusal("no such reason"));
    metrics.count_decision({.structured = {}, .text = "?", .is_error = true});
    metrics.count_decision({.structured = {{"reason", 5}}, .text = "?", .is_error = true});
    const auto seen = scrape(metrics.text({}));
    CHECK(seen["purse_decisions_total{reason=\"ok\"}"] == 1);
    for (const auto name : kReasonNames)
        CHECK(seen["purse_decisions_total{reason=\"" + std::string{name} + "\"}"] ==
              (name == "frozen" ? 2 : 1));
}

TEST_CASE("metrics: histograms are cumulative, to the bound and with it")
{
    Metrics metrics;
    const std::vector<std::size_t> pieces{1, 2, 3, 512, 513};
    for (const auto count : pieces) {
        metrics.begin_commit(count);
        metrics.end_commit();
    }
    const auto seen = scrape(metrics.text({}));
    const auto bucket = [&](const std::string& bound) {
        return seen["purse_commit_pieces_bucket{le=\"" + bound + "\"}"];
    };
    CHECK(bucket("1") == 1);
    CHECK(bucket("2") == 2);
    CHECK(bucket("4") == 3);
    CHECK(bucket("384") == 3);
    CHECK(bucket("512") == 4);
    CHECK(bucket("+Inf") == 5);
    CHECK(seen["purse_commit_pieces_count"] == 5);
    CHECK(seen["purse_commit_pieces_sum"] == 1031);
    for (const auto* name : {"purse_commit_pieces", "purse_commit_seconds"}) {
        CHECK(seen.types.at(name) == "histogram");
        double before = 0;
        double bound_before = -1;
        int buckets = 0;
        const auto start = std::string{name} + "_bucket{le=\"";
        for (const auto& key : seen.order) {
            if (!key.starts_with(start)) continue;
            ++buckets;
            const auto bound = std::stod(key.substr(start.size()));  // reads "+Inf" as well
            CHECK(bound > bound_before);
            CHECK(seen[key] >= before);
            bound_before = bound;
            before = seen[key];
        }
        CHECK(buckets > 5);
        CHECK(std::isinf(bound_before));
        CHECK(before == seen[std::string{name} + "_count"]);
        CHECK(before == 5);
    }
}
