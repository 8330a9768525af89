// SPDX-License-Identifier: Apache-2.0
#include "ledger/export_verifier.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "ledger/json.hpp"
#include "ledger/system/head_key.hpp"
#include "tests/support/made_journal.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse;
using purse::test::MadeJournal;
using purse::test::text_of;
using purse::test::verified;

namespace {
using Lines = std::vector<std::string>;

struct Bed {
    test::TempFolder folder;
    system::FileHeadKey key{folder / "a.key"};
    system::FileHeadKey other{folder / "b.key"};
    MadeJournal journal{key};

    /// 60 entries with a head after some of them, and after the last.
    Bed()
    {
        for (int i = 1; i <= 60; ++i) {
            journal.add("m");
            if (i % 7 == 0 || i == 60) journal.sign();
        }
    }
    ExportVerifier verify(const Lines& lines) const { return verify(text_of(lines)); }
    ExportVerifier verify(const std::string& text) const
    {
        return verified(text, {.key = key.public_key()});
    }
};

bool is_entry(const std::string& line)
{
    return line.starts_with("{\"body\":");
}
bool is_head(const std::string& line)
{
    return line.starts_with("{\"after\":");
}

std::int64_t seq_in(const std::string& line)
{
    return place_of(entry_of(line)->body)->seq;
}

/// A tampered text and where it must be found.
struct Spoiled {
    std::string what;
    std::string text;
    std::int64_t first = 0;  ///< line
    std::int64_t last = 0;   ///< line: other than `first` only for a head that is gone or moved
    std::int64_t seq = 0;    ///< the entry that is edited or gone; 0: it was no entry
};

class Tamperer {
public:
    Tamperer(Lines lines, const Bed& bed, unsigned seed)
        : lines_{std::move(lines)},
          bed_{bed},
          random_{seed}
    {
    }

    Spoiled next()
    {
        auto lines = lines_;
        const auto at = pick(lines.size());
        const auto line = static_cast<std::int64_t>(at) + 1;
        switch (pick(8)) {
            case 0:
            case 1: return edited(lines, at);
            case 2: {
                lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
                return {"dropped", text_of(lines), line,
                        is_head(lines_[at]) ? next_head_or_end(at) - 1 : line, seq_at(at)};
            }
            case 3:
                lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[at]);
                return {"repeated", text_of(lines), line + 1, line + 1};
            case 4: return swapped(lines);
            case 5: {
                const auto text = text_of(lines);
                const auto size = pick(text.size());
                const auto whole = text.substr(0, size);
                const auto cut = 1 + std::ranges::count(whole, '\n');
                return {"cut off", whole, cut, cut};
            }
            case 6:
                lines.push_back(lines[at]);
                return {"appended", text_of(lines), static_cast<std::int64_t>(lines.size()),
                        static_cast<std::int64_t>(lines.size())};
            default: return forged(lines);
        }
    }

private:
    std::size_t pick(std::size_t count)
    {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
    }

    std::int64_t seq_at(std::size_t at) const
    {
        return is_entry(lines_[at]) ? seq_in(lines_[at]) : 0;
    }

    std::int64_t next_head_or_end(std::size_t at) const
    {
        auto next = at + 1;
        while (next + 1 < lines_.size() && !is_head(lines_[next])) ++next;
        return static_cast<std::int64_t>(next) + 1;
    }

    Spoiled edited(Lines& lines, std::size_t at)
    {
        auto& text = lines[at];
        auto& byte = text[pick(text.size())];
        const auto before = byte;
        // Digits become other digits half the time: the edits that somebody would make.
        while (byte == before)
            byte = before >= '0' && before <= '9' && pick(2) == 0
                       ? static_cast<char>('0' + pick(10))
                       : static_cast<char>(pick(256));
        const auto line = static_cast<std::int64_t>(at) + 1;
        return {"edited", text_of(lines), line, line, seq_at(at)};
    }

    Spoiled swapped(Lines& lines)
    {
        auto a = pick(lines.size());
        auto b = pick(lines.size());
        while (b == a) b = pick(lines.size());
        if (b < a) std::swap(a, b);
        std::swap(lines[a], lines[b]);
        const auto line = static_cast<std::int64_t>(a) + 1;
        // A head after its neighbour: the entry that moved up is right, the head is not.
        return {"swapped", text_of(lines), line,
                is_head(lines_[a]) && b == a + 1 ? line + 1 : line};
    }

