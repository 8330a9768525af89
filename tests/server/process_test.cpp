// SPDX-License-Identifier: Apache-2.0
// The transport as a process of its own, over real pipes.
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "child.hpp"
#include "server/limits.hpp"

using namespace purse;
using namespace std::chrono_literals;

namespace {
const std::string kHello =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})"
    "\n";

std::string slow(int id, int ms)
{
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
           R"(,"method":"tools/call","params":{"name":"slow","arguments":{"ms":)" +
           std::to_string(ms) + "}}}\n";
}

/// The most memory the process ever had, in KiB.
long peak_memory_kib(pid_t pid)
{
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            long kib = 0;
            status >> kib;
            return kib;
        }
    return -1;
}
}  // namespace

TEST_CASE("a process ends with 0 at the end of input, with every answer given")
{
    test::Child child{{STDIO_ECHO}};
    REQUIRE(child.write(kHello + slow(1, 50) + slow(2, 1)));
    child.close_input();
    CHECK(child.read_line());
    CHECK(child.read_line()->starts_with(R"({"jsonrpc":"2.0","id":1,)"));
    CHECK(child.read_line()->starts_with(R"({"jsonrpc":"2.0","id":2,)"));
    CHECK_FALSE(child.read_line());
    CHECK(child.output_ended());
    CHECK(child.wait() == 0);
}

TEST_CASE("a process asked to stop finishes what it began")
{
    for (const int signal : {SIGTERM, SIGINT}) {
        test::Child child{{STDIO_ECHO}};
        REQUIRE(child.write(kHello));
        REQUIRE(child.read_line());
        REQUIRE(child.write(slow(1, 100) + R"({"jsonrpc":"2.0","id":2,"method":"ping"})" + "\n"));
        REQUIRE(child.read_line() == R"({"jsonrpc":"2.0","id":2,"result":{}})");
        child.signal(signal);
        const auto answer = child.read_line();
        REQUIRE(answer);
        CHECK(answer->starts_with(R"({"jsonrpc":"2.0","id":1,)"));
        CHECK(child.wait() == 0);
    }
}

TEST_CASE("a process whose output nobody reads any more ends with 0")
{
    test::Child child{{STDIO_ECHO}};
    REQUIRE(child.write(kHello));
    REQUIRE(child.read_line());
    REQUIRE(child.write(slow(1, 30)));
    child.close_output();
    CHECK(child.wait() == 0);
}

TEST_CASE("long lines, deep ones and many cost a process no memory")
{
    test::Child child{{STDIO_ECHO}};
    REQUIRE(child.write(kHello));
    REQUIRE(child.read_line());
    const auto before = peak_memory_kib(child.pid());
    REQUIRE(before > 0);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(child.write(std::string(10'000'000, '[') + "\n"));
        CHECK(child.read_line()->find("line too long") != std::string::npos);
    }
    for (int i = 0; i < 50; ++i) {
        REQUIRE(child.write(std::string(server::kLineBytesMax, '[') + "\n"));
        CHECK(child.read_line()->find("-32700") != std::string::npos);
    }
    REQUIRE(child.write(slow(1, 0)));
    CHECK(child.read_line());
    CHECK(peak_memory_kib(child.pid()) - before < 4096);
    child.close_input();
    CHECK(child.wait() == 0);
}
