// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/schema.hpp"

#include <catch2/catch.hpp>

#include "ledger/sqlite/store.hpp"
#include "ledger/store.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse;
using namespace purse::test;
using namespace purse::sqlite;

namespace {
std::int64_t number(Connection& connection, const char* sql)
{
    Statement statement{connection, sql};
    auto row = statement.use();
    return row.step() ? row.integer(0) : -1;
}

std::int64_t version(Connection& connection)
{
    return number(connection, "SELECT schema_version FROM meta");
}

std::vector<Migration> with(Migration next)
{
    std::vector<Migration> steps{migrations().begin(), migrations().end()};
    steps.push_back(std::move(next));
    return steps;
}
}  // namespace

TEST_CASE("schema: portable statements in SQLite's dialect")
{
    CHECK(to_sqlite("CREATE TABLE a (id BIGINT PRIMARY KEY, b TEXT)") ==
          "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT)");
    CHECK(to_sqlite("CREATE TABLE a (b TEXT, c BIGINT, PRIMARY KEY (b, c))") ==
          "CREATE TABLE a (b TEXT, c BIGINT, PRIMARY KEY (b, c)) WITHOUT ROWID");
    CHECK(to_sqlite("CREATE UNIQUE INDEX i ON a (b)") == "CREATE UNIQUE INDEX i ON a (b)");
}

TEST_CASE("schema: an empty file becomes the newest version, once")
{
    TempFolder folder;
    Connection connection{folder / "ledger.db"};
    migrate(connection, migrations());
    CHECK(version(connection) == static_cast<std::int64_t>(migrations().size()));
    migrate(connection, migrations());
    CHECK(number(connection, "SELECT COUNT(*) FROM meta") == 1);
}

TEST_CASE("schema: a file of an older version is brought forward with its rows")
{
    TempFolder folder;
    const auto path = folder / "ledger.db";
    {
        Connection connection{path};
        migrate(connection, migrations());
        connection.execute(
            "INSERT INTO account (id, name, debits, credits) VALUES (1, 'agent/a', 5, 0)");
    }
    const auto steps = with({"CREATE TABLE extra (id BIGINT PRIMARY KEY, note TEXT NOT NULL)",
                             "INSERT INTO extra (id, note) SELECT id, name FROM account"});
    Connection connection{path};
    migrate(connection, steps);
    CHECK(version(connection) == static_cast<std::int64_t>(steps.size()));
    CHECK(number(connection, "SELECT COUNT(*) FROM extra WHERE note = 'agent/a'") == 1);
    migrate(connection, steps);
    CHECK(number(connection, "SELECT COUNT(*) FROM extra") == 1);
}

TEST_CASE("schema: a ledger from before payouts keeps its rows and learns to pay")
{
    TempFolder folder;
    {
        Connection connection{folder / "ledger.db"};
        migrate(connection, migrations().first(1));
        CHECK(version(connection) == 1);
        connection.execute(
            "INSERT INTO account (id, name, debits, credits) VALUES (1, 'agent/a', 5, 0);"
            "INSERT INTO request VALUES ('a', 'key', zeroblob(32), 3);"
            "INSERT INTO excess VALUES (1, 2, 'a', 7, 6, 5)");
        CHECK_THROWS_AS(number(connection, "SELECT COUNT(*) FROM payout"), StoreError);
    }
    SqliteStore store{{.folder = folder.path()}};
    {
        const auto tx = store.begin();
        CHECK(tx->payouts().treasuries().empty());
        CHECK(tx->payouts().insert_treasury({.chain = 1, .token = "t", .address = "a"}) == 1);
        CHECK(tx->account("agent/a").has_value());
        CHECK(tx->request("a", "key")->seq == 3);
        CHECK(tx->excesses(9).size() == 1);
        tx->commit();
    }
    Connection connection{folder / "ledger.db"};
    CHECK(version(connection) == static_cast<std::int64_t>(migrations().size()));
    CHECK(number(connection, "SELECT debits FROM account") == 5);
    CHECK(number(connection, "SELECT COUNT(*) FROM treasury") == 1);
}