    /// A line with a signature signed again with another key; an entry's hash made to fit.
    Spoiled forged(Lines& lines)
    {
        auto at = pick(lines.size());
        while (is_entry(lines[at])) at = pick(lines.size());
        const auto line = static_cast<std::int64_t>(at) + 1;
        if (auto head = head_of(lines[at])) {
            auto& row = head->head;
            row.key = bed_.other.public_key();
            row.signature = bed_.other.sign(head_text(
                {.seq = row.seq, .hash = row.hash, .at = row.signed_at, .root = row.root}));
            lines[at] = to_line(*head);
        } else if (auto header = header_of(lines[at])) {
            header->to = std::max(header->from, header->to - 1);
            header->signature = bed_.other.sign(header_text(*header));
            lines[at] = to_line(*header);
        } else {
            auto end = end_of(lines[at]);
            end->signature = bed_.other.sign(end_text(*end));
            lines[at] = to_line(*end);
        }
        return {"forged", text_of(lines), line, line};
    }

    const Lines lines_;
    const Bed& bed_;
    std::mt19937 random_;
};
}  // namespace

TEST_CASE("export: a file that nobody touched holds, whole, in part and by agent")
{
    const Bed bed;
    const auto whole = bed.verify(bed.journal.whole());
    REQUIRE_FALSE(whole.fault());
    CHECK(whole.entries() == 60);
    CHECK(whole.heads_checked() == 9);
    CHECK(whole.header()->is_whole());
    const auto range = bed.verify(bed.journal.part(8, 21, ""));
    REQUIRE_FALSE(range.fault());
    CHECK(range.entries() == 14);
    const auto agent = bed.verify(bed.journal.part(1, 60, "poet", 14));
    REQUIRE_FALSE(agent.fault());
    CHECK(agent.entries() == 20);
    const auto none = bed.verify(bed.journal.part(9, 8, ""));
    REQUIRE_FALSE(none.fault());
    CHECK(none.entries() == 0);
}

TEST_CASE("export: a thousand random tamperings of each kind of file are found where they are")
{
    const Bed bed;
    const std::vector<Lines> files{bed.journal.whole(), bed.journal.part(5, 44, ""),
                                   bed.journal.part(1, 60, "painter", 30)};
    for (std::size_t file = 0; file < files.size(); ++file) {
        Tamperer tamperer{files[file], bed, static_cast<unsigned>(20261125 + file)};
        const auto good = text_of(files[file]);
        for (int i = 0; i < 1'000;) {
            const auto spoiled = tamperer.next();
            if (spoiled.text == good) continue;  // a swap of equals: nothing was changed
            ++i;
            const auto verifier = bed.verify(spoiled.text);
            INFO("file " << file << ", tampering " << i << ", " << spoiled.what << ", line "
                         << spoiled.first);
            REQUIRE(verifier.fault());
            INFO("found line " << verifier.fault()->line << " " << verifier.fault()->what);
            REQUIRE(verifier.fault()->line >= spoiled.first);
            REQUIRE(verifier.fault()->line <= spoiled.last);
            REQUIRE_FALSE(verifier.fault()->what.empty());
            // Where entries follow each other, the entry is known too, whatever it says now.
            if (spoiled.seq != 0 && file < 2) REQUIRE(verifier.fault()->seq == spoiled.seq);
        }
    }
}

TEST_CASE("export: the entry is named, and what is wrong with it")
{
    const Bed bed;
    auto lines = bed.journal.whole();
    const auto line_of = [&](std::int64_t seq) {
        return std::ranges::find_if(
            lines, [&](const auto& line) { return is_entry(line) && seq_in(line) == seq; });
    };
    const auto fault = [&] { return bed.verify(lines).fault().value(); };
    SECTION("an edited amount")
    {
        const auto at = line_of(30);
        at->replace(at->find("0.02"), 4, "0.01");
        CHECK(fault().seq == 30);
        CHECK(fault().what == "does not match its hash: it was changed");
    }
    SECTION("a dropped entry")
    {
        lines.erase(line_of(30));
        CHECK(fault().seq == 30);
        CHECK(fault().what == "is missing: entry 31 stands in its place");
    }
    SECTION("a repeated entry")
    {
        const auto at = line_of(30);
        lines.insert(at, *at);
        CHECK(fault().seq == 31);
        CHECK(fault().what == "is not here: entry 30 stands in its place, twice or out of order");
    }
    SECTION("entries that changed places")
    {
        std::iter_swap(line_of(30), line_of(31));
        CHECK(fault().seq == 30);
    }
    SECTION("a tail cut off")
    {
        lines.erase(line_of(30), lines.end());
        CHECK(fault().seq == 30);
        CHECK(fault().what == "is missing: the file was cut off after entry 29");
    }
    SECTION("a tail cut off, with the end moved up")
    {
        lines.erase(line_of(30), lines.end() - 1);
        CHECK(fault().seq == 30);
        CHECK(fault().what == "is missing, though the header announces entries up to 60");
    }
    SECTION("the file is empty")
    {
        lines.clear();
        CHECK(fault().line == 1);
    }
    SECTION("another key")
    {
        const auto verifier = verified(text_of(lines), {.key = bed.other.public_key()});
        REQUIRE(verifier.fault());
        CHECK(verifier.fault()->line == 1);
        CHECK(verifier.fault()->what == "has a head that was signed with another key");
    }
}

