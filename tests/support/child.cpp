// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

namespace purse::test {

namespace {
using Clock = std::chrono::steady_clock;

int left_until(Clock::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

void close_if_open(int& fd)
{
    if (fd >= 0) ::close(fd);
    fd = -1;
}
}  // namespace

Child::Child(const std::vector<std::string>& argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0)
        throw std::system_error{errno, std::generic_category(), "pipe2"};
    in_ = to[1];
    out_ = from[0];
    ::fcntl(in_, F_SETFL, O_NONBLOCK);

    std::vector<char*> words;
    for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    const auto error = ::posix_spawn(&pid_, words[0], &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    if (error != 0) {
        close_input();
        close_output();
        throw std::system_error{error, std::generic_category(), argv[0]};
    }
}

Child::~Child()
{
    close_input();
    close_output();
    if (!code_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

bool Child::write(std::string_view bytes)
{
    const auto deadline = Clock::now() + kPatience;
    while (!bytes.empty()) {
        const auto count = ::write(in_, bytes.data(), bytes.size());
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (errno != EAGAIN) return false;
        pollfd ready{in_, POLLOUT, 0};
        if (::poll(&ready, 1, left_until(deadline)) <= 0) return false;
    }
    return true;
}

void Child::close_input()
{
    close_if_open(in_);
}
void Child::close_output()
{
    close_if_open(out_);
}

std::optional<std::string> Child::read_line(std::chrono::milliseconds patience)
{
    const auto deadline = Clock::now() + patience;
    for (;;) {
        if (const auto end = pending_.find('\n'); end != std::string::npos) {
            auto line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        pollfd ready{out_, POLLIN, 0};
        if (output_ended_ || ::poll(&ready, 1, left_until(deadline)) <= 0) return std::nullopt;
        std::array<char, 65536> bytes{};
        const auto count = ::read(out_, bytes.data(), bytes.size());
        if (count <= 0)
            output_ended_ = true;
        else
            pending_.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

void Child::signal(int number) const
{
    ::kill(pid_, number);
}

std::optional<int> Child::wait(std::chrono::milliseconds patience)
{
    const auto deadline = Clock::now() + patience;
    while (!code_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_)
            code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (Clock::now() >= deadline)
            return std::nullopt;
        else
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return code_;
}

}  // namespace purse::test
