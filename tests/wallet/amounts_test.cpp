// SPDX-License-Identifier: Apache-2.0
#include "wallet/amounts.hpp"

#include <catch2/catch.hpp>

using namespace purse;

namespace {
constexpr Wei kMax = ~Wei{0};
}

TEST_CASE("amounts: what was written is read")
{
    Wei value = 1;
    for (int bit = 0; bit < 128; ++bit, value <<= 1) {
        for (const Wei one : {value, value - 1, value + 1}) {
            CHECK(parse_quantity(to_quantity(one)) == one);
            CHECK(parse_decimal(to_decimal(one)) == one);
        }
    }
    CHECK(to_quantity(0) == "0x0");
    CHECK(to_quantity(0x1a) == "0x1a");
    CHECK(to_quantity(kMax) == "0x" + std::string(32, 'f'));
    CHECK(to_decimal(0) == "0");
    CHECK(to_decimal(kMax) == "340282366920938463463374607431768211455");
}

TEST_CASE("amounts: a quantity may have leading zeros and letters of either case")
{
    CHECK(parse_quantity("0x00") == Wei{0});
    CHECK(parse_quantity("0x0Ff") == Wei{255});
    CHECK(parse_quantity("0x" + std::string(32, '0') + std::string(32, 'F')) == kMax);
}

TEST_CASE("amounts: what is wider than 128 bits is refused, never cut")
{
    CHECK_FALSE(parse_quantity("0x1" + std::string(32, '0')));
    CHECK_FALSE(parse_quantity("0x" + std::string(33, 'f')));
    CHECK_FALSE(parse_decimal("340282366920938463463374607431768211456"));
    CHECK_FALSE(parse_decimal("999999999999999999999999999999999999999"));
    CHECK_FALSE(parse_decimal(std::string(200, '0')));
    CHECK_FALSE(parse_quantity("0x" + std::string(65, '0')));
}

TEST_CASE("amounts: what is no number is refused")
{
    for (const auto* text :
         {"", "0x", "x", "0", "1a", "0X1", "0x 1", "0x-1", "-0x1", "0xg", "0x1 "})
        CHECK_FALSE(parse_quantity(text));
    for (const auto* text : {"", " ", "-1", "+1", "1.0", "1e3", "0x1", "a", "1 "})
        CHECK_FALSE(parse_decimal(text));
}
