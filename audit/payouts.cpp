// SPDX-License-Identifier: Apache-2.0
// Debts and payouts: every sum anew from its parts, and every payout's way from its entries.
#include <boost/json/parse.hpp>
#include <map>
#include <set>

#include "audit/tables.hpp"
#include "audit/words.hpp"

namespace purse::auditor {

namespace {
/// States as the file has them.
enum State : std::int64_t {
    kQueued,
    kSigned,
    kSent,
    kIncluded,
    kFinal,
    kHeld,
    kExpired,
    kCanceled,
};

struct Payout {
    std::int64_t id, k, value, start, state, slot, block, seen, asked;
    std::size_t signature, tx, block_hash;

    bool is_dead() const { return state >= kExpired; }
    bool is_in_block() const { return state == kIncluded || state == kFinal; }
};

struct Payee {
    std::string address;
    std::int64_t owed = 0, covered = 0, included = 0, paid = 0, next_k = 0, pending = 0;
    std::int64_t treasury = 0, is_waiting = 0;
};

class PayoutBooks {
public:
    PayoutBooks(LedgerFile& file, Findings& findings) : file_{file}, findings_{findings} {}

    void check()
    {
        read();
        for (const auto& [id, payee] : payees_) check(id, payee);
        check_treasuries();
        check_slots();
        check_entries();
    }

private:
    void require(bool good, const std::string& what)
    {
        if (!good) findings_.wrong(0, "payouts: " + what);
    }

    void read()
    {
        file_.each(
            "SELECT id, address, owed, covered, included, paid, next_k, pending, treasury, waiting "
            "FROM payee",
            [&](const Row& row) {
                payees_[row.integer(0)] = {row.text(1),    row.integer(2), row.integer(3),
                                           row.integer(4), row.integer(5), row.integer(6),
                                           row.integer(7), row.integer(8), row.integer(9)};
            });
        file_.each(
            "SELECT payee, id, k, value, start, state, slot, block, seen, signature, tx, "
            "block_hash, asked FROM payout ORDER BY payee, k",
            [&](const Row& row) {
                payouts_[row.integer(0)].push_back(
                    {row.integer(1), row.integer(2), row.integer(3), row.integer(4), row.integer(5),
                     row.integer(6), row.integer(7), row.integer(8), row.integer(12),
                     row.text(9).size(), row.text(10).size(), row.text(11).size()});
            });
    }

    void check(std::int64_t id, const Payee& payee)
    {
        const auto name = "payee " + payee.address + ": ";
        std::int64_t owed = 0;
        file_.each(
            "SELECT amount, upto FROM debt WHERE payee = " + std::to_string(id) + " ORDER BY seq",
            [&](const Row& row) {
                owed += row.integer(0);
                require(row.integer(1) == owed, name + "a debt ends elsewhere");
            });
        require(payee.owed == owed, name + "owed is not the sum of its debts");
        std::int64_t covered = 0, included = 0, paid = 0, k = 0;
        bool is_pending_known = payee.pending == 0;
        for (const auto& payout : payouts_[id]) {
            const auto which = name + "payout " + std::to_string(payout.id) + " ";
            require(payout.k == k++, which + "has another number than its place");
            check(payout, which);
            if (payout.id == payee.pending)
                is_pending_known =
                    !payout.is_dead() && (!payout.is_in_block() || payout.value != payout.asked);
            if (payout.is_dead()) continue;
            require(payout.start == covered, which + "does not begin where the one before ends");
            covered += payout.value;
            included += payout.is_in_block() ? payout.value : 0;
            paid += payout.state == kFinal ? payout.value : 0;
        }
        require(payee.next_k == k, name + "the next number leaves a gap or is taken");
        require(is_pending_known, name + "the pending payout is not open");
        require(payee.covered == covered, name + "covered is not the sum of its payouts");
        require(payee.included == included, name + "included is not the sum of its payouts");
        require(payee.paid == paid, name + "paid is not the sum of its payouts");
        require(payee.is_waiting == (payee.owed > payee.covered && payee.pending == 0),
                name + "waits, or does not, against its sums");
        sums_[payee.treasury].first += std::max(payee.owed, payee.covered);
    }

    void check(const Payout& payout, const std::string& which)
    {
        require(payout.signature == 0 || payout.signature == 65, which + "is half signed");
        if (payout.state == kSigned || payout.state == kSent)
            require(payout.signature == 65, which + "is not signed");
        require((payout.state == kQueued || payout.state == kSigned) ? payout.slot == 0 : true,
                which + "has a transaction too soon");
        require(payout.state == kSent ? payout.slot != 0 : true, which + "is sent by none");
        require(payout.is_in_block()
                    ? payout.tx == 32 && payout.block_hash == 32 && payout.block != 0
                    : payout.tx == 0 && payout.block_hash == 0 && payout.block == 0,
                which + "says wrongly where it is");
        require(payout.seen == 0 || payout.is_in_block(), which + "is seen and not there");
        require(payout.state == kFinal ? payout.seen == 1 : true, which + "is final unseen");
        states_[payout.id] = payout;
    }

