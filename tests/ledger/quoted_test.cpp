// SPDX-License-Identifier: Apache-2.0
#include "ledger/quoted.hpp"

#include <catch2/catch.hpp>

#include "ledger/json.hpp"

using namespace purse;

TEST_CASE("quoted: short texts whole, long ones clipped between characters")
{
    CHECK(quoted("a \"b\"") == R"("a \"b\"")");
    CHECK(clipped(std::string(80, 'x')) == std::string(80, 'x'));
    CHECK(clipped(std::string(81, 'x')) == std::string(80, 'x') + "...");
    // A character of several bytes is there as a whole or not at all.
    for (std::size_t before = 76; before <= 80; ++before) {
        const auto text = std::string(before, 'x') + "\xf0\x9f\x98\x80 and more";
        const auto shown = clipped(text);
        CAPTURE(before);
        CHECK(json::well_formed(shown) == shown);
        CHECK(shown.size() <= 83);
        CHECK(shown.starts_with(std::string(before, 'x')));
        CHECK((shown.find('\xf0') != std::string::npos) == (before == 76));
    }
    CHECK(clipped(std::string(90, '\x80')) == "...");
}
