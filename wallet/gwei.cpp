// SPDX-License-Identifier: Apache-2.0
#include "wallet/gwei.hpp"

namespace purse {

namespace {
constexpr std::size_t kDecimals = 9;
constexpr Wei kWeiInGwei = 1'000'000'000;
constexpr Wei kGweiMax = 1'000'000'000;
}  // namespace

std::optional<Wei> parse_gwei(std::string_view text)
{
    const auto dot = text.find('.');
    const auto whole = parse_decimal(text.substr(0, dot));
    if (!whole || *whole > kGweiMax) return std::nullopt;
    if (dot == std::string_view::npos) return *whole * kWeiInGwei;
    std::string fraction{text.substr(dot + 1)};
    if (fraction.empty() || fraction.size() > kDecimals) return std::nullopt;
    fraction.resize(kDecimals, '0');
    const auto part = parse_decimal(fraction);
    if (!part) return std::nullopt;
    return *whole * kWeiInGwei + *part;
}

std::string to_gwei(Wei value)
{
    auto text = to_decimal(value / kWeiInGwei);
    auto fraction = to_decimal(value % kWeiInGwei);
    if (fraction == "0") return text;
    fraction.insert(0, kDecimals - fraction.size(), '0');
    fraction.resize(fraction.find_last_not_of('0') + 1);
    return text + '.' + fraction;
}

}  // namespace purse
