// SPDX-License-Identifier: Apache-2.0
#include "bench/figures.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace purse::bench {

double percentile(std::vector<double> samples, double fraction)
{
    if (samples.empty()) return 0;
    const auto rank = std::ceil(fraction * static_cast<double>(samples.size()));
    const auto index = std::clamp<std::size_t>(static_cast<std::size_t>(rank), 1, samples.size());
    const auto at = samples.begin() + static_cast<std::ptrdiff_t>(index - 1);
    std::nth_element(samples.begin(), at, samples.end());
    return *at;
}

std::string fixed(double value, int digits)
{
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    return out.str();
}

std::string grouped(double value)
{
    auto digits = fixed(value, 0);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

Table::Table(std::vector<std::string> heads)
{
    rows_.push_back(std::move(heads));
}

void Table::row(std::vector<std::string> cells)
{
    rows_.push_back(std::move(cells));
}

std::string Table::to_string() const
{
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::ostringstream out;
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string pad(widths[i] - row[i].size(), ' ');
            out << (i == 0 ? row[i] + pad : "  " + pad + row[i]);
        }
        out << '\n';
    }
    return out.str();
}

}  // namespace purse::bench
