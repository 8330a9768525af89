// SPDX-License-Identifier: Apache-2.0
#include "wallet/address.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>

using namespace purse;

namespace {
const std::string kGood[] = {
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};

std::string digits(const std::string& text, int (*change)(int))
{
    auto made = text;
    std::transform(made.begin() + 2, made.end(), made.begin() + 2,
                   [&](char c) { return static_cast<char>(change(c)); });
    return made;
}
}  // namespace

TEST_CASE("address: the checksum of ERC-55 is written and read")
{
    for (const auto& text : kGood) {
        const auto address = parse_address(text);
        REQUIRE(address);
        CHECK(to_checksummed(*address) == text);
        CHECK(to_string(*address) == digits(text, std::tolower));
        CHECK(parse_address(digits(text, std::tolower)) == address);
        CHECK(parse_address(digits(text, std::toupper)) == address);
    }
}

TEST_CASE("address: one letter in the wrong case is a mistake, each of them")
{
    for (const auto& text : kGood) {
        for (std::size_t i = 2; i < text.size(); ++i) {
            auto wrong = text;
            if (std::isalpha(wrong[i]) == 0) continue;
            wrong[i] = static_cast<char>(wrong[i] ^ 0x20);
            CAPTURE(wrong);
            CHECK(parse_address(wrong).error() == AddressError::bad_checksum);
        }
    }
}

TEST_CASE("address: one wrong digit is caught by the checksum nearly always")
{
    // A digit changes the hash, and so the case of every letter.
    std::size_t taken = 0;
    for (const auto& text : kGood) {
        for (std::size_t i = 2; i < text.size(); ++i) {
            auto wrong = text;
            wrong[i] = wrong[i] == '1' ? '2' : '1';
            if (parse_address(wrong)) ++taken;
        }
    }
    CHECK(taken == 0);
}

TEST_CASE("address: what is none says so")
{
    const auto good = kGood[0];
    for (const auto& text :
         {std::string{}, std::string{"0x"}, good.substr(2), good + "0", good.substr(0, 41),
          "0X" + good.substr(2), " " + good, good.substr(0, 41) + "g", good.substr(0, 41) + " ",
          "0x" + std::string(40, '\0')}) {
        CAPTURE(text);
        const auto address = parse_address(text);
        REQUIRE_FALSE(address);
        CHECK(address.error() == AddressError::not_an_address);
    }
    CHECK(message(AddressError::not_an_address) != message(AddressError::bad_checksum));
}
