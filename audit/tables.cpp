// SPDX-License-Identifier: Apache-2.0
#include "audit/tables.hpp"

#include <set>
#include <tuple>

#include "audit/hashes.hpp"
#include "audit/words.hpp"

namespace purse::auditor {

namespace {
std::map<std::int64_t, Head> heads_of(LedgerFile& file, Findings& findings)
{
    std::map<std::int64_t, Head> heads;
    file.each("SELECT seq, hash, root, signed_at, public_key, signature FROM head",
              [&](const Row& row) {
                  heads[row.integer(0)] = {.seq = row.integer(0),
                                           .chain = row.text(1),
                                           .root = row.text(2),
                                           .at = rfc3339_of(row.integer(3)),
                                           .key = row.text(4),
                                           .signature = row.text(5)};
              });
    for (const auto& [seq, head] : heads)
        if (!is_signed(head)) findings.wrong(seq, "has a head whose signature is not its key's");
    findings.heads = static_cast<std::int64_t>(heads.size());
    return heads;
}

void check_head(const Head& head, const std::string& chain, const Tree& tree, Findings& findings)
{
    if (head.chain != chain) findings.wrong(head.seq, "has a signed head of another chain");
    if (!head.root.empty() && head.root != tree.root())
        findings.wrong(head.seq, "has a signed head of another tree");
}

/// What the ledger says about its journal's end.
struct Meta {
    std::int64_t seq = 0;
    std::string head;
    std::int64_t last_time = 0;
    std::int64_t tree_size = 0;
    std::string tree;
};

Meta meta_of(LedgerFile& file)
{
    Meta meta;
    file.each("SELECT seq, head, last_time, tree_size, tree FROM meta", [&](const Row& row) {
        meta = {.seq = row.integer(0),
                .head = row.text(1),
                .last_time = row.integer(2),
                .tree_size = row.integer(3),
                .tree = row.text(4)};
    });
    return meta;
}

using Pair = std::pair<std::int64_t, std::int64_t>;

void compare_due(LedgerFile& file, Findings& findings)
{
    const auto wrong = file.number(
        "SELECT COUNT(*) FROM hold h WHERE (h.state IN (0, 4)) != EXISTS (SELECT 1 FROM open_hold "
        "o WHERE o.seq = h.seq AND o.expires_at = h.expires_at)");
    const auto due = file.number("SELECT COUNT(*) FROM open_hold");
    const auto open = file.number("SELECT COUNT(*) FROM hold WHERE state IN (0, 4)");
    if (wrong != 0 || due != open) findings.wrong(0, "the due list is not the open holds");
}

void compare_keys(LedgerFile& file, const Replay& replay, Findings& findings)
{
    file.each("SELECT agent, request_key FROM request", [&](const Row& row) {
        if (!replay.keys().contains(row.text(0) + '\n' + row.text(1)))
            findings.wrong(0, "the idempotency key \"" + row.text(1) + "\" of " + row.text(0) +
                                  " has no entry");
    });
    if (file.number("SELECT COUNT(*) FROM request") > std::ssize(replay.keys()))
        findings.wrong(0, "more idempotency keys than entries with keys");
}
}  // namespace

void read_journal(LedgerFile& file, Replay& replay, Findings& findings)
{
    const auto heads = heads_of(file, findings);
    const auto meta = meta_of(file);
    std::string chain(meta.head.size(), '\0');
    Tree tree;
    std::int64_t next = 1;
    file.each("SELECT seq, at, body, hash FROM journal ORDER BY seq", [&](const Row& row) {
        const auto seq = row.integer(0);
        const auto body = row.text(2);
        if (seq != next) findings.wrong(seq, "follows a gap in the journal");
        next = seq + 1;
        const auto leaf = leaf_of(body);
        chain = link_of(chain, leaf);
        tree.add(leaf);
        if (chain != row.text(3)) findings.wrong(seq, "breaks the chain");
        replay.add(seq, body);
        if (replay.last_time() != row.integer(1))
            findings.wrong(seq, "has another time than its row");
        if (const auto head = heads.find(seq); head != heads.end())
            check_head(head->second, chain, tree, findings);
        if (seq == meta.tree_size && tree.parts() != meta.tree)
            findings.wrong(seq, "the stored tree is another one");
    });
    if (meta.seq != next - 1) findings.wrong(0, "the ledger names another last entry");
    if (meta.seq > 0 && meta.head != chain) findings.wrong(0, "the ledger has another head");
    if (meta.last_time < replay.last_time())
        findings.wrong(0, "the ledger's time is behind its last entry");
    if (meta.tree_size > next - 1) findings.wrong(0, "the tree has more than the journal");
    if (!heads.empty() && heads.rbegin()->first >= next)
        findings.wrong(0, "a head was signed beyond the journal's end");
}

void compare_holds(LedgerFile& file, const Replay& replay, Findings& findings)
{
    std::map<std::int64_t, std::pair<std::string_view, const AuditedHold*>> by_seq;
    for (const auto& [id, hold] : findings.holds) by_seq[hold.seq] = {id, &hold};
    std::size_t rows = 0;
    file.each("SELECT seq, state, amount, captured FROM hold", [&](const Row& row) {
        ++rows;
        const auto known = by_seq.find(row.integer(0));
        if (known == by_seq.end()) {
            findings.wrong(row.integer(0), "is a stored hold that no entry took");
            return;
        }
        const auto& [id, hold] = known->second;
        if (row.integer(1) != static_cast<std::int64_t>(hold->state) ||
            row.integer(2) != hold->amount || row.integer(3) != hold->captured)
            findings.wrong(hold->seq,
                           "took " + std::string{id} + ", which is not stored as its entries say");
    });
    if (rows != by_seq.size()) findings.wrong(0, "holds are missing from the tables");
    compare_due(file, findings);
    compare_keys(file, replay, findings);
}

void compare_counters(LedgerFile& file, const Replay& replay, Findings& findings)
{
    std::map<std::int64_t, Pair> windows;           // counter: held, spent
    std::map<std::int64_t, std::set<Pair>> stored;  // counter: when it leaves, hold
    file.each("SELECT counter, leaves_at, hold, held, spent FROM window_entry",
              [&](const Row& row) {
                  auto& sums = windows[row.integer(0)];
                  sums.first += row.integer(3);
                  sums.second += row.integer(4);
                  stored[row.integer(0)].insert({row.integer(1), row.integer(2)});
              });
    const auto now = meta_of(file).last_time;
    std::set<CapKey> seen;
    file.each("SELECT id, budget, kind, scope, window_start, held, spent FROM counter",
              [&](const Row& row) {
                  const auto id = row.integer(0);
                  const CapKey key{row.text(1), row.text(2), row.text(3), row.integer(4)};
                  const Pair sums{row.integer(5), row.integer(6)};
                  const auto wrong = [&](const std::string& what) {
                      findings.wrong(0, "the counter " + key.text() + " " + what);
                  };
                  if (sums.first < 0 || sums.second < 0) wrong("is negative");
                  if (!seen.insert(key).second) wrong("stands twice");
                  const bool is_rolling = span_in_kind(key.kind) > 0;
                  if (is_rolling && windows[id] != sums) wrong("is not the sum of its window");
                  const auto found = replay.counters().find(key);
                  if (found == replay.counters().end()) return;  // counted, and never under a limit
                  const auto& own = found->second;
                  if (!is_rolling && sums != Pair{own.held(), own.spent()})
                      wrong("is " + std::to_string(sums.first) + " held and " +
                            std::to_string(sums.second) + " spent, its entries say " +
                            std::to_string(own.held()) + " and " + std::to_string(own.spent()));
                  // Shares that have left may still be stored; those that count must be.
                  for (const auto& [place, share] : own.shares())
                      if (std::get<0>(place) > now && share.held + share.spent > 0 &&
                          !stored[id].contains({std::get<0>(place), std::get<1>(place)}))
                          wrong("has lost a share");
              });
    for (const auto& [key, own] : replay.counters())
        if (!seen.contains(key) && own.held() + own.spent() > 0)
            findings.wrong(0, "the counter " + key.text() + " is missing");
}

void compare_accounts(LedgerFile& file, Findings& findings)
{
    const auto sum = [&](const char* what) {
        return file.number("SELECT COALESCE(SUM(" + std::string{what});
    };
    const auto moved = sum("amount), 0) FROM transfer");
    // Those of no hold are payouts.
    if (sum("amount), 0) FROM transfer WHERE hold != 0") != findings.captured)
        findings.wrong(0, "transfers are not what was captured");
    if (sum("debits), 0) FROM account") != moved || sum("credits), 0) FROM account") != moved)
        findings.wrong(0, "debits, credits and transfers differ");
    if (file.number(
            "SELECT COUNT(*) FROM account a WHERE a.debits != (SELECT COALESCE(SUM(amount), "
            "0) FROM transfer WHERE debit = a.id) OR a.credits != (SELECT "
            "COALESCE(SUM(amount), 0) FROM transfer WHERE credit = a.id)") != 0)
        findings.wrong(0, "an account is not the sum of its transfers");
    if (file.number("SELECT COUNT(*) FROM (SELECT hold FROM transfer WHERE hold != 0 GROUP BY hold "
                    "HAVING COUNT(*) > 1)") != 0)
        findings.wrong(0, "a hold was paid twice");
}

}  // namespace purse::auditor
