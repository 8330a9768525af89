// SPDX-License-Identifier: Apache-2.0
// A ledger's own journal, proved: whatever somebody does to its rows, heads or counts is found, at
// the entry that cannot be trusted any more.
#include "ledger/journal_verifier.hpp"

#include <catch2/catch.hpp>

#include "ledger/journal.hpp"
#include "ledger/system/head_key.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using Catch::Contains;

namespace {
struct Journal {
    TempFolder folder;
    system::FileHeadKey key{folder / "journal.key"};
    std::vector<JournalRow> rows;
    std::vector<HeadRow> heads;
    Meta meta;

    /// Six entries, under heads at 2, 4 and 6.
    Journal()
    {
        TestLedger purse{&key};
        for (int i = 0; i < 3; ++i) {
            purse.clock.pass(Span::seconds(1));
            purse.ledger().transact([&](Books& books) {
                books.freeze("agent/a", std::to_string(i));
                books.unfreeze("agent/a");
            });
        }
        rows = purse.journal();
        purse.run([&](Books& books) {
            heads = books.rows().heads(1, 100);
            meta = books.meta();
            return 0;
        });
        REQUIRE(rows.size() == 6);
        REQUIRE(heads.size() == 3);
    }
    JournalRow& row(std::int64_t seq) { return rows.at(static_cast<std::size_t>(seq - 1)); }
    /// Puts another text into an entry, as somebody would who can count hashes.
    void rewrite(std::int64_t seq, std::string body)
    {
        row(seq).body = std::move(body);
        Digest hash{};
        for (auto& one : rows) one.hash = hash = chain_hash(hash, one.body);
        meta.head = hash;
    }
    static void swap(std::string& text, std::string_view what, std::string_view with)
    {
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), with);
    }
    /// The fault as "5 <what>"; empty: none.
    std::string fault(JournalVerifier verifier = {})
    {
        const bool fed = verifier.feed(rows, heads);
        const bool good = fed && verifier.finish(meta);
        CHECK(good == !verifier.fault().has_value());
        if (good) return {};
        // Whatever comes later, that was it.
        CHECK_FALSE(verifier.feed({}, {}));
        CHECK_FALSE(verifier.finish(meta));
        return std::to_string(verifier.fault()->seq) + " " + verifier.fault()->what;
    }
};
}  // namespace

TEST_CASE_METHOD(Journal, "journal verifier: what a ledger wrote holds, in one piece or many")
{
    CHECK(fault().empty());
    JournalVerifier verifier;
    for (auto& one : rows)
        CHECK(verifier.feed({one}, one.seq == 1 ? heads : std::vector<HeadRow>{}));
    CHECK(verifier.finish(meta));
    CHECK(verifier.last_seq() == 6);
    CHECK(verifier.signed_seq() == 6);
    CHECK(verifier.heads() == 3);
    CHECK(verifier.key() == key.public_key());
    // From the middle on, from a hash that is taken as it is.
    const auto start = row(3);
    rows.erase(rows.begin(), rows.begin() + 3);
    CHECK(fault(JournalVerifier{{.seq = 3, .hash = start.hash, .key = key.public_key()}}).empty());
    CHECK_THAT(fault(JournalVerifier{{.seq = 3, .hash = {}, .key = {}}}),
               Contains("4 does not match its hash"));
}

TEST_CASE_METHOD(Journal, "journal verifier: entries that were changed, lost, repeated or put in")
{
    SECTION("changed")
    {
        Journal::swap(row(3).body, "agent/a", "agent/b");
        CHECK_THAT(fault(), Contains("3 does not match its hash"));
    }
    SECTION("another hash")
    {
        row(4).hash[0] ^= 1;
        CHECK_THAT(fault(), Contains("4 does not match its hash"));
    }
    SECTION("lost")
    {
        rows.erase(rows.begin() + 2);
        CHECK(fault() == "3 is missing");
    }
    SECTION("lost at the end")
    {
        rows.resize(5);
        CHECK_THAT(fault(), Contains("6 is missing, though the head signed at entry 6"));
        heads.pop_back();
        CHECK_THAT(fault(), Contains("6 is missing, though the ledger has counted to entry 6"));
    }
    SECTION("twice")
    {
        rows.insert(rows.begin() + 3, row(3));
        CHECK_THAT(fault(), Contains("3 stands twice or out of order"));
    }
    SECTION("one more than the ledger wrote")
    {
        auto more = row(6);
        more.seq = 7;
        Journal::swap(more.body, R"("seq":6)", R"("seq":7)");
        more.hash = chain_hash(row(6).hash, more.body);
        rows.push_back(more);
        CHECK_THAT(fault(), Contains("7 was not written by the ledger"));
    }
}

