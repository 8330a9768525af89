// SPDX-License-Identifier: Apache-2.0
// The worker with its threads, on a ledger with its writer.
#include "server/webhook/worker.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "ledger/system/clock.hpp"
#include "ledger/webhooks.hpp"
#include "ledger/writer.hpp"
#include "server/bookkeepers.hpp"
#include "server/file_turn.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::server;

namespace {
class WriterTill final : public tools::Till {
public:
    explicit WriterTill(Ledger& ledger) : writer_{ledger, {}} {}
    bool submit(Work& work) override { return writer_.submit(work); }

private:
    Writer writer_;
};

/// What one receiver does and has got.
struct Place {
    bool hangs = false;
    std::atomic<int> count = 0;
};

class PlacePoster final : public HttpPoster {
public:
    explicit PlacePoster(Place& place) : place_{place} {}
    std::expected<HttpReply, TransportFault> post(const std::string&,
                                                  std::span<const HttpField>) override
    {
        ++place_.count;
        if (place_.hangs) is_cancelled_.wait(false);
        if (is_cancelled_) return std::unexpected{TransportFault{"cancelled"}};
        return HttpReply{.status = 204, .retry_after = {}, .body = {}};
    }
    void cancel() noexcept override
    {
        is_cancelled_ = true;
        is_cancelled_.notify_all();
    }

private:
    Place& place_;
    std::atomic<bool> is_cancelled_ = false;
};

class WorkerDesk {
public:
    WebhookWorker::Parts parts()
    {
        return {.lock_file = purse.folder / "webhook.lock",
                .ports = {.books = books,
                          .clock = purse.clock,
                          .entropy = entropy,
                          .log = log,
                          .crash = {},
                          .open = [this](const std::string& url) {
                              return std::expected<std::unique_ptr<HttpPoster>, std::string>{
                                  std::make_unique<PlacePoster>(places.at(url))};
                          }}};
    }
    std::string add(const std::string& url)
    {
        std::string id;
        books.transact([&](Books& now) {
            id = Webhooks{now}
                     .add({.url = url,
                           .where = url,
                           .events = "decision.*",
                           .agent = {},
                           .note = {},
                           .secret = std::string(32, 'k'),
                           .by = "test"},
                          entropy)
                     ->id;
        });
        return id;
    }
    void holds(int count)
    {
        for (int i = 0; i < count; ++i)
            books.transact([&](Books& now) {
                auto request = test::ask(purse.rules, test::usdc("1"));
                request.epoch = now.meta().epoch;
                now.hold(request);
            });
    }
    /// Beats as a server does, until `there`; false: not within 20 seconds.
    static bool until(WebhookWorker& worker, const std::function<bool()>& there)
    {
        for (int i = 0; i < 2'000; ++i) {
            if (there()) return true;
            worker.tick();
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        return false;
    }

    test::TestLedger purse;
    system::SystemEntropy entropy;
    Log log{LogLevel::off};
    std::map<std::string, Place> places;
    WriterTill till{purse.ledger()};
    TillBookkeeper books{till};
};
}  // namespace

TEST_CASE("webhook worker: a receiver that hangs holds up no other, and stop() ends it")
{
    WorkerDesk desk;
    desk.places["hangs"].hangs = true;
    auto& first = desk.places["first"].count;
    auto& second = desk.places["second"].count;
    for (const auto* url : {"hangs", "first", "second"}) desk.add(url);
    WebhookWorker worker{desk.parts()};
    worker.tick();  // there is no file yet, so nothing begins
    desk.holds(20);
    CHECK(first == 0);
    const FileTurn announced{desk.parts().lock_file};
    REQUIRE(WorkerDesk::until(worker, [&] { return first == 20 && second == 20; }));
    desk.holds(5);
    REQUIRE(WorkerDesk::until(worker, [&] { return first == 25 && second == 25; }));
    CHECK(desk.places["hangs"].count == 1);
    worker.stop();
    CHECK(first == 25);
}

TEST_CASE("webhook worker: of two one works; the other takes over, and what is removed ends")
{
    WorkerDesk desk;
    auto& count = desk.places["a"].count;
    const auto id = desk.add("a");
    const FileTurn announced{desk.parts().lock_file};
    auto first = std::make_unique<WebhookWorker>(desk.parts());
    desk.holds(3);
    REQUIRE(WorkerDesk::until(*first, [&] { return count == 3; }));
    WebhookWorker second{desk.parts()};
    second.tick();
    CHECK_FALSE(WebhookWorker{desk.parts()}.deliver_once());
    first.reset();
    desk.holds(3);
    REQUIRE(WorkerDesk::until(second, [&] { return count == 6; }));
    desk.books.transact([&](Books& now) { Webhooks{now}.remove(id, "me"); });
    desk.add("a");
    desk.holds(2);
    REQUIRE(WorkerDesk::until(second, [&] { return count >= 8; }));
    second.stop();
    CHECK(count == 8);
    desk.holds(1);
    CHECK(WebhookWorker{desk.parts()}.deliver_once());
    CHECK(count == 9);
}
