// SPDX-License-Identifier: Apache-2.0
#include "server/stdio/stdio.hpp"

#include <algorithm>
#include <atomic>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <random>
#include <set>

#include "pipe.hpp"
#include "server/limits.hpp"
#include "test_protocol.hpp"

using namespace purse;
using namespace purse::server;
using namespace std::chrono_literals;

namespace {
/// The loop on pipes, in a thread of its own; this side is the client.
struct Fixture {
    test::Pipe in;
    test::Pipe out;
    test::Pipe stop;
    test::TestProtocol behind;
    test::TestToolbox& toolbox = behind.toolbox;
    std::future<StdioEnd> end;
    std::string pending;

    ~Fixture()
    {
        in.close_write();
        stop.write("x");
        out.close_read();
        while (end.valid() && end.wait_for(5ms) != std::future_status::ready) toolbox.release();
    }

    void start(std::chrono::milliseconds patience = kLastWordsPatience)
    {
        end = std::async(std::launch::async, [this, patience] {
            const auto outbox = std::make_shared<Outbox>(out.write_end());
            Session session{behind.protocol, {}};
            const auto why = run_stdio(
                session, outbox,
                {.in_fd = in.read_end(), .stop_fd = stop.read_end(), .patience = patience},
                behind.log);
            out.close_write();
            return why;
        });
    }
    bool ended(std::chrono::milliseconds patience) const
    {
        return end.wait_for(patience) == std::future_status::ready;
    }
    /// The next line; empty when none comes.
    std::string line()
    {
        for (;;) {
            if (const auto stop_at = pending.find('\n'); stop_at != std::string::npos) {
                auto one = pending.substr(0, stop_at);
                pending.erase(0, stop_at + 1);
                return one;
            }
            const auto more = out.read(20'000ms);
            if (more.empty()) return {};
            pending += more;
        }
    }
    std::int64_t id()
    {
        const auto text = line();
        return text.empty() ? -1 : boost::json::parse(text).at("id").to_number<std::int64_t>();
    }
};

std::string call(int id, const std::string& tool, const std::string& arguments = "{}")
{
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
           R"(,"method":"tools/call","params":{"name":")" + tool + R"(","arguments":)" + arguments +
           R"(,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
           R"("io.modelcontextprotocol/clientCapabilities":{}}}})"
           "\n";
}

/// Waits until `value` has stood still for a while.
template <typename Value>
std::size_t settled(Value value)
{
    auto last = value();
    for (int still = 0; still < 10;) {
        std::this_thread::sleep_for(5ms);
        const auto now = value();
        still = now == last ? still + 1 : 0;
        last = now;
    }
    return last;
}
}  // namespace

TEST_CASE_METHOD(Fixture, "requests may come in any pieces")
{
    start();
    constexpr int kRequests = 300;
    std::string input;
    for (int i = 0; i < kRequests; ++i)
        input += call(i, "echo",
                      R"({"text":")" + std::string(static_cast<std::size_t>(i), 'x') + R"("})") +
                 (i % 7 == 0 ? "\r\n\n" : "");
    std::mt19937 random{7};
    std::thread writer{[&] {
        std::string_view rest = input;
        while (!rest.empty()) {
            const auto size = std::min<std::size_t>(rest.size(), 1 + random() % 700);
            in.write(rest.substr(0, size));
            rest.remove_prefix(size);
        }
        in.close_write();
    }};
    for (int i = 0; i < kRequests; ++i) REQUIRE(id() == i);
    writer.join();
    CHECK(line().empty());
    CHECK(end.get() == StdioEnd::input);
}

TEST_CASE_METHOD(Fixture, "byte by byte")
{
    start();
    for (const char c : call(1, "null") + "\n\r\n" + call(2, "null")) in.write({&c, 1});
    CHECK(id() == 1);
    CHECK(id() == 2);
}

TEST_CASE_METHOD(Fixture, "at the bound of calls in flight, input is left unread and none is lost")
{
    start();
    constexpr int kRequests = 5000;
    std::thread writer{[&] {
        for (int i = 0; i < kRequests; ++i) in.write(call(i, "hold"));
        in.close_write();
    }};
    CHECK(settled([&] { return toolbox.held(); }) == kInFlightMax);
    std::set<std::int64_t> ids;
    while (ids.size() < kRequests) {
        CHECK(toolbox.held() <= kInFlightMax);
        toolbox.release();
        for (auto more = out.read(1ms); !more.empty(); more = out.read()) pending += more;
        while (pending.find('\n') != std::string::npos) REQUIRE(ids.insert(id()).second);
    }
    writer.join();
    CHECK(*ids.rbegin() == kRequests - 1);
    CHECK(line().empty());
    CHECK(end.get() == StdioEnd::input);
}

TEST_CASE_METHOD(Fixture, "a peer that does not read stops our reading, not our memory")
{
    start();
    constexpr int kRequests = 200;
    std::thread writer{[&] {
        for (int i = 0; i < kRequests; ++i) in.write(call(i, "large", R"({"bytes":100000})"));
    }};
    const auto made = settled([&] { return toolbox.calls(); });
    CHECK(made >= 10);
    CHECK(made <= 14);
    for (int i = 0; i < kRequests; ++i) REQUIRE(id() == i);
    writer.join();
}

TEST_CASE_METHOD(Fixture, "at the end of input what was begun is finished")
{
    start();
    in.write(call(1, "hold") + call(2, "slow", R"({"ms":30})") + call(3, "null"));
    in.close_write();
    CHECK(id() == 3);
    CHECK(id() == 2);
    CHECK_FALSE(ended(30ms));
    toolbox.release();
    CHECK(id() == 1);
    CHECK(line().empty());
    CHECK(end.get() == StdioEnd::input);
}

TEST_CASE_METHOD(Fixture, "a last line without an end is taken")
{
    start();
    auto text = call(1, "null");
    text.pop_back();
    in.write(text);
    in.close_write();
    CHECK(id() == 1);
    CHECK(end.get() == StdioEnd::input);
}

TEST_CASE_METHOD(Fixture, "a stop request finishes what was begun and reads no more")
{
    start();
    in.write(call(1, "hold"));
    while (toolbox.held() == 0) std::this_thread::sleep_for(1ms);
    stop.write("x");
    std::this_thread::sleep_for(20ms);
    in.write(call(2, "null"));
    CHECK_FALSE(ended(30ms));
    toolbox.release();
    CHECK(id() == 1);
    CHECK(line().empty());
    CHECK(end.get() == StdioEnd::stop);
    CHECK(toolbox.calls() == 1);
}

TEST_CASE_METHOD(Fixture, "a stop request is heard at the bound, too")
{
    start();
    std::thread writer{[&] {
        for (std::size_t i = 0; i < kInFlightMax + 10; ++i)
            in.write(call(static_cast<int>(i), "hold"));
    }};
    CHECK(settled([&] { return toolbox.held(); }) == kInFlightMax);
    stop.write("x");
    std::this_thread::sleep_for(20ms);
    toolbox.release();
    for (std::size_t i = 0; i < kInFlightMax; ++i) REQUIRE(id() >= 0);
    writer.join();
    CHECK(line().empty());
    CHECK(end.get() == StdioEnd::stop);
}

TEST_CASE_METHOD(Fixture, "when the peer closes our output, what was begun is finished")
{
    start();
    in.write(call(1, "hold"));
    while (toolbox.held() == 0) std::this_thread::sleep_for(1ms);
    out.close_read();
    CHECK_FALSE(ended(30ms));
    CHECK(toolbox.release() == 0);
    CHECK(end.get() == StdioEnd::output);
}

TEST_CASE_METHOD(Fixture, "a peer that is gone is noticed without anything to tell it")
{
    start();
    in.write(call(1, "null"));
    CHECK(id() == 1);
    out.close_read();
    REQUIRE(ended(10'000ms));
    CHECK(end.get() == StdioEnd::output);
}

TEST_CASE_METHOD(Fixture, "the end does not wait for ever for a peer that does not read")
{
    start(50ms);
    in.write(call(1, "large", R"({"bytes":300000})"));
    in.close_write();
    REQUIRE(ended(10'000ms));
    CHECK(end.get() == StdioEnd::input);
}

TEST_CASE_METHOD(Fixture, "an over-long line is answered once and forgotten")
{
    start();
    std::thread writer{[&] {
        in.write(std::string(10'000'000, 'x') + "\n" + call(1, "null"));
        in.write(std::string(kLineBytesMax + 1, ' ') + "\n" + call(2, "null"));
        in.write(std::string(kLineBytesMax - 1, ' ') + "x\n" + call(3, "null"));
    }};
    const std::string too_long =
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"line too long"}})";
    CHECK(line() == too_long);
    CHECK(id() == 1);
    CHECK(line() == too_long);
    CHECK(id() == 2);
    CHECK(line().find("-32700") != std::string::npos);
    CHECK(id() == 3);
    writer.join();
}
