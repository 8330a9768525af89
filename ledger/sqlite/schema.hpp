// SPDX-License-Identifier: Apache-2.0
// The ledger's tables, in the SQL that SQLite, PostgreSQL and its relatives share, and
// the way from each version to the next.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/sqlite/connection.hpp"

namespace purse::sqlite {

/// The statements that lead from one schema version to the next.
using Migration = std::vector<std::string_view>;

/// All migrations: the first makes version 1 of an empty file.
std::span<const Migration> migrations();

/// The portable statement in SQLite's dialect: integer keys become the row id, tables with a
/// compound key are stored in key order.
std::string to_sqlite(std::string_view portable);

/// Brings the file to the newest version of `steps`, all or nothing. Throws StoreError when it
/// is newer than this program. The ledger's lock must be held.
void migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace purse::sqlite
