// SPDX-License-Identifier: Apache-2.0
#include "server/http/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <utility>

#include "server/http/failure.hpp"
#include "server/http/hub.hpp"
#include "server/http/listener.hpp"
#include "server/http/tls.hpp"

namespace purse::server::http {

namespace asio = boost::asio;

class HttpServer::Impl {
public:
    Impl(ServerSettings settings, Handler& handler, Log& log)
        : hub_{settings.limits, handler, log},
          tls_{settings.tls ? std::make_unique<Tls>(*settings.tls) : nullptr},
          listener_{io_, hub_, tls_.get(), {settings.host, settings.port}}
    {
    }
    ~Impl() { hub_.abandon_all(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    std::uint16_t port() const { return listener_.port(); }
    const ServerFigures& figures() const noexcept { return hub_.figures; }

    void run()
    {
        hub_.tick(Hub::Clock::now());
        if (!hub_.stopping) listener_.start();
        await_tick();
        while (true) {
            // Whatever a callback throws must not take the server down with it.
            try {
                io_.run();
                return;
            } catch (...) {
                hub_.log.error("http: " + failure());
            }
        }
    }

    void stop()
    {
        post([this] { begin_stop(); });
    }

    void post(std::move_only_function<void()> work)
    {
        asio::post(io_, [work = std::move(work)]() mutable { work(); });
    }

    void after(milliseconds time, std::move_only_function<void()> work)
    {
        auto timer = std::make_unique<asio::steady_timer>(io_, time);
        auto& waits = *timer;
        const auto place = later_.insert(later_.end(), std::move(timer));
        waits.async_wait([this, place, work = std::move(work)](const auto& error) mutable {
            later_.erase(place);
            if (!error) work();
        });
    }

private:
    void await_tick()
    {
        timer_.expires_after(hub_.limits.tick);
        timer_.async_wait([this](const auto& error) {
            if (error) return;
            // First, for nothing below may keep it from coming again.
            if (hub_.stopping && hub_.empty()) return;
            await_tick();
            const auto now = Hub::Clock::now();
            hub_.tick(now);
            if (hub_.stopping && now >= cut_at_) hub_.cut_all();
            if (std::exchange(odd_tick_, !odd_tick_)) hub_.handler.tick();
        });
    }

    void begin_stop()
    {
        if (hub_.stopping) return;
        hub_.stopping = true;
        cut_at_ = Hub::Clock::now() + hub_.limits.shutdown_patience;
        listener_.close();
        hub_.begin_stop();
        hub_.handler.stopping();
        for (const auto& timer : later_) timer->cancel();
    }

    // The loop goes before the hub and TLS do: connections that it still holds use both.
    Hub hub_;
    std::unique_ptr<Tls> tls_;
    // One thread runs it; the hint leaves post() safe from others.
    asio::io_context io_{1};
    Listener listener_;
    asio::steady_timer timer_{io_};
    std::list<std::unique_ptr<asio::steady_timer>> later_;
    Hub::Clock::time_point cut_at_ = Hub::Clock::time_point::max();
    bool odd_tick_ = false;
};

HttpServer::HttpServer(ServerSettings settings, Handler& handler, Log& log)
    : impl_{std::make_unique<Impl>(std::move(settings), handler, log)}
{
}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept
{
    return impl_->port();
}

void HttpServer::run()
{
    impl_->run();
}

void HttpServer::stop()
{
    impl_->stop();
}

void HttpServer::post(std::move_only_function<void()> work)
{
    impl_->post(std::move(work));
}

void HttpServer::after(milliseconds time, std::move_only_function<void()> work)
{
    impl_->after(time, std::move(work));
}

const ServerFigures& HttpServer::figures() const noexcept
{
    return impl_->figures();
}

}  // namespace purse::server::http
