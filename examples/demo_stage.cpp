// SPDX-License-Identifier: Apache-2.0
#include "examples/demo_stage.hpp"

#include <iostream>

namespace purse::demo {

namespace {
constexpr std::size_t kColumns = 100;
constexpr std::size_t kNameWidth = 12;
constexpr std::string_view kPlain = "\033[0m";

/// Cuts the next line of at most `width` columns from `text`, at a space where there is one.
std::string_view next_line(std::string_view& text, std::size_t width)
{
    auto end = std::min(text.find('\n'), text.size());
    if (end > width) {
        const auto space = text.rfind(' ', width);
        end = space == std::string_view::npos || space == 0 ? width : space;
    }
    const auto line = text.substr(0, end);
    text.remove_prefix(end < text.size() && (text[end] == ' ' || text[end] == '\n') ? end + 1
                                                                                    : end);
    return line;
}
}  // namespace

Stage::Look Stage::look_of(Voice voice)
{
    switch (voice) {
        case Voice::user: return {.name = "User", .colour = "\033[1m"};
        case Voice::agent: return {.name = "Agent", .colour = "\033[36m"};
        case Voice::service: return {.name = "Service", .colour = "\033[35m"};
        case Voice::purse: return {.name = "Purse: yes", .colour = "\033[32m"};
        case Voice::refusal: return {.name = "Purse: NO", .colour = "\033[31m"};
        case Voice::person: return {.name = "Operator", .colour = "\033[33m"};
    }
    return {};
}

void Stage::print(const Look& look, std::string_view text)
{
    std::string left{look.name};
    left.resize(kNameWidth, ' ');
    do {
        const auto line = next_line(text, kColumns - kNameWidth - 1);
        std::cout << ' ' << (colours_ ? look.colour : "") << left << (colours_ ? kPlain : "")
                  << line << '\n';
        left.assign(kNameWidth, ' ');
    } while (!text.empty());
    std::cout.flush();
}

void Stage::scene(std::string_view title)
{
    const auto heading = std::to_string(++scenes_) + ". " + std::string{title};
    std::cout << '\n'
              << (colours_ ? "\033[1m" : "") << heading << '\n'
              << std::string(heading.size(), '-') << (colours_ ? kPlain : "") << '\n';
}

void Stage::say(Voice voice, std::string_view text)
{
    print(look_of(voice), text);
}

void Stage::remark(std::string_view text)
{
    print({.name = "", .colour = ""}, text);
}

void Stage::quote(std::string_view text)
{
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::cout << "    " << text.substr(0, end) << '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::cout.flush();
}

void Stage::check(bool is_so, std::string_view what)
{
    ++checks_;
    if (!is_so) ++failures_;
    print({.name = is_so ? "(checked)" : "(WRONG)", .colour = is_so ? "\033[2m" : "\033[1;31m"},
          what);
}

}  // namespace purse::demo
