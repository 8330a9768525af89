// SPDX-License-Identifier: Apache-2.0
#include "wallet/words.hpp"

#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"

using namespace purse;
using namespace purse::test;

TEST_CASE("words: numbers and addresses stand at the end, texts at the beginning")
{
    CHECK(hex(word(Wei{0x1234})) == std::string(60, '0') + "1234");
    CHECK(hex(word(~Wei{0})) == std::string(32, '0') + std::string(32, 'f'));
    CHECK(hex(word(address(kOtherAddress))) ==
          std::string(24, '0') + to_string(address(kOtherAddress)).substr(2));
    CHECK(hex(word(Money::from_micro(1'000'000))) == std::string(59, '0') + "f4240");
    CHECK(hex(word_of_text("ab")) == "6162" + std::string(60, '0'));
}

TEST_CASE("words: what was written is read; what does not fit is not cut")
{
    Wei value = 1;
    for (int bit = 0; bit < 128; ++bit, value <<= 1) CHECK(number_of(word(value)) == value);
    CHECK(address_of(word(address(kOtherAddress))) == address(kOtherAddress));
    CHECK_FALSE(number_of(digest_of(std::string(31, '0') + "1" + std::string(32, '0'))));
    CHECK_FALSE(address_of(digest_of(std::string(23, '0') + "1" + std::string(40, '0'))));
    CHECK_FALSE(number_of(digest_of(std::string(64, 'f'))));
}

TEST_CASE("words: a word is read only where there is one")
{
    const std::string bytes(40, 'x');
    CHECK(word_at(bytes, 0));
    CHECK(word_at(bytes, 8));
    CHECK_FALSE(word_at(bytes, 9));
    CHECK_FALSE(word_at(bytes, 41));
    CHECK_FALSE(word_at(bytes, ~std::size_t{0}));
}
