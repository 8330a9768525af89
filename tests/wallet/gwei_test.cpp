// SPDX-License-Identifier: Apache-2.0
#include "wallet/gwei.hpp"

#include <catch2/catch.hpp>

using namespace purse;

TEST_CASE("gwei: read and written again")
{
    const auto wei = [](const char* text) {
        const auto value = parse_gwei(text);
        return value ? to_decimal(*value) : std::string{"none"};
    };
    CHECK(wei("10") == "10000000000");
    CHECK(wei("0") == "0");
    CHECK(wei("0.05") == "50000000");
    CHECK(wei("0.000000001") == "1");
    CHECK(wei("1.500") == "1500000000");
    CHECK(wei("1000000000") == "1000000000000000000");
    for (const auto* text : {"", ".", "1.", ".5", "1.0000000001", "-1", "1e3", " 1", "1,5", "1..2",
                             "1000000001", "99999999999999999999999999999999999999999999"}) {
        CAPTURE(text);
        CHECK(wei(text) == "none");
    }
    for (const auto* text : {"10", "0", "0.05", "0.000000001", "1.5", "12.345678901"}) {
        CAPTURE(text);
        CHECK(to_gwei(parse_gwei(text).value()) == text);
    }
}
