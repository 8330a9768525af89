// SPDX-License-Identifier: Apache-2.0
#include "bench/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace purse::bench {

namespace {

constexpr auto kEndLimit = std::chrono::seconds(10);
constexpr std::size_t kReadChunk = 256 * 1024;

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Pipe make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    return {.read_end = ends[0], .write_end = ends[1]};
}

std::vector<std::string> environment_of(const ChildOptions& options)
{
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        // Settings of whoever runs the benchmark must not reach a server under measurement.
        if (!text.starts_with("PURSE_")) result.emplace_back(text);
    }
    for (const auto& [name, value] : options.environment) {
        result.push_back(name);
        result.back() += '=';
        result.back() += value;
    }
    return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

pid_t spawn(const ChildOptions& options, int child_in, int child_out)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child_out, STDOUT_FILENO);
    const char* log = options.stderr_file.empty() ? "/dev/null" : options.stderr_file.c_str();
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    auto arguments = options.command;
    auto environment = environment_of(options);
    auto argument_pointers = pointers_to(arguments);
    auto environment_pointers = pointers_to(environment);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, argument_pointers[0], &actions, nullptr,
                                     argument_pointers.data(), environment_pointers.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::runtime_error("cannot start " + arguments[0] + ": " + std::strerror(error));
    return pid;
}

}  // namespace

Child::Child(const ChildOptions& options) : name_(options.command.at(0)), end_by_(options.end_by)
{
    const Pipe in = make_pipe();
    const Pipe out = make_pipe();
    pid_ = spawn(options, in.read_end, out.write_end);
    ::close(in.read_end);
    ::close(out.write_end);
    to_child_ = in.write_end;
    from_child_ = out.read_end;
    ::fcntl(to_child_, F_SETFL, O_NONBLOCK);
    ::fcntl(from_child_, F_SETFL, O_NONBLOCK);
}

Child::~Child()
{
    close();
}

void Child::send(std::string_view bytes)
{
    outgoing_ += bytes;
    flush();
}

void Child::flush()
{
    while (sent_ < outgoing_.size()) {
        const ssize_t n = ::write(to_child_, outgoing_.data() + sent_, outgoing_.size() - sent_);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) throw std::runtime_error(name_ + " no longer reads its input");
        sent_ += static_cast<std::size_t>(n);
    }
    outgoing_.clear();
    sent_ = 0;
}

std::string_view Child::buffered_line()
{
    const void* end = std::memchr(incoming_.data() + searched_, '\n', incoming_.size() - searched_);
    if (end == nullptr) {
        searched_ = incoming_.size();
        return {};
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(end) - incoming_.data());
    const std::string_view line(incoming_.data() + consumed_, at - consumed_);
    consumed_ = searched_ = at + 1;
    return line;
}

void Child::wait(std::chrono::milliseconds limit)
{
    incoming_.erase(0, consumed_);
    searched_ -= consumed_;
    consumed_ = 0;
    const auto deadline = SteadyClock::now() + limit;
    for (;;) {
        const bool writing = sent_ < outgoing_.size();
        std::array<pollfd, 2> watched{pollfd{from_child_, POLLIN, 0},
                                      pollfd{writing ? to_child_ : -1, POLLOUT, 0}};
        const int n = ::poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
        if (n < 0 && errno != EINTR) throw std::runtime_error("poll failed");
        if (n > 0 && watched[1].revents != 0) flush();
        if (n > 0 && watched[0].revents != 0) break;
        if (SteadyClock::now() > deadline)
            throw std::runtime_error(name_ + " does not answer within its time");
    }
    const auto before = incoming_.size();
    incoming_.resize(before + kReadChunk);
    const ssize_t n = ::read(from_child_, incoming_.data() + before, kReadChunk);
    incoming_.resize(before + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n == 0) throw std::runtime_error(name_ + " has ended");
}

std::string_view Child::read_line(std::chrono::milliseconds limit)
{
    for (;;) {
        const auto line = buffered_line();
        if (!line.empty()) return line;
        wait(limit);
    }
}

void Child::close()
{
    if (pid_ < 0) return;
    ::close(to_child_);
    if (end_by_ == EndBy::signal) ::kill(pid_, SIGTERM);
    const auto deadline = SteadyClock::now() + kEndLimit;
    std::array<char, 4096> rest{};
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
        while (::read(from_child_, rest.data(), rest.size()) > 0) {}
        if (SteadyClock::now() > deadline) ::kill(pid_, SIGKILL);
        pollfd never{-1, 0, 0};
        ::poll(&never, 1, 1);
    }
    ::close(from_child_);
    pid_ = -1;
}

std::int64_t Child::resident_kib() const
{
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmRSS:")) return std::atoll(line.c_str() + 6);
    throw std::runtime_error("no VmRSS for " + name_);
}

std::chrono::microseconds Child::cpu_time() const
{
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string line;
    std::getline(file, line);
    // The second field is the name in brackets and may hold spaces; utime and stime are 14 and 15.
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> user >> system;
    return std::chrono::microseconds((user + system) * 1'000'000 / ::sysconf(_SC_CLK_TCK));
}

std::string output_of(const ChildOptions& options)
{
    const Pipe in = make_pipe();
    const Pipe out = make_pipe();
    const pid_t pid = spawn(options, in.read_end, out.write_end);
    for (const int fd : {in.read_end, in.write_end, out.write_end}) ::close(fd);
    std::string result;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t n = ::read(out.read_end, chunk.data(), chunk.size());
        if (n <= 0) break;
        result.append(chunk.data(), static_cast<std::size_t>(n));
    }
    ::close(out.read_end);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (status != 0) throw std::runtime_error(options.command[0] + " failed: see its log");
    while (result.ends_with('\n')) result.pop_back();
    return result;
}

}  // namespace purse::bench
