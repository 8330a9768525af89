// SPDX-License-Identifier: Apache-2.0
#include "server/cli/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/money.hpp"

namespace purse::server::cli {

namespace {
bool starts_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}
}  // namespace

std::size_t columns_of(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

std::string relative(Instant at, Instant now)
{
    static constexpr std::array<std::pair<std::int64_t, const char*>, 4> kUnits{
        {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}}};
    const bool is_past = at < now;
    const auto away = is_past ? now - at : at - now;
    for (const auto& [us, name] : kUnits) {
        if (away.us < us) continue;
        const auto words = std::to_string(away.us / us) + " " + name;
        return is_past ? words + " ago" : "in " + words;
    }
    return "now";
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many)
{
    return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

std::string amount_of(Unit unit, std::int64_t count)
{
    return unit == Unit::calls ? std::to_string(count) : Money::from_micro(count).to_string();
}

std::string usdc(std::int64_t micro)
{
    return (micro < 0 ? "-" : "") + Money::from_micro(micro < 0 ? -micro : micro).to_string();
}

std::string bar(const Style& style, int percent)
{
    static constexpr int kCells = 10;
    // Anything used shows, and only a cap that is used up looks full.
    auto full = std::clamp(percent * kCells / 100, 0, kCells);
    if (percent > 0) full = std::max(full, 1);
    std::string text = style.utf8 ? "" : "[";
    for (int i = 0; i < kCells; ++i)
        text += style.utf8 ? (i < full ? "█" : "░") : (i < full ? "#" : ".");
    if (!style.utf8) text += ']';
    auto number = std::to_string(percent);
    number.insert(0, number.size() < 3 ? 3 - number.size() : 0, ' ');
    return text + ' ' + number + " %";
}

void Table::print(std::ostream& out, const Style& style) const
{
    std::vector<std::size_t> widths;
    for (const auto& column : columns_) widths.push_back(columns_of(column.heading));
    for (const auto& cells : rows_)
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], columns_of(cells[i].text));

    const auto line = [&](const auto& cell_at, std::size_t count) {
        std::string text;
        std::size_t gap = 0;  // written only before something: no blanks at a line's end
        for (std::size_t i = 0; i < count; ++i) {
            const Cell cell = cell_at(i);
            const auto pad = widths[i] - columns_of(cell.text);
            const auto before = columns_[i].align == Align::right ? pad : 0;
            gap += before;
            if (!cell.text.empty()) {
                text.append(gap, ' ').append(painted(style, cell.colour, cell.text));
                gap = 0;
            }
            gap += pad - before;
            gap += 2;
        }
        out << text << '\n';
    };
    line([&](std::size_t i) { return Cell{columns_[i].heading, Colour::bold}; }, columns_.size());
    for (const auto& cells : rows_) line([&](std::size_t i) { return cells[i]; }, cells.size());
}

}  // namespace purse::server::cli
