// SPDX-License-Identifier: Apache-2.0
// One transaction of a run: what is made to go wrong in it, what has become of each call, and
// whether the shadow agrees.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "ledger/calendar.hpp"
#include "tests/sim/judge.hpp"
#include "tests/sim/run.hpp"

namespace purse::sim {

namespace {
/// Whether an answer tells of something that was written now. What was only looked up leaves no
/// trace: another process may be behind it.
bool is_new(const Call& call)
{
    if (!call.is_done || call.fault) return false;
    if (call.kind == Call::Kind::operate) return call.said == "done";
    if (call.kind == Call::Kind::status || !call.reply) return false;
    const auto* at = call.reply->if_contains("at");
    // What concerns no hold of the caller is not worth an entry.
    const auto* reason = call.reply->if_contains("reason");
    if (reason != nullptr && reason->as_string() == "hold_unknown") return false;
    return at != nullptr && !call.reply->contains("replayed") &&
           std::string_view{at->as_string()} == to_rfc3339({call.now});
}

std::string words_of(const Call& call)
{
    std::string text = std::string{call.name()} + " " + call.who.agent + " ";
    if (call.kind == Call::Kind::operate) return text + call.act;
    if (call.kind == Call::Kind::follow_up) return text + call.settle.tx + " " + call.answered;
    return text + call.arguments;
}
}  // namespace

/// Before a trouble that may leave two pasts there must be one.
bool Run::has_one_past()
{
    if (pasts_.size() == 1) return true;
    // Mostly they are told apart by what is asked anyway.
    if (!dice_.odds(1, 4)) return false;
    is_calm_ = true;
    resolve();
    if (pasts_.size() > 1) look_at_all();
    is_calm_ = false;
    return pasts_.size() == 1;
}

Run::Trouble Run::arm(Process& process)
{
    using Kind = StoreError::Kind;
    using Store = test::FaultStore;
    using Disk = test::FaultDisk;
    if (is_calm_) return Trouble::none;
    // Many calls lead to a commit; half of all faults are at the commit itself.
    const auto nth = dice_.odds(1, 2) ? Store::kCommit : static_cast<int>(dice_.between(1, 300));
    const auto commit = dice_.odds(1, 2) ? Store::Commit::stored : Store::Commit::lost;
    if (dice_.odds(plan_.crashes, 1000)) {
        process.store().crash_at(nth, commit);
        return Trouble::store;
    }
    if (dice_.odds(plan_.store_faults, 1000)) {
        static constexpr std::array kKinds{Kind::busy, Kind::failed, Kind::in_doubt};
        const auto kind = kKinds.at(any(kKinds.size()));
        process.store().fail_at(kind == Kind::busy ? 1 : nth, kind,
                                kind == Kind::in_doubt ? commit : Store::Commit::lost);
        return Trouble::store;
    }
    if (dice_.odds(plan_.power_cuts, 1000)) return Trouble::power;
    if (!dice_.odds(plan_.disk_faults, 1000)) return Trouble::none;
    switch (dice_.between(1, 4)) {
        case 1:
            faulty_disk_.fail(Disk::Call::write, static_cast<int>(dice_.between(1, 60)),
                              dice_.odds(1, 2) ? SQLITE_FULL : SQLITE_IOERR_WRITE);
            break;
        case 2: faulty_disk_.fail(Disk::Call::sync, 1, SQLITE_IOERR_FSYNC); break;
        case 3: faulty_disk_.fail(Disk::Call::truncate, 1, SQLITE_IOERR_TRUNCATE); break;
        default:
            faulty_disk_.fail(Disk::Call::shm, static_cast<int>(dice_.between(1, 20)),
                              dice_.odds(1, 2) ? SQLITE_BUSY : SQLITE_IOERR_SHMLOCK);
    }
    return Trouble::disk;
}

void Run::transact(std::size_t place, Calls& calls)
{
    const bool may_split = is_calm_ || has_one_past();
    auto& process = this->process(place);
    for (auto& call : calls) process.submit(*call);
    ahead_ = std::max(ahead_, clock_.wall().us - clock_.boot().us);
    const auto log_before = disk_.log().size();
    const auto trouble = may_split ? arm(process) : Trouble::none;
    const bool lives = process.commit();
    const bool is_closed = process.is_closed;
    if (trouble == Trouble::power) {
        if (!is_closed) check_no_fault(calls);
        return lose_power(place, log_before, calls);
    }
    const bool has_failed = process.store().hit() || faulty_disk_.faults() > 0;
    if (has_failed) {
        const auto* what = trouble == Trouble::disk ? "disk faults" : "store faults";
        report_.count("events");
        report_.count(lives ? what : "crashes");
        report_.tell(lives ? what : "process " + std::to_string(place) + " dies");
    }
    if (!has_failed && !is_closed) check_no_fault(calls);
    faulty_disk_.heal();
    settle_fates(process, calls);
    process.store().fail_at(0, StoreError::Kind::failed);
    if (!lives) drop(place);
    // What a failed commit left in the log is read again only when everybody begins anew.
    if (trouble == Trouble::disk && has_failed && dice_.odds(1, 2)) {
        report_.tell("all processes end");
        for (std::size_t i = 0; i < processes_.size(); ++i) restart(i);
    }
    let_read(calls);
}

void Run::lose_power(std::size_t place, std::size_t log_before, Calls& calls)
{
    const auto& log = disk_.log();
    const auto point = log_before + any(log.size() - log_before + 1);
    auto image = log.image_after_power_cut(point, dice_);
    report_.count("events");
    report_.count("power cuts");
    report_.tell("the power is cut at " + std::to_string(point - log_before) + " of " +
                 std::to_string(log.size() - log_before) + " writes and syncs of process " +
                 std::to_string(place));
    disk_.cut_power(dice_);
    for (std::size_t i = 0; i < processes_.size(); ++i) drop(i);
    disk_.restart_from(std::move(image));
    for (auto& call : calls) {
        // Nobody has read an answer: without power there is none.
        if (call->attempt != 0 || !call->is_done) call->fault = StoreError::Kind::in_doubt;
        call->reply.reset();
    }
    split(calls);
    let_read(calls);
}

void Run::tell(const Call& call, const char* fate)
{
    if (!report_.is_loud && !is_wrong()) return;
    report_.tell("  " + std::string{fate} + words_of(call) + " -> " +
                 (call.reply ? boost::json::serialize(*call.reply) : call.said));
}

/// What has become of each call: it happened, or not, or nobody knows.
void Run::settle_fates(Process& process, Calls& calls)
{
    const auto& store = process.store();
    Calls unknown;
    for (auto& call : calls) {
        if (is_wrong()) return;
        const bool is_in_doubt = call->fault == StoreError::Kind::in_doubt;
        if (is_in_doubt) process.is_closed = true;
        if (call->fault) check_fault(*call);
        const bool is_answered = call->is_done && !call->fault;
        const bool ran_last = call->attempt == store.begun() && call->attempt != 0;
        if (is_answered || (ran_last && store.was_stored())) {
            happened(*call);
            tell(*call, is_answered ? "" : "[stored, not told] ");
        } else if (ran_last && is_in_doubt && !store.hit()) {
            tell(*call, "[in doubt] ");
            unknown.push_back(std::move(call));
        } else {
            tell(*call, "[nothing] ");
        }
    }
    if (unknown.empty()) return;
    split(unknown);
    for (auto& call : calls)
        if (!call) call = std::move(unknown.front()), unknown.erase(unknown.begin());
}

void Run::split(const Calls& calls)
{
    if (std::ranges::none_of(calls, [](const auto& call) { return call->attempt != 0; })) return;
    report_.count("unknown fates");
    auto with = pasts_;
    for (auto& past : with)
        for (const auto& call : calls) {
            if (call->attempt == 0) continue;
            past.set_time(call->now);
            if (call->is_tool() && plan_.by_file) past.set_policy(operators_.in_file());
            judge(past, *call);
        }
    for (auto& past : with)
        if (std::ranges::none_of(pasts_, [&](const Shadow& known) { return known.is_like(past); }))
            pasts_.push_back(std::move(past));
}

/// Where nothing was made to fail, the ledger has no reason to.
void Run::check_no_fault(const Calls& calls)
{
    for (const auto& call : calls) {
        if (!call->fault) continue;
        fail("the ledger fails without a cause");
        tell(*call, "");
    }
}

/// What a fault is told as: nothing was done, or in doubt.
void Run::check_fault(Call& call)
{
    if (!call.reply) return;
    const auto reason = std::string{call.reply->at("reason").as_string()};
    const bool is_busy = call.fault == StoreError::Kind::busy;
    if (reason != (is_busy ? "busy" : "ledger_unavailable"))
        fail("a fault of the ledger is told as " + reason);
    report_.mix(boost::json::serialize(*call.reply));
    call.reply.reset();
}

void Run::happened(const Call& call)
{
    if (call.attempt != 0) check_time(call);
    const bool is_told = call.is_done && !call.fault;
    std::string differs;
    std::erase_if(pasts_, [&](Shadow& past) {
        if (call.attempt != 0) {
            past.set_time(call.now);
            // Whoever calls a tool has the file looked at first.
            if (call.is_tool() && plan_.by_file) past.set_policy(operators_.in_file());
        }
        differs = judge(past, call);
        return !differs.empty();
    });
    if (call.is_tool() && plan_.by_file && call.attempt != 0)
        operators_.note_in_force(operators_.in_file());
    report_.count("checks");
    if (is_told && call.reply) {
        const auto text = boost::json::serialize(*call.reply);
        report_.mix(text);
        const auto* ok = call.reply->if_contains("ok");
        const bool is_yes = ok != nullptr && ok->as_bool();
        report_.count(is_yes ? "answers: yes" : "answers: no");
        if (!is_yes) report_.count("no: " + std::string{call.reply->at("reason").as_string()});
    }
    report_.mix(call.said);
    if (!pasts_.empty()) return;
    pasts_.emplace_back();
    fail(differs);
}

void Run::check_time(const Call& call)
{
    const auto wall = clock_.wall().us;
    const auto most = std::max(wall, clock_.boot().us + ahead_);
    if (call.now < wall) fail("the ledger's time is behind the wall clock");
    if (call.now < pinned_) fail("the ledger's time has fallen");
    if (call.now > most) fail("the ledger's time is further than any clock was");
    if (is_new(call)) pinned_ = call.now;
}

void Run::let_read(Calls& calls)
{
    for (auto& call : calls) clients_.read(*call);
}

void Run::one(std::unique_ptr<Call> call)
{
    Calls calls;
    calls.push_back(std::move(call));
    transact(any(processes_.size()), calls);
}

}  // namespace purse::sim
