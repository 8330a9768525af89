// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include "ledger/journal.hpp"
#include "ledger/journal_verifier.hpp"
#include "ledger/system/head_key.hpp"
#include "server/cli/doctor.hpp"
#include "server/cli/journal.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;

namespace {
/// A journal of seven entries with a signed head after each.
void fill(CliDesk& desk)
{
    desk.apply();
    for (int i = 0; i < 3; ++i) desk.settle(desk.hold("painter", "0.02"), "painter", "0.01");
}

std::string hex_of(const Digest& digest)
{
    return "x'" + to_hex(as_bytes(digest)) + "'";
}

std::vector<JournalRow> rows_of(CliDesk& desk)
{
    std::vector<JournalRow> rows;
    desk.app().look([&](Books& books) { rows = books.rows().journal(1, 100); });
    return rows;
}

int verify(CliDesk& desk)
{
    return desk.run(verify_journal);
}

/// Rewrites history from an entry on, chain, ledger row and all, as someone who knows how would.
void rewrite(CliDesk& desk, std::size_t from, const std::string& what, const std::string& with)
{
    auto rows = rows_of(desk);
    auto hash = rows.at(from - 2).hash;
    std::string sql;
    MerkleFrontier tree;
    for (std::size_t i = 0; i + 1 < from; ++i) tree.push(leaf_hash(rows[i].body));
    for (auto i = from - 1; i < rows.size(); ++i) {
        auto& body = rows[i].body;
        if (const auto at = body.find(what); i == from - 1 && at != std::string::npos)
            body.replace(at, what.size(), with);
        hash = chain_hash(hash, body);
        tree.push(leaf_hash(body));
        sql += "UPDATE journal SET body = '" + body + "', hash = " + hex_of(hash) +
               " WHERE seq = " + std::to_string(i + 1) + ";";
    }
    desk.tamper(sql + "UPDATE meta SET head = " + hex_of(hash) + ", tree = x'" +
                to_hex(tree.to_bytes()) + "'");
}
}  // namespace

TEST_CASE("A journal that nobody touched holds")
{
    CliDesk desk;
    CHECK(verify(desk) == kNo);
    CHECK(has(desk.err, "there is no ledger"));
    fill(desk);
    CHECK(verify(desk) == kDone);
    CHECK(has(desk.out, "The journal holds: 7 entries, 7 signed heads.\nSigned up to entry 7"));
    CHECK(has(desk.out, "No entries wait for a head."));
}

TEST_CASE("Each way to change a journal is found, with the first bad entry")
{
    CliDesk desk;
    fill(desk);
    SECTION("an edited body")
    {
        desk.tamper("UPDATE journal SET body = replace(body, '0.02', '0.01') WHERE seq = 4");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 4 does not match its hash"));
        CHECK(has(desk.out,
                  "The 3 entries before it hold; the last good signed head is at entry 3."));
    }
    SECTION("a dropped entry")
    {
        desk.tamper("DELETE FROM journal WHERE seq = 3");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 3 is missing"));
    }
    SECTION("a swapped pair")
    {
        desk.tamper(
            "UPDATE journal SET seq = 99 WHERE seq = 4; UPDATE journal SET seq = 4 WHERE "
            "seq = 5; UPDATE journal SET seq = 5 WHERE seq = 99");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 4 does not match its hash"));
    }
    SECTION("a tail cut off before a signed head")
    {
        desk.tamper(
            "DELETE FROM journal WHERE seq > 5; UPDATE meta SET seq = 5, head = "
            "(SELECT hash FROM journal WHERE seq = 5)");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 6 is missing, though the head signed at entry 6 covers it"));
    }
    SECTION("a tail cut off together with its heads")
    {
        desk.tamper("DELETE FROM journal WHERE seq > 5; DELETE FROM head WHERE seq > 5");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 6 is missing, though the ledger has counted to entry 7"));
    }
    SECTION("history rewritten, chain and all")
    {
        rewrite(desk, 4, "\"0.02\"", "\"0.01\"");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 4 has a signed head that covers another history"));
    }
    SECTION("history rewritten, and the heads thrown away")
    {
        rewrite(desk, 4, "\"0.02\"", "\"0.01\"");
        desk.tamper("DELETE FROM head WHERE seq >= 4");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 7 was under a signed head, and that head is missing"));
    }
    SECTION("a head whose signature was changed")
    {
        desk.tamper("UPDATE head SET signature = zeroblob(64) WHERE seq = 6");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 6 has a signed head whose signature is wrong"));
    }
    SECTION("a tree that was not rewritten with the chain")
    {
        desk.tamper("UPDATE meta SET tree = zeroblob(96)");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 7 ends another tree than the ledger remembers"));
    }
    SECTION("a head with another root")
    {
        desk.tamper("UPDATE head SET root = zeroblob(32) WHERE seq = 6");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 6 has a signed head whose signature is wrong"));
    }
    SECTION("an entry that says another time than its row")
    {
        desk.tamper("UPDATE journal SET at = at + 1 WHERE seq = 2");
        CHECK(verify(desk) == kNo);
        CHECK(has(desk.out, "entry 2 says another time than its row"));
    }
}

