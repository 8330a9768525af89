// SPDX-License-Identifier: Apache-2.0
// The end of a run: nothing goes wrong any more, everything comes to its end, and an independent
// reader adds up what is stored.
#include <algorithm>

#include "ledger/journal_verifier.hpp"
#include "tests/sim/run.hpp"
#include "tests/support/audit.hpp"

namespace purse::sim {

namespace {
constexpr Us kSecond = 1'000'000;
constexpr Us kDay = 24 * 3'600 * kSecond;
}  // namespace

void Run::resolve()
{
    const bool was_calm = std::exchange(is_calm_, true);
    for (int i = 0; i < 10'000 && clients_.has_unanswered() && !is_wrong(); ++i) {
        report_.count("events");
        one(clients_.next_unanswered());
    }
    is_calm_ = was_calm;
}

void Run::look_at_all()
{
    for (const auto& login : clients_.logins()) {
        if (is_wrong()) return;
        auto call = std::make_unique<Call>();
        call->kind = Call::Kind::status;
        call->who = login.who;
        call->secret = login.secret;
        call->arguments = "{}";
        report_.count("events");
        one(std::move(call));
    }
}

void Run::everything_ends()
{
    report_.tell("nothing goes wrong from here on");
    is_calm_ = true;
    plan_.vanishing = plan_.lying = plan_.repeating = 0;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
        restart(i);
        // Where the wall clock was set back, a process's time stands still until its first look.
        process(i);
        idle(i);
    }
    resolve();
    look_at_all();
    if (is_wrong()) return;
    // The longest that a question may wait, and then that a hold may last.
    for (int i = 0; i < 2 && !is_wrong(); ++i) {
        pass(kDay);
        look_at_all();
        auto look = std::make_unique<Call>();
        one(std::move(look));
    }
    check_all_ended();
    if (payer_ && !is_wrong()) pay_all_debts();
}

void Run::pay_all_debts()
{
    constexpr int kRoundsMax = 600;
    payer_->heal();
    const auto is_paid = [this] {
        return std::ranges::all_of(pasts_, [this](const Shadow& past) {
            return std::ranges::all_of(kPayees, [&](const char* payee) {
                return payer_->paid_to(payee) == past.captured_of(payee);
            });
        });
    };
    int rounds = 0;
    for (; rounds < kRoundsMax && !is_wrong() && !(is_paid() && payer_->is_idle()); ++rounds) {
        pass(rounds > 200 ? 20 * kSecond : kSecond);
        pay();
    }
    if (rounds == kRoundsMax) fail("not every debt was paid");
}

void Run::check_all_ended()
{
    if (is_wrong()) return;
    if (pasts_.size() > 1) report_.count("pasts that nobody can tell apart");
    for (const auto& past : pasts_)
        if (!past.open_holds().empty())
            return fail(std::to_string(past.open_holds().size()) + " holds have not ended");
}

void Run::verify_journal()
{
    constexpr std::size_t kSlice = 1'000;
    sqlite::SqliteStore store{{.folder = folder_.path()}};
    const auto tx = store.begin();
    const auto meta = tx->meta();
    JournalVerifier verifier;
    for (std::int64_t seq = 1; seq <= meta.seq;) {
        const auto rows = tx->journal(seq, kSlice);
        if (rows.empty() || !verifier.feed(rows, tx->heads(seq, kSlice))) break;
        seq = rows.back().seq + 1;
    }
    if (!verifier.fault() && verifier.finish(meta)) {
        report_.count("signed heads", static_cast<long>(verifier.heads()));
        return;
    }
    fail("journal: " + (verifier.fault() ? "entry " + std::to_string(verifier.fault()->seq) + " " +
                                               verifier.fault()->what
                                         : std::string{"its end"}));
}

void Run::audit_all()
{
    verify_journal();
    if (is_wrong()) return;
    const auto found = test::audit(folder_.path(), auditor::Rules::judged);
    if (!found.good()) return fail("audit: " + found.text());
    std::string wrong;
    std::erase_if(pasts_, [&](const Shadow& past) {
        std::int64_t captured = 0;
        for (const auto& hold : past.holds()) {
            captured += hold.captured;
            if (hold.tx.empty()) continue;
            const auto stored = found.holds.find(hold.tx);
            if (stored == found.holds.end()) {
                wrong = "hold " + hold.tx + " is gone";
                return true;
            }
            if (stored->second.captured != hold.captured ||
                stored->second.state != name_of(hold.state)) {
                wrong = "hold " + hold.tx + " is stored as " + stored->second.state;
                return true;
            }
        }
        if (captured != found.captured || past.holds().size() != found.holds.size())
            wrong = std::to_string(found.holds.size()) + " holds are stored and " +
                    std::to_string(past.holds().size()) + " were taken";
        return captured != found.captured || past.holds().size() != found.holds.size();
    });
    if (pasts_.empty()) return fail(wrong);
    report_.count("holds", static_cast<long>(found.holds.size()));
    report_.count("journal entries", static_cast<long>(found.entries));
}

}  // namespace purse::sim
