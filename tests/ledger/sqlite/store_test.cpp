// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/store.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "ledger/sqlite/transaction.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using sqlite::SqliteStore;

namespace {
struct Process {
    explicit Process(const std::string& folder, const Clock& clock, std::uint64_t seed)
        : entropy{seed},
          store{{.folder = folder}},
          ledger{store, clock, entropy, nullptr}
    {
    }
    HoldAnswer hold(const HoldRequest& request)
    {
        HoldAnswer answer;
        ledger.transact([&](Books& books) { answer = books.hold(request); });
        return answer;
    }
    SeededEntropy entropy;
    SqliteStore store;
    Ledger ledger;
};

/// The fault of one hold on a new store over this folder.
StoreError::Kind fault_of(const std::string& folder, std::string* words = nullptr)
{
    FakeClock clock;
    Rules rules;
    rules.money("daily", Window::day, 1'000'000);
    bool approved = false;
    try {
        Process process{folder, clock, 1};
        approved = process.hold(ask(rules, usdc("0.10"))).outcome == HoldAnswer::Outcome::approved;
    } catch (const StoreError& error) {
        if (words != nullptr) *words = error.what();
        return error.kind();
    }
    FAIL("a broken store answered; approved: " << approved);
    return {};
}

void write_file(const std::string& path, const std::string& bytes)
{
    std::ofstream{path, std::ios::binary} << bytes;
}

mode_t mode_of(const std::string& path)
{
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

void fold_log(const std::string& folder)
{
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((folder + "/ledger.db").c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
    sqlite3_close(db);
}
}  // namespace

TEST_CASE("store: touches nothing before the first transaction")
{
    TempFolder folder;
    const auto place = folder / "deep/state";
    {
        SqliteStore store{{.folder = place}};
        store.idle();
    }
    CHECK_FALSE(std::filesystem::exists(place));
}

TEST_CASE("store: without a folder it is of nobody else and leaves nothing behind")
{
    SqliteStore one{{.folder = {}}};
    SqliteStore other{{.folder = {}}};
    {
        const auto tx = one.begin();
        tx->append_journal({.seq = 1, .at = {}, .body = "{}", .hash = {}});
        tx->commit();
    }
    {
        const auto tx = one.begin();
        tx->append_journal({.seq = 2, .at = {}, .body = "{}", .hash = {}});
    }
    one.idle();
    CHECK(one.begin()->journal(1, 10).size() == 1);
    CHECK(other.begin()->journal(1, 10).empty());
}

TEST_CASE("store: what it makes is for its owner's eyes only")
{
    TempFolder folder;
    for (const auto& place : {folder / "deep/state", folder / "other/"}) {
        SqliteStore store{{.folder = place}};
        store.begin()->commit();
        CHECK(mode_of(place) == 0700);
        for (const char* name : {"/ledger.db", "/ledger.lock"})
            CHECK(mode_of(place + name) == 0600);
    }
}

TEST_CASE("store: reopening finds everything")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.rolling(Span::hours(1), 900'000);
    auto request = ask(purse.rules, usdc("0.40"), "k");
    request.max_capture = usdc("0.44");
    request.what.workflow = "w";
    const auto open = purse.hold(request);
    const auto ended = purse.hold("0.20");
    purse.settle(ended.id, "0.10");
    const auto before = purse.run([](Books& books) { return books.meta(); });
    for (int i = 0; i < 3; ++i) purse.reopen();
    const auto after = purse.run([](Books& books) { return books.meta(); });
    CHECK(after.seq == before.seq);
    CHECK(after.head == before.head);
    CHECK(after.epoch == before.epoch);
    CHECK(purse.cap(0).held == 400'000);
    CHECK(purse.cap(0).spent == 100'000);
    CHECK(purse.cap(1).held == 400'000);
    const auto row = purse.run([&](Books& books) { return books.rows().hold(open.id.seq); });
    REQUIRE(row.has_value());
    CHECK(row->hold.id == open.id);
    CHECK(row->hold.state == HoldState::open);
    CHECK(row->hold.what.amount == usdc("0.40"));
    CHECK(row->hold.what.workflow == "w");
    CHECK(row->hold.max_capture == usdc("0.44"));
    CHECK(row->hold.who.credential == "c1");
    CHECK(row->hold.expires_at == open.expires_at);
    CHECK(row->legs.size() == 2);
    CHECK(purse.settle(open.id, "0.44").outcome == SettleAnswer::Outcome::settled);
    CHECK(audit(purse.folder.path()).text() == "");
}

TEST_CASE("store: two on one folder see each other's work and share the caps")
{
    TempFolder folder;
    FakeClock clock;
    Rules rules;
    rules.money("daily", Window::day, 1'000'000);
    rules.money("perTask", Window::lifetime, 400'000);
    Process one{folder.path(), clock, 1};
    Process two{folder.path(), clock, 2};
    int approved = 0;
    for (int i = 0; i < 40; ++i) {
        auto request = ask(rules, usdc("0.05"));
        request.legs[1].scope = "t" + std::to_string(i % 4);
        auto& process = i % 3 == 0 ? one : two;
        approved += process.hold(request).outcome == HoldAnswer::Outcome::approved;
        if (i == 10) {
            process.ledger.idle();
            clock.pass(Span::seconds(1));
        }
    }
    CHECK(approved == 20);
    const auto first = one.hold(ask(rules, Money{}, "k"));
    const auto again = two.hold(ask(rules, Money{}, "k"));
    CHECK(again.replay);
    CHECK(again.id == first.id);
    CHECK(audit(folder.path()).text() == "");
}

TEST_CASE("store: what is not committed is not there")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    REQUIRE(purse.hold("0.10").outcome == HoldAnswer::Outcome::approved);
    CHECK_THROWS_AS(purse.run([&](Books& books) -> int {
        CHECK(books.hold(ask(purse.rules, usdc("0.50"))).outcome == HoldAnswer::Outcome::approved);
        throw std::runtime_error{"enough"};
    }),
                    StoreError);
    CHECK(purse.cap(0).held == 100'000);
    // Also a counter that the lost transaction had made.
    purse.rules.money("weekly", Window::week, 1'000'000);
    CHECK_THROWS_AS(purse.run([&](Books& books) -> int {
        books.hold(ask(purse.rules, usdc("0.50")));
        books.close();
        throw std::runtime_error{"enough"};
    }),
                    StoreError);
    CHECK(purse.hold("0.20").outcome == HoldAnswer::Outcome::approved);
    CHECK(purse.cap(1).held == 200'000);
    CHECK(audit(purse.folder.path()).text() == "");
}

TEST_CASE("store: a path that cannot be a folder")
{
    TempFolder folder;
    const auto file = folder / "file";
    write_file(file, "x");
    CHECK(fault_of(file) == StoreError::Kind::failed);
    CHECK(fault_of(file + "/below") == StoreError::Kind::failed);
    CHECK(fault_of("/proc/no-such-place/purse") == StoreError::Kind::failed);
    std::filesystem::create_directories(folder / "taken/ledger.db");
    CHECK(fault_of(folder / "taken") == StoreError::Kind::failed);
}

#if !defined(__SANITIZE_THREAD__)  // whose runtime does not live through fork() and setuid()
TEST_CASE("store: a folder or file that may not be written")
{
    TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
    {
        SqliteStore store{{.folder = folder / "state"}};
        store.begin()->commit();
    }
    const auto as_another = [](auto work) {
        const auto child = fork();
        if (child == 0) {
            // The superuser may write anywhere; another user is stopped.
            const bool good = geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
            _exit(!good ? 77 : work() ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    const auto fails = [&] {
        try {
            SqliteStore store{{.folder = folder / "state"}};
            store.begin()->commit();
            return false;
        } catch (const StoreError& error) {
            return error.kind() == StoreError::Kind::failed;
        }
    };
    std::filesystem::permissions(folder / "state", std::filesystem::perms{0555});
    CHECK(as_another(fails) == 0);
    for (const char* name : {"state/ledger.lock", "state/ledger.lock.turn"})
        std::filesystem::permissions(folder / name, std::filesystem::perms{0666});
    std::filesystem::permissions(folder / "state/ledger.db", std::filesystem::perms{0444});
    CHECK(as_another(fails) == 0);
}
#endif

TEST_CASE("store: a damaged file is found out and nothing is approved on it")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.hold("0.10");
    fold_log(purse.folder.path());
    const auto path = purse.folder / "ledger.db";
    std::string good(static_cast<std::size_t>(std::filesystem::file_size(path)), '\0');
    std::ifstream{path, std::ios::binary}.read(good.data(),
                                               static_cast<std::streamsize>(good.size()));
    REQUIRE(good.size() > 20'000);

    const auto fails_with = [&](const std::string& bytes) {
        TempFolder other;
        write_file(other / "ledger.db", bytes);
        std::string words;
        const auto kind = fault_of(other.path(), &words);
        CAPTURE(words);
        CHECK(kind != StoreError::Kind::busy);
        CHECK_FALSE(words.empty());
    };
    auto magic = good;
    magic[0] = 'X';
    fails_with(magic);
    auto page_size = good;
    page_size[16] = '\x07';
    fails_with(page_size);
    auto root = good;
    for (std::size_t i = 100; i < 130; ++i) root[i] = '\xff';
    fails_with(root);
    fails_with(good.substr(0, 5'000));
    fails_with(std::string(8'192, '\0') + good.substr(8'192));
    fails_with(std::string(4'096, 'x'));
}

TEST_CASE("store: legs there and back")
{
    const std::vector<std::vector<StoredLeg>> lists{
        {},
        {{.counter = 1}},
        {{.counter = 7, .leaves_at = {1'795'000'000'000'001}, .limit = 5}},
        {{.counter = 1, .limit = 0}, {.counter = 2, .leaves_at = {3}}, {.counter = 3}}};
    for (const auto& legs : lists) CHECK(sqlite::legs_of(sqlite::to_text(legs)) == legs);
    CHECK(sqlite::to_text(lists[3]) == "1/0 2@3 3");
    for (const char* text :
         {"x", "1/", "1@", "1 ", " 1", "1,2", "1@2@3", "1//2", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(sqlite::legs_of(text), StoreError);
    }
}

TEST_CASE("store: the log is folded into the file between transactions")
{
    TempFolder folder;
    FakeClock clock;
    Rules rules;
    rules.money("lifetime", Window::lifetime, kNoLimit);
    SeededEntropy entropy;
    SqliteStore store{
        {.folder = folder.path(), .checkpoint_frames = 64, .idle_checkpoint_frames = 1}};
    Ledger ledger{store, clock, entropy, nullptr};
    for (int i = 0; i < 200; ++i)
        ledger.transact([&](Books& books) { books.hold(ask(rules, micro(1))); });
    const auto log = std::filesystem::file_size(folder / "ledger.db-wal");
    CHECK(log < 1'000'000);  // 200 commits without folding are several megabytes
    const auto before = std::filesystem::file_size(folder / "ledger.db");
    ledger.idle();
    CHECK(std::filesystem::file_size(folder / "ledger.db") >= before);
    CHECK(audit(folder.path()).text() == "");
}
