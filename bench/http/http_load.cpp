// SPDX-License-Identifier: Apache-2.0
#include "bench/http/http_load.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>

#include "bench/http/connection.hpp"

namespace purse::bench {

namespace {

constexpr int kAnswerMilliseconds = 30'000;
constexpr int kOk = 200;
constexpr int kTooMany = 429;
constexpr int kUnavailable = 503;

struct Lane {
    Connection connection;
    bool settling = false;
    SteadyClock::time_point begun;
};

double own_cpu_us()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    constexpr double kMillion = 1e6;
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * kMillion +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

class Epoll {
public:
    Epoll() : fd_(::epoll_create1(EPOLL_CLOEXEC))
    {
        if (fd_ < 0) throw std::runtime_error("no epoll");
    }
    ~Epoll() { ::close(fd_); }
    Epoll(const Epoll&) = delete;
    Epoll& operator=(const Epoll&) = delete;

    void watch(int fd, std::size_t index) const
    {
        epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
        if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0)
            throw std::runtime_error("epoll does not watch");
    }

    /// How many of `events` are set.
    template <std::size_t kMost>
    std::size_t wait(std::array<epoll_event, kMost>& events) const
    {
        const int n = ::epoll_wait(fd_, events.data(), kMost, kAnswerMilliseconds);
        if (n == 0) throw std::runtime_error("the server does not answer within its time");
        if (n < 0 && errno != EINTR) throw std::runtime_error("epoll failed");
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }

private:
    int fd_;
};

class HttpDriver {
public:
    HttpDriver(const Child& server, const Peer& peer, const HttpLoad& load)
        : server_(server),
          peer_(peer),
          load_(load),
          style_(style_of(peer.protocol))
    {
        result_.nanoseconds.reserve(1U << 18U);
        lanes_.reserve(load.connections);
        for (unsigned i = 0; i < load.connections; ++i) {
            lanes_.push_back({.connection = Connection(peer), .settling = false, .begun = {}});
            prepare(lanes_.back());
            epoll_.watch(lanes_.back().connection.fd(), i);
        }
    }

    HttpLoadResult run()
    {
        measured_from_ = SteadyClock::now() + load_.warm_up;
        ends_at_ = measured_from_ + load_.duration;
        now_ = SteadyClock::now();
        for (auto& lane : lanes_) begin(lane);
        std::array<epoll_event, 64> events{};
        while (in_flight_ > 0) {
            const auto count = epoll_.wait(events);
            now_ = SteadyClock::now();
            note_borders();
            for (std::size_t i = 0; i < count; ++i) {
                auto& lane = lanes_[events[i].data.u64];
                if (lane.connection.receive()) take(lane);
            }
        }
        if (measuring_) finish();
        return std::move(result_);
    }

private:
    /// One call before the measurement: some servers accept connections more slowly than they
    /// answer, and that is not what is measured.
    void prepare(Lane& lane)
    {
        lane.connection.initialize();
        body_.clear();
        append_status(body_, ++requests_, style_);
        write_request(lane, "pay_budget_status");
        require_ok(lane.connection.exchange(request_).message());
    }

    void begin(Lane& lane)
    {
        if (now_ >= ends_at_) return;
        ++in_flight_;
        lane.settling = false;
        lane.begun = now_;
        body_.clear();
        if (load_.operation == HttpOperation::pair) {
            append_preauthorize(body_, ++requests_, style_);
            send(lane, "pay_preauthorize");
        } else {
            append_status(body_, ++requests_, style_);
            send(lane, "pay_budget_status");
        }
    }

    void settle(Lane& lane, std::string_view tx_id)
    {
        lane.settling = true;
        body_.clear();
        append_settle(body_, ++requests_, tx_id, style_);
        send(lane, "pay_settle");
    }

    /// Makes a request of body_, which ends with the newline of stdio.
    void write_request(const Lane& lane, std::string_view tool)
    {
        body_.pop_back();
        request_.clear();
        append_post(request_, peer_,
                    {.method = "tools/call", .name = tool, .session = lane.connection.session()},
                    body_);
    }

    void send(Lane& lane, std::string_view tool)
    {
        write_request(lane, tool);
        lane.connection.send(request_);
    }

    void take(Lane& lane)
    {
        now_ = SteadyClock::now();
        const auto& response = lane.connection.response();
        if (is_refusal(response.status())) {
            --in_flight_;
            begin(lane);
            return;
        }
        const auto message = response.message();
        if (response.status() != kOk)
            throw std::runtime_error("an answer with status " + std::to_string(response.status()) +
                                     ": " + std::string(message));
        require_ok(message);
        if (measuring_) ++calls_;
        if (load_.operation == HttpOperation::pair && !lane.settling) {
            settle(lane, tx_id_of(message));
            return;
        }
        --in_flight_;
        if (measuring_) result_.nanoseconds.push_back((now_ - lane.begun).count());
        begin(lane);
    }

    bool is_refusal(int status)
    {
        if (status != kTooMany && status != kUnavailable) return false;
        return ++result_.refusals <= load_.refusals_max;
    }

    /// Switches the measurement on and off as its borders are passed.
    void note_borders()
    {
        if (!begun_measuring_ && now_ >= measured_from_) {
            begun_measuring_ = measuring_ = true;
            measured_from_ = now_;
            server_before_ = server_.cpu_time();
            driver_before_ = own_cpu_us();
        }
        if (measuring_ && now_ >= ends_at_) finish();
    }

    void finish()
    {
        measuring_ = false;
        result_.seconds = std::chrono::duration<double>(now_ - measured_from_).count();
        if (result_.nanoseconds.empty()) throw std::runtime_error("nothing was measured");
        const auto calls = static_cast<double>(calls_);
        const auto cpu = static_cast<double>((server_.cpu_time() - server_before_).count());
        result_.server_cpu_us = cpu / calls;
        result_.driver_cpu_us = (own_cpu_us() - driver_before_) / calls;
    }

    const Child& server_;
    const Peer& peer_;
    const HttpLoad& load_;
    CallStyle style_;
    std::vector<Lane> lanes_;
    Epoll epoll_;
    HttpLoadResult result_;
    std::string body_;
    std::string request_;
    std::uint64_t requests_ = 0;
    std::uint64_t calls_ = 0;
    unsigned in_flight_ = 0;
    bool begun_measuring_ = false;
    bool measuring_ = false;
    SteadyClock::time_point now_;
    SteadyClock::time_point measured_from_;
    SteadyClock::time_point ends_at_;
    std::chrono::microseconds server_before_{};
    double driver_before_ = 0;
};

}  // namespace

HttpLoadResult run_http_load(const Child& server, const Peer& peer, const HttpLoad& load)
{
    return HttpDriver(server, peer, load).run();
}

}  // namespace purse::bench