    void check_treasuries()
    {
        for (const auto& [payee, payouts] : payouts_)
            for (const auto& payout : payouts)
                if (payout.seen != 0) sums_[payees_[payee].treasury].second += payout.value;
        file_.each("SELECT id, owed, paid_seen FROM treasury", [&](const Row& row) {
            require(row.integer(1) == sums_[row.integer(0)].first,
                    "a treasury owes another sum than its payees have");
            require(row.integer(2) == sums_[row.integer(0)].second,
                    "a treasury has seen another sum than its payouts");
        });
    }

    void check_slots()
    {
        std::map<std::int64_t, std::int64_t> versions;
        file_.each("SELECT slot, version FROM attempt ORDER BY slot, version", [&](const Row& row) {
            require(row.integer(1) == ++versions[row.integer(0)], "a version is missing");
        });
        std::set<std::int64_t> live;
        file_.each("SELECT id, state FROM slot", [&](const Row& row) {
            require(versions.contains(row.integer(0)), "a transaction has no bytes");
            if (row.integer(1) == 0) live.insert(row.integer(0));
        });
        for (const auto& [id, payout] : states_)
            require(payout.slot == 0 || versions.contains(payout.slot),
                    "payout " + std::to_string(id) + " is in a transaction that is not there");
    }

    /// What an entry says is done, and to which state it leads.
    void check_entries()
    {
        struct Told {
            std::int64_t state = kQueued;
            std::string value;
        };
        std::map<std::int64_t, Told> told;
        std::map<std::int64_t, std::int64_t> finals;  // entry: payout
        const std::map<std::string, std::int64_t> leads{
            {"payout_queued", kQueued},     {"payout_sent", kSent},
            {"payout_held", kHeld},         {"payout_cancel_sent", kHeld},
            {"payout_released", kSigned},   {"payout_included", kIncluded},
            {"payout_taken_back", kSigned}, {"payout_included_other_amount", kIncluded},
            {"payout_final", kFinal},       {"payout_expired", kExpired},
            {"payout_canceled", kCanceled}};
        file_.each("SELECT seq, body FROM journal ORDER BY seq", [&](const Row& row) {
            const auto entry = boost::json::parse(row.text(1)).as_object();
            const std::string kind{entry.at("kind").as_string()};
            if (!kind.starts_with("payout_")) return;
            const auto to = leads.find(kind);
            require(to != leads.end(), "an entry of the unknown kind " + kind);
            if (to == leads.end()) return;
            const auto id = entry.at("payout").as_int64();
            require(told.contains(id) == (kind != "payout_queued"),
                    "payout " + std::to_string(id) + " begins twice or never");
            const auto before = told[id].state;
            require(before != kFinal && before < kExpired,
                    "payout " + std::to_string(id) + " goes on after its end");
            require(
                (before == kIncluded) == (kind == "payout_final" || kind == "payout_taken_back"),
                "payout " + std::to_string(id) + ": " + kind + " at the wrong time");
            told[id] = {to->second, std::string{entry.at("value").as_string()}};
            if (kind == "payout_final") finals[row.integer(0)] = id;
        });
        require(told.size() == states_.size(), "payouts and their entries differ in number");
        for (const auto& [id, payout] : states_) {
            const auto end = told[id].state;
            if (payout.state >= kIncluded || end >= kIncluded)
                require(payout.state == end, "payout " + std::to_string(id) + " is in state " +
                                                 std::to_string(payout.state) +
                                                 ", its entries say " + std::to_string(end));
        }
        std::size_t booked = 0;
        file_.each(
            "SELECT t.seq, t.amount, d.name, c.name FROM transfer t JOIN account d ON d.id = "
            "t.debit JOIN account c ON c.id = t.credit WHERE t.hold = 0",
            [&](const Row& row) {
                ++booked;
                const auto final = finals.find(row.integer(0));
                require(final != finals.end(), "a transfer of no hold and no payout");
                if (final == finals.end()) return;
                require(states_[final->second].value == row.integer(1),
                        "a payout's transfer is of another amount");
                require(row.text(2).starts_with("payee/") && row.text(3).starts_with("treasury/"),
                        "a payout's transfer is between other accounts");
            });
        require(booked == finals.size(), "a final payout has no transfer");
    }

    LedgerFile& file_;
    Findings& findings_;
    std::map<std::int64_t, Payee> payees_;
    std::map<std::int64_t, std::vector<Payout>> payouts_;
    std::map<std::int64_t, Payout> states_;                               // by id
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> sums_;  // owed, seen
};
}  // namespace

void compare_payouts(LedgerFile& file, Findings& findings)
{
    PayoutBooks{file, findings}.check();
}

}  // namespace purse::auditor
