// SPDX-License-Identifier: Apache-2.0
#include "server/webhook/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "ledger/books.hpp"
#include "ledger/webhooks.hpp"
#include "server/file_turn.hpp"
#include "server/webhook/limits.hpp"

namespace purse::server {

namespace {
std::vector<WebhookRow> all_webhooks(Bookkeeper& books)
{
    std::vector<WebhookRow> rows;
    books.transact([&](Books& now) { rows = now.rows().webhooks().list(kWebhooksMax); });
    return rows;
}
}  // namespace

/// One webhook's thread.
class WebhookWorker::Line {
public:
    Line(const SenderPorts& ports, const WebhookRow& row)
        : id_{row.id},
          log_{ports.log},
          sender_{ports, row},
          thread_{[this] { run(); }}
    {
    }
    ~Line()
    {
        stop();
        thread_.join();
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    const std::string& id() const noexcept { return id_; }
    const WebhookSender& sender() const noexcept { return sender_; }
    bool has_ended() const noexcept { return has_ended_; }
    void wake() noexcept
    {
        ++beat_;
        beat_.notify_one();
    }
    void stop() noexcept
    {
        stop_ = true;
        sender_.stop();
        wake();
    }

private:
    void run()
    {
        while (!stop_) {
            const auto beat = beat_.load();
            auto round = WebhookSender::Round::rest;
            try {
                round = sender_.round();
            } catch (const std::exception& error) {
                // It comes again with the next beat.
                log_.warn("webhook " + id_ + ": " + error.what());
            }
            if (round == WebhookSender::Round::gone) break;
            if (round == WebhookSender::Round::rest && !stop_) beat_.wait(beat);
        }
        has_ended_ = true;
    }

    const std::string id_;
    Log& log_;
    WebhookSender sender_;
    std::atomic<std::uint32_t> beat_ = 0;
    std::atomic<bool> stop_ = false;
    std::atomic<bool> has_ended_ = false;
    std::thread thread_;
};

WebhookWorker::WebhookWorker(Parts parts) : parts_{std::move(parts)} {}

WebhookWorker::~WebhookWorker()
{
    stop();
}

void WebhookWorker::tick()
{
    if (thread_.joinable() || rest_.is_over()) return;
    if (::access(parts_.lock_file.c_str(), F_OK) == 0) thread_ = std::thread{[this] { run(); }};
}

void WebhookWorker::stop()
{
    rest_.end();
    if (thread_.joinable()) thread_.join();
}

void WebhookWorker::run()
{
    try {
        FileTurn turn{parts_.lock_file};
        while (!turn.take())
            if (!rest_.pause(kWebhookTurnEvery)) return;
        auto next = kWebhookPulse;
        do {
            try {
                next = look_around();
            } catch (const StoreError& error) {
                // Then the ledger is closed for good, to this process.
                if (error.kind() == StoreError::Kind::in_doubt) throw;
                parts_.ports.log.warn(std::string{"webhooks: "} + error.what());
                next = kWebhookPulseIdle;
            }
        } while (rest_.pause(next));
        // All are told to end before one is waited for.
        for (const auto& line : lines_) line->stop();
        lines_.clear();
    } catch (const std::exception& error) {
        parts_.ports.log.error(std::string{"webhooks are not delivered: "} + error.what());
        lines_.clear();
    }
}

Span WebhookWorker::look_around()
{
    std::vector<WebhookRow> rows;
    std::vector<bool> has_due;
    std::int64_t last = 0;
    Instant now;
    parts_.ports.books.transact([&](Books& books) {
        auto& webhooks = books.rows().webhooks();
        now = books.now();
        last = books.meta().seq;
        rows = webhooks.list(kWebhooksMax);
        has_due.clear();
        for (const auto& row : rows)
            has_due.push_back(!webhooks.due_letters(row.id, now, 1).empty());
    });
    std::erase_if(lines_, [](const auto& line) { return line->has_ended(); });
    for (const auto& line : lines_)
        if (std::ranges::find(rows, line->id(), &WebhookRow::id) == rows.end()) line->wake();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto line =
            std::ranges::find_if(lines_, [&](const auto& one) { return one->id() == rows[i].id; });
        if (line == lines_.end())
            lines_.push_back(std::make_unique<Line>(parts_.ports, rows[i]));
        else if ((*line)->sender().wants(rows[i], last, has_due[i], now))
            (*line)->wake();
    }
    return rows.empty() ? kWebhookPulseIdle : kWebhookPulse;
}

bool WebhookWorker::deliver_once()
{
    FileTurn turn{parts_.lock_file};
    if (!turn.take()) return false;
    const auto rows = all_webhooks(parts_.ports.books);
    std::vector<std::jthread> threads;
    for (const auto& row : rows)
        threads.emplace_back([&] {
            try {
                WebhookSender sender{parts_.ports, row};
                while (sender.round() == WebhookSender::Round::more) {}
            } catch (const std::exception& error) {
                parts_.ports.log.warn("webhook " + row.id + ": " + error.what());
            }
        });
    return true;
}

}  // namespace purse::server