TEST_CASE("export: history rewritten with all its hashes is found at the next signed head")
{
    const Bed bed;
    for (std::int64_t target = 1; target <= 60; ++target) {
        Digest chain{};
        Lines lines;
        for (auto line : bed.journal.whole()) {
            if (const auto parts = entry_of(line)) {
                std::string body{parts->body};
                if (seq_in(line) == target) body.replace(body.find("0.02"), 4, "0.03");
                chain = chain_hash(chain, body);
                line = entry_line(body, chain);
            }
            lines.push_back(line);
        }
        const auto verifier = bed.verify(lines);
        REQUIRE(verifier.fault());
        REQUIRE(verifier.fault()->seq == std::min<std::int64_t>(60, (target + 6) / 7 * 7));
        REQUIRE(verifier.fault()->what == "has a signed head that covers another history: a fork");
    }
}

TEST_CASE("export: a fork by the owner of the key is found with an older file")
{
    const Bed bed;
    const auto old_lines = bed.journal.whole();
    auto older = verified(text_of(old_lines), {.remembers_heads = true});
    REQUIRE(older.heads().size() == 9);
    const auto after = [&](const Lines& lines) {
        return verified(text_of(lines), {.key = bed.key.public_key(), .known = older.heads()});
    };
    MadeJournal longer{bed.key};
    MadeJournal forked{bed.key};
    for (int i = 1; i <= 80; ++i) {
        longer.add("m");
        forked.add(i < 31 ? "m" : "n");
        if (i % 5 == 0) {
            longer.sign();
            forked.sign();
        }
    }
    CHECK_FALSE(after(old_lines).fault());
    CHECK_FALSE(after(longer.whole()).fault());
    CHECK_FALSE(after(longer.part(1, 80, "poet", 60)).fault());
    CHECK_FALSE(after(longer.part(1, 0, "", 60)).fault());

    // Alone it cannot be told from a true one: its owner signed it.
    CHECK_FALSE(bed.verify(forked.whole()).fault());
    auto found = after(forked.whole());
    REQUIRE(found.fault());
    CHECK(found.fault()->seq == 35);  // entry 31 is the first; 35 the first that an old head covers
    found = after(forked.part(1, 80, "poet", 60));
    REQUIRE(found.fault());
    CHECK(found.fault()->seq == 60);
    found = after(forked.part(1, 80, "poet"));
    REQUIRE(found.fault());
    CHECK(found.fault()->what.find("purse journal prove --since 60") != std::string::npos);

    // The same fork in one file: the head that the header shows, and the other's entries.
    auto lines = old_lines;
    const auto tail = forked.whole();
    const auto is_31 = [](const auto& line) { return is_entry(line) && seq_in(line) == 31; };
    lines.erase(std::ranges::find_if(lines, is_31), lines.end() - 1);
    std::ranges::copy_if(tail, std::inserter(lines, lines.end() - 1), [](const auto& line) {
        return is_entry(line) && seq_in(line) >= 31 && seq_in(line) <= 60;
    });
    const auto mixed = bed.verify(lines);
    REQUIRE(mixed.fault());
    CHECK(mixed.fault()->seq == 60);

    // A journal that was taken back to before what was signed.
    MadeJournal shorter{bed.key};
    for (int i = 1; i <= 40; ++i) shorter.add("m");
    shorter.sign();
    found = after(shorter.whole());
    REQUIRE(found.fault());
    CHECK(found.fault()->seq == 41);
}

TEST_CASE("export: lines that are no lines")
{
    CHECK_FALSE(entry_of("").has_value());
    CHECK_FALSE(entry_of(R"({"body":"})").has_value());
    CHECK_FALSE(entry_of(R"({"body":{},"chain":"00"})").has_value());
    CHECK_FALSE(entry_of(R"({"body":{},"path":"00"})").has_value());
    CHECK_FALSE(place_of("").has_value());
    CHECK_FALSE(place_of("{}").has_value());
    CHECK_FALSE(place_of(R"({"at":"x","seq":1}x)").has_value());
    CHECK_FALSE(place_of(R"({"at":"x","seq":1.5})").has_value());
    CHECK_FALSE(place_of(R"({"at":"x","seq":0})").has_value());
    CHECK_FALSE(place_of(R"({"at":"x","seq":"\)").has_value());
    CHECK(place_of(R"({"at":"x","b":{"seq":2},"seq":1})")->seq == 1);
    CHECK_FALSE(header_of("{}").has_value());
    CHECK_FALSE(end_of("[]").has_value());
    CHECK_FALSE(head_of("1").has_value());
}
