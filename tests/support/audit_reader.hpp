// SPDX-License-Identifier: Apache-2.0
// The auditor's own way to read a ledger file; for its parts only.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "tests/support/audit.hpp"

namespace purse::test {

namespace audit_reader {

using Row = sqlite3_stmt;

class Reader {
public:
    explicit Reader(const std::string& path)
    {
        if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
            throw std::runtime_error{"audit: cannot open " + path + ": " + sqlite3_errmsg(db_)};
        // Closing as the last one must not fold the log into the file: others may be at work.
        sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_busy_timeout(db_, 5'000);
        each("BEGIN", [](Row*) {});  // one snapshot for all that is read
    }
    ~Reader() { sqlite3_close(db_); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    void each(const char* sql, const std::function<void(Row*)>& use)
    {
        Row* row = nullptr;
        if (sqlite3_prepare_v2(db_, sql, -1, &row, nullptr) != SQLITE_OK)
            throw std::runtime_error{std::string{"audit: "} + sqlite3_errmsg(db_) + " at " + sql};
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(row)) == SQLITE_ROW) use(row);
        sqlite3_finalize(row);
        if (code != SQLITE_DONE)
            throw std::runtime_error{std::string{"audit: "} + sqlite3_errmsg(db_) + " at " + sql};
    }
    std::int64_t number(const char* sql)
    {
        std::int64_t result = 0;
        each(sql, [&](Row* row) { result = sqlite3_column_int64(row, 0); });
        return result;
    }

private:
    sqlite3* db_ = nullptr;
};

inline std::int64_t integer(Row* row, int column)
{
    return sqlite3_column_int64(row, column);
}

inline std::string text(Row* row, int column)
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
    return bytes == nullptr
               ? std::string{}
               : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

}  // namespace audit_reader

/// The part of the audit that is about debts on their way to payees.
void audit_payouts(audit_reader::Reader& reader, Audit& result);

}  // namespace purse::test
