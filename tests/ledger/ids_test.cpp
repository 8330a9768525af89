// SPDX-License-Identifier: Apache-2.0
#include "ledger/ids.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <vector>

#include "tests/support/seeded_entropy.hpp"

using namespace purse;

TEST_CASE("ids: base 32 of known bytes")
{
    const auto text = [](std::initializer_list<std::uint8_t> bytes) {
        return to_base32(std::vector<std::uint8_t>{bytes});
    };
    CHECK(text({}).empty());
    CHECK(text({0x00}) == "00");
    CHECK(text({0xff}) == "zw");
    CHECK(text({0xff, 0xff, 0xff, 0xff, 0xff}) == "zzzzzzzz");
    CHECK(text({0x00, 0x44, 0x32, 0x14, 0xc7}) == "01234567");
    CHECK(to_base32(std::vector<std::uint8_t>(32, 0xa5)).size() == 52);
}

TEST_CASE("ids: there and back")
{
    test::SeededEntropy entropy{3};
    std::set<std::string> seen;
    for (std::int64_t seq = 1; seq <= 5'000; ++seq) {
        const auto id = TxId::make(seq, entropy);
        const auto text = id.to_string();
        REQUIRE(text.size() == 29);
        REQUIRE(text.starts_with("tx_"));
        REQUIRE(TxId::parse(text) == id);
        REQUIRE(seen.insert(text).second);
    }
    for (const auto& id : {TxId{1, 0}, TxId{1, ~0ULL},
                           TxId{std::numeric_limits<std::int64_t>::max(), 0x8000000000000000ULL}})
        CHECK(TxId::parse(id.to_string()) == id);
}

TEST_CASE("ids: a changed character is another id or none, never the same hold")
{
    test::SeededEntropy entropy{4};
    const auto id = TxId::make(42, entropy);
    const auto text = id.to_string();
    for (std::size_t i = 3; i < text.size(); ++i)
        for (const char c : std::string_view{"0123456789abcdefghjkmnpqrstvwxyz"}) {
            if (text[i] == c) continue;
            auto other = text;
            other[i] = c;
            const auto parsed = TxId::parse(other);
            CAPTURE(other);
            if (parsed) REQUIRE(*parsed != id);
        }
}

TEST_CASE("ids: texts that are none")
{
    test::SeededEntropy entropy{5};
    const auto good = TxId::make(42, entropy).to_string();
    const auto upper = [&] {
        auto text = good;
        for (auto& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
        return text;
    }();
    auto letter_i = good;
    letter_i[5] = 'i';
    for (const auto& text : {std::string{}, std::string{"tx_"}, good.substr(3), good + "0",
                             good.substr(0, 28), " " + good, good + " ", "ty_" + good.substr(3),
                             upper, letter_i, TxId{0, 99}.to_string(), TxId{-1, 99}.to_string()}) {
        CAPTURE(text);
        CHECK_FALSE(TxId::parse(text).has_value());
    }
    // Two bits of the last character belong to nobody.
    auto loose = TxId{1, 0}.to_string();
    const std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    loose.back() = alphabet[alphabet.find(loose.back()) | 1];
    if (loose != TxId{1, 0}.to_string()) CHECK_FALSE(TxId::parse(loose).has_value());
}
