// SPDX-License-Identifier: Apache-2.0
#include "ledger/hash.hpp"

#include <catch2/catch.hpp>

using namespace purse;

TEST_CASE("hash: the known answers of FIPS 180-4")
{
    const auto hex = [](std::initializer_list<std::string_view> parts) {
        return to_hex(as_bytes(sha256(parts)));
    };
    CHECK(hex({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex({"abc"}) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex({"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"}) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const std::string million(1'000'000, 'a');
    CHECK(hex({million}) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    CHECK(hex({"a", "", "bc"}) == hex({"abc"}));
}

TEST_CASE("hash: hexadecimal there and back")
{
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(from_hex(to_hex(all)) == all);
    CHECK(to_hex(std::string_view{"\x00\x0f\xff", 3}) == "000fff");
    CHECK(from_hex("") == "");
    CHECK(from_hex("aAfF") == std::string{"\xaa\xff"});
    for (const char* text : {"a", "abc", "0g", "g0", " 0", "0x00", "--"})
        CHECK_FALSE(from_hex(text).has_value());
}

TEST_CASE("hash: a digest has 32 bytes")
{
    const auto digest = sha256({"x"});
    CHECK(to_digest(as_bytes(digest)) == digest);
    CHECK_FALSE(to_digest("").has_value());
    CHECK_FALSE(to_digest(std::string(31, 'x')).has_value());
    CHECK_FALSE(to_digest(std::string(33, 'x')).has_value());
}
