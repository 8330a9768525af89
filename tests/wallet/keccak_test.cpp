// SPDX-License-Identifier: Apache-2.0
#include "wallet/keccak.hpp"

#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"

using namespace purse;
using namespace purse::test;

TEST_CASE("keccak: the padding is Ethereum's, not that of SHA3-256")
{
    CHECK(hex(keccak256("")) == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    CHECK(hex(keccak256("abc")) ==
          "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

TEST_CASE("keccak: parts hash as their concatenation, whatever the block's size")
{
    // 136 bytes are absorbed at a time.
    for (const std::size_t size : {0U, 1U, 135U, 136U, 137U, 271U, 272U, 1000U}) {
        const std::string text(size, 'x');
        const std::string_view whole{text};
        for (std::size_t cut = 0; cut <= size; cut += 1 + size / 7)
            CHECK(keccak256({whole.substr(0, cut), "", whole.substr(cut)}) == keccak256(whole));
    }
    CHECK(keccak256(std::initializer_list<std::string_view>{}) == keccak256(""));
}
