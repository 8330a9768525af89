// SPDX-License-Identifier: Apache-2.0
#include "server/stdio/outbox.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "pipe.hpp"
#include "server/limits.hpp"

using namespace purse::server;
using purse::test::Pipe;

namespace {
bool readable(int fd)
{
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, 0) > 0;
}

/// Reads and resumes, as the reading thread does, until nothing is left.
std::string drain(Outbox& outbox, const Pipe& pipe)
{
    std::string all;
    while (outbox.watch(Outbox::Await::nothing).bytes > 0) {
        all += pipe.read();
        outbox.resume();
    }
    for (auto more = pipe.read(); !more.empty(); more = pipe.read()) all += more;
    return all;
}
}  // namespace

TEST_CASE("a frame is a line, written at once")
{
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    outbox.send("one");
    CHECK(pipe.read() == "one\n");
    outbox.begin_call();
    CHECK(outbox.watch(Outbox::Await::nothing).calls == 1);
    outbox.end_call("two", std::nullopt);
    CHECK(pipe.read() == "two\n");
    outbox.begin_call();
    outbox.end_call({}, std::nullopt);  // cancelled
    CHECK(pipe.read().empty());
    CHECK(outbox.watch(Outbox::Await::nothing).quiet());
    CHECK_FALSE(readable(outbox.wake_fd()));
}

TEST_CASE("a corked outbox writes all at once at the end, or when much waits")
{
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    {
        const Outbox::Cork outer{outbox};
        outbox.send("a");
        {
            const Outbox::Cork inner{outbox};
            outbox.send("b");
        }
        CHECK(pipe.read().empty());
    }
    CHECK(pipe.read() == "a\nb\n");
    const Outbox::Cork cork{outbox};
    outbox.send("c");
    CHECK(pipe.read().empty());
    outbox.send(std::string(kCorkBytesMax, 'x'));
    CHECK(pipe.read().size() == kCorkBytesMax + 3);
}

TEST_CASE("frames of many threads arrive whole and each thread's in order")
{
    constexpr int kThreads = 4;
    constexpr int kFrames = 5000;
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&outbox, t] {
            for (int i = 0; i < kFrames; ++i) {
                outbox.begin_call();
                outbox.end_call(std::to_string(t) + " " + std::to_string(i) +
                                    std::string(static_cast<std::size_t>(i % 50), '.'),
                                std::nullopt);
            }
        });
    std::string all;
    while (std::ranges::count(all, '\n') < kThreads * kFrames) {
        const auto more = pipe.read(std::chrono::milliseconds{20});
        all += more;
        if (more.empty() && !outbox.watch(Outbox::Await::nothing).blocked) break;
        outbox.resume();
    }
    for (auto& thread : threads) thread.join();
    all += drain(outbox, pipe);
    std::istringstream lines{all};
    std::map<int, int> next;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        int thread = -1;
        int number = -1;
        words >> thread >> number;
        REQUIRE(next[thread]++ == number);
        REQUIRE(std::ranges::count(line, '.') == number % 50);
    }
    for (int t = 0; t < kThreads; ++t) CHECK(next[t] == kFrames);
    CHECK(outbox.watch(Outbox::Await::nothing).quiet());
}

