// SPDX-License-Identifier: Apache-2.0
// A child process with its standard input and output on pipes. Every wait is bounded, and the
// child is always reaped: the destructor kills what still runs.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purse::test {

constexpr std::chrono::milliseconds kPatience{20'000};

class Child {
public:
    /// Throws std::system_error. `argv[0]` is a path.
    explicit Child(const std::vector<std::string>& argv);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Writes everything; false when the child no longer reads or does not within kPatience.
    bool write(std::string_view bytes);
    void close_input();
    void close_output();
    /// The next line without its end; nothing at the end of output or after `patience`.
    std::optional<std::string> read_line(std::chrono::milliseconds patience = kPatience);
    /// Whether read_line() came to the end of output.
    bool output_ended() const { return output_ended_; }
    void signal(int number) const;
    /// The exit code, 128 + n for a signal n, or nothing if it still runs after `patience`.
    std::optional<int> wait(std::chrono::milliseconds patience = kPatience);
    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
    std::string pending_;
    bool output_ended_ = false;
    std::optional<int> code_;
};

}  // namespace purse::test