TEST_CASE_METHOD(Journal, "journal verifier: entries written anew, hashes and all")
{
    heads.clear();
    meta.signed_seq = 0;
    SECTION("no JSON")
    {
        rewrite(2, "not JSON");
        CHECK(fault() == "2 is not JSON");
    }
    SECTION("another number, or none")
    {
        auto body = row(2).body;
        Journal::swap(body, R"("seq":2)", R"("seq":3)");
        rewrite(2, body);
        CHECK(fault() == "2 says that it is another entry");
        rewrite(2, "{}");
        CHECK(fault() == "2 says that it is another entry");
    }
    SECTION("another time than its row, or none")
    {
        auto body = row(2).body;
        const auto told = to_rfc3339(row(2).at);
        Journal::swap(body, told, to_rfc3339(row(2).at + Span{1}));
        rewrite(2, body);
        CHECK(fault() == "2 says another time than its row");
        rewrite(2, R"({"seq":2})");
        CHECK(fault() == "2 says another time than its row");
    }
    SECTION("older than the one before")
    {
        auto body = row(3).body;
        const auto early = row(1).at - Span{1};
        Journal::swap(body, to_rfc3339(row(3).at), to_rfc3339(early));
        row(3).at = early;
        rewrite(3, body);
        CHECK(fault() == "3 is older than the entry before it");
    }
    SECTION("well made, but the ledger remembers another tree and another end")
    {
        auto body = row(2).body;
        Journal::swap(body, "agent/a", "agent/b");
        const auto head = meta.head;
        rewrite(2, body);
        CHECK_THAT(fault(), Contains("6 ends another tree"));
        meta.head = head;
        CHECK_THAT(fault(), Contains("6 has another hash than the ledger remembers"));
    }
}

TEST_CASE_METHOD(Journal, "journal verifier: heads that were forged, moved, lost or of another key")
{
    SECTION("a signature")
    {
        heads[1].signature[5] = static_cast<char>(heads[1].signature[5] ^ 1);
        CHECK_THAT(fault(), Contains("4 has a signed head whose signature is wrong"));
    }
    SECTION("another time, that was not signed")
    {
        heads[1].signed_at = heads[1].signed_at + Span{1};
        CHECK_THAT(fault(), Contains("4 has a signed head whose signature is wrong"));
    }
    SECTION("another history")
    {
        heads[1].hash = row(3).hash;
        CHECK_THAT(fault(), Contains("4 has a signed head that covers another history"));
    }
    SECTION("the root of another tree, signed")
    {
        auto& head = heads[1];
        head.root = leaf_hash("another");
        head.signature = key.sign(head_text({head.seq, head.hash, head.signed_at, head.root}));
        CHECK_THAT(fault(), Contains("4 has a signed head with the root of another tree"));
    }
    SECTION("another key")
    {
        const system::FileHeadKey other{folder / "other.key"};
        auto& head = heads[1];
        head.key = other.public_key();
        head.signature = other.sign(head_text({head.seq, head.hash, head.signed_at, head.root}));
        CHECK_THAT(fault(), Contains("4 has a head that was signed with another key"));
        heads[0] = heads[2];  // all by one key, but not by the one that is wanted
        heads.resize(1);
        CHECK_THAT(fault(JournalVerifier{{.seq = 0, .hash = {}, .key = other.public_key()}}),
                   Contains("6 has a head that was signed with another key"));
    }
    SECTION("lost")
    {
        heads.pop_back();
        CHECK_THAT(fault(), Contains("6 was under a signed head, and that head is missing"));
    }
    SECTION("none was ever signed")
    {
        heads.clear();
        meta.signed_seq = 0;
        CHECK(fault().empty());
    }
}
