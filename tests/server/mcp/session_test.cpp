// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/session.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <random>

#include "frames.hpp"
#include "server/limits.hpp"
#include "test_protocol.hpp"

using namespace purse;
using namespace purse::server;

namespace {
struct Fixture {
    std::shared_ptr<test::Frames> frames = std::make_shared<test::Frames>();
    test::TestProtocol behind;
    test::TestToolbox& toolbox = behind.toolbox;
    Session session{behind.protocol, {.caller = {"secret", "stdio-1", "nobody"}}};

    std::optional<std::string> next() { return frames->take(std::chrono::milliseconds{0}); }
    void receive(std::string_view frame) { session.receive(frame, frames); }
    void initialize(const std::string& client = R"({"name":"c","version":"1"})")
    {
        receive(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{)"
                R"("protocolVersion":"2025-11-25","clientInfo":)" +
                client + "}}");
        REQUIRE(next());
    }
    void call(const std::string& id, const std::string& tool)
    {
        receive(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":")" +
                tool + "\"}}");
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "a tool is told who calls")
{
    initialize(R"({"name":"an\u0000gel","version":"1\n"})");
    call("1", "whoami");
    const auto frame = next();
    REQUIRE(frame);
    CHECK(boost::json::parse(*frame).at("result").at("structuredContent") ==
          boost::json::value{
              {"client", "angel/1"}, {"session", "stdio-1"}, {"credential", "secret"}});
}

TEST_CASE_METHOD(Fixture, "the reader does not wait for a tool")
{
    initialize();
    call("1", "hold");
    call("2", "hold");
    receive(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
    CHECK(next() == R"({"jsonrpc":"2.0","id":3,"result":{}})");
    receive(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK(toolbox.held() == 2);
    CHECK(toolbox.release() == 1);  // the tool saw the flag of one of them
    const auto frame = next();
    REQUIRE(frame);
    CHECK(boost::json::parse(*frame).at("id") == 2);
    CHECK_FALSE(next());
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "a call without an id is not made, nor one of a refused batch")
{
    initialize();
    receive(R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"null"}})");
    receive(R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"null"}}])");
    call("null", "null");
    call("1.5", "null");
    CHECK(toolbox.calls() == 0);
    call("1", "null");
    CHECK(toolbox.calls() == 1);
}

TEST_CASE_METHOD(Fixture, "subscriptions end once")
{
    receive(R"({"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{)"
            R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
            R"("io.modelcontextprotocol/clientCapabilities":{}},"notifications":{}}})");
    CHECK(next());
    session.end();
    CHECK(next());
    session.end();
    CHECK_FALSE(next());
}

TEST_CASE("whatever bytes come, each line has at most one answer, and it is JSON")
{
    const std::vector<std::string> seeds = {
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}})",
        R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":"a","method":"tools/list"}])",
        R"({"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})",
        R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26"}})",
    };
    Fixture fixture;
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        std::mt19937 random{seed};
        auto line = seeds[random() % seeds.size()];
        for (auto edits = random() % 4; edits > 0; --edits) {
            const auto place = random() % line.size();
            switch (random() % 3) {
                case 0: line[place] = static_cast<char>(random() % 256); break;
                case 1: line.erase(place, 1 + random() % 8); break;
                default: line.insert(place, 1, R"({}[]",:0e\)"[random() % 11]); break;
            }
            if (line.empty()) break;
        }
        INFO("seed " << seed << ": " << line);
        fixture.receive(line);
        if (const auto frame = fixture.next()) {
            boost::system::error_code ec;
            boost::json::parse(*frame, ec);
            REQUIRE_FALSE(ec);
        }
        REQUIRE_FALSE(fixture.next());
        REQUIRE(fixture.frames->calls() == 0);
    }
}
