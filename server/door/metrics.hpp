// SPDX-License-Identifier: Apache-2.0
// What is counted for /metrics, in Prometheus' text form (exposition format 0.0.4). Counters that
// the writer's thread moves are atomic; the rest belongs to the I/O thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/refusal.hpp"
#include "ledger/writer.hpp"
#include "server/http/figures.hpp"
#include "tools/tool.hpp"

namespace purse::server {

enum class Route { mcp, sse, messages, healthz, readyz, metrics, metadata, operator_page, other };
constexpr std::size_t kRouteCount = 9;

/// A histogram with fixed bounds. One thread adds, any reads.
template <std::size_t kBounds>
class Histogram {
public:
    explicit constexpr Histogram(std::array<double, kBounds> bounds) : bounds_{bounds} {}

    void add(double value)
    {
        std::size_t i = 0;
        while (i < kBounds && value > bounds_[i]) ++i;
        buckets_[i].fetch_add(1, std::memory_order_relaxed);
        sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    }
    void append(std::string& out, std::string_view name, std::string_view help) const;

private:
    const std::array<double, kBounds> bounds_;
    std::array<std::atomic<std::uint64_t>, kBounds + 1> buckets_{};
    std::atomic<double> sum_{0};
};

class Metrics final : public WriterObserver {
public:
    // The writer's thread.
    void begin_commit(std::size_t pieces) override;
    void end_commit() override;

    /// The result of a tool call, on the thread that answers: counts decisions by reason.
    void count_decision(const tools::Result& result);

    // The I/O thread.
    void count_request(Route route, int status);
    void count_unauthorized() { ++unauthorized_; }
    void count_throttled() { ++throttled_; }

    /// Gauges that others know.
    struct Now {
        http::ServerFigures http;
        std::size_t sessions = 0;
        std::size_t sse_sessions = 0;
        std::size_t streams = 0;
        std::optional<std::size_t> holds_open;  ///< nothing: the ledger gave no answer
    };
    std::string text(const Now& now) const;

private:
    static constexpr std::size_t kReasonCount = kReasonNames.size();
    std::atomic<std::uint64_t> approved_{0};
    std::array<std::atomic<std::uint64_t>, kReasonCount> refused_{};
    Histogram<11> commit_pieces_{{1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512}};
    Histogram<12> commit_seconds_{
        {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5}};
    std::chrono::steady_clock::time_point commit_began_;  // the writer's thread alone
    static constexpr std::size_t kStatusMin = 200;
    static constexpr std::size_t kStatuses = 400;
    std::array<std::array<std::uint64_t, kStatuses>, kRouteCount> requests_{};
    std::uint64_t unauthorized_ = 0;
    std::uint64_t throttled_ = 0;
};

}  // namespace purse::server
