// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "ledger/export_verifier.hpp"
#include "ledger/journal.hpp"
#include "ledger/journal_export.hpp"
#include "ledger/system/head_key.hpp"
#include "server/cli/journal.hpp"
#include "server/cli/journal_check.hpp"
#include "server/cli/journal_export.hpp"
#include "server/cli/journal_table.hpp"
#include "tests/support/cli_desk.hpp"
#include "tests/support/made_journal.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;

namespace {
/// Nine entries: the policy, three holds of the painter (one voided by time), settled, one of the
/// poet.
HoldAnswer fill(CliDesk& desk)
{
    desk.apply();
    auto first = desk.hold("painter", "0.02");
    desk.settle(first, "painter", "0.01");
    for (int i = 0; i < 2; ++i) desk.settle(desk.hold("painter", "0.03"), "painter", "0.03");
    desk.hold("poet", "0.04");
    return first;
}

int check(CliDesk& desk, const JournalCheckOptions& options)
{
    std::ostringstream printed;
    std::ostringstream troubles;
    Output output{printed, troubles, {}};
    const int code = check_export(options, output);
    desk.out = printed.str();
    desk.err = troubles.str();
    return code;
}

std::string key_of(const CliDesk& desk)
{
    return to_hex(system::FileHeadKey{desk.settings.head_key_file()}.public_key());
}

/// As a ledger from before the tree has it: no frontier, heads without roots.
void take_tree_away(CliDesk& desk)
{
    std::vector<HeadRow> heads;
    desk.app().look([&](Books& books) { heads = books.rows().heads(1, 10'000); });
    const system::FileHeadKey key{desk.settings.head_key_file()};
    std::string sql = "UPDATE meta SET tree_size = 0, tree = '';";
    for (const auto& head : heads)
        sql += "UPDATE head SET root = '', signature = x'" +
               to_hex(key.sign(head_text({head.seq, head.hash, head.signed_at}))) +
               "' WHERE seq = " + std::to_string(head.seq) + ";";
    desk.tamper(sql);
}
}  // namespace

TEST_CASE("An export is proved without its ledger")
{
    CliDesk desk;
    CHECK(desk.run(export_journal, JournalExportOptions{}) == kNo);
    CHECK(has(desk.err, "there is no ledger"));
    fill(desk);
    REQUIRE(desk.run(export_journal, JournalExportOptions{}) == kDone);
    const auto file = desk.write("all.jsonl", desk.out);
    REQUIRE(check(desk, {.file = file, .key = key_of(desk)}) == kDone);
    CHECK(has(desk.out,
              "holds: 8 entries.\nIt is the whole journal up to entry 8, with 8 signed "
              "heads.\nSigned at entry 8, "));
    CHECK(desk.err.empty());

    // Each entry is there as it is stored.
    std::vector<JournalRow> rows;
    desk.app().look([&](Books& books) { rows = books.rows().journal(1, 100); });
    REQUIRE(desk.run(export_journal, JournalExportOptions{}) == kDone);
    for (const auto& row : rows) CHECK(has(desk.out, entry_line(row.body, row.hash) + "\n"));

    // Without a key of one's own it is the file's; a file may hold it; another one is refused.
    CHECK(check(desk, {.file = file}) == kDone);
    CHECK(has(desk.err, "the key is the file's own"));
    CHECK(check(desk, {.file = file, .key = desk.write("key", key_of(desk) + "\n")}) == kDone);
    CHECK(check(desk, {.file = file, .key = std::string(64, 'a')}) == kNo);
    CHECK(has(desk.out, "line 1 has a head that was signed with another key"));
    CHECK(check(desk, {.file = file, .key = "abc"}) == kWrong);
    CHECK(check(desk, {.file = file + ".not"}) == kWrong);
    CHECK(check(desk, {.file = desk.write("empty", "")}) == kNo);
    CHECK(check(desk, {.file = desk.write("other", "{}\n")}) == kNo);
    CHECK(has(desk.out, "line 1 is not the header of an export"));
}

TEST_CASE("A part of the journal is proved too")
{
    CliDesk desk;
    const auto first = fill(desk);
    const auto entries_of = [&](const JournalExportOptions& options) {
        REQUIRE(desk.run(export_journal, options) == kDone);
        const auto entries = std::ranges::count(desk.out, '\n') - 2;
        REQUIRE(check(desk, {.file = desk.write("part.jsonl", desk.out), .key = key_of(desk)}) ==
                kDone);
        return entries;
    };
    CHECK(entries_of({.from = "3", .to = "5"}) == 3);
    CHECK(has(desk.out, "They are all entries from 3 to 5 of the signed journal."));
    CHECK(entries_of({.agent = "poet"}) == 1);
    CHECK(has(desk.out, "That none is left out is only what the key's owner says."));
    // A settlement says no task: it has its hold's.
    CHECK(entries_of({.agent = "painter", .task = "t1"}) == 6);
    CHECK(entries_of({.task = "other"}) == 0);
    CHECK(entries_of({.from = "900"}) == 0);
    CHECK(entries_of({.from = "2020-01-01", .to = "2020-01-02"}) == 0);
    CHECK(entries_of({.from = "6", .to = "2100-01-01T00:00:00Z"}) == 3);
    CHECK(desk.run(export_journal, JournalExportOptions{.from = "yesterday"}) == kWrong);
    CHECK(has(desk.err, "--from is \"yesterday\": give an entry's number, a day"));
    CHECK(desk.run(export_journal, JournalExportOptions{.to = "-1"}) == kWrong);

    // One payment.
    const auto id = first.id.to_string();
    const auto file = desk.folder / "proof.jsonl";
    REQUIRE(desk.run(prove_journal, JournalProveOptions{.tx = id, .file = file}) == kDone);
    CHECK(has(desk.err, "2 entries written to " + file));
    REQUIRE(check(desk, {.file = file, .key = key_of(desk)}) == kDone);
    CHECK(has(desk.out, "holds: 2 entries."));
    CHECK(desk.run(prove_journal, JournalProveOptions{.tx = "tx_nothing"}) == kNo);
    CHECK(has(desk.err, "there is no payment tx_nothing"));
    CHECK(desk.run(prove_journal, JournalProveOptions{.since = 9}) == kNo);
    CHECK(desk.run(export_journal, JournalExportOptions{.file = "/no/such/folder/file"}) == kNo);
    CHECK(has(desk.err, "cannot be written"));
}

TEST_CASE("A newer export is held against an older one")
{
    CliDesk desk;
    fill(desk);
    const auto old_file = desk.folder / "old.jsonl";
    const auto new_file = desk.folder / "new.jsonl";
    REQUIRE(desk.run(export_journal, JournalExportOptions{.file = old_file}) == kDone);
    desk.hold("poet", "0.05");
    REQUIRE(desk.run(export_journal, JournalExportOptions{.file = new_file}) == kDone);
    CHECK(check(desk, {.file = new_file, .after = old_file}) == kDone);
    CHECK(has(desk.out, "Nothing that " + old_file + " covers was rewritten."));
    CHECK(check(desk, {.file = old_file, .after = new_file}) == kNo);
    CHECK(has(desk.out, "entry 9, is missing: a head that was signed before covers up to entry 9"));

    const auto proof = desk.folder / "proof.jsonl";
    REQUIRE(desk.run(prove_journal, JournalProveOptions{.since = 8, .file = proof}) == kDone);
    CHECK(check(desk, {.file = proof, .after = old_file}) == kDone);
    REQUIRE(desk.run(prove_journal, JournalProveOptions{.since = 7, .file = proof}) == kDone);
    CHECK(check(desk, {.file = proof, .after = old_file}) == kNo);
    CHECK(has(desk.out, "`purse journal prove --since 8`"));
}

TEST_CASE("A ledger from before the tree learns to prove itself")
{
    // Two slices of 2,000 entries and a rest; more than four blocks of proofs.
    CliDesk desk;
    desk.apply();
    desk.app().change([&](Books& books) {
        while (books.meta().seq < 4'500) books.freeze("all", "n");
    });
    take_tree_away(desk);
    REQUIRE(desk.run(verify_journal) == kDone);  // heads without roots hold as before
    desk.hold("poet", "0.01");                   // and are signed so until the tree has caught up
    std::vector<HeadRow> heads;
    desk.app().look([&](Books& books) { heads = books.rows().heads(4'501, 9); });
    REQUIRE(heads.size() == 1);
    CHECK_FALSE(heads[0].root.has_value());

    const auto file = desk.folder / "all.jsonl";
    REQUIRE(desk.run(export_journal, JournalExportOptions{.file = file}) == kDone);
    REQUIRE(check(desk, {.file = file, .key = key_of(desk)}) == kDone);
    CHECK(has(desk.out, "holds: 4501 entries."));
    REQUIRE(desk.run(verify_journal) == kDone);
    desk.app().look([&](Books& books) {
        CHECK(books.has_whole_tree());
        heads = books.rows().heads(4'501, 9);
    });
    CHECK(heads.at(0).root.has_value());

    REQUIRE(desk.run(export_journal,
                     JournalExportOptions{.from = "1000", .to = "2100", .file = file}) == kDone);
    CHECK(check(desk, {.file = file}) == kDone);
    REQUIRE(desk.run(prove_journal, JournalProveOptions{.since = 2'345, .file = file}) == kDone);
    CHECK(check(desk, {.file = file}) == kDone);
    // The tree goes on from there, entry by entry.
    desk.hold("poet", "0.01");
    REQUIRE(desk.run(verify_journal) == kDone);
}

TEST_CASE("An entry that was changed in the ledger is not exported as if it held")
{
    CliDesk desk;
    fill(desk);
    desk.tamper("UPDATE journal SET body = replace(body, '0.02', '0.01') WHERE seq = 2");
    REQUIRE(desk.run(export_journal, JournalExportOptions{.from = "3"}) == kNo);
    CHECK(has(desk.err, "`purse journal verify` names the first bad entry"));
    const auto file = desk.folder / "all.jsonl";
    REQUIRE(desk.run(export_journal, JournalExportOptions{.file = file}) == kDone);
    CHECK(check(desk, {.file = file}) == kNo);
    CHECK(has(desk.out, "entry 2, has a signed head that covers another history"));
    // A root that the entries do not make is found in the ledger itself, too.
    desk.tamper("UPDATE meta SET tree = zeroblob(32)");
    CHECK(desk.run(verify_journal) == kNo);
}

TEST_CASE("A table is fit for a spreadsheet")
{
    CliDesk desk;
    fill(desk);
    desk.app().change([](Books& books) { books.freeze("all", "=HYPERLINK(\"x\"),\r\n2"); });
    REQUIRE(desk.run(export_journal, JournalExportOptions{.format = "csv"}) == kDone);
    CHECK(desk.out.starts_with("seq,at,kind,agent,credential,txId,service,payee,amount,"));
    CHECK(has(desk.out, "\"'=HYPERLINK(\"\"x\"\"),\r\n2\""));
    REQUIRE(desk.run(export_journal, JournalExportOptions{.agent = "poet", .format = "csv"}) ==
            kDone);
    CHECK(std::ranges::count(desk.out, '\n') == 2);
    CHECK(table_cell("a") == "a");
    CHECK(table_cell("a b") == "a b");
    CHECK(table_cell("-1") == "\"'-1\"");
    CHECK(table_cell("@a") == "\"'@a\"");
    CHECK(table_cell("\"") == "\"\"\"\"");
    CHECK(table_cell("") == "");
}
