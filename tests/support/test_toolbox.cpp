// SPDX-License-Identifier: Apache-2.0
#include "test_toolbox.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace purse::test {

namespace {
constexpr std::array<tools::Tool, 2> kTools = {{
    {"echo",
     "Echo",
     "Says it again.",
     R"({
        "type": "object",
        "properties": {
            "text": { "type": "string", "description": "What to say: \"a b\"" }
        },
        "additionalProperties": false
     })",
     R"({ "type": "object" })",
     {.read_only = true, .destructive = false, .idempotent = true, .open_world = false}},
    {"fail", "Fail", "Always refuses.", R"({"type":"object"})", R"({"type":"object"})", {}},
}};

std::int64_t number(const json::Value* arguments, std::string_view key)
{
    const auto* value = arguments == nullptr ? nullptr : arguments->find(key);
    return value == nullptr ? 0 : value->integer().value_or(0);
}

std::string_view text(const json::Value* arguments, std::string_view key)
{
    const auto* value = arguments == nullptr ? nullptr : arguments->find(key);
    return value == nullptr ? std::string_view{} : value->text();
}
}  // namespace

TestToolbox::TestToolbox() : thread_{[this] { run(); }} {}

TestToolbox::~TestToolbox()
{
    {
        const std::scoped_lock lock{mutex_};
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::span<const tools::Tool> TestToolbox::list() const
{
    return kTools;
}

bool TestToolbox::knows(std::string_view tool) const
{
    static constexpr std::array<std::string_view, 9> kNames = {
        "null", "echo", "fail", "whoami", "large", "throw", "drop", "hold", "slow"};
    return std::ranges::find(kNames, tool) != kNames.end();
}

void TestToolbox::call(std::string_view name, const json::Value* arguments,
                       const tools::Caller& caller, tools::CancelFlag cancelled, tools::Reply reply)
{
    ++calls_;
    if (name == "null") {
        reply({{}, "", false});
    } else if (name == "echo") {
        const auto said = text(arguments, "text");
        reply({{{"text", said}}, "You said: " + std::string{said}, false});
    } else if (name == "fail") {
        reply({{{"ok", false}, {"reason", "always"}}, "It always fails.", true});
    } else if (name == "whoami") {
        reply({{{"client", caller.client},
                {"session", caller.session},
                {"credential", caller.credential}},
               "You.",
               false});
    } else if (name == "large") {
        reply({{}, std::string(static_cast<std::size_t>(number(arguments, "bytes")), 'x'), false});
    } else if (name == "throw") {
        throw std::runtime_error{"thrown on purpose"};
    } else if (name != "drop") {
        later(name, arguments, cancelled, reply);
    }
}

void TestToolbox::later(std::string_view name, const json::Value* arguments,
                        tools::CancelFlag& cancelled, tools::Reply& reply)
{
    const std::scoped_lock lock{mutex_};
    if (name == "hold") {
        held_.push_back({std::move(cancelled), std::move(reply)});
    } else {
        const auto pause = std::chrono::milliseconds{number(arguments, "ms")};
        later_.push_back({std::chrono::steady_clock::now() + pause, std::move(reply)});
        wake_.notify_one();
    }
}

std::size_t TestToolbox::release()
{
    std::vector<Held> held;
    {
        const std::scoped_lock lock{mutex_};
        held.swap(held_);
    }
    std::size_t cancelled = 0;
    for (auto& one : held) {
        if (*one.cancelled) ++cancelled;
        one.reply({{}, "released", false});
    }
    return cancelled;
}

std::size_t TestToolbox::held() const
{
    const std::scoped_lock lock{mutex_};
    return held_.size();
}

void TestToolbox::run()
{
    std::unique_lock lock{mutex_};
    for (;;) {
        wake_.wait(lock, [this] { return stop_ || !later_.empty(); });
        if (later_.empty()) return;
        auto next = std::move(later_.front());
        later_.pop_front();
        lock.unlock();
        std::this_thread::sleep_until(next.due);
        next.reply({{}, "slowly", false});
        next.reply = nullptr;
        lock.lock();
    }
}

}  // namespace purse::test
