// SPDX-License-Identifier: Apache-2.0
#include "server/door/mailbox.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <deque>

using namespace purse::server;

namespace {
struct Listed final : Outlet {
    void deliver(Letter letter) override { frames.push_back(std::move(letter.frame)); }
    std::vector<std::string> frames;
};

struct Fixture {
    std::atomic<int> calls{0};
    std::deque<std::move_only_function<void()>> work;
    Mailbox mailbox{[this](std::move_only_function<void()> piece) {
        ++calls;
        work.push_back(std::move(piece));
    }};
    std::shared_ptr<Listed> outlet = std::make_shared<Listed>();

    Fixture() { mailbox.adopt_thread(); }
    void put(std::string frame) { mailbox.put(outlet, {.frame = std::move(frame), .error = {}}); }
    template <typename Act>
    static void elsewhere(Act act)
    {
        std::thread{act}.join();
    }
    void run()
    {
        while (!work.empty()) {
            auto piece = std::move(work.front());
            work.pop_front();
            piece();
        }
    }
};

using Frames = std::vector<std::string>;
}  // namespace

TEST_CASE_METHOD(Fixture, "mailbox: on the I/O thread a letter arrives at once")
{
    put("a");
    CHECK(outlet->frames == Frames{"a"});
    CHECK(calls == 0);
}

TEST_CASE_METHOD(Fixture, "mailbox: from elsewhere, in order, with one wake-up until it is heard")
{
    elsewhere([this] {
        put("a");
        put("b");
        put("c");
    });
    CHECK(outlet->frames.empty());
    CHECK(calls == 1);
    run();
    CHECK(outlet->frames == Frames{"a", "b", "c"});
    elsewhere([this] { put("d"); });
    CHECK(calls == 2);
    run();
    CHECK(outlet->frames.size() == 4);
}

TEST_CASE_METHOD(Fixture, "mailbox: what is held arrives with one wake-up at the last release")
{
    elsewhere([this] {
        mailbox.hold();
        put("a");
        mailbox.hold();
        put("b");
        mailbox.release();
    });
    CHECK(calls == 0);
    elsewhere([this] {
        put("c");
        mailbox.release();
    });
    CHECK(calls == 1);
    run();
    CHECK(outlet->frames == Frames{"a", "b", "c"});
    // Nothing to say, nobody is woken.
    elsewhere([this] {
        mailbox.hold();
        mailbox.release();
    });
    CHECK(calls == 1);
}

TEST_CASE_METHOD(Fixture, "mailbox: what the I/O thread says does not overtake what waits")
{
    elsewhere([this] { put("a"); });
    put("b");
    run();
    CHECK(outlet->frames == Frames{"a", "b"});
    elsewhere([this] {
        mailbox.hold();
        put("c");
    });
    put("d");
    mailbox.release();
    run();
    CHECK(outlet->frames == Frames{"a", "b", "c", "d"});
}

TEST_CASE_METHOD(Fixture, "mailbox: a letter keeps its outlet alive until it is delivered")
{
    const std::weak_ptr<Listed> weak = outlet;
    elsewhere([this] { put("a"); });
    outlet.reset();
    CHECK_FALSE(weak.expired());
    run();
    CHECK(weak.expired());
}

TEST_CASE("mailbox: many threads, each in its order, nothing lost")
{
    constexpr int kThreads = 4;
    constexpr int kLetters = 2'000;
    std::mutex mutex;
    std::vector<std::move_only_function<void()>> work;
    Mailbox mailbox{[&](std::move_only_function<void()> piece) {
        const std::scoped_lock lock{mutex};
        work.push_back(std::move(piece));
    }};
    mailbox.adopt_thread();
    std::vector<std::shared_ptr<Listed>> outlets;
    for (int i = 0; i < kThreads; ++i) outlets.push_back(std::make_shared<Listed>());
    std::atomic<int> left{kThreads};
    std::vector<std::thread> threads;
    for (const auto& outlet : outlets)
        threads.emplace_back([&, outlet] {
            for (int i = 0; i < kLetters; ++i) {
                if (i % 7 == 0) mailbox.hold();
                mailbox.put(outlet, {.frame = std::to_string(i), .error = {}});
                if (i % 7 == 0) mailbox.release();
            }
            --left;
        });
    const auto run = [&] {
        std::vector<std::move_only_function<void()>> pieces;
        {
            const std::scoped_lock lock{mutex};
            pieces.swap(work);
        }
        for (auto& piece : pieces) piece();
    };
    while (left > 0) run();
    for (auto& thread : threads) thread.join();
    run();
    for (const auto& outlet : outlets) {
        REQUIRE(outlet->frames.size() == kLetters);
        for (int i = 0; i < kLetters; ++i)
            REQUIRE(outlet->frames[static_cast<std::size_t>(i)] == std::to_string(i));
    }
}
