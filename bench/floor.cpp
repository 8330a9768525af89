// SPDX-License-Identifier: Apache-2.0
#include "bench/floor.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

namespace purse::bench {

namespace {

constexpr std::string_view kTables = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE cap (id INTEGER PRIMARY KEY, "limit" INTEGER, held INTEGER, spent INTEGER);
CREATE TABLE hold (id INTEGER PRIMARY KEY, token INTEGER, state INTEGER, agent TEXT, payee TEXT,
                   amount INTEGER, taken INTEGER, expires INTEGER, task TEXT);
INSERT INTO cap VALUES (1, 900000000000000, 0, 0);
)sql";

struct Closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Connection {
public:
    explicit Connection(const std::string& file)
    {
        sqlite3* db = nullptr;
        const int code = sqlite3_open(file.c_str(), &db);
        db_.reset(db);
        check(code);
        check(sqlite3_exec(db, kTables.data(), nullptr, nullptr, nullptr));
        begin_ = prepare("BEGIN IMMEDIATE");
        take_ = prepare(
            R"(UPDATE cap SET held = held + ?1 WHERE id = 1 AND held + spent + ?1 <= "limit")");
        insert_ = prepare("INSERT INTO hold VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8)");
        commit_ = prepare("COMMIT");
    }

    void begin() { step(begin_); }
    void commit() { step(commit_); }

    void hold(std::int64_t id)
    {
        constexpr std::int64_t kAmount = 80'000;
        constexpr std::int64_t kTime = 1'795'000'000'000'000;
        sqlite3_bind_int64(take_.get(), 1, kAmount);
        step(take_);
        if (sqlite3_changes(db_.get()) != 1) throw std::runtime_error("the cap is full");
        auto* statement = insert_.get();
        sqlite3_bind_int64(statement, 1, id);
        sqlite3_bind_int64(statement, 2, id * 0x5DEECE66D);
        sqlite3_bind_text(statement, 3, "bench", -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 4, "0x90f79bf6eb2c4f870365e785982e1f101e93b906", -1,
                          SQLITE_STATIC);
        sqlite3_bind_int64(statement, 5, kAmount);
        sqlite3_bind_int64(statement, 6, kTime + id);
        sqlite3_bind_int64(statement, 7, kTime + id + 120'000'000);
        sqlite3_bind_text(statement, 8, "task-1", -1, SQLITE_STATIC);
        step(insert_);
    }

private:
    using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

    void check(int code) const
    {
        if (code != SQLITE_OK && code != SQLITE_DONE)
            throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(db_.get()));
    }

    Statement prepare(const char* text)
    {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(db_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                                 nullptr));
        return Statement(statement);
    }

    void step(const Statement& statement)
    {
        check(sqlite3_step(statement.get()));
        sqlite3_reset(statement.get());
    }

    std::unique_ptr<sqlite3, Closer> db_;
    Statement begin_, take_, insert_, commit_;
};

}  // namespace

CommitResult measure_commits(const CommitOptions& options)
{
    const auto file = options.folder + "/floor.db";
    for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
    Connection connection(file);
    CommitResult result;
    std::int64_t id = 0;
    const auto start = std::chrono::steady_clock::now();
    auto before = start;
    while (before - start < options.duration) {
        connection.begin();
        for (unsigned i = 0; i < options.group; ++i) connection.hold(++id);
        connection.commit();
        const auto after = std::chrono::steady_clock::now();
        result.nanoseconds.push_back((after - before).count());
        before = after;
    }
    result.rate = static_cast<double>(id) / std::chrono::duration<double>(before - start).count();
    return result;
}

}  // namespace purse::bench
