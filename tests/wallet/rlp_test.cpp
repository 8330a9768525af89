// SPDX-License-Identifier: Apache-2.0
#include "wallet/rlp.hpp"

#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"
#include "tests/wallet/rlp_reader.hpp"

using namespace purse;
using namespace purse::test;

TEST_CASE("rlp: short and long strings and lists, at the edges of their forms")
{
    CHECK(rlp::bytes("") == "\x80");
    CHECK(rlp::bytes(std::string(1, '\0')) == std::string(1, '\0'));
    CHECK(rlp::bytes("\x7f") == "\x7f");
    CHECK(rlp::bytes("\x80") == "\x81\x80");
    CHECK(rlp::bytes("dog") ==
          "\x83"
          "dog");
    CHECK(rlp::bytes(std::string(55, 'a')) == "\xb7" + std::string(55, 'a'));
    CHECK(rlp::bytes(std::string(56, 'a')) == "\xb8\x38" + std::string(56, 'a'));
    CHECK(rlp::bytes(std::string(256, 'a')) == bytes_of("b90100") + std::string(256, 'a'));
    CHECK(rlp::list("") == "\xc0");
    CHECK(rlp::list(std::string(55, 'a')) == "\xf7" + std::string(55, 'a'));
    CHECK(rlp::list(std::string(56, 'a')) == "\xf8\x38" + std::string(56, 'a'));
    CHECK(rlp::list(std::string(70000, 'a')) == bytes_of("fa011170") + std::string(70000, 'a'));
}

TEST_CASE("rlp: integers have no leading zeros, and zero is the empty string")
{
    CHECK(rlp::integer(Wei{0}) == "\x80");
    CHECK(rlp::integer(Wei{1}) == "\x01");
    CHECK(rlp::integer(Wei{127}) == "\x7f");
    CHECK(rlp::integer(Wei{128}) == "\x81\x80");
    CHECK(rlp::integer(Wei{256}) == bytes_of("820100"));
    CHECK(rlp::integer(~Wei{0}) == "\x90" + std::string(16, '\xff'));
    CHECK(rlp::integer(std::string(32, '\0')) == "\x80");
    CHECK(rlp::integer(as_bytes(digest_of(std::string(62, '0') + "7f"))) == "\x7f");
    CHECK(rlp::integer(as_bytes(digest_of("00" + std::string(62, 'f')))) ==
          "\x9f" + std::string(31, '\xff'));
}

TEST_CASE("rlp: whatever was written is read again")
{
    for (std::size_t size = 0; size < 600; ++size) {
        const std::string text(size, static_cast<char>(size % 256));
        const auto nested =
            rlp::list(rlp::bytes(text) + rlp::list(rlp::integer(Wei{size})) + rlp::list(""));
        const auto item = read_rlp(nested);
        REQUIRE(item.items.size() == 3);
        CHECK(item.items[0].text == text);
        CHECK(number(item.items[1].items.at(0)) == size);
        CHECK(item.items[2].items.empty());
    }
}

TEST_CASE("rlp: the reader of these tests refuses what is not canonical")
{
    for (const auto* text : {"", "8100", "b800", "b90001", "83646f", "c1", "f800", "8080", "b837"})
        CHECK_THROWS(read_rlp(bytes_of(text)));
}