TEST_CASE("schema: a journal from before its tree is brought forward with an empty one")
{
    TempFolder folder;
    {
        Connection connection{folder / "ledger.db"};
        migrate(connection, migrations().first(4));
        connection.execute(
            "UPDATE meta SET seq = 7, signed_seq = 7;"
            "INSERT INTO head VALUES (7, zeroblob(32), 5, zeroblob(32), zeroblob(64))");
    }
    SqliteStore store{{.folder = folder.path()}};
    const auto tx = store.begin();
    CHECK(tx->meta().seq == 7);
    CHECK(tx->meta().tree == MerkleFrontier{});
    auto heads = tx->heads(1, 9);
    REQUIRE(heads.size() == 1);
    CHECK_FALSE(heads[0].root.has_value());
    // A head that is signed again takes the place of the first.
    heads[0].root = Digest{1};
    tx->insert_head(heads[0]);
    heads = tx->heads(1, 9);
    REQUIRE(heads.size() == 1);
    CHECK(heads[0].root == Digest{1});
    auto meta = tx->meta();
    for (int i = 0; i < 5; ++i) meta.tree.push(Digest{});
    tx->put_meta(meta);
    CHECK(tx->meta().tree == meta.tree);
}

TEST_CASE("schema: a migration that fails leaves the file as it was")
{
    TempFolder folder;
    Connection connection{folder / "ledger.db"};
    migrate(connection, migrations());
    const auto before = version(connection);
    CHECK_THROWS_AS(migrate(connection, with({"CREATE TABLE extra (id BIGINT PRIMARY KEY)",
                                              "INSERT INTO nowhere (id) VALUES (1)"})),
                    StoreError);
    CHECK(version(connection) == before);
    CHECK(number(connection, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'extra'") == 0);
    migrate(connection, with({"CREATE TABLE extra (id BIGINT PRIMARY KEY)"}));
    CHECK(version(connection) == before + 1);
}

TEST_CASE("schema: a file of a newer version is refused with clear words, and is not touched")
{
    TempFolder folder;
    {
        Connection connection{folder / "ledger.db"};
        migrate(connection, with({"CREATE TABLE extra (id BIGINT PRIMARY KEY)"}));
    }
    SqliteStore store{{.folder = folder.path()}};
    try {
        store.begin();
        FAIL("a newer ledger was opened");
    } catch (const StoreError& error) {
        CHECK(error.kind() == StoreError::Kind::failed);
        CHECK_THAT(error.what(),
                   Catch::Contains("version " + std::to_string(migrations().size() + 1)) &&
                       Catch::Contains("newer program"));
    }
    Connection connection{folder / "ledger.db"};
    CHECK(version(connection) == static_cast<std::int64_t>(migrations().size()) + 1);
}

TEST_CASE("schema: the second guard refuses what no rule should have let through")
{
    TempFolder folder;
    Connection connection{folder / "ledger.db"};
    migrate(connection, migrations());
    for (const char* sql : {"INSERT INTO counter VALUES (1, 'b', 'k', '', 0, -1, 0)",
                            "INSERT INTO counter VALUES (1, 'b', 'k', '', 0, 0, -1)",
                            "INSERT INTO transfer VALUES (1, 1, 1, 2, 0)",
                            "INSERT INTO transfer VALUES (1, 1, 1, 2, -5)",
                            "INSERT INTO account VALUES (1, 'a', -1, 0)",
                            "INSERT INTO debt VALUES (1, 1, 1, 'a', 0, 0)",
                            "INSERT INTO payee VALUES (1, 1, 'a', 0, -1, 0, 0, 0, 0, 0, 0)",
                            "INSERT INTO treasury VALUES (1, 1, 't', 'a', -1, 0, 0, 0, 0, 0, 0, 0, "
                            "0)"}) {
        CAPTURE(sql);
        CHECK_THROWS_AS(connection.execute(sql), StoreError);
    }
}

TEST_CASE("schema: a ledger from before webhooks keeps its rows and learns to tell")
{
    TempFolder folder;
    {
        Connection connection{folder / "ledger.db"};
        migrate(connection, migrations().first(5));
        CHECK(version(connection) == 5);
        connection.execute("INSERT INTO excess VALUES (1, 2, 'a', 7, 6, 5)");
        CHECK_THROWS_AS(number(connection, "SELECT COUNT(*) FROM webhook"), StoreError);
    }
    SqliteStore store{{.folder = folder.path()}};
    const auto tx = store.begin();
    CHECK(tx->webhooks().list(9).empty());
    tx->webhooks().insert({.id = "wh_a",
                           .url = "u",
                           .events = "*",
                           .agent = {},
                           .secret = "s",
                           .old_secret = {},
                           .note = {},
                           .progress = {.trouble = {}}});
    CHECK(tx->webhooks().find("wh_a")->url == "u");
    CHECK(tx->excesses(9).size() == 1);
    tx->commit();
}
