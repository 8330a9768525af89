// SPDX-License-Identifier: Apache-2.0
// Entries as a table for spreadsheets (RFC 4180). It proves nothing.
#pragma once

#include <string>
#include <string_view>

#include "ledger/store.hpp"

namespace purse::server::cli {

/// The names of the columns, with a line end.
std::string table_header();
/// An entry's row, with a line end.
std::string table_row(const JournalRow& row);

/// A text as a cell: quoted where RFC 4180 asks for it. One that a spreadsheet would take for a
/// formula (it begins with = + - @, a tab or a return) gets a ' before it.
std::string table_cell(std::string_view text);

}  // namespace purse::server::cli
