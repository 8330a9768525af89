// SPDX-License-Identifier: Apache-2.0
// The auditor's own way to read a ledger file: one snapshot, and nothing is changed.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace purse::auditor {

/// The file cannot be read; the text says why.
struct FileError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One row of an answer; columns count from 0.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_{statement} {}
    std::int64_t integer(int column) const;
    /// Text or bytes.
    std::string text(int column) const;

private:
    sqlite3_stmt* statement_;
};

class LedgerFile {
public:
    /// Throws FileError. Others may be at work on it: what they commit later is not seen.
    explicit LedgerFile(const std::string& path);
    ~LedgerFile();
    LedgerFile(const LedgerFile&) = delete;
    LedgerFile& operator=(const LedgerFile&) = delete;

    void each(const std::string& sql, const std::function<void(const Row&)>& use);
    std::int64_t number(const std::string& sql);

private:
    [[noreturn]] void fail(const std::string& doing) const;

    sqlite3* db_ = nullptr;
};

}  // namespace purse::auditor
