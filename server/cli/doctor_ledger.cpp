// SPDX-License-Identifier: Apache-2.0
// The doctor on the ledger: does it open, is its lock to be had, does its journal hold?
#include <sys/stat.h>

#include <algorithm>

#include "ledger/journal_verifier.hpp"
#include "server/cli/doctor.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
constexpr std::int64_t kEntriesVerified = 1'000;
// More than a resting server leaves behind: it signs when nothing waits.
constexpr std::int64_t kUnsignedMany = 2'048;
// A set-back clock makes no mistakes, but windows stand still until it has caught up.
constexpr Span kAheadABit = Span::seconds(5);
constexpr Span kAheadALot = Span::hours(1);
// Before this program was written no clock is right.
constexpr Instant kTooEarly{1'767'225'600'000'000};  // 2026-01-01
constexpr const char* kRestore = "stop all servers, keep a copy of the folder, restore a backup";

struct Look {
    Meta meta;
    std::vector<JournalRow> rows;  // the last ones, and the one before
    std::vector<HeadRow> heads;
    std::optional<HeadRow> last_head;
};

Look take_look(App& app)
{
    Look seen;
    app.look([&](Books& books) {
        seen.meta = books.meta();
        const auto from = std::max<std::int64_t>(0, seen.meta.seq - kEntriesVerified);
        const auto count = static_cast<std::size_t>(kEntriesVerified + 1);
        seen.rows = books.rows().journal(from, count);
        seen.heads = books.rows().heads(from, count);
        const auto last = books.rows().heads(seen.meta.signed_seq, 1);
        if (!last.empty()) seen.last_head = last.front();
    });
    return seen;
}

void judge_file(const Settings& settings, Findings& findings)
{
    struct stat status{};
    const auto file = settings.ledger_file();
    if (::stat(file.c_str(), &status) != 0) return;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        findings.push_back(
            {Health::warn, "ledger file", file + " is open to others", "chmod 600 " + file});
}

Finding judge_journal(const Look& seen)
{
    JournalVerifier::Start start;
    auto rows = seen.rows;
    const auto first = std::max<std::int64_t>(0, seen.meta.seq - kEntriesVerified);
    if (first > 0 && !rows.empty() && rows.front().seq == first) {
        start.seq = first;
        start.hash = rows.front().hash;
        rows.erase(rows.begin());
    }
    JournalVerifier verifier{start};
    if (verifier.feed(rows, seen.heads)) verifier.finish(seen.meta);
    if (const auto& fault = verifier.fault())
        return {Health::fail, "journal", "entry " + std::to_string(fault->seq) + " " + fault->what,
                std::string{kRestore} + "; `purse journal verify` checks all entries"};
    const auto unsigned_tail = seen.meta.seq - seen.meta.signed_seq;
    const auto words = counted(seen.meta.seq, "entry", "entries") + ", the last " +
                       std::to_string(rows.size()) + " verified, " + std::to_string(unsigned_tail) +
                       " under no signed head yet";
    if (unsigned_tail > kUnsignedMany)
        return {Health::warn, "journal", words,
                "see in the servers' log why heads are not signed (the journal key?)"};
    return {Health::ok, "journal", words, {}};
}

Finding judge_key(const Settings& settings, const Look& seen)
{
    static constexpr const char* kCheck = "journal key";
    const auto file = settings.head_key_file();
    const auto key = head_key_of(settings);
    if (!key)
        return {Health::fail, kCheck, key.error(), "restore " + file + " from a backup, mode 600"};
    if (key->empty() && seen.last_head)
        return {Health::fail, kCheck, file + " is gone, though it has signed heads",
                "restore it from a backup before the next call: a new key signs nothing old"};
    if (key->empty()) return {Health::ok, kCheck, "not there yet; the first entry makes it", {}};
    if (seen.last_head && seen.last_head->key != *key)
        return {Health::fail, kCheck, file + " is not the key that signed the last head",
                "restore the right key from a backup"};
    struct stat status{};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return {Health::fail, kCheck, file + " can be read by others, who could forge heads",
                "chmod 600 " + file};
    return {Health::ok, kCheck, "private, and the one that signs", {}};
}

Finding judge_clock(Instant wall, const Meta& meta)
{
    static constexpr const char* kCheck = "clock";
    if (wall < kTooEarly)
        return {Health::fail, kCheck, "this machine says it is " + to_words(wall),
                "set the machine's clock (NTP)"};
    const auto ahead = meta.last_time - wall;
    if (ahead <= kAheadABit) return {Health::ok, kCheck, to_words(wall), {}};
    return {ahead > kAheadALot ? Health::fail : Health::warn, kCheck,
            "the ledger has decided at " + to_words(meta.last_time) + ", this machine says " +
                to_words(wall),
            "set the machine's clock (NTP); until it has caught up caps reset late, never early"};
}

void judge_deep(App& app, const DoctorOptions& options, Findings& findings)
{
    static constexpr const char* kCheck = "file contents";
    try {
        const auto troubles = check_file(app.settings(), options.lock_patience);
        for (const auto& trouble : troubles)
            findings.push_back({Health::fail, kCheck, trouble, kRestore});
        if (troubles.empty())
            findings.push_back(
                {Health::ok, kCheck, "SQLite finds no damage in the whole file", {}});
    } catch (const StoreError& error) {
        findings.push_back({Health::fail, kCheck, error.what(), kRestore});
    }
}
}  // namespace

Reach examine_ledger(App& app, const DoctorOptions& options, Findings& findings)
{
    const auto& settings = app.settings();
    if (!has_ledger(settings)) {
        findings.push_back({Health::ok, "ledger", "none yet; the first call makes it", {}});
        return Reach::none;
    }
    judge_file(settings, findings);
    if (const auto trouble = try_lock(settings, options.lock_patience)) {
        findings.push_back(
            {Health::fail, "lock", *trouble,
             "a purse of this ledger hangs or is stopped: end it, the lock goes with it"});
        return Reach::shut;
    }
    auto reach = Reach::open;
    try {
        const auto seen = take_look(app);
        findings.push_back({Health::ok,
                            "ledger",
                            "opens; schema version " + std::to_string(seen.meta.schema),
                            {}});
        findings.push_back(judge_journal(seen));
        findings.push_back(judge_key(settings, seen));
        findings.push_back(judge_clock(app.now(), seen.meta));
    } catch (const std::exception& error) {
        reach = Reach::shut;
        const std::string what = error.what();
        const bool is_newer = what.find("newer program") != std::string::npos;
        findings.push_back({Health::fail, "ledger", what,
                            is_newer ? "run the newest purse on this machine" : kRestore});
    }
    if (options.depth == Depth::deep) judge_deep(app, options, findings);
    return reach;
}

}  // namespace purse::server::cli
