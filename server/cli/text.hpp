// SPDX-License-Identifier: Apache-2.0
// Words and tables for a person at a terminal. What others wrote is shown without its
// control characters, so that no note or name can move the cursor.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/cap.hpp"
#include "server/cli/output.hpp"
#include "server/text.hpp"

namespace purse::server::cli {

/// Columns on the screen: code points, since names and amounts are narrow.
std::size_t columns_of(std::string_view text);

/// "in 3 h", "in 12 min", "8 days ago", "now": one unit, rounded down.
std::string relative(Instant at, Instant now);

/// "1 entry", "2 entries".
std::string counted(std::int64_t count, std::string_view one, std::string_view many);

/// "0.10" or "3": an amount of a cap's unit, without the unit.
std::string amount_of(Unit unit, std::int64_t count);

/// "0.10", "-0.10": an amount that may be below zero, USDC without the unit.
std::string usdc(std::int64_t micro);

/// Used percent as a bar of ten, with the number: "[####......]  42 %".
std::string bar(const Style& style, int percent);

enum class Align { left, right };

struct Cell {
    std::string text;
    Colour colour = Colour::none;

    Cell(std::string words = {}, Colour paint = Colour::none)
        : text{std::move(words)},
          colour{paint}
    {
    }
    Cell(const char* words) : text{words} {}
};

/// Aligned columns, two spaces apart, under a bold heading.
class Table {
public:
    struct Column {
        std::string heading;
        Align align = Align::left;
    };
    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

    /// Fewer cells than columns leave the rest empty.
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const noexcept { return rows_.empty(); }
    void print(std::ostream& out, const Style& style) const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace purse::server::cli
