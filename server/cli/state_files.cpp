// SPDX-License-Identifier: Apache-2.0
#include "server/cli/state_files.hpp"

#include <filesystem>
#include <memory>

#include "ledger/sqlite/connection.hpp"
#include "ledger/sqlite/lock.hpp"
#include "ledger/sqlite/store.hpp"
#include "ledger/store.hpp"
#include "ledger/system/head_key.hpp"

namespace purse::server::cli {

namespace {
namespace fs = std::filesystem;

std::string lock_file(const Settings& settings)
{
    return settings.state_folder + "/" + sqlite::kLockFile;
}
}  // namespace

bool has_ledger(const Settings& settings)
{
    std::error_code error;
    const auto size = fs::file_size(settings.ledger_file(), error);
    // What cannot be looked at may be there: whoever opens it says what is wrong.
    if (error)
        return error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory;
    // An empty file is a ledger that somebody was about to make.
    return size > 0;
}

std::expected<std::string, std::string> head_key_of(const Settings& settings)
{
    std::error_code error;
    if (!fs::exists(settings.head_key_file(), error)) return std::string{};
    try {
        return system::FileHeadKey{settings.head_key_file()}.public_key();
    } catch (const StoreError& trouble) {
        return std::unexpected{std::string{trouble.what()}};
    }
}

std::string sign_with_head_key(const Settings& settings, std::string_view text)
{
    return system::FileHeadKey{settings.head_key_file()}.sign(text);
}

std::optional<std::string> try_lock(const Settings& settings, Span patience)
{
    try {
        sqlite::FileLock lock{lock_file(settings)};
        lock.lock(patience);
        lock.unlock();
        return std::nullopt;
    } catch (const StoreError& trouble) {
        return trouble.what();
    }
}

std::vector<std::string> check_file(const Settings& settings, Span patience)
{
    sqlite::FileLock lock{lock_file(settings)};
    // Opening and closing wait their turn; the long look in between holds nobody up.
    lock.lock(patience);
    auto connection = std::make_unique<sqlite::Connection>(settings.ledger_file());
    lock.unlock();
    std::vector<std::string> troubles;
    {
        sqlite::Statement check{*connection, "PRAGMA quick_check(10)"};
        auto row = check.use();
        while (row.step())
            if (auto line = row.text(0); line != "ok") troubles.push_back(std::move(line));
    }
    lock.lock(patience);
    connection.reset();
    lock.unlock();
    return troubles;
}

}  // namespace purse::server::cli