TEST_CASE("nobody waits for a peer that does not read, and nothing is lost")
{
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    const std::string frame(999, 'x');
    for (int i = 0; i < 500; ++i) outbox.send(frame);
    const auto state = outbox.watch(Outbox::Await::nothing);
    CHECK(state.blocked);
    CHECK(state.bytes > 400'000);
    CHECK(readable(outbox.wake_fd()));
    outbox.clear_wake();
    CHECK_FALSE(readable(outbox.wake_fd()));
    CHECK(drain(outbox, pipe).size() == 500'000);
    CHECK((::fcntl(pipe.write_end(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("the wake-up comes when there is room again, and when all is quiet")
{
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    for (std::size_t i = 0; i < kInFlightMax; ++i) {
        CHECK(outbox.has_room());
        outbox.begin_call();
    }
    CHECK_FALSE(outbox.has_room());
    CHECK_FALSE(outbox.watch(Outbox::Await::room).may_resume());
    for (auto left = kInFlightMax; left > kInFlightResume + 1; --left)
        outbox.end_call("x", std::nullopt);
    CHECK_FALSE(readable(outbox.wake_fd()));
    outbox.end_call("x", std::nullopt);
    CHECK(readable(outbox.wake_fd()));
    outbox.clear_wake();
    CHECK(outbox.watch(Outbox::Await::quiet).may_resume());
    for (auto left = kInFlightResume; left > 1; --left) outbox.end_call({}, std::nullopt);
    CHECK_FALSE(readable(outbox.wake_fd()));
    outbox.end_call("last", std::nullopt);
    CHECK(readable(outbox.wake_fd()));
    CHECK(outbox.watch(Outbox::Await::nothing).quiet());
}

TEST_CASE("many bytes unread leave no room either")
{
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    const std::string frame(100'000, 'x');
    int sent = 0;
    for (; outbox.has_room() && sent < 1000; ++sent) outbox.send(frame);
    CHECK(sent == 12);  // 64 KiB are in the pipe, the rest is just over a MiB
    const auto state = outbox.watch(Outbox::Await::room);
    CHECK_FALSE(state.may_resume());
    CHECK(drain(outbox, pipe).size() == static_cast<std::size_t>(sent) * 100'001);
    CHECK(outbox.has_room());
    CHECK(readable(outbox.wake_fd()));
}

TEST_CASE("when the peer is gone, what is sent is dropped")
{
    Pipe pipe;
    Outbox outbox{pipe.write_end()};
    outbox.begin_call();
    pipe.close_read();
    outbox.send("x");
    const auto state = outbox.watch(Outbox::Await::nothing);
    CHECK(state.broken);
    CHECK(state.bytes == 0);
    CHECK_FALSE(outbox.has_room());
    CHECK(readable(outbox.wake_fd()));
    outbox.end_call("y", std::nullopt);
    CHECK(outbox.watch(Outbox::Await::nothing).quiet());

    Pipe before;
    before.close_read();
    Outbox late{before.write_end()};
    late.send("x");
    CHECK(late.watch(Outbox::Await::nothing).broken);

    Outbox nowhere{-1};
    nowhere.send("x");
    CHECK(nowhere.watch(Outbox::Await::nothing).broken);
}

TEST_CASE("giving up drops what is queued")
{
    const Pipe pipe;
    Outbox outbox{pipe.write_end()};
    outbox.send(std::string(200'000, 'x'));
    CHECK(outbox.watch(Outbox::Await::nothing).blocked);
    outbox.give_up();
    const auto state = outbox.watch(Outbox::Await::nothing);
    CHECK(state.quiet());
    CHECK_FALSE(state.blocked);
}

TEST_CASE("a socket is written to without waiting, a file as it stands")
{
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    {
        Outbox outbox{ends[0]};
        for (int i = 0; i < 1000; ++i) outbox.send(std::string(999, 'x'));
        CHECK(outbox.watch(Outbox::Await::nothing).blocked);
        std::array<char, 65536> bytes{};
        std::size_t total = 0;
        while (total < 1'000'000) {
            const auto count = ::recv(ends[1], bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (count > 0) total += static_cast<std::size_t>(count);
            outbox.resume();
        }
        CHECK(total == 1'000'000);
        ::close(ends[1]);
        outbox.send("x");
        CHECK(outbox.watch(Outbox::Await::nothing).broken);
    }
    ::close(ends[0]);

    std::FILE* file = std::tmpfile();
    REQUIRE(file != nullptr);
    Outbox{::fileno(file)}.send("line");
    std::array<char, 16> text{};
    CHECK(::pread(::fileno(file), text.data(), text.size(), 0) == 5);
    CHECK(std::string{text.data()} == "line\n");
    std::fclose(file);
}

TEST_CASE("a pipe that cannot be opened anew is written to with care")
{
    const Pipe pipe;
    const int free_fd = ::dup(pipe.read_end());
    ::close(free_fd);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    auto tight = before;
    tight.rlim_cur = static_cast<rlim_t>(free_fd) + 1;  // the wake-up descriptor and no more
    ::setrlimit(RLIMIT_NOFILE, &tight);
    Outbox outbox{pipe.write_end()};
    const int none = ::dup(pipe.read_end());
    ::setrlimit(RLIMIT_NOFILE, &before);
    REQUIRE(none == -1);
    REQUIRE(outbox.wake_fd() == free_fd);

    for (int i = 0; i < 200; ++i) outbox.send(std::string(999, 'x'));
    CHECK(outbox.watch(Outbox::Await::nothing).blocked);
    CHECK(drain(outbox, pipe).size() == 200'000);
}
