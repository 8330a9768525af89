// SPDX-License-Identifier: Apache-2.0
// One SQLite connection with the settings that keep a ledger safe when several
// processes share it, and statements prepared once. Errors become StoreError.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/clock.hpp"
#include "ledger/hash.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace purse::sqlite {

class Connection;

/// A prepared statement. bind() in the order of the parameters, step(), read columns, and
/// it is ready again when the Cursor is gone.
class Statement {
public:
    Statement(Connection& connection, std::string_view sql);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// One use of the statement; resets it at the end.
    class Cursor {
    public:
        explicit Cursor(Statement& statement) noexcept : statement_{statement} {}
        ~Cursor();
        Cursor(const Cursor&) = delete;
        Cursor& operator=(const Cursor&) = delete;

        Cursor& bind(std::int64_t value);
        Cursor& bind(Instant value) { return bind(value.us); }
        /// Text and blobs must outlive the cursor.
        Cursor& bind(std::string_view text);
        Cursor& bind_blob(std::string_view bytes);
        Cursor& bind(const Digest& digest) { return bind_blob(as_bytes(digest)); }

        /// True: a row is there.
        bool step();
        /// For statements without rows.
        void run() { step(); }

        std::int64_t integer(int column) const noexcept;
        Instant instant(int column) const noexcept { return {integer(column)}; }
        std::string text(int column) const;
        /// Throws StoreError when the column is no 32-byte blob: the file is damaged.
        Digest digest(int column) const;

    private:
        Statement& statement_;
        int next_ = 1;
    };

    Cursor use() noexcept { return Cursor{*this}; }

private:
    Connection* connection_;
    sqlite3_stmt* handle_ = nullptr;
};

class Connection {
public:
    /// Opens (and makes, mode 0600) the file. The ledger's lock must be held. An empty path: a
    /// temporary database of this connection alone, in memory as far as its cache
    /// reaches. Throws StoreError.
    explicit Connection(const std::string& path);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void execute(const char* sql);
    /// Rows changed by the last statement.
    int changes() const noexcept;
    /// Frames in the write-ahead log after this connection's last commit.
    int log_frames() const noexcept { return log_frames_; }
    /// Moves the log into the file as far as no reader is in the way. Throws StoreError but for
    /// busy.
    void checkpoint();

    /// Throws the StoreError of a result code.
    [[noreturn]] void fail(int code, std::string_view doing) const;
    sqlite3* handle() noexcept { return handle_; }

private:
    sqlite3* handle_ = nullptr;
    int log_frames_ = 0;
};

}  // namespace purse::sqlite
