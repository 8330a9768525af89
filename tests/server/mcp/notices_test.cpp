// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/notices.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "frames.hpp"

using namespace purse;
using namespace purse::server;

namespace {
std::optional<std::string> next(test::Frames& frames)
{
    return frames.take(std::chrono::milliseconds{0});
}
}  // namespace

TEST_CASE("each listener is told of what it listens to, by its own id")
{
    Notices notices;
    const auto one = std::make_shared<test::Frames>();
    const auto two = std::make_shared<test::Frames>();
    notices.add(one, {"0"}, {.tools = true});
    notices.add(two, {"\"x\""}, {.tools = true, .prompts = true});
    notices.add(two, {"7"}, {.resources = true, .uris = {"test://a", "test://b"}});

    notices.tools_changed();
    CHECK(next(*one) == R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":)"
                        R"({"_meta":{"io.modelcontextprotocol/subscriptionId":0}}})");
    CHECK(next(*two) == R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":)"
                        R"({"_meta":{"io.modelcontextprotocol/subscriptionId":"x"}}})");
    notices.prompts_changed();
    notices.resources_changed();
    notices.resource_updated("test://b");
    notices.resource_updated("test://c");
    notices.resource_updated("test://");
    CHECK_FALSE(next(*one));
    CHECK(boost::json::parse(*next(*two)).at("method") == "notifications/prompts/list_changed");
    CHECK(boost::json::parse(*next(*two)).at("method") == "notifications/resources/list_changed");
    CHECK(next(*two) == R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":)"
                        R"({"_meta":{"io.modelcontextprotocol/subscriptionId":7},)"
                        R"("uri":"test://b"}})");
    CHECK_FALSE(next(*two));
}

TEST_CASE("a listener is told nothing after it was removed or has gone")
{
    Notices notices;
    const auto stays = std::make_shared<test::Frames>();
    const auto other = std::make_shared<test::Frames>();
    auto goes = std::make_shared<test::Frames>();
    notices.add(stays, {"1"}, {.tools = true});
    notices.add(stays, {"2"}, {.tools = true});
    notices.add(other, {"1"}, {.tools = true});
    notices.add(goes, {"1"}, {.tools = true});
    goes.reset();

    CHECK_FALSE(notices.remove(*stays, {"3"}));
    CHECK(notices.remove(*stays, {"1"}));
    CHECK_FALSE(notices.remove(*stays, {"1"}));
    notices.tools_changed();
    CHECK(next(*stays));  // by "2"
    CHECK_FALSE(next(*stays));
    CHECK(next(*other));  // another's id of the same text
}

TEST_CASE("listeners may come and go while others are told")
{
    Notices notices;
    const auto constant = std::make_shared<test::Frames>();
    notices.add(constant, {"1"}, {.tools = true});
    std::jthread comer{[&] {
        for (int i = 0; i < 1000; ++i) {
            const auto guest = std::make_shared<test::Frames>();
            notices.add(guest, {"1"}, {.tools = true});
            if (i % 2 == 0) notices.remove(*guest, {"1"});
        }
    }};
    for (int i = 0; i < 1000; ++i) notices.tools_changed();
    comer.join();
    int told = 0;
    while (next(*constant)) ++told;
    CHECK(told == 1000);
}
