// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/run.hpp"

#include <algorithm>
#include <exception>

namespace purse::sim {

namespace {
constexpr Us kSecond = 1'000'000;
constexpr Us kHour = 3'600 * kSecond;
constexpr Us kDay = 24 * kHour;

Instant start_of(Dice& dice)
{
    // Somewhere in the years 2025 to 2029.
    return {1'735'689'600'000'000 + dice.between(0, 5LL * 365 * 86'400 * 1'000'000)};
}

}  // namespace

Run::Run(const Plan& plan)
    : plan_{plan},
      dice_{plan.seed},
      disk_{{.seed = plan.seed,
             .history = plan.power_cuts > 0 ? test::SimDisk::History::kept
                                            : test::SimDisk::History::dropped}},
      clock_{start_of(dice_)},
      key_{folder_ / "journal.key"},
      operators_{plan_, dice_},
      clients_{plan_, dice_}
{
    report_.is_loud = plan.is_loud;
    processes_.resize(static_cast<std::size_t>(plan.processes));
    if (plan.has_chain) payer_ = std::make_unique<Payer>(plan_, clock_);
    pasts_.emplace_back(plan.has_chain);
    ahead_ = clock_.wall().us - clock_.boot().us;
}

Report Run::go()
try {
    begin();
    anything_goes();
    if (!is_wrong()) everything_ends();
    processes_.clear();
    if (!is_wrong()) audit_all();
    report_.count("lies", clients_.lies);
    report_.count("asked again", clients_.repeats);
    report_.count("answers not read", clients_.vanished);
    return std::move(report_);
} catch (const std::exception& error) {
    processes_.clear();
    fail(std::string{"an exception: "} + error.what());
    return std::move(report_);
}

void Run::fail(const std::string& what)
{
    if (report_.wrong.empty()) report_.wrong = what;
    report_.tell("WRONG: " + what);
}

Process& Run::process(std::size_t place)
{
    if (!processes_[place])
        processes_[place] = std::make_unique<Process>(
            Process::World{.folder = folder_.path(),
                           .clock = clock_,
                           .file = operators_.file(),
                           .signer = plan_.has_heads ? &key_ : nullptr,
                           .funding = payer_ ? &payer_->funding() : nullptr},
            plan_.seed * 1000 + ++lives_);
    return *processes_[place];
}

void Run::drop(std::size_t place)
{
    if (payer_ && place == paying_) payer_->forget();
    processes_[place].reset();
}

void Run::restart(std::size_t place)
{
    drop(place);
    report_.count("restarts");
    report_.count("events");
}

void Run::begin()
{
    is_calm_ = true;
    if (auto policy = operators_.begin()) one(std::move(policy));
    if (plan_.by_file) pasts_.front().set_policy(operators_.in_file());
    for (int agent = 1; agent <= plan_.agents && !is_wrong(); ++agent)
        for (auto left = dice_.between(1, 2); left > 0; --left) {
            Login login;
            one(operators_.issue("a" + std::to_string(agent), 0, login));
            clients_.add(std::move(login));
        }
    // Until the treasury's balance is known nothing is allowed.
    if (payer_)
        for (int i = 0; i < 20; ++i) {
            pass(kSecond);
            pay();
        }
    is_calm_ = false;
}

void Run::anything_goes()
{
    while (report_.events() < plan_.events && !is_wrong()) round();
}

void Run::round()
{
    move_time();
    cause_trouble();
    auto calls = draw_batch();
    transact(any(processes_.size()), calls);
    if (payer_ && !is_wrong() && dice_.odds(1, 4)) pay();
}

