// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/connection.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "ledger/store.hpp"

namespace purse::sqlite {

namespace {
// Writers queue at the ledger's lock, so SQLite itself only waits for a stray tool.
constexpr int kBusyTimeoutMs = 2000;

StoreError::Kind kind_of(int code) noexcept
{
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return StoreError::Kind::busy;
        case SQLITE_FULL:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_TOOBIG:
        case SQLITE_CONSTRAINT:
        case SQLITE_NOMEM: return StoreError::Kind::failed;
        // An I/O error (a failed fsync among them), a damaged file, anything unknown: what is on
        // the disk is not known any more.
        default: return StoreError::Kind::in_doubt;
    }
}

// What a temporary ledger keeps in memory; the rest goes to a file without a name.
constexpr int kScratchCacheKib = 64 * 1024;

void make_private_file(const std::string& path)
{
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);  // before SQLite opens it: closing later would drop its locks
}
}  // namespace

Statement::Statement(Connection& connection, std::string_view sql) : connection_{&connection}
{
    const int code =
        sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
    if (code != SQLITE_OK) connection.fail(code, sql);
}

Statement::Statement(Statement&& other) noexcept
    : connection_{other.connection_},
      handle_{std::exchange(other.handle_, nullptr)}
{
}

Statement::~Statement()
{
    sqlite3_finalize(handle_);
}

Statement::Cursor::~Cursor()
{
    sqlite3_reset(statement_.handle_);
}

Statement::Cursor& Statement::Cursor::bind(std::int64_t value)
{
    const int code = sqlite3_bind_int64(statement_.handle_, next_++, value);
    if (code != SQLITE_OK) statement_.connection_->fail(code, "binding a number");
    return *this;
}

Statement::Cursor& Statement::Cursor::bind(std::string_view text)
{
    const int code = sqlite3_bind_text(statement_.handle_, next_++, text.data() ? text.data() : "",
                                       static_cast<int>(text.size()), SQLITE_STATIC);
    if (code != SQLITE_OK) statement_.connection_->fail(code, "binding a text");
    return *this;
}

Statement::Cursor& Statement::Cursor::bind_blob(std::string_view bytes)
{
    const int code = sqlite3_bind_blob(statement_.handle_, next_++, bytes.data(),
                                       static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (code != SQLITE_OK) statement_.connection_->fail(code, "binding a blob");
    return *this;
}

bool Statement::Cursor::step()
{
    const int code = sqlite3_step(statement_.handle_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) statement_.connection_->fail(code, sqlite3_sql(statement_.handle_));
    return false;
}

std::int64_t Statement::Cursor::integer(int column) const noexcept
{
    return sqlite3_column_int64(statement_.handle_, column);
}

std::string Statement::Cursor::text(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.handle_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle_, column));
    return bytes == nullptr ? std::string{} : std::string{bytes, size};
}

Digest Statement::Cursor::digest(int column) const
{
    const auto digest = to_digest(text(column));
    if (!digest)
        throw StoreError{StoreError::Kind::in_doubt,
                         "the ledger file is damaged: a hash has another size"};
    return *digest;
}

Connection::Connection(const std::string& path)
{
    const bool is_scratch = path.empty();
    if (!is_scratch) make_private_file(path);
    const int code = sqlite3_open_v2(
        path.c_str(), &handle_,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        nullptr);
    if (code != SQLITE_OK) {
        const StoreError error{StoreError::Kind::failed, "cannot open the ledger file " + path +
                                                             ": " + sqlite3_errmsg(handle_)};
        sqlite3_close(std::exchange(handle_, nullptr));
        throw error;
    }
    try {
        sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
        // The last connection to close must not checkpoint outside the ledger's lock.
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        if (is_scratch) {
            // Nothing of it outlives the process: there is nothing to keep safe.
            execute("PRAGMA journal_mode=MEMORY");
            execute("PRAGMA synchronous=OFF");
            execute(("PRAGMA cache_size=-" + std::to_string(kScratchCacheKib)).c_str());
        } else {
            execute("PRAGMA journal_mode=WAL");
            execute("PRAGMA synchronous=FULL");
        }
        execute("PRAGMA wal_autocheckpoint=0");
        execute("PRAGMA mmap_size=0");
        execute("PRAGMA temp_store=MEMORY");
    } catch (...) {
        sqlite3_close(std::exchange(handle_, nullptr));
        throw;
    }
    sqlite3_wal_hook(
        handle_,
        [](void* self, sqlite3*, const char*, int frames) {
            static_cast<Connection*>(self)->log_frames_ = frames;
            return SQLITE_OK;
        },
        this);
}

Connection::~Connection()
{
    sqlite3_close(handle_);
}

void Connection::execute(const char* sql)
{
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code, sql);
}

int Connection::changes() const noexcept
{
    return sqlite3_changes(handle_);
}

void Connection::checkpoint()
{
    int frames = 0;
    int moved = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) fail(code, "checkpointing");
    if (code == SQLITE_OK && frames == moved) log_frames_ = 0;
}

void Connection::fail(int code, std::string_view doing) const
{
    std::string what = "SQLite: ";
    what += handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
    what += " (" + std::to_string(code) + ") at: ";
    what += doing.substr(0, 120);
    throw StoreError{kind_of(code), what};
}

}  // namespace purse::sqlite
