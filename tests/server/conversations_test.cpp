// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "conversation.hpp"
#include "frames.hpp"
#include "server/mcp/session.hpp"
#include "test_protocol.hpp"

namespace {
using namespace purse;

/// The session alone: a line in, frames out.
class MemoryPeer final : public test::Peer {
public:
    ~MemoryPeer() override { frames_->wait_for_calls(); }
    void send(std::string_view line) override
    {
        // What the transport does before a session sees a line.
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") != std::string_view::npos)
            session_.receive(line, frames_);
    }
    void close_input() override { session_.end(); }
    std::optional<std::string> receive() override { return frames_->take(); }
    std::string farewell() override
    {
        return frames_->wait_for_calls() ? std::string{} : "calls are still open";
    }

private:
    std::shared_ptr<test::Frames> frames_ = std::make_shared<test::Frames>();
    test::TestProtocol behind_;
    server::Session session_{behind_.protocol, {.caller = {"", "test", ""}}};
};

class Recited final : public test::Peer {
public:
    explicit Recited(std::vector<std::string> answers) : answers_{std::move(answers)} {}
    void send(std::string_view) override {}
    void close_input() override {}
    std::optional<std::string> receive() override
    {
        if (next_ == answers_.size()) return std::nullopt;
        return answers_[next_++];
    }
    std::string farewell() override { return {}; }

private:
    std::vector<std::string> answers_;
    std::size_t next_ = 0;
};
}  // namespace

TEST_CASE("every conversation goes as written, in memory and over pipes")
{
    const auto files = test::conversations_in(CONVERSATIONS);
    REQUIRE(files.size() >= 10);
    for (const auto& file : files) {
        DYNAMIC_SECTION(file.filename().string())
        {
            MemoryPeer peer;
            CHECK(test::replay(test::load_conversation(file), peer) == "");
            CHECK(test::replay_process(file, {STDIO_ECHO}) == "");
        }
    }
}

TEST_CASE("the replay notices what is not as written")
{
    const auto want = [](std::string_view json) {
        return test::Step{test::Step::Kind::expect, std::string{json}, 7};
    };
    const auto replay = [](const test::Step& step, std::vector<std::string> answers) {
        Recited peer{std::move(answers)};
        return test::replay({step}, peer);
    };
    CHECK(replay(want(R"({"a":1,"b":"*"})"), {R"({"b":[2],"a":1})"}) == "");
    CHECK(replay(want(R"({"a":1,"*":"*"})"), {R"({"b":[2],"a":1})"}) == "");
    CHECK(replay(want(R"({"a":1})"), {R"({"b":[2],"a":1})"}).starts_with("line 7: wanted"));
    CHECK(replay(want(R"({"a":1,"b":"*"})"), {R"({"a":1})"}).starts_with("line 7: wanted"));
    CHECK(replay(want(R"([1,2])"), {"[1]"}).starts_with("line 7: wanted"));
    CHECK(replay(want(R"([1])"), {"[1.5]"}).starts_with("line 7: wanted"));
    CHECK(replay(want("1"), {}).starts_with("line 7: no answer"));
    CHECK(replay(want("1"), {"{"}).starts_with("line 7: not JSON"));
    CHECK(replay(want("1"), {"1", "2"}) == "after the last line: 2");
}
