// SPDX-License-Identifier: Apache-2.0
// Conversations as text, replayed against anything that speaks lines. A file has one step a line:
//   > TEXT   is sent as it stands          >! TEXT  is sent after \xNN, \r and \\ were resolved
//   < JSON   must be the next answer: the same JSON, where "*" stands for any value and the member
//            "*":"*" for any further members        --  closes the input        #  is a comment
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purse::test {

struct Step {
    enum class Kind { send, expect, close };
    Kind kind = Kind::send;
    std::string text;
    std::size_t line = 0;
};

/// Throws std::runtime_error, naming the line, for what it does not understand.
std::vector<Step> load_conversation(const std::filesystem::path& file);

/// The files of a folder, in order of their names.
std::vector<std::filesystem::path> conversations_in(const std::filesystem::path& folder);

/// The other side of a conversation.
class Peer {
public:
    virtual ~Peer() = default;
    virtual void send(std::string_view line) = 0;
    virtual void close_input() = 0;
    /// The next answer, or nothing when there will be none or it takes too long.
    virtual std::optional<std::string> receive() = 0;
    /// After the input was closed and the last answer came: what is wrong with the ending, if so.
    virtual std::string farewell() = 0;
};

/// Empty when all went as written and nothing else was said; else what did not, with its line.
std::string replay(const std::vector<Step>& steps, Peer& peer);

/// A process: answers are its lines of output; it must end with exit code 0.
std::string replay_process(const std::filesystem::path& file, const std::vector<std::string>& argv);

}  // namespace purse::test
