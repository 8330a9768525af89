// SPDX-License-Identifier: Apache-2.0
#include "tests/support/audit.hpp"

#include <openssl/evp.h>

#include <boost/json.hpp>
#include <set>

#include "tests/support/audit_reader.hpp"

namespace purse::test {

namespace {
using Object = boost::json::object;
using audit_reader::integer;
using audit_reader::Reader;
using audit_reader::Row;
using audit_reader::text;

std::string sha256_of(const std::string& bytes)
{
    std::string digest(32, '\0');
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return digest;
}

std::string text_of(const Object& object, const char* name)
{
    const auto* value = object.if_contains(name);
    return value == nullptr ? std::string{} : std::string{value->as_string()};
}

std::int64_t micro_of(const std::string& decimal)
{
    const auto dot = decimal.find('.');
    auto digits =
        decimal.substr(0, dot) + (dot == std::string::npos ? "" : decimal.substr(dot + 1));
    digits.append(6 - (dot == std::string::npos ? 0 : decimal.size() - dot - 1), '0');
    return std::stoll(digits);
}

/// Seconds and microseconds of "2026-11-23T17:04:05.000123Z", by the days-from-civil formula.
std::int64_t time_of(const std::string& rfc3339)
{
    const auto part = [&](std::size_t from, std::size_t count) {
        return std::stoll(rfc3339.substr(from, count));
    };
    const auto month = part(5, 2);
    const auto year = part(0, 4) - (month <= 2 ? 1 : 0);
    const auto era = year / 400;
    const auto year_of_era = year - era * 400;
    const auto day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + part(8, 2) - 1;
    const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    const auto day = era * 146'097 + day_of_era - 719'468;
    return ((day * 24 + part(11, 2)) * 60 + part(14, 2)) * 60'000'000 + part(17, 2) * 1'000'000 +
           part(20, 6);
}

/// The length in "rolling 1h", "count 1m", "loop 30s"; 0 for other kinds.
std::int64_t span_of(const std::string& kind)
{
    const auto space = kind.find(' ');
    if (space == std::string::npos) return 0;
    std::size_t used = 0;
    const auto number = std::stoll(kind.substr(space + 1), &used);
    const auto unit = kind.substr(space + 1 + used);
    const std::map<std::string, std::int64_t> units{{"ms", 1'000},         {"s", 1'000'000},
                                                    {"m", 60'000'000},     {"h", 3'600'000'000},
                                                    {"d", 86'400'000'000}, {"w", 604'800'000'000}};
    return number * units.at(unit);
}

bool counts_calls(const std::string& kind)
{
    return kind.starts_with("count ") || kind.starts_with("loop ");
}

/// What one hold counts in one cap.
struct Share {
    std::int64_t leaves_at = 0;  ///< 0: never
    std::int64_t held = 0;
    std::int64_t spent = 0;
};

using CapKey =
    std::tuple<std::string, std::string, std::string, std::int64_t>;  // budget, kind, scope, window

struct Cap {
    std::map<std::pair<std::int64_t, std::int64_t>, Share>
        shares;             // by hold and the entry that charged it
    std::int64_t held = 0;  // of the shares that still count
    std::int64_t spent = 0;
    std::set<std::pair<std::int64_t, std::pair<std::int64_t, std::int64_t>>> leaving;

    void let_leave(std::int64_t now)
    {
        while (!leaving.empty() && leaving.begin()->first <= now) {
            const auto& share = shares.at(leaving.begin()->second);
            held -= share.held;
            spent -= share.spent;
            leaving.erase(leaving.begin());
        }
    }
};

struct Taken {
    std::int64_t seq = 0;
    std::int64_t amount = 0;
    std::int64_t max_capture = 0;
    std::int64_t expires_at = 0;
    std::vector<std::pair<CapKey, std::int64_t>> caps;  // money caps and their limits then
};

/// Replays the journal on books of its own.
class Replay {
public:
    explicit Replay(Audit& result) : result_{result} {}

    std::map<CapKey, Cap> caps;
    std::map<std::string, Taken> taken;
    std::set<std::string> keys;
    std::int64_t last_time = 0;

    void entry(std::int64_t seq, const Object& entry)
    {
        seq_ = seq;
        now_ = time_of(text_of(entry, "at"));
        check(now_ >= last_time, "time fell");
        last_time = now_;
        check(entry.at("seq").as_int64() == seq, "the entry names another number");
        const auto kind = text_of(entry, "kind");
        const bool takes = kind == "hold" || kind == "awaiting_approval";
        if (takes || kind == "refused") key(entry);
        if (kind == "refused") ++result_.refused;
        if (takes) return hold(entry, kind == "hold" ? "open" : kind);
        static const std::set<std::string> moves{
            "settled",         "settled_late",      "voided", "expired", "approval_granted",
            "approval_denied", "approval_timed_out"};
        if (!moves.contains(kind)) return;
        const auto id = text_of(entry, "txId");
        const auto known = taken.find(id);
        check(known != taken.end(), "the end of an unknown hold");
        if (known == taken.end()) return;
        if (kind == "approval_granted") return grant(entry, known->second, result_.holds[id]);
        end(entry, kind, known->second, result_.holds[id]);
    }

private:
    void check(bool good, const std::string& what)
    {
        if (!good) result_.mistakes.push_back("entry " + std::to_string(seq_) + ": " + what);
    }

    void key(const Object& entry)
    {
        const auto text = text_of(entry, "key");
        if (!text.empty())
            check(keys.insert(text_of(entry, "agent") + '\n' + text).second,
                  "an idempotency key a second time");
    }

    std::vector<std::pair<CapKey, std::int64_t>> charge(const Object& entry, std::int64_t hold,
                                                        const Share& money)
    {
        std::vector<std::pair<CapKey, std::int64_t>> charged;
        for (const auto& item : entry.at("caps").as_array()) {
            const auto& cap = item.as_object();
            const auto kind = text_of(cap, "kind");
            const auto window = text_of(cap, "window");
            const CapKey name{text_of(cap, "budget"), kind, text_of(cap, "scope"),
                              window.empty() ? 0 : time_of(window)};
            auto& counter = caps[name];
            counter.let_leave(now_);
            const auto calls = counts_calls(kind);
            auto share = calls ? Share{.spent = 1} : money;
            const auto span = span_of(kind);
            const std::pair place{hold, seq_};
            if (span > 0) {
                share.leaves_at = now_ + span;
                counter.leaving.insert({share.leaves_at, place});
            }
            counter.shares[place] = share;
            counter.held += share.held;
            counter.spent += share.spent;
            const auto limit = cap.at("limit").as_int64();
            check(counter.held + counter.spent <= limit,
                  "cap " + std::get<0>(name) + " " + kind +
                      " passed: " + std::to_string(counter.held) + " + " +
                      std::to_string(counter.spent) + " > " + std::to_string(limit));
            if (!calls) charged.emplace_back(name, limit);
        }
        return charged;
    }

    void hold(const Object& entry, const std::string& state)
    {
        const auto id = text_of(entry, "txId");
        const auto amount = micro_of(text_of(entry, "amount"));
        check(!taken.contains(id), "a txId a second time");
        taken[id] = {.seq = seq_,
                     .amount = amount,
                     .max_capture = micro_of(text_of(entry, "maxCapture")),
                     .expires_at = time_of(text_of(entry, "expiresAt")),
                     .caps = charge(entry, seq_, {.held = amount})};
        result_.holds[id] = {
            .state = state, .amount = amount, .captured = 0, .key = text_of(entry, "key")};
    }

    void grant(const Object& entry, Taken& hold, AuditedHold& now)
    {
        check(now.state == "awaiting_approval", "approved in the state " + now.state);
        check(hold.expires_at > now_, "approved after its time");
        check(micro_of(text_of(entry, "maxCapture")) == hold.amount, "approved for more");
        now.state = "open";
        hold.expires_at = time_of(text_of(entry, "expiresAt"));
    }

    void end(const Object& entry, const std::string& kind, const Taken& hold, AuditedHold& now)
    {
        const bool late = kind == "settled_late";
        const bool is_no = kind == "approval_denied" || kind == "approval_timed_out";
        const auto from = late ? "expired" : is_no ? "awaiting_approval" : "open";
        const bool gives_back = kind == "voided" && now.state == "awaiting_approval";
        check(now.state == from || gives_back, kind + " from the state " + now.state);
        now.state = late ? "settled" : is_no ? "denied" : kind;
        if (kind == "approval_denied") check(hold.expires_at > now_, "denied after its time");
        if (kind == "expired" || kind == "approval_timed_out")
            check(hold.expires_at <= now_, "expired before its time");
        if (kind == "settled" || kind == "voided")
            check(hold.expires_at > now_, kind + " after its time");
        if (kind == "settled" || late) now.captured = micro_of(text_of(entry, "actual"));
        check(now.captured <= hold.max_capture, "captured more than allowed");
        result_.captured += now.captured;
        if (late) {
            charge(entry, hold.seq, {.spent = now.captured});
            return;
        }
        for (const auto& [name, limit] : hold.caps) {
            auto& counter = caps[name];
            counter.let_leave(now_);
            auto& share = counter.shares.at({hold.seq, hold.seq});
            const bool counts = share.leaves_at == 0 || share.leaves_at > now_;
            if (counts) {
                counter.held -= share.held;
                counter.spent += now.captured;
            }
            share.held = 0;
            share.spent = now.captured;
            if (counts && now.captured > hold.amount)
                check(counter.held + counter.spent <= limit,
                      "cap " + std::get<1>(name) + " passed by a settle");
        }
    }

    Audit& result_;
    std::int64_t seq_ = 0;
    std::int64_t now_ = 0;
};

void check_order(const boost::json::value& value, Audit& result, std::int64_t seq)
{
    if (value.is_array())
        for (const auto& item : value.as_array()) check_order(item, result, seq);
    if (!value.is_object()) return;
    std::string last;
    for (const auto& member : value.as_object()) {
        const std::string name{member.key()};
        if (!last.empty() && name <= last)
            result.mistakes.push_back("entry " + std::to_string(seq) + ": members out of order");
        last = name;
        check_order(member.value(), result, seq);
    }
}

// The journal's tree by its own rule: two subtrees of one height become one.
class AuditTree {
public:
    void add(std::string leaf)
    {
        int height = 0;
        while (!parts_.empty() && parts_.back().first == height) {
            leaf = sha256_of("\x01" + parts_.back().second + leaf);
            parts_.pop_back();
            ++height;
        }
        parts_.emplace_back(height, std::move(leaf));
    }
    std::string parts() const
    {
        std::string bytes;
        for (const auto& part : parts_) bytes += part.second;
        return bytes;
    }
    std::string root() const
    {
        std::string node;
        for (auto part = parts_.rbegin(); part != parts_.rend(); ++part)
            node = node.empty() ? part->second : sha256_of("\x01" + part->second + node);
        return node;
    }

private:
    std::vector<std::pair<int, std::string>> parts_;
};

void read_tree(Reader& reader, Audit& result)
{
    std::map<std::int64_t, std::string> roots;
    reader.each("SELECT seq, root FROM head WHERE length(root) > 0",
                [&](Row* row) { roots.emplace(integer(row, 0), text(row, 1)); });
    std::int64_t size = 0;
    std::string parts;
    reader.each("SELECT tree_size, tree FROM meta", [&](Row* row) {
        size = integer(row, 0);
        parts = text(row, 1);
    });
    AuditTree tree;
    if (size > result.entries) result.mistakes.emplace_back("the tree has more than the journal");
    reader.each("SELECT seq, body FROM journal ORDER BY seq", [&](Row* row) {
        const auto seq = integer(row, 0);
        tree.add(sha256_of(std::string(1, '\0') + text(row, 1)));
        if (const auto head = roots.find(seq); head != roots.end() && head->second != tree.root())
            result.mistakes.push_back("the head of entry " + std::to_string(seq) +
                                      " has another root");
        if (seq == size && parts != tree.parts())
            result.mistakes.emplace_back("meta has another tree");
    });
}

void read_journal(Reader& reader, Replay& replay, Audit& result)
{
    std::string head(32, '\0');
    reader.each("SELECT seq, at, body, hash FROM journal ORDER BY seq", [&](Row* row) {
        const auto seq = integer(row, 0);
        if (seq != ++result.entries)
            result.mistakes.push_back("the journal has a gap before " + std::to_string(seq));
        const auto body = text(row, 2);
        head = sha256_of("\x02" + head + sha256_of(std::string(1, '\0') + body));
        if (head != text(row, 3))
            result.mistakes.push_back("the chain breaks at " + std::to_string(seq));
        const auto value = boost::json::parse(body);
        check_order(value, result, seq);
        replay.entry(seq, value.as_object());
        if (replay.last_time != integer(row, 1))
            result.mistakes.push_back("entry " + std::to_string(seq) +
                                      " has another time than its row");
    });
    reader.each("SELECT seq, head, last_time FROM meta", [&](Row* row) {
        if (integer(row, 0) != result.entries)
            result.mistakes.emplace_back("meta names another last entry");
        if (result.entries > 0 && text(row, 1) != head)
            result.mistakes.emplace_back("meta has another head");
        if (integer(row, 2) < replay.last_time)
            result.mistakes.emplace_back("the ledger's time is behind an entry");
    });
}

void compare_holds(Reader& reader, const Replay& replay, Audit& result)
{
    std::map<std::int64_t, std::pair<std::string, const AuditedHold*>> by_seq;
    for (const auto& [id, taken] : replay.taken) by_seq[taken.seq] = {id, &result.holds.at(id)};
    const std::vector<std::string> names{"open",    "settled",           "voided",
                                         "expired", "awaiting_approval", "denied"};
    std::size_t rows = 0;
    reader.each("SELECT seq, state, amount, captured FROM hold", [&](Row* row) {
        ++rows;
        const auto known = by_seq.find(integer(row, 0));
        if (known == by_seq.end()) {
            result.mistakes.push_back("hold " + std::to_string(integer(row, 0)) + " has no entry");
            return;
        }
        const auto& hold = *known->second.second;
        if (names.at(static_cast<std::size_t>(integer(row, 1))) != hold.state ||
            integer(row, 2) != hold.amount || integer(row, 3) != hold.captured)
            result.mistakes.push_back("hold " + known->second.first + " is not as its entries say");
    });
    if (rows != by_seq.size()) result.mistakes.emplace_back("holds are missing");
    if (reader.number("SELECT COUNT(*) FROM hold h WHERE (h.state IN (0, 4)) != EXISTS (SELECT 1 "
                      "FROM open_hold o "
                      "WHERE o.seq = h.seq AND o.expires_at = h.expires_at)") != 0 ||
        reader.number("SELECT COUNT(*) FROM open_hold") !=
            reader.number("SELECT COUNT(*) FROM hold WHERE state IN (0, 4)"))
        result.mistakes.emplace_back("the due list is not the open holds");
    if (static_cast<std::size_t>(reader.number("SELECT COUNT(*) FROM request")) >
        replay.keys.size())
        result.mistakes.emplace_back("more idempotency keys than entries with keys");
    std::set<std::string> known;
    reader.each("SELECT agent, request_key FROM request",
                [&](Row* row) { known.insert(text(row, 0) + '\n' + text(row, 1)); });
    for (const auto& key : known)
        if (!replay.keys.contains(key)) result.mistakes.emplace_back("a key without an entry");
}

void compare_counters(Reader& reader, Replay& replay, Audit& result)
{
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> windows;  // counter: held, spent
    std::map<std::int64_t, std::set<std::pair<std::int64_t, std::int64_t>>>
        entries;  // (leaves, hold)
    reader.each("SELECT counter, leaves_at, hold, held, spent FROM window_entry", [&](Row* row) {
        auto& sums = windows[integer(row, 0)];
        sums.first += integer(row, 3);
        sums.second += integer(row, 4);
        entries[integer(row, 0)].insert({integer(row, 1), integer(row, 2)});
    });
    const auto now = reader.number("SELECT last_time FROM meta");
    std::set<CapKey> seen;
    reader.each(
        "SELECT id, budget, kind, scope, window_start, held, spent FROM counter", [&](Row* row) {
            const auto id = integer(row, 0);
            const CapKey key{text(row, 1), text(row, 2), text(row, 3), integer(row, 4)};
            const auto held = integer(row, 5);
            const auto spent = integer(row, 6);
            const auto name = std::get<0>(key) + " " + std::get<1>(key) + " " + std::get<2>(key);
            if (held < 0 || spent < 0)
                result.mistakes.push_back("counter " + name + " is negative");
            const bool rolling = span_of(std::get<1>(key)) > 0;
            if (rolling && windows[id] != std::pair{held, spent})
                result.mistakes.push_back("counter " + name + " is not the sum of its window");
            if (!seen.insert(key).second)
                result.mistakes.push_back("counter " + name + " stands twice");
            const auto cap = replay.caps.find(key);
            if (cap == replay.caps.end()) return;  // counted, but never under a limit
            if (!rolling) {
                if (held != cap->second.held || spent != cap->second.spent)
                    result.mistakes.push_back("counter " + name + " is " + std::to_string(held) +
                                              " + " + std::to_string(spent) + ", its entries say " +
                                              std::to_string(cap->second.held) + " + " +
                                              std::to_string(cap->second.spent));
                return;
            }
            // Shares that have left may still be stored; those that count must be.
            for (const auto& [place, share] : cap->second.shares)
                if (share.leaves_at > now && share.held + share.spent > 0 &&
                    !entries[id].contains({share.leaves_at, place.first}))
                    result.mistakes.push_back("counter " + name + " lost a share");
        });
    for (const auto& [key, cap] : replay.caps)
        if (!seen.contains(key) && cap.held + cap.spent > 0)
            result.mistakes.push_back("counter " + std::get<0>(key) + " " + std::get<1>(key) +
                                      " is missing");
}

void check_money(Reader& reader, Audit& result)
{
    const auto moved = reader.number("SELECT COALESCE(SUM(amount), 0) FROM transfer");
    // Those of no hold are payouts: audit_payouts.cpp.
    if (reader.number("SELECT COALESCE(SUM(amount), 0) FROM transfer WHERE hold != 0") !=
        result.captured)
        result.mistakes.emplace_back("transfers are not what was captured");
    if (reader.number("SELECT COALESCE(SUM(debits), 0) FROM account") != moved ||
        reader.number("SELECT COALESCE(SUM(credits), 0) FROM account") != moved)
        result.mistakes.emplace_back("debits, credits and transfers differ");
    if (reader.number("SELECT COUNT(*) FROM account a WHERE a.debits != (SELECT "
                      "COALESCE(SUM(amount), 0) FROM "
                      "transfer WHERE debit = a.id) OR a.credits != (SELECT COALESCE(SUM(amount), "
                      "0) FROM transfer "
                      "WHERE credit = a.id)") != 0)
        result.mistakes.emplace_back("an account is not the sum of its transfers");
    if (reader.number("SELECT COUNT(*) FROM (SELECT hold FROM transfer WHERE hold != 0 GROUP BY "
                      "hold HAVING COUNT(*) > 1)") != 0)
        result.mistakes.emplace_back("a hold was paid twice");
}
}  // namespace

std::string Audit::text() const
{
    std::string all;
    for (std::size_t i = 0; i < mistakes.size() && i < 12; ++i) all += mistakes[i] + "\n";
    if (mistakes.size() > 12) all += "... " + std::to_string(mistakes.size()) + " in all\n";
    return all;
}

Audit audit(const std::string& folder)
{
    Audit result;
    try {
        Reader reader{folder + "/ledger.db"};
        reader.each("PRAGMA integrity_check", [&](Row* row) {
            if (text(row, 0) != "ok") result.mistakes.push_back("integrity_check: " + text(row, 0));
        });
        Replay replay{result};
        read_journal(reader, replay, result);
        read_tree(reader, result);
        compare_holds(reader, replay, result);
        compare_counters(reader, replay, result);
        check_money(reader, result);
        audit_payouts(reader, result);
    } catch (const std::exception& error) {
        result.mistakes.emplace_back(error.what());
    }
    return result;
}

}  // namespace purse::test
