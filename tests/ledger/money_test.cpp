// SPDX-License-Identifier: Apache-2.0
#include "ledger/money.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/seeded_entropy.hpp"

using purse::Money;
using purse::MoneyError;

TEST_CASE("money: texts that are amounts")
{
    struct Row {
        const char* text;
        std::int64_t micro;
        const char* written;
    };
    const Row rows[] = {
        {"0", 0, "0.00"},
        {"0.0", 0, "0.00"},
        {"0.000000", 0, "0.00"},
        {"5", 5'000'000, "5.00"},
        {"0.08", 80'000, "0.08"},
        {"0.1", 100'000, "0.10"},
        {"0.000001", 1, "0.000001"},
        {"0.100001", 100'001, "0.100001"},
        {"0.123", 123'000, "0.123"},
        {"1.50", 1'500'000, "1.50"},
        {"10.999999", 10'999'999, "10.999999"},
        {"007", 7'000'000, "7.00"},
        {"1000000000000", 1'000'000'000'000'000'000, "1000000000000.00"},
        {"999999999999.999999", 999'999'999'999'999'999, "999999999999.999999"},
        {"00000000000000000000000000000001", 1'000'000, "1.00"},  // 32 characters
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto amount = Money::parse(row.text);
        REQUIRE(amount.has_value());
        CHECK(amount->micro() == row.micro);
        CHECK(amount->to_string() == row.written);
    }
}

TEST_CASE("money: texts that are no amounts")
{
    struct Row {
        std::string_view text;
        MoneyError error;
    };
    using namespace std::string_view_literals;
    const Row rows[] = {
        {"", MoneyError::empty},
        {".", MoneyError::not_decimal},
        {"5.", MoneyError::not_decimal},
        {".5", MoneyError::not_decimal},
        {"1.2.3", MoneyError::not_decimal},
        {"-1", MoneyError::not_decimal},
        {"+1", MoneyError::not_decimal},
        {" 1", MoneyError::not_decimal},
        {"1 ", MoneyError::not_decimal},
        {"1\n", MoneyError::not_decimal},
        {"1e3", MoneyError::not_decimal},
        {"1E-2", MoneyError::not_decimal},
        {"0x10", MoneyError::not_decimal},
        {"1,5", MoneyError::not_decimal},
        {"1_000", MoneyError::not_decimal},
        {"$1", MoneyError::not_decimal},
        {"NaN", MoneyError::not_decimal},
        {"Infinity", MoneyError::not_decimal},
        {"1\0"sv, MoneyError::not_decimal},
        {"\xd9\xa1", MoneyError::not_decimal},  // a digit, but not one of ours
        {"0.0000001", MoneyError::too_precise},
        {"0.0000000", MoneyError::too_precise},
        {"1.1234567", MoneyError::too_precise},
        {"1000000000000.000001", MoneyError::too_large},
        {"1000000000001", MoneyError::too_large},
        {"9223372036854.775807", MoneyError::too_large},
        {"9223372036854.775808", MoneyError::too_large},
        {"18446744073709551616", MoneyError::too_large},
        {"18446744073709.551617", MoneyError::too_large},  // wraps to 0.000001 in 64 bits
        {"99999999999999999999999999999999", MoneyError::too_large},
        {"000000000000000000000000000000001", MoneyError::too_large},  // 33 characters
        {"99999999999999999999999999999999x", MoneyError::not_decimal},
        {"9999999999999999999999999999999x", MoneyError::not_decimal},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string{row.text});
        const auto amount = Money::parse(row.text);
        REQUIRE_FALSE(amount.has_value());
        CHECK(amount.error() == row.error);
        CHECK_FALSE(message(amount.error()).empty());
    }
}

TEST_CASE("money: what is written is read back, for amounts of every size")
{
    purse::test::Dice dice{20'261'123};
    for (int i = 0; i < 20'000; ++i) {
        std::int64_t top = 1;
        for (auto digits = dice.between(0, 18); digits > 0; --digits) top *= 10;
        const auto amount = Money::from_micro(dice.between(0, top));
        const auto text = amount.to_string();
        const auto again = Money::parse(text);
        CAPTURE(text);
        REQUIRE(again.has_value());
        REQUIRE(*again == amount);
        const auto decimals = text.size() - text.find('.') - 1;
        REQUIRE(decimals >= 2);
        REQUIRE(decimals <= 6);
    }
}

TEST_CASE("money: sums and differences say when they leave their range")
{
    constexpr auto kTop = std::numeric_limits<std::int64_t>::max();
    const auto one = Money::from_micro(1);
    CHECK(Money::max().plus(Money::max()) == Money::from_micro(2'000'000'000'000'000'000));
    CHECK(Money::from_micro(kTop - 1).plus(one) == Money::from_micro(kTop));
    CHECK_FALSE(Money::from_micro(kTop).plus(one).has_value());
    CHECK(one.minus(one) == Money{});
    CHECK_FALSE(Money{}.minus(one).has_value());
    CHECK(Money::from_micro(kTop).to_string() == "9223372036854.775807");
    CHECK(Money::from_micro(-1).to_string() == "-0.000001");
    CHECK(Money::from_micro(std::numeric_limits<std::int64_t>::min()).to_string() ==
          "-9223372036854.775808");
    CHECK(*Money::parse("0.10") < *Money::parse("0.2"));
}
