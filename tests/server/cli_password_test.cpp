// SPDX-License-Identifier: Apache-2.0
// Passwords that are typed, on a terminal of the test's own.
#include <catch2/catch.hpp>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "server/cli/password.hpp"

using namespace purse;
using namespace purse::server::cli;

namespace {
struct Typed {
    int code = -1;       ///< 0: the password came; 1: another one; 2: none
    std::string screen;  ///< all that the person saw
};

Typed type(const std::string& keys)
{
    int terminal = -1;
    const auto child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto answer = ask_on_terminal("Password: ");
        ::_exit(!answer ? 2 : answer->view() == "hunter2" ? 0 : 1);
    }
    Typed typed;
    bool has_typed = false;
    for (char text[256];;) {
        const auto got = ::read(terminal, text, sizeof text);
        if (got <= 0) break;  // the other end is closed
        typed.screen.append(text, static_cast<std::size_t>(got));
        if (!has_typed && typed.screen.ends_with("Password: ")) {
            has_typed = true;
            REQUIRE(::write(terminal, keys.data(), keys.size()) == std::ssize(keys));
        }
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    typed.code = WEXITSTATUS(status);
    ::close(terminal);
    return typed;
}

AskSecret answering(std::vector<std::string> answers)
{
    return [answers](std::string_view) mutable -> std::expected<SecretText, std::string> {
        SecretText answer{answers.front()};
        answers.erase(answers.begin());
        return answer;
    };
}
}  // namespace

TEST_CASE("A password is typed unseen, and ends with its line")
{
    const auto typed = type("hunter2\n");
    CHECK(typed.code == 0);
    CHECK(typed.screen == "Password: \r\n");
    CHECK(type("hunted\x7fr2\n").code == 0);  // mistyped, and mended
    CHECK(type("hunter3\n").code == 1);
}

TEST_CASE("Nothing, the end of input and Ctrl-C are no password")
{
    CHECK(type("\n").code == 2);
    CHECK(type("\x04").code == 2);
    const auto typed = type("hunter2\x03");
    CHECK(typed.code == 2);
    CHECK(typed.screen.find("hunter2") == std::string::npos);
}

TEST_CASE("A new password is typed twice alike")
{
    CHECK(ask_twice(answering({"a", "a"}), "P")->view() == "a");
    CHECK_FALSE(ask_twice(answering({"a", "b"}), "P"));
}
