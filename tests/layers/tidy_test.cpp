// SPDX-License-Identifier: Apache-2.0
// House rules that no compiler checks.
#include <catch2/catch.hpp>

#include "tests/layers/sources.hpp"

using namespace purse::test;

namespace {
constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kLinesMax = 600;
constexpr std::string_view kLicence = "// SPDX-License-Identifier: Apache-2.0";

std::size_t columns(std::string_view line)
{
    // Continuation bytes of UTF-8 take no column of their own.
    return static_cast<std::size_t>(std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Words that only some files may use, and those files.
struct Reserved {
    std::vector<const char*> words;
    std::vector<const char*> places;
};
const std::vector<Reserved> kReserved{
    // Threads meet at bounded queues; there are no other locks.
    {{"std::mutex", "std::shared_mutex", "std::recursive_mutex", "pthread_mutex_t"},
     {"ledger/writer.", "server/stdio/outbox.", "server/mcp/guarded.", "server/http/mailbox."}},
    // Time, chance and surroundings come in through ports.
    {{"system_clock", "getenv", "secure_getenv", "random_device", "std::rand", "srand", "std::time",
      "gettimeofday", "clock_gettime", "getrandom", "environ"},
     {"ledger/system/", "ledger/sqlite/lock.cpp", "server/app.", "server/main.cpp", "server/cli/",
      "server/http/date."}},
};

std::vector<std::string> mistakes_of(const Source& source)
{
    std::vector<std::string> mistakes;
    const auto wrong = [&](const std::string& what) {
        mistakes.push_back(source.path + ": " + what);
    };
    if (source.lines.empty() || source.lines[0] != kLicence)
        wrong("the first line is not the licence");
    if (source.path.ends_with(".hpp") && source.text.find("#pragma once") == std::string::npos)
        wrong("no #pragma once");
    if (source.lines.size() > kLinesMax) wrong(std::to_string(source.lines.size()) + " lines");
    if (!source.text.empty() && source.text.back() != '\n') wrong("no newline at the end");
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        const auto& line = source.lines[i];
        const auto where = "line " + std::to_string(i + 1) + " ";
        if (columns(line) > kColumnsMax)
            wrong(where + "has " + std::to_string(columns(line)) + " columns");
        if (line.find('\t') != std::string::npos || line.ends_with(' ') || line.ends_with('\r'))
            wrong(where + "has a tab or ends in a blank");
    }
    const auto code = code_of(source.text);
    for (const auto& reserved : kReserved) {
        if (std::ranges::any_of(reserved.places,
                                [&](const char* place) { return source.is_in(place); }))
            continue;
        for (const auto* word : reserved.words)
            if (has_word(code, word)) wrong(std::string{word} + " does not belong here");
    }
    return mistakes;
}

std::size_t count_for(std::string path, std::string text)
{
    Source source{.path = std::move(path), .text = std::move(text), .lines = {}};
    std::string line;
    for (const char c : source.text) {
        if (c == '\n')
            source.lines.push_back(std::exchange(line, {}));
        else
            line += c;
    }
    return mistakes_of(source).size();
}
}  // namespace

TEST_CASE("tidy: every file of the rooms keeps the house rules")
{
    for (const auto& source : room_sources())
        for (const auto& mistake : mistakes_of(source)) FAIL_CHECK(mistake);
}

TEST_CASE("tidy: the test knows a mistake when it sees one")
{
    const std::string head = std::string{kLicence} + "\n";
    CHECK(count_for("policy/a.cpp", head + "int x;\n") == 0);
    CHECK(count_for("policy/a.cpp", "int x;\n") == 1);
    CHECK(count_for("policy/a.hpp", head + "int x;\n") == 1);
    CHECK(count_for("policy/a.hpp", head + "#pragma once\n") == 0);
    CHECK(count_for("policy/a.cpp", head + std::string(100, 'x') + "\n") == 0);
    CHECK(count_for("policy/a.cpp", head + std::string(101, 'x') + "\n") == 1);
    CHECK(count_for("policy/a.cpp", head + std::string(99, 'x') + "\xc3\xa9\n") == 0);
    CHECK(count_for("policy/a.cpp", head + "\tint x;\n") == 1);
    CHECK(count_for("policy/a.cpp", head + std::string(600, '\n')) == 1);
    CHECK(count_for("policy/a.cpp", head + "std::mutex m;\n") == 1);
    CHECK(count_for("ledger/writer.hpp", head + "#pragma once\nstd::mutex m;\n") == 0);
    CHECK(count_for("policy/a.cpp", head + "auto t = std::chrono::system_clock::now();\n") == 1);
    CHECK(count_for("server/app.cpp", head + "auto t = std::chrono::system_clock::now();\n") == 0);
    CHECK(count_for("policy/a.cpp", head + "// std::mutex, getenv\nauto x = \"getenv\";\n") == 0);
    CHECK(count_for("policy/a.cpp", head + "auto x = my_getenv();\n") == 0);
    CHECK(count_for("policy/a.cpp", head + "auto x = R\"(\" getenv \")\";\n") == 0);
    CHECK(count_for("policy/a.cpp", head + "auto x = R\"-(\" )\")-\"; getenv(x);\n") == 1);
    CHECK(count_for("policy/a.cpp", head + "auto x = '\"'; getenv(x);\n") == 1);
    CHECK(count_for("policy/a.cpp", head + "auto x = \"\\\"\"; getenv(x);\n") == 1);
}

TEST_CASE("tidy: tests, benches and examples carry the licence too")
{
    for (const auto& source : sources_below({"tests", "bench", "examples"})) {
        CAPTURE(source.path);
        CHECK((!source.lines.empty() && source.lines[0] == kLicence));
        CHECK(source.lines.size() <= kLinesMax);
    }
}
