// SPDX-License-Identifier: Apache-2.0
#include "server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace purse::server {

namespace {
constexpr std::array<std::pair<std::string_view, LogLevel>, 5> kNames = {{
    {"debug", LogLevel::debug},
    {"info", LogLevel::info},
    {"warn", LogLevel::warn},
    {"error", LogLevel::error},
    {"off", LogLevel::off},
}};

spdlog::level::level_enum level_of(LogLevel level)
{
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warn: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
        case LogLevel::off: break;
    }
    return spdlog::level::off;
}

void write(spdlog::logger& logger, spdlog::level::level_enum level, std::string_view text)
{
    if (!logger.should_log(level)) return;
    std::string line{text};
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    std::ranges::replace_if(line, control, ' ');
    logger.log(level, spdlog::string_view_t{line.data(), line.size()});
}
}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept
{
    for (const auto& [name, level] : kNames)
        if (name == text) return level;
    return std::nullopt;
}

Log::Log(LogLevel level)
    : logger_{std::make_unique<spdlog::logger>("purse",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())}
{
    logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
    logger_->set_level(level_of(level));
}

Log::~Log() = default;

void Log::debug(std::string_view text)
{
    write(*logger_, spdlog::level::debug, text);
}
void Log::info(std::string_view text)
{
    write(*logger_, spdlog::level::info, text);
}
void Log::warn(std::string_view text)
{
    write(*logger_, spdlog::level::warn, text);
}
void Log::error(std::string_view text)
{
    write(*logger_, spdlog::level::err, text);
}

}  // namespace purse::server
