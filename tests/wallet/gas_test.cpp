// SPDX-License-Identifier: Apache-2.0
#include "wallet/gas.hpp"

#include <catch2/catch.hpp>

namespace purse {

namespace {
// What the strictest pools ask of another version: a tenth more, rounded up.
bool is_taken(const Fees& next, const Fees& old)
{
    const auto enough = [](Wei value) { return (value * 11 + 9) / 10; };
    return next.max_fee >= enough(old.max_fee) && next.max_fee > old.max_fee &&
           next.tip >= enough(old.tip) && next.tip > old.tip;
}
}  // namespace

TEST_CASE("gas limits: from the table, not from an estimate")
{
    CHECK(batch_gas(1) == 150'000);
    CHECK(batch_gas(kBatchMax) == 4'560'000);
    CHECK(batch_gas(kBatchMax) < 16'777'216);  // EIP-7825
}

TEST_CASE("market fees: twice the base fee and the tip, at most the ceiling")
{
    CHECK(market_fees({.base_fee = 100, .tip = 7}, 1000) == Fees{.max_fee = 207, .tip = 7});
    CHECK(market_fees({.base_fee = 600, .tip = 7}, 1000) == Fees{.max_fee = 1000, .tip = 7});
    CHECK(market_fees({.base_fee = 993, .tip = 7}, 1000) == Fees{.max_fee = 1000, .tip = 7});
    CHECK(market_fees({.base_fee = 0, .tip = 0}, 1000) == Fees{});
    CHECK_FALSE(market_fees({.base_fee = 994, .tip = 7}, 1000));
    CHECK_FALSE(market_fees({.base_fee = 1001, .tip = 0}, 1000));
    CHECK_FALSE(market_fees({.base_fee = ~Wei{0}, .tip = ~Wei{0}}, 1000));
}

TEST_CASE("raised fees: every pool takes them for the version before")
{
    for (Wei fee = 0; fee < 3000; ++fee)
        for (const Wei tip : {Wei{0}, fee / 3, fee}) {
            const Fees old{.max_fee = fee, .tip = tip};
            const auto next = raised_fees(old, {.base_fee = 0, .tip = 0}, 1'000'000);
            REQUIRE(next);
            REQUIRE(is_taken(*next, old));
            REQUIRE(next->tip <= next->max_fee);
        }
}

TEST_CASE("raised fees: never above the ceiling, and the market's when that is more")
{
    const Fees old{.max_fee = 100, .tip = 10};
    CHECK(raised_fees(old, {.base_fee = 500, .tip = 20}, 10'000) ==
          Fees{.max_fee = 1020, .tip = 20});
    CHECK(raised_fees(old, {.base_fee = 1, .tip = 1}, 114) == Fees{.max_fee = 114, .tip = 13});
    CHECK_FALSE(raised_fees(old, {.base_fee = 1, .tip = 1}, 113));
    // The market is above the ceiling: as much as may be, for it comes down again.
    CHECK(raised_fees(old, {.base_fee = 5000, .tip = 1}, 1000) == Fees{.max_fee = 1000, .tip = 13});
}

TEST_CASE("raised fees: from the least to the ceiling in a bounded number of steps")
{
    Fees fees{.max_fee = 1, .tip = 1};
    int steps = 0;
    while (const auto next = raised_fees(fees, {.base_fee = 1, .tip = 1}, 10'000'000'000)) {
        fees = *next;
        ++steps;
    }
    CHECK(steps < 200);
    CHECK(fees.max_fee > 8'000'000'000);
}

}  // namespace purse
