// SPDX-License-Identifier: Apache-2.0
// A server under measurement: a child process spoken to by lines over two pipes.
// Owns the process; the destructor ends it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purse::bench {

using SteadyClock = std::chrono::steady_clock;

/// What asks a server to end.
enum class EndBy : std::uint8_t { closed_input, signal };

struct ChildOptions {
    std::vector<std::string> command;
    std::vector<std::pair<std::string, std::string>> environment;  ///< added to our own
    std::string stderr_file;                                       ///< empty: /dev/null
    EndBy end_by = EndBy::closed_input;
};

class Child {
public:
    /// Throws std::runtime_error when the command cannot be started.
    explicit Child(const ChildOptions& options);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Queues bytes and writes as much as the pipe takes.
    void send(std::string_view bytes);
    /// The next line without its newline; valid until the next call. Throws after
    /// `limit` or when the child has closed its output.
    std::string_view read_line(std::chrono::milliseconds limit);
    /// A whole line that is already here, or an empty view.
    std::string_view buffered_line();
    /// Waits for output of the child, writing meanwhile. Throws as read_line does.
    void wait(std::chrono::milliseconds limit);

    /// Asks the child to end and waits for it; kills it when that takes too long.
    void close();

    std::int64_t resident_kib() const;
    /// Processor time of the child so far, user and system.
    std::chrono::microseconds cpu_time() const;

private:
    void flush();

    std::string name_;
    EndBy end_by_;
    pid_t pid_ = -1;
    int to_child_ = -1;
    int from_child_ = -1;
    std::string outgoing_;
    std::size_t sent_ = 0;
    std::string incoming_;
    std::size_t consumed_ = 0;
    std::size_t searched_ = 0;
};

/// Runs a command to its end and gives its standard output without trailing newlines.
/// Throws when it fails.
std::string output_of(const ChildOptions& options);

}  // namespace purse::bench
