// SPDX-License-Identifier: Apache-2.0
// The source files of the rooms, as text.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace purse::test {

struct Source {
    std::string path;  ///< from the root of the repository: "ledger/money.cpp"
    std::string text;
    std::vector<std::string> lines;

    std::string room() const { return path.substr(0, path.find('/')); }
    bool is_in(std::string_view place) const { return path.starts_with(place); }
};

inline const std::filesystem::path kRoot{PURSE_SOURCE_DIR};

inline Source read_source(const std::filesystem::path& file)
{
    Source source{.path = std::filesystem::relative(file, kRoot).string(), .text = {}, .lines = {}};
    std::ifstream in{file, std::ios::binary};
    source.text.assign(std::istreambuf_iterator<char>{in}, {});
    std::string line;
    for (const char c : source.text) {
        if (c != '\n') {
            line += c;
            continue;
        }
        source.lines.push_back(line);
        line.clear();
    }
    if (!line.empty()) source.lines.push_back(line);
    return source;
}

/// All C++ files below these folders, by path.
inline std::vector<Source> sources_below(std::initializer_list<const char*> folders)
{
    std::vector<Source> all;
    for (const auto* folder : folders) {
        if (!std::filesystem::exists(kRoot / folder)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{kRoot / folder}) {
            const auto extension = entry.path().extension();
            const bool is_dependency =
                entry.path().string().find("node_modules") != std::string::npos;
            if (entry.is_regular_file() && !is_dependency &&
                (extension == ".cpp" || extension == ".hpp"))
                all.push_back(read_source(entry.path()));
        }
    }
    std::ranges::sort(all, {}, &Source::path);
    return all;
}

inline std::vector<Source> room_sources()
{
    return sources_below({"audit", "server", "tools", "policy", "wallet", "ledger", "web"});
}

/// The path of an `#include "..."` line; empty for other lines.
inline std::string included(std::string_view line)
{
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with("#")) return {};
    line.remove_prefix(1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with("include")) return {};
    const auto open = line.find('"');
    if (open == std::string_view::npos) return {};
    const auto close = line.find('"', open + 1);
    return std::string{line.substr(open + 1, close - open - 1)};
}

/// The text with comments and the contents of string literals blanked out; lines stay in place.
inline std::string code_of(std::string_view text)
{
    std::string code{text};
    enum class In { plain, line, block, quotes } in = In::plain;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const auto two = text.substr(i, 2);
        const char c = text[i];
        switch (in) {
            case In::plain:
                if (two == "//") in = In::line;
                if (two == "/*") in = In::block;
                if (c == '"' && i > 0 && text[i - 1] == 'R') {
                    const auto open = text.find('(', i);
                    const auto end = ")" + std::string{text.substr(i + 1, open - i - 1)} + "\"";
                    const auto close = std::min(text.find(end, open), text.size() - end.size());
                    for (++i; i < close + end.size() - 1; ++i)
                        if (code[i] != '\n') code[i] = ' ';
                    continue;
                }
                if (c == '"') {
                    in = In::quotes;
                    continue;
                }
                if (c == '\'' && i + 2 < text.size() && text[i + 2] == '\'')
                    code[i + 1] = ' ', i += 2;
                break;
            case In::line:
                if (c == '\n') in = In::plain;
                break;
            case In::block:
                if (two == "*/") {
                    code[i] = code[i + 1] = ' ';
                    ++i;
                    in = In::plain;
                }
                break;
            case In::quotes:
                if (c == '\\') {
                    code[i] = code[i + 1] = ' ';
                    ++i;
                } else if (c == '"') {
                    in = In::plain;
                    continue;
                }
                break;
        }
        if (in != In::plain && code[i] != '\n') code[i] = ' ';
    }
    return code;
}

/// True when `word` stands in `code` not as a part of a longer name.
inline bool has_word(std::string_view code, std::string_view word)
{
    const auto is_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
        const bool starts = at == 0 || !is_name(code[at - 1]) || !is_name(word.front());
        const auto end = at + word.size();
        const bool ends = end == code.size() || !is_name(code[end]) || !is_name(word.back());
        if (starts && ends) return true;
    }
    return false;
}

}  // namespace purse::test
