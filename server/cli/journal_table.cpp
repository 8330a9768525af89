// SPDX-License-Identifier: Apache-2.0
#include "server/cli/journal_table.hpp"

#include <array>

#include "ledger/json.hpp"
#include "server/entry_words.hpp"

namespace purse::server::cli {

namespace {
// Columns by the members of entries; "reason" is also that of the first refusal.
constexpr std::array<std::string_view, 19> kColumns{
    "seq",      "at",     "kind",   "agent", "credential", "txId",   "service",
    "payee",    "amount", "actual", "held",  "released",   "reason", "task",
    "workflow", "target", "by",     "note",  "purpose"};

std::string_view text_in(const json::Value& root, std::string_view name)
{
    return name == "reason" ? entry_reason(root) : root.text_of(name);
}
}  // namespace

std::string table_cell(std::string_view text)
{
    std::string cell{text};
    if (!cell.empty() && std::string_view{"=+-@\t\r"}.contains(cell.front()))
        cell.insert(0, 1, '\'');
    if (cell.find_first_of(",\"\r\n'") == std::string::npos) return cell;
    std::string quoted{"\""};
    for (const char sign : cell) {
        if (sign == '"') quoted += '"';
        quoted += sign;
    }
    return quoted + '"';
}

std::string table_header()
{
    std::string line;
    for (const auto name : kColumns) {
        if (!line.empty()) line += ',';
        line += name;
    }
    return line + "\r\n";
}

std::string table_row(const JournalRow& row)
{
    const auto document = json::parse(row.body);
    std::string line = std::to_string(row.seq);
    for (const auto name : kColumns) {
        if (name == kColumns.front()) continue;
        line += ',';
        if (document) line += table_cell(text_in(document->root(), name));
    }
    return line + "\r\n";
}

}  // namespace purse::server::cli
