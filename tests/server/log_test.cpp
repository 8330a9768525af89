// SPDX-License-Identifier: Apache-2.0
#include "server/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

using namespace purse::server;

namespace {
/// What `write` puts on standard error.
template <typename Write>
std::string captured(Write write)
{
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    const int kept = ::dup(2);
    ::dup2(ends[1], 2);
    write();
    ::dup2(kept, 2);
    std::array<char, 4096> bytes{};
    const auto count = ::read(ends[0], bytes.data(), bytes.size());
    ::close(kept);
    ::close(ends[0]);
    ::close(ends[1]);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string{};
}
}  // namespace

TEST_CASE("log levels have names")
{
    CHECK(parse_log_level("debug") == LogLevel::debug);
    CHECK(parse_log_level("info") == LogLevel::info);
    CHECK(parse_log_level("warn") == LogLevel::warn);
    CHECK(parse_log_level("error") == LogLevel::error);
    CHECK(parse_log_level("off") == LogLevel::off);
    CHECK_FALSE(parse_log_level("INFO"));
    CHECK_FALSE(parse_log_level(""));
}

TEST_CASE("the log is whole lines on standard error, from its level up")
{
    const auto said = captured([] {
        Log log{LogLevel::warn};
        log.debug("one");
        log.info("two");
        log.warn("three {} %s");
        log.error("four\nforged\x1b[2J");
    });
    CHECK(said.find("one") == std::string::npos);
    CHECK(said.find("two") == std::string::npos);
    CHECK(said.find(" warning three {} %s\n") != std::string::npos);
    CHECK(said.find(" error four forged [2J\n") != std::string::npos);
    CHECK(captured([] { Log{LogLevel::off}.error("five"); }).empty());
}
