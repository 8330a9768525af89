// SPDX-License-Identifier: Apache-2.0
// Medians, percentiles and the words in which figures are printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace purse::bench {

/// The value below which `fraction` of the sorted samples lie (nearest rank); 0 for none.
double percentile(std::vector<double> samples, double fraction);
inline double median(std::vector<double> samples)
{
    return percentile(std::move(samples), 0.5);
}

/// "1.234": fixed digits after the point.
std::string fixed(double value, int digits);
/// "12,345": a whole number in groups of three.
std::string grouped(double value);

/// A table in plain text: the first column to the left, all others to the right.
class Table {
public:
    explicit Table(std::vector<std::string> heads);
    void row(std::vector<std::string> cells);
    std::string to_string() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace purse::bench
