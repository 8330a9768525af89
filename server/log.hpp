// SPDX-License-Identifier: Apache-2.0
// The program's log: plain sentences to standard error, never to standard output, which
// belongs to the protocol. No secret and no message content goes into it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace spdlog {
class logger;
}

namespace purse::server {

enum class LogLevel { debug, info, warn, error, off };

/// "debug", "info", "warn", "error" or "off".
std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

/// Thread-safe. Control characters are replaced, so that nobody can forge a line.
class Log {
public:
    explicit Log(LogLevel level);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void debug(std::string_view text);
    void info(std::string_view text);
    void warn(std::string_view text);
    void error(std::string_view text);

private:
    std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace purse::server