void Run::pay()
{
    if (!processes_[paying_] || processes_[paying_]->is_closed || dice_.odds(1, 50)) {
        // Another process takes over.
        payer_->forget();
        paying_ = any(processes_.size());
        if (processes_[paying_] && processes_[paying_]->is_closed) return;
    }
    auto& process = this->process(paying_);
    ahead_ = std::max(ahead_, clock_.wall().us - clock_.boot().us);
    if (!is_calm_ && dice_.odds(plan_.crashes, 1000))
        payer_->crash_in = static_cast<int>(dice_.between(1, 6));
    report_.count("events");
    report_.count("engine rounds");
    try {
        payer_->tick(process, [this](Us now) {
            for (auto& past : pasts_) past.set_time(now);
        });
    } catch (const test::StoreCrash&) {
        report_.tell("process " + std::to_string(paying_) + " dies while it pays");
        report_.count("events");
        report_.count("crashes");
        drop(paying_);
    }
    payer_->crash_in = 0;
    for (const auto* payee : kPayees)
        if (payer_->paid_to(payee) > pasts_.back().captured_of(payee))
            fail(std::string{payee} + " was paid more than was settled");
}

void Run::pass(Us us)
{
    clock_.pass({us});
    if (payer_) {
        unpassed_ += us;
        payer_->pass(static_cast<std::uint64_t>(unpassed_ / kSecond));
        unpassed_ %= kSecond;
    }
    report_.simulated_us += us;
    report_.count("events");
    report_.count("clock steps");
}

void Run::move_time()
{
    if (dice_.odds(plan_.jumps, 1000)) {
        static constexpr std::array<Us, 6> kJumps{kSecond, 60 * kSecond, kHour,
                                                  kDay,    30 * kDay,    400 * kDay};
        const auto jump = kJumps.at(any(kJumps.size())) * (dice_.odds(1, 2) ? 1 : -1);
        clock_.jump({jump});
        report_.count("events");
        report_.count("clock jumps");
        report_.tell("the clock jumps by " + std::to_string(jump / kSecond) + " s");
    }
    if (dice_.odds(plan_.leaps, 1000)) return pass(dice_.between(1, 100) * kHour);
    switch (dice_.between(1, 8)) {
        case 1: return pass(dice_.between(1, 1'000));
        case 2: return pass(dice_.between(1, 120) * kSecond);
        case 3: return pass(dice_.between(1, 2'000'000));
        case 4: {  // to the microsecond at which a hold is over, or just before it
            const auto& past = pasts_.front();
            if (past.open_holds().empty()) return;
            const auto& holds = past.holds();
            const auto first = static_cast<std::size_t>(*past.open_holds().begin());
            const auto left = holds[first].expires - std::max(past.now(), clock_.wall().us);
            if (left > 0 && left < kDay) pass(left - dice_.between(0, 1));
            return;
        }
        default: return;  // no time at all
    }
}

void Run::cause_trouble()
{
    const auto place = any(processes_.size());
    if (dice_.odds(plan_.restarts, 1000)) {
        report_.tell("process " + std::to_string(place) + " ends and another starts");
        restart(place);
    }
    if (processes_[place] && processes_[place]->is_closed) {
        report_.tell("process " + std::to_string(place) + " is replaced: its ledger is in doubt");
        restart(place);
    }
    if (dice_.odds(1, 60)) idle(place);
    if (dice_.odds(plan_.mishaps, 1000))
        if (const auto what = payer_->mishap(); !what.empty()) {
            report_.count("events");
            report_.count("chain: " + what);
            report_.tell("chain: " + what);
        }
}

Run::Calls Run::draw_batch()
{
    Calls calls;
    for (auto left = dice_.between(1, plan_.batch_max); left > 0; --left) {
        if (dice_.odds(plan_.operating, 1000)) {
            report_.count("events");
            report_.count("operator acts");
            if (auto act = operators_.next(clients_, pasts_.front().now()))
                calls.push_back(std::move(act));
            continue;
        }
        calls.push_back(clients_.next(pasts_.front().now()));
        report_.count("events");
        report_.count(std::string{"requests: "} + calls.back()->name());
    }
    return calls;
}

/// Whatever is due ends first, at a time that is known; then the ledger tidies up.
void Run::idle(std::size_t place)
{
    if (!processes_[place] || processes_[place]->is_closed) return;
    const bool was_calm = std::exchange(is_calm_, true);
    Calls calls;
    calls.push_back(std::make_unique<Call>());
    transact(place, calls);
    processes_[place]->idle();
    is_calm_ = was_calm;
    report_.count("events");
    report_.count("idle moments");
}

Report simulate(const Plan& plan)
{
    return Run{plan}.go();
}

}  // namespace purse::sim
