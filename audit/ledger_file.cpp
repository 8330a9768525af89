// SPDX-License-Identifier: Apache-2.0
#include "audit/ledger_file.hpp"

#include <sqlite3.h>

namespace purse::auditor {

namespace {
constexpr int kBusyMs = 5'000;  // others write in milliseconds
}

std::int64_t Row::integer(int column) const
{
    return sqlite3_column_int64(statement_, column);
}

std::string Row::text(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

LedgerFile::LedgerFile(const std::string& path)
{
    // A log beside the file can be read only by who may write its index; where that is not so, only
    // a ledger that was closed in good order is read.
    for (const auto flags : {SQLITE_OPEN_READWRITE, SQLITE_OPEN_READONLY}) {
        sqlite3_close(db_);
        db_ = nullptr;
        if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) == SQLITE_OK) break;
    }
    try {
        if (sqlite3_errcode(db_) != SQLITE_OK) fail("opening " + path);
        // Closing as the last one must not fold the log into the file: others may be at work.
        sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_busy_timeout(db_, kBusyMs);
        each("BEGIN", [](const Row&) {});
    } catch (...) {
        sqlite3_close(db_);
        throw;
    }
}

LedgerFile::~LedgerFile()
{
    sqlite3_close(db_);
}

void LedgerFile::fail(const std::string& doing) const
{
    throw FileError{doing + ": " + sqlite3_errmsg(db_)};
}

void LedgerFile::each(const std::string& sql, const std::function<void(const Row&)>& use)
{
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) fail(sql);
    int code = SQLITE_ROW;
    try {
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) use(Row{statement});
    } catch (...) {
        sqlite3_finalize(statement);
        throw;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) fail(sql);
}

std::int64_t LedgerFile::number(const std::string& sql)
{
    std::int64_t result = 0;
    each(sql, [&](const Row& row) { result = row.integer(0); });
    return result;
}

}  // namespace purse::auditor
