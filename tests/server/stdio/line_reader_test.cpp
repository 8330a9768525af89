// SPDX-License-Identifier: Apache-2.0
#include "server/stdio/line_reader.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>

using namespace purse::server;

namespace {
constexpr std::size_t kMax = 10;

/// All lines of `input`, fed in pieces of the sizes that `piece` gives; too long ones as "!".
template <typename Piece>
std::vector<std::string> lines_of(std::string_view input, Piece piece)
{
    LineReader reader{kMax};
    std::vector<std::string> lines;
    const auto keep = [&](const std::optional<LineReader::Line>& line) {
        if (line) lines.push_back(line->too_long ? "!" : std::string{line->text});
        return line.has_value();
    };
    while (!input.empty()) {
        const auto room = reader.room();
        REQUIRE_FALSE(room.empty());
        const auto size = std::min({room.size(), input.size(), static_cast<std::size_t>(piece())});
        std::memcpy(room.data(), input.data(), size);
        reader.filled(size);
        input.remove_prefix(size);
        while (keep(reader.next())) {}
    }
    keep(reader.rest());
    return lines;
}

const std::string kInput =
    "a\nbb\r\n\n  \n\r\n0123456789\n0123456789\r\n01234567890\n"
    "x\n0123456789012345678901234567890123456789\r\ny\n\r\r\n z \nlast";
const std::vector<std::string> kLines = {"a", "bb", "0123456789", "0123456789", "!",
                                         "x", "!",  "y",          " z ",        "last"};
}  // namespace

TEST_CASE("lines come out however the bytes come in")
{
    CHECK(lines_of(kInput, [] { return 1'000'000; }) == kLines);
    CHECK(lines_of(kInput, [] { return 1; }) == kLines);
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::mt19937 random{seed};
        INFO("seed " << seed);
        REQUIRE(lines_of(kInput, [&] { return 1 + random() % 17; }) == kLines);
    }
}

TEST_CASE("random streams are cut as a simple reader cuts them")
{
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::mt19937 random{seed};
        std::string input;
        std::vector<std::string> wanted;
        const auto count = random() % 20;
        for (unsigned i = 0; i < count; ++i) {
            const std::string line(random() % 40, "xyz"[random() % 3]);
            input += line + (random() % 2 == 0 ? "\n" : "\r\n");
            if (!line.empty()) wanted.push_back(line.size() > kMax ? "!" : line);
        }
        INFO("seed " << seed);
        REQUIRE(lines_of(input, [&] { return 1 + random() % 30; }) == wanted);
    }
}

TEST_CASE("the end of input may cut the last line")
{
    const auto whole = [] { return 1'000'000; };
    CHECK(lines_of("", whole).empty());
    CHECK(lines_of("a", whole) == std::vector<std::string>{"a"});
    CHECK(lines_of("a\r", whole) == std::vector<std::string>{"a"});
    CHECK(lines_of("  ", whole).empty());
    CHECK(lines_of("0123456789x", whole) == std::vector<std::string>{"!"});
    CHECK(lines_of("0123456789x0123456789x0123456789x", whole) == std::vector<std::string>{"!"});
    CHECK(lines_of("0123456789x0123456789x0123456789x\n", whole) == std::vector<std::string>{"!"});
}
