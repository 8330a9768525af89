// SPDX-License-Identifier: Apache-2.0
#include "server/http_service.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <exception>
#include <utility>

namespace purse::server {

namespace {
std::string base_of(const HttpSettings& settings, std::uint16_t port)
{
    const auto& host = settings.server.host;
    const bool is_v6 = host.find(':') != std::string::npos;
    return (settings.server.tls ? "https://" : "http://") + (is_v6 ? "[" + host + "]" : host) +
           ":" + std::to_string(port);
}

std::unique_ptr<OperatorPage> operator_page_of(const HttpService::Ports& ports,
                                               const HttpSettings& settings, Mailbox::Post post,
                                               After after)
{
    if (settings.operator_page == Switch::off) return nullptr;
    const auto public_origin =
        origin_of_url(settings.door.origin.public_url).value_or(std::string{});
    const bool by_tls = settings.server.tls || public_origin.starts_with("https:");
    return std::make_unique<OperatorPage>(
        OperatorPage::Ports{.till = ports.till,
                            .entropy = ports.entropy,
                            .metrics = ports.metrics,
                            .post = std::move(post),
                            .after = std::move(after)},
        OperatorSettings{.reached = by_tls ? Reached::by_tls : Reached::plainly,
                         .public_origin = public_origin,
                         .rail = ports.rail});
}
}  // namespace

HttpService::HttpService(const Ports& ports, HttpSettings settings, std::string session_key)
    : log_{ports.log},
      mailbox_{[this](std::move_only_function<void()> work) { server_->post(std::move(work)); }},
      operator_{operator_page_of(
          ports, settings,
          [this](std::move_only_function<void()> work) { server_->post(std::move(work)); },
          [this](std::chrono::milliseconds time, std::move_only_function<void()> work) {
              server_->after(time, std::move(work));
          })},
      door_{
          {.protocol = ports.protocol,
           .registrar = ports.registrar,
           .ledger = ports.ledger,
           .mailbox = mailbox_,
           .metrics = ports.metrics,
           .entropy = ports.entropy,
           .clock = ports.clock,
           .figures = [this]() -> const http::ServerFigures& { return server_->figures(); },
           .post = [this](std::move_only_function<void()> work) { server_->post(std::move(work)); },
           .operator_door = operator_.get()},
          settings.door,
          SessionIds{std::move(session_key)}},
      public_origin_{origin_of_url(settings.door.origin.public_url).value_or(std::string{})},
      ended_fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}
{
    server_ = std::make_unique<http::HttpServer>(settings.server, door_, log_);
    base_ = base_of(settings, server_->port());
    if (settings.door.scheme_and_host.empty()) door_.set_own_address(base_);
}

HttpService::~HttpService()
{
    stop();
    if (ended_fd_ >= 0) ::close(ended_fd_);
}

std::string HttpService::operator_base() const
{
    if (!public_origin_.empty()) return public_origin_;
    // A server that listens on every address is on this machine too.
    for (const std::string_view any : {"//0.0.0.0:", "//[::]:"})
        if (const auto at = base_.find(any); at != std::string::npos)
            return base_.substr(0, at) + "//127.0.0.1:" + base_.substr(at + any.size());
    return base_;
}

void HttpService::start()
{
    server_->post([this] { mailbox_.adopt_thread(); });
    thread_ = std::thread{[this] { run(); }};
}

void HttpService::run()
{
    try {
        server_->run();
    } catch (const std::exception& error) {
        log_.error(std::string{"the HTTP server has failed: "} + error.what());
    }
    const std::uint64_t one = 1;
    static_cast<void>(!::write(ended_fd_, &one, sizeof one));
}

void HttpService::stop()
{
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
}

}  // namespace purse::server
