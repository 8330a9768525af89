// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/store.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "ledger/sqlite/approval_rows.hpp"
#include "ledger/sqlite/payout_rows.hpp"
#include "ledger/sqlite/schema.hpp"
#include "ledger/sqlite/statements.hpp"
#include "ledger/sqlite/transaction.hpp"
#include "ledger/sqlite/webhook_rows.hpp"

namespace purse::sqlite {

namespace {
void make_folder(const std::string& folder)
{
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::create_directories(folder, error))
        fs::permissions(folder, fs::perms::owner_all,
                        error);  // what is spent is nobody else's business
    if (error)
        throw StoreError{StoreError::Kind::failed,
                         "cannot make the state folder " + folder + ": " + error.message()};
}
}  // namespace

/// The lock for the length of a scope.
class SqliteStore::Locked {
public:
    explicit Locked(SqliteStore& store) : store_{store} { store.lock(); }
    ~Locked() { store_.unlock(); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

private:
    SqliteStore& store_;
};

SqliteStore::SqliteStore(Settings settings) : settings_{std::move(settings)} {}

SqliteStore::~SqliteStore()
{
    if (!connection_) return;
    try {
        // Closing may touch the log; like all that does, it waits its turn.
        const Locked locked{*this};
        approval_rows_.reset();
        payout_rows_.reset();
        webhook_rows_.reset();
        statements_.reset();
        connection_.reset();
    } catch (const StoreError&) {
        approval_rows_.reset();
        payout_rows_.reset();
        webhook_rows_.reset();
        statements_.reset();
        connection_.reset();
    }
}

void SqliteStore::lock()
{
    if (lock_) lock_->lock(settings_.lock_patience);
}

void SqliteStore::unlock() noexcept
{
    if (lock_) lock_->unlock();
}

void SqliteStore::open()
{
    const bool is_scratch = settings_.folder.empty();
    if (!is_scratch) make_folder(settings_.folder);
    if (!is_scratch && !lock_) lock_.emplace(settings_.folder + "/" + kLockFile);
    const Locked locked{*this};
    auto connection =
        std::make_unique<Connection>(is_scratch ? "" : settings_.folder + "/" + kLedgerFile);
    migrate(*connection, migrations());
    statements_ = std::make_unique<Statements>(*connection);
    connection_ = std::move(connection);
}

std::unique_ptr<StoreTx> SqliteStore::begin()
{
    if (!connection_) open();
    lock();
    try {
        if (connection_->log_frames() >= settings_.checkpoint_frames) connection_->checkpoint();
        return std::make_unique<SqliteTx>(*this);
    } catch (...) {
        unlock();
        throw;
    }
}

void SqliteStore::idle() noexcept
{
    if (!connection_ || connection_->log_frames() < settings_.idle_checkpoint_frames) return;
    try {
        const Locked locked{*this};
        connection_->checkpoint();
    } catch (const StoreError&) {
        // The next transaction meets the same error and says so.
    }
}

}  // namespace purse::sqlite