TEST_CASE("A head forged with another key is found")
{
    CliDesk desk;
    fill(desk);
    const auto last = rows_of(desk).back();
    const system::FileHeadKey forger{desk.folder / "forger.key"};
    const auto at = desk.app().now();
    desk.tamper("UPDATE head SET root = '', signed_at = " + std::to_string(at.us) +
                ", public_key = x'" + to_hex(forger.public_key()) + "', signature = x'" +
                to_hex(forger.sign(head_text({last.seq, last.hash, at}))) + "' WHERE seq = 7");
    CHECK(verify(desk) == kNo);
    CHECK(has(desk.out, "entry 7 has a head that was signed with another key"));

    // Also when every head is forged: the key in the state folder is the measure.
    desk.tamper("DELETE FROM head WHERE seq < 7");
    CHECK(verify(desk) == kNo);
    CHECK(has(desk.out, "entry 7 has a head that was signed with another key"));
    std::filesystem::remove(desk.settings.head_key_file());
    CHECK(verify(desk) == kDone);
}

TEST_CASE("A journal of several pages is read page by page")
{
    // A page has 2,000 entries: one that is exactly full, and two with a rest.
    const auto count = GENERATE(2'000, 4'500);
    CliDesk desk;
    desk.app().change([&](Books& books) {
        while (books.meta().seq < count) books.freeze("all", "n");
    });
    REQUIRE(verify(desk) == kDone);
    CHECK(has(desk.out, std::to_string(count) + " entries, 1 signed head.\n"));
    REQUIRE(desk.run(tail_journal, JournalTailOptions{.count = 5'000}) == kDone);
    CHECK(std::ranges::count(desk.out, '\n') == count);

    // The doctor looks at the end only, the verifier at all.
    REQUIRE(desk.run(examine, DoctorOptions{}) == kDone);
    CHECK(has(desk.out, "the last 1000 verified"));
    desk.tamper("UPDATE journal SET body = replace(body, '\"n\"', '\"m\"') WHERE seq = 3");
    CHECK(desk.run(examine, DoctorOptions{}) == kDone);
    CHECK(verify(desk) == kNo);
    CHECK(has(desk.out, "entry 3 does not match its hash"));
    desk.tamper("UPDATE journal SET body = replace(body, '\"n\"', '\"m\"') WHERE seq = " +
                std::to_string(count - 1));
    CHECK(desk.run(examine, DoctorOptions{}) == kNo);
    CHECK(has(desk.out, "entry " + std::to_string(count - 1) + " does not match"));
}

TEST_CASE("An entry must say its own place")
{
    const std::string body =
        R"({"at":"2026-11-23T17:04:05.000000Z","kind":"frozen","seq":2,"target":"all"})";
    const JournalRow row{.seq = 1,
                         .at = from_rfc3339("2026-11-23T17:04:05.000000Z").value(),
                         .body = body,
                         .hash = chain_hash({}, body)};
    JournalVerifier verifier;
    CHECK_FALSE(verifier.feed({row}, {}));
    CHECK(verifier.fault()->seq == 1);
    CHECK(verifier.fault()->what == "says that it is another entry");
    CHECK_FALSE(verifier.finish({}));
}

TEST_CASE("The journal's tail is read and followed")
{
    CliDesk desk;
    fill(desk);
    REQUIRE(desk.run(tail_journal, JournalTailOptions{.count = 2}) == kDone);
    CHECK(std::ranges::count(desk.out, '\n') == 2);
    CHECK(has(desk.out, "     6  "));
    CHECK(has(desk.out, "  hold                painter holds 0.02 USDC for images until "));
    CHECK(has(desk.out,
              "  settled             painter paid 0.01 USDC to "
              "0x90f79bf6eb2c4f870365e785982e1f101e93b906, 0.01 went back  tx_"));

    REQUIRE(desk.run(tail_journal, JournalTailOptions{.count = 1, .form = EntryForm::json}) ==
            kDone);
    CHECK(desk.out == rows_of(desk).back().body + "\n");

    int looks = 0;
    const auto pause = [&] {
        if (++looks == 1) desk.hold("poet", "0.03");
        return looks < 3;
    };
    REQUIRE(desk.run(tail_journal, JournalTailOptions{.count = 0, .pause = pause}) == kDone);
    CHECK(std::ranges::count(desk.out, '\n') == 1);
    CHECK(has(desk.out, "poet holds 0.03 USDC"));
}
