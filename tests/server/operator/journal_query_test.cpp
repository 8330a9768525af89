// SPDX-License-Identifier: Apache-2.0
#include "server/operator/journal_query.hpp"

#include <catch2/catch.hpp>

#include "ledger/json.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::server;
using purse::test::TestLedger;

namespace {
/// A journal in memory: every tenth entry is of "rare".
JournalSlice slice_of(std::int64_t last, JournalQuery::Reach reach)
{
    const auto end = reach.before == 0 ? last + 1 : std::min(reach.before, last + 1);
    const auto from = std::max<std::int64_t>(1, end - static_cast<std::int64_t>(reach.count));
    JournalSlice slice{.rows = {}, .from = from};
    for (auto seq = from; seq < end; ++seq)
        slice.rows.push_back({.seq = seq,
                              .at = {},
                              .body = std::string{R"({"agent":")"} +
                                      (seq % 10 == 0 ? "rare" : "busy") + R"(","kind":"hold"})"});
    return slice;
}

struct Found {
    std::vector<std::int64_t> seqs;
    std::int64_t next = 0;  // 0: null
    std::int64_t scanned_to = 0;
    int slices = 0;
};

Found look(std::int64_t last, JournalQuery::Wanted wanted)
{
    JournalQuery query{std::move(wanted)};
    Found found;
    do ++found.slices;
    while (query.take(slice_of(last, query.reach())));
    const auto text = query.json();
    const auto document = json::parse(text);
    REQUIRE(document.has_value());
    for (const auto& entry : document->root().find("entries")->items())
        found.seqs.push_back(entry.find("seq")->integer().value());
    found.next = document->root().find("next")->integer().value_or(0);
    found.scanned_to = document->root().find("scannedTo")->integer().value();
    return found;
}
}  // namespace

TEST_CASE("journal query: the newest first, page by page, to the beginning")
{
    auto found = look(25, {.filter = {}, .limit = 10});
    CHECK(found.seqs.front() == 25);
    CHECK(found.seqs.back() == 16);
    CHECK(found.next == 16);
    found = look(25, {.filter = {}, .before = found.next, .limit = 10});
    CHECK(found.seqs.front() == 15);
    found = look(25, {.filter = {}, .before = found.next, .limit = 10});
    CHECK(found.seqs == std::vector<std::int64_t>{5, 4, 3, 2, 1});
    CHECK(found.next == 0);
    CHECK(found.scanned_to == 1);
    CHECK(look(0, {}).seqs.empty());
    CHECK(look(0, {}).next == 0);
    CHECK(look(10, {.filter = {}, .limit = 10}).next == 0);
}

TEST_CASE("journal query: a filter misses nothing and shows nothing twice")
{
    std::vector<std::int64_t> all;
    std::int64_t before = 0;
    do {
        const auto found = look(3'456, {.filter = {.agent = "rare"}, .before = before, .limit = 7});
        all.insert(all.end(), found.seqs.begin(), found.seqs.end());
        before = found.next;
    } while (before != 0);
    REQUIRE(all.size() == 345);
    for (std::size_t i = 0; i < all.size(); ++i)
        CHECK(all[i] == 3'450 - 10 * static_cast<std::int64_t>(i));
}

TEST_CASE("journal query: one request looks at a bounded number and says where to go on")
{
    const auto found = look(100'000, {.filter = {.agent = "nobody"}});
    CHECK(found.seqs.empty());
    CHECK(found.next == 100'000 - static_cast<std::int64_t>(kJournalScannedMax) + 1);
    CHECK(found.scanned_to == found.next);
    CHECK(found.slices == static_cast<int>(kJournalScannedMax / kJournalPieceMax));
}

TEST_CASE("journal query: no more is read than a page without filter shows")
{
    const JournalQuery query{{.filter = {}, .limit = 10}};
    CHECK(query.reach().count == 10);
    const JournalQuery filtered{{.filter = {.agent = "a"}, .limit = 10}};
    CHECK(filtered.reach().count == kJournalPieceMax);
}

TEST_CASE("journal query: reads what the ledger has")
{
    TestLedger purse;
    for (int i = 0; i < 5; ++i)
        purse.run([&](Books& books) {
            books.freeze("all", std::to_string(i));
            return 0;
        });
    const auto slice = purse.run([](Books& books) {
        return JournalQuery::read(books.rows(), books.meta().seq, {.before = 4, .count = 2});
    });
    CHECK(slice.from == 2);
    REQUIRE(slice.rows.size() == 2);
    CHECK(slice.rows[1].seq == 3);
    const auto beyond = purse.run([](Books& books) {
        return JournalQuery::read(books.rows(), books.meta().seq, {.before = 99, .count = 2});
    });
    CHECK(beyond.rows.back().seq == 5);
}
