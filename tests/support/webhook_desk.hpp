// SPDX-License-Identifier: Apache-2.0
// A ledger with one webhook, a receiver that does what the test says, and a clock of the test's
// own.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ledger/webhooks.hpp"
#include "server/bookkeepers.hpp"
#include "server/webhook/sender.hpp"
#include "tests/support/test_ledger.hpp"

namespace purse::test {

/// What a receiver was sent.
struct Received {
    std::string body;
    std::vector<HttpField> fields;

    std::string field(std::string_view name) const
    {
        for (const auto& [key, value] : fields)
            if (key == name) return value;
        return {};
    }
    std::string id() const { return field("webhook-id"); }
    std::string type() const
    {
        const auto document = json::parse(body);
        return document ? std::string{document->root().text_of("type")} : std::string{};
    }
};

/// Answers with the statuses it was given, then 200. 0: nothing comes back.
struct Receiver {
    std::vector<Received> received;
    std::deque<int> statuses;
    int always = 200;
    std::string retry_after;
    std::function<void(const Received&)> on_message;

    int next()
    {
        if (statuses.empty()) return always;
        const auto status = statuses.front();
        statuses.pop_front();
        return status;
    }
    std::vector<std::string> types() const
    {
        std::vector<std::string> all;
        for (const auto& one : received) all.push_back(one.type());
        return all;
    }
};

class FakePoster final : public HttpPoster {
public:
    explicit FakePoster(Receiver& receiver) : receiver_{receiver} {}
    std::expected<HttpReply, TransportFault> post(const std::string& body,
                                                  std::span<const HttpField> fields) override
    {
        receiver_.received.push_back({body, {fields.begin(), fields.end()}});
        if (receiver_.on_message) receiver_.on_message(receiver_.received.back());
        const auto status = receiver_.next();
        if (status == 0) return std::unexpected{TransportFault{"no connection"}};
        return HttpReply{.status = status, .retry_after = receiver_.retry_after, .body = {}};
    }
    void cancel() noexcept override {}

private:
    Receiver& receiver_;
};

class WebhookDesk {
public:
    explicit WebhookDesk(std::string events = "*", std::string agent = {}) : books{purse.ledger()}
    {
        id = purse.run(
            [&](Books& now) { return server_add(now, std::move(events), std::move(agent)); });
        start();
    }

    TestLedger purse{nullptr, TempFolder::On::memory};  // thousands of commits
    server::LedgerBookkeeper books;
    server::Log log{server::LogLevel::off};
    SeededEntropy chance{7};
    Receiver receiver;
    std::string id;
    std::unique_ptr<server::WebhookSender> sender;

    /// A sender as a process has it that begins now.
    void start()
    {
        sender = std::make_unique<server::WebhookSender>(
            server::SenderPorts{
                .books = books,
                .clock = purse.clock,
                .entropy = chance,
                .log = log,
                .crash = {},
                .open =
                    [this](const std::string&) {
                        return std::expected<std::unique_ptr<HttpPoster>, std::string>{
                            std::make_unique<FakePoster>(receiver)};
                    }},
            row());
    }
    /// Rounds until there is nothing to do at the moment.
    void work()
    {
        for (int i = 0; i < 1'000; ++i)
            if (sender->round() != server::WebhookSender::Round::more) return;
        throw std::runtime_error{"the sender does not come to rest"};
    }
    WebhookRow row()
    {
        return purse.run([&](Books& now) { return *now.rows().webhooks().find(id); });
    }
    std::vector<WebhookLetter> letters(Letters which)
    {
        return purse.run(
            [&](Books& now) { return now.rows().webhooks().letters(id, which, 10'000); });
    }

private:
    std::string server_add(Books& now, std::string events, std::string agent)
    {
        return Webhooks{now}
            .add({.url = "https://example.org/hook",
                  .where = "https://example.org",
                  .events = std::move(events),
                  .agent = std::move(agent),
                  .note = {},
                  .secret = std::string(32, 'k'),
                  .by = "test"},
                 chance)
            ->id;
    }
};

}  // namespace purse::test
