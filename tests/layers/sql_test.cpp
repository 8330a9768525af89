// SPDX-License-Identifier: Apache-2.0
// The schema keeps to the SQL that SQLite, PostgreSQL and its relatives share.
#include <catch2/catch.hpp>
#include <cctype>
#include <set>

#include "ledger/sqlite/schema.hpp"

namespace {
std::vector<std::string> words_of(std::string_view sql)
{
    std::vector<std::string> words;
    std::string word;
    bool in_text = false;
    for (const char c : sql) {
        if (c == '\'') in_text = !in_text;
        if (!in_text && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_')) {
            word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            continue;
        }
        if (!word.empty()) words.push_back(std::exchange(word, {}));
        if (c == ',' || c == '(' || c == ')') words.emplace_back(1, c);
    }
    if (!word.empty()) words.push_back(word);
    return words;
}

const std::set<std::string> kForbidden{"AUTOINCREMENT",
                                       "AUTO_INCREMENT",
                                       "SERIAL",
                                       "BIGSERIAL",
                                       "SEQUENCE",
                                       "IDENTITY",
                                       "TRIGGER",
                                       "FOREIGN",
                                       "REFERENCES",
                                       "CASCADE",
                                       "TEMPORARY",
                                       "TEMP",
                                       "VIEW",
                                       "PRAGMA",
                                       "ROWID",
                                       "WITHOUT",
                                       "REPLACE",
                                       "IGNORE",
                                       "GLOB",
                                       "COLLATE",
                                       "GENERATED",
                                       "VIRTUAL",
                                       "STRICT",
                                       "NOW",
                                       "RANDOM",
                                       "DATETIME",
                                       "CURRENT_TIMESTAMP",
                                       "IF",
                                       "INTEGER",
                                       "INT",
                                       "REAL",
                                       "DOUBLE",
                                       "FLOAT",
                                       "NUMERIC",
                                       "DECIMAL",
                                       "BLOB",
                                       "VARCHAR",
                                       "CHAR",
                                       "TIMESTAMP",
                                       "DATE",
                                       "JSON",
                                       "JSONB",
                                       "UUID"};
const std::set<std::string> kTypes{"BIGINT", "TEXT", "BYTEA", "BOOLEAN"};

std::vector<std::string> mistakes_of(std::string_view sql)
{
    std::vector<std::string> mistakes;
    const auto words = words_of(sql);
    for (const auto& word : words)
        if (kForbidden.contains(word)) mistakes.push_back(word + " is not portable");
    const auto starts_with = [&](std::initializer_list<const char*> start) {
        return words.size() >= start.size() &&
               std::equal(start.begin(), start.end(), words.begin());
    };
    if (starts_with({"CREATE", "TABLE"})) {
        // The second word of each column's definition is its type.
        int depth = 0;
        std::size_t place = 0;
        std::string first;
        for (std::size_t i = 3; i < words.size(); ++i) {
            const auto& word = words[i];
            if (word == "(") ++depth;
            if (word == ")") --depth;
            if ((word == "(" && depth == 1) || (word == "," && depth == 1)) {
                place = 0;
                continue;
            }
            if (depth != 1) continue;
            if (++place == 1) first = word;
            const bool is_constraint = first == "PRIMARY" || first == "UNIQUE" || first == "CHECK";
            if (place == 2 && !is_constraint && !kTypes.contains(word))
                mistakes.push_back("the type " + word + " of " + first);
        }
        if (std::ranges::find(words, "PRIMARY") == words.end())
            mistakes.emplace_back("a table without a key");
        return mistakes;
    }
    const bool is_known = starts_with({"CREATE", "INDEX"}) ||
                          starts_with({"CREATE", "UNIQUE", "INDEX"}) ||
                          starts_with({"INSERT", "INTO"}) || starts_with({"UPDATE"}) ||
                          starts_with({"ALTER", "TABLE"});
    if (!is_known) mistakes.emplace_back("a statement of another kind");
    return mistakes;
}
}  // namespace

TEST_CASE("sql: the schema is portable")
{
    std::size_t statements = 0;
    for (const auto& migration : purse::sqlite::migrations())
        for (const auto sql : migration) {
            ++statements;
            CAPTURE(std::string{sql});
            for (const auto& mistake : mistakes_of(sql)) FAIL_CHECK(mistake);
        }
    CHECK(statements > 10);
}

TEST_CASE("sql: the lint knows a mistake when it sees one")
{
    const auto good = [](std::string_view sql) { return mistakes_of(sql).empty(); };
    CHECK(good("CREATE TABLE a (id BIGINT PRIMARY KEY, b TEXT NOT NULL CHECK (b != ''), c BYTEA)"));
    CHECK(good("CREATE TABLE a (b TEXT, c BIGINT, PRIMARY KEY (b, c))"));
    CHECK(good("INSERT INTO a (b) VALUES ('TRIGGER')"));
    CHECK_FALSE(good("CREATE TABLE a (id INTEGER PRIMARY KEY)"));
    CHECK_FALSE(good("CREATE TABLE a (id BIGINT PRIMARY KEY AUTOINCREMENT)"));
    CHECK_FALSE(good("CREATE TABLE a (id BIGINT PRIMARY KEY, b BIGINT REFERENCES c (id))"));
    CHECK_FALSE(good("CREATE TABLE a (id BIGINT PRIMARY KEY, b MONEY)"));
    CHECK_FALSE(good("CREATE TABLE a (id BIGINT PRIMARY KEY, b VARCHAR(10))"));
    CHECK_FALSE(good("CREATE TABLE a (b TEXT)"));
    CHECK_FALSE(good("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END"));
    CHECK_FALSE(good("PRAGMA journal_mode=WAL"));
    CHECK_FALSE(good("INSERT OR REPLACE INTO a (b) VALUES (1)"));
}
