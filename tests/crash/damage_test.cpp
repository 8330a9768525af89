// SPDX-License-Identifier: Apache-2.0
// Ledger files that came to harm outside of the program: a log that was cut short, a bit that has
// flipped in any page. Nothing half is taken for whole, nothing wrong goes unnoticed by the audit,
// and the program says so and does not fall.
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "ledger/system/head_key.hpp"
#include "tests/crash/program.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr std::size_t kPage = 4'096;

std::string read_file(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}
void write_file(const std::string& path, const std::string& bytes)
{
    std::ofstream{path, std::ios::binary}.write(bytes.data(),
                                                static_cast<std::streamsize>(bytes.size()));
}

/// A day of a purse that leaves rows in most tables; the ids of its holds, in order.
struct LivedIn {
    explicit LivedIn(const HeadSigner* signer = nullptr) : purse{signer, TempFolder::On::memory}
    {
        purse.rules.money("daily", Window::day, 1'000'000);
        purse.rules.rolling(Span::hours(1), 900'000);
        purse.rules.money("lifetime", Window::lifetime, kNoLimit);
        purse.run([](Books& books) { return books.apply_policy("{\"version\":1}", "test"); });
        for (int i = 0; i < 60; ++i) {
            const auto answer = purse.hold(micro(1'000 + i), "k" + std::to_string(i));
            holds.push_back(answer.id.to_string());
            if (i % 3 == 0) purse.settle(answer.id, micro(500));
            if (i % 3 == 1) purse.give_back(answer.id);
        }
        purse.hold("5");  // refused
        purse.run([](Books& books) {
            books.freeze("budget/none", "a note");
            return 0;
        });
    }
    TestLedger purse;
    std::vector<std::string> holds;
};

void fold_log(const std::string& folder)
{
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((folder + "/ledger.db").c_str(), &db) == SQLITE_OK);
    // A connection that has read nothing knows of no log.
    sqlite3_exec(db, "SELECT * FROM sqlite_master", nullptr, nullptr, nullptr);
    CHECK(sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) ==
          SQLITE_OK);
    sqlite3_close(db);
}

/// Works on a ledger as the program does: one hold, in the cap's room or out of it.
std::optional<StoreError::Kind> use(const std::string& folder, const Rules& rules)
{
    FakeClock clock;
    SeededEntropy entropy;
    sqlite::SqliteStore store{{.folder = folder}};
    Ledger ledger{store, clock, entropy, nullptr};
    try {
        ledger.transact([&](Books& books) {
            auto request = ask(rules, micro(7), "after the harm");
            request.epoch = books.meta().epoch;
            books.hold(request);
        });
    } catch (const StoreError& error) {
        return error.kind();
    }
    return std::nullopt;
}

/// What the tables say of money and decisions, as text; or what is wrong with the file. The texts
/// of holds, and idempotency keys, are not in it: the audit does not compare them with the journal.
std::string contents(const std::string& folder)
{
    std::string all;
    sqlite3* db = nullptr;
    sqlite3_open_v2((folder + "/ledger.db").c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
    const auto add = [](void* to, int columns, char** values, char**) {
        for (int i = 0; i < columns; ++i)
            static_cast<std::string*>(to)->append(values[i] == nullptr ? "-" : values[i]) += '|';
        return 0;
    };
    for (const char* sql :
         {"SELECT * FROM counter", "SELECT * FROM window_entry",
          "SELECT seq, token, state, amount, captured FROM hold",
          "SELECT seq, hex(hash), at, body "
          "FROM journal",
          "SELECT * FROM account", "SELECT * FROM transfer", "SELECT seq, hex(head) FROM meta"})
        if (sqlite3_exec(db, sql, add, &all, nullptr) != SQLITE_OK) all += sqlite3_errmsg(db);
    sqlite3_close(db);
    return all;
}
}  // namespace

TEST_CASE("damage: of a log that was cut short whole commits are left, and it works on")
{
    LivedIn lived;
    const auto file = read_file(lived.purse.folder / "ledger.db");
    const auto log = read_file(lived.purse.folder / "ledger.db-wal");
    REQUIRE(log.size() > 100 * kPage);
    Dice dice{4};
    std::size_t before = 0;
    for (int i = 0; i <= 40; ++i) {
        // Longer and longer parts of it, cut anywhere in a frame.
        const auto length = i == 40 ? log.size()
                                    : log.size() / 40 * static_cast<std::size_t>(i) +
                                          static_cast<std::size_t>(dice.between(0, 4'000));
        CAPTURE(length);
        const TempFolder other{TempFolder::On::memory};
        write_file(other / "ledger.db", file);
        write_file(other / "ledger.db-wal", log.substr(0, length));
        REQUIRE_FALSE(use(other.path(), lived.purse.rules).has_value());
        auto found = audit(other.path());
        REQUIRE(found.text() == "");
        std::erase_if(found.holds, [](const auto& hold) { return hold.second.amount == 7; });
        REQUIRE(found.holds.size() >= before);
        before = found.holds.size();
        for (std::size_t n = 0; n < before; ++n) REQUIRE(found.holds.contains(lived.holds[n]));
    }
    CHECK(before == lived.holds.size());
}

TEST_CASE("damage: a bit that flips in any page is noticed, or changes nothing")
{
    const TempFolder keys{TempFolder::On::memory};
    const system::FileHeadKey key{keys / "journal.key"};
    LivedIn lived{&key};
    const auto good_contents = contents(lived.purse.folder.path());
    fold_log(lived.purse.folder.path());
    const auto good = read_file(lived.purse.folder / "ledger.db");
    REQUIRE(good_contents == contents(lived.purse.folder.path()));
    const auto pages = good.size() / kPage;
    REQUIRE(pages > 20);
    Dice dice{8};
    int stopped = 0;
    int noticed = 0;
    int harmless = 0;
    for (std::size_t i = 0; i < 2 * pages; ++i) {
        const auto at = i / 2 * kPage + static_cast<std::size_t>(dice.between(0, kPage - 1));
        const auto bit = dice.between(0, 7);
        CAPTURE(at, bit);
        auto bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
        const TempFolder other{TempFolder::On::memory};
        std::filesystem::create_directory(other / "state");
        write_file(other / "state/ledger.db", bytes);
        std::filesystem::copy(keys / "journal.key", other / "state/journal.key");
        const bool is_same = contents(other / "state") == good_contents;
        const bool is_audited = audit(other / "state").good();
        // The program looks at it, whatever it finds: it ends by itself.
        const Program program{PURSE_PROGRAM, other.path()};
        const auto doctor = program.run({"doctor", "--deep"});
        REQUIRE(doctor.code.has_value());
        // A broken invariant stops it, with words: that is no fall.
        CHECK((*doctor.code < 126 || *doctor.code == 128 + SIGABRT));
        const bool is_used = !use(other / "state", lived.purse.rules).has_value();
        ++(is_same && is_audited ? harmless : is_used ? noticed : stopped);
        CHECK((is_same || !is_audited || *doctor.code != 0));
    }
    CAPTURE(stopped, noticed, harmless);
    CHECK(stopped > 0);
    CHECK(noticed > 0);
    CHECK(harmless > 0);
}
