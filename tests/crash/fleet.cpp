// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/fleet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace purse::test {

namespace {
constexpr std::chrono::seconds kPatience{30};
}  // namespace

void Record::hear(const Operation& asked, const Outcome& outcome)
{
    ++answers;
    hear_caps(outcome);
    switch (outcome.kind) {
        case Outcome::Kind::failed: ++failed; return;
        case Outcome::Kind::unexpected: mistake("answered: " + outcome.words); return;
        case Outcome::Kind::refused:
            ++refused;
            if (asked.kind == Operation::Kind::hold && !asked.key.empty() &&
                !tx_of_key_.emplace(asked.key, "").first->second.empty())
                mistake("held, then refused: " + asked.key);
            return;
        case Outcome::Kind::approved: return hear_approved(asked, outcome);
        case Outcome::Kind::settled:
        case Outcome::Kind::voided:
        case Outcome::Kind::lapsed: return hear_end(asked, outcome);
    }
}

void Record::hear_approved(const Operation& asked, const Outcome& outcome)
{
    auto& held = holds_[outcome.tx];
    if (held.amount != 0 && (asked.key.empty() || asked.key != held.key))
        mistake("one txId for two holds: " + outcome.tx);
    if (outcome.amount != asked.amount) mistake("another amount than asked: " + outcome.tx);
    held.amount = outcome.amount;
    held.key = asked.key;
    recent_[asked.party].push_back(outcome.tx);
    if (asked.key.empty()) return;
    const auto [known, is_new] = tx_of_key_.emplace(asked.key, outcome.tx);
    if (known->second != outcome.tx)
        mistake((known->second.empty() ? "refused, then held: " : "two txIds for the key ") +
                asked.key);
}

void Record::hear_end(const Operation& asked, const Outcome& outcome)
{
    ++ends;
    const auto end = outcome.kind == Outcome::Kind::voided ? "voided"
                     : outcome.kind == Outcome::Kind::lapsed
                         ? "lapsed"
                         : "settled " + std::to_string(outcome.amount);
    auto& held = holds_[asked.tx];
    // What has lapsed may be settled late, and the two answers may be heard in any order.
    const bool is_late = (held.end == "lapsed" && end.starts_with("settled")) ||
                         (end == "lapsed" && held.end.starts_with("settled"));
    if (!held.end.empty() && held.end != end && !is_late)
        mistake(asked.tx + " ended as " + held.end + " and as " + end);
    if (held.end.empty() || end != "lapsed") held.end = end;
}

void Record::hear_caps(const Outcome& outcome)
{
    for (const auto& use : outcome.caps) {
        auto& cap = caps_[use.cap];
        cap.used = std::max(cap.used, use.used);
        cap.limit = use.limit;
        cap.refusals += use.refusals;
        if (use.used > use.limit) mistake("passed, it says itself: " + use.cap);
    }
}

std::string Record::some_hold(std::size_t party, Dice& dice) const
{
    const auto known = recent_.find(party);
    if (known == recent_.end()) return {};
    const auto last = static_cast<std::int64_t>(known->second.size()) - 1;
    const auto first = dice.odds(1, 10) ? 0 : std::max<std::int64_t>(0, last - 150);
    return known->second[static_cast<std::size_t>(dice.between(first, last))];
}

Fleet::Fleet(const Speaker& speaker, Settings settings)
    : speaker_{speaker},
      settings_{std::move(settings)},
      dice_{settings_.seed},
      processes_(settings_.processes)
{
    signal(SIGPIPE, SIG_IGN);
    for (std::size_t i = 0; i < processes_.size(); ++i) {
        processes_[i].party = i % settings_.parties;
        start(processes_[i]);
    }
}

Fleet::~Fleet()
{
    for (auto& process : processes_) kill_and_hear(process);
}

void Fleet::start(Process& process)
{
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        throw std::runtime_error{"no pipes left"};
    const auto words = speaker_.command(settings_.folder, process.party);
    process.heard.clear();
    process.has_answered = false;
    process.pid = fork();
    if (process.pid < 0) throw std::runtime_error{"no processes left"};
    if (process.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        std::vector<char*> arguments;
        for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    process.to = in[1];
    process.from = out[0];
    fcntl(process.to, F_SETFL, O_NONBLOCK);
    fcntl(process.from, F_SETFL, O_NONBLOCK);
    // Some die while they open the ledger, most while they work.
    process.dies_at =
        std::chrono::steady_clock::now() +
        std::chrono::microseconds{dice_.between(500, settings_.lifetime_max_ms * 1'000)};
    if (is_ending_) process.dies_at = Time::max();
    const auto greeting = speaker_.greeting();
    if (!greeting.empty() && write(process.to, greeting.data(), greeting.size()) < 0)
        throw std::runtime_error{"a process that cannot be greeted"};
    ask(process);
}

/// Many small amounts and few large ones.
std::int64_t Fleet::amount_from(std::int64_t thousandth) const
{
    const auto cube = thousandth * thousandth * thousandth;
    return std::max<std::int64_t>(1, settings_.amount_max * cube / 1'000'000'000);
}

Operation Fleet::next_operation(std::size_t party)
{
    Operation operation{.id = ++last_id_, .party = party, .key = {}, .task = {}, .tx = {}};
    const auto dice = dice_.between(1, 10);
    if (dice > 5) operation.tx = record_.some_hold(party, dice_);
    if (operation.tx.empty()) {
        operation.task = "t" + std::to_string(dice_.between(1, 40));
        operation.amount = amount_from(dice_.between(1, 1'000));
        if (dice_.odds(settings_.keyed_percent, 100)) {
            // A key's amount and task follow from it: whoever asks, asks the same.
            const auto number = dice_.between(1, 40) + last_id_ / 40 * 40;
            operation.key = "k" + std::to_string(party) + "-" + std::to_string(number);
            operation.amount = amount_from(number * 7'919 % 1'000 + 1);
            operation.task = "t" + std::to_string(number % 40);
        }
        return operation;
    }
    operation.kind = dice == 10 ? Operation::Kind::give_back : Operation::Kind::settle;
    if (operation.kind == Operation::Kind::give_back) return operation;
    const auto held = record_.holds().at(operation.tx).amount;
    operation.amount =
        dice_.odds(1, 4) ? held + dice_.between(0, held / 4) : dice_.between(0, held);
    if (captures_ + operation.amount > settings_.captures_a_kill * (kills_ + 1))
        operation.amount = 0;
    captures_ += operation.amount;
    return operation;
}

bool Fleet::say(Process& process, const Operation& operation)
{
    const auto line = speaker_.say(operation);
    // A line is far below PIPE_BUF, so it is written whole or not at all.
    if (write(process.to, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        return false;
    process.asked.emplace(operation.id, operation);
    return true;
}

void Fleet::ask(Process& process)
{
    while (process.asked.size() < settings_.in_flight) {
        if (!process.again.empty()) {
            if (!say(process, process.again.back())) return;
            process.again.pop_back();
            ++repeats_;
        } else if (is_ending_ || !say(process, next_operation(process.party))) {
            return;
        }
    }
}

void Fleet::repeat_later(Process& process, const Operation& operation)
{
    if (operation.kind != Operation::Kind::hold || !operation.key.empty())
        process.again.push_back(operation);
}

bool Fleet::listen(Process& process)
{
    char bytes[65'536];
    for (;;) {
        const auto count = read(process.from, bytes, sizeof bytes);
        if (count == 0) return false;
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        process.heard.append(bytes, static_cast<std::size_t>(count));
        std::size_t from = 0;
        for (auto end = process.heard.find('\n'); end != std::string::npos;
             end = process.heard.find('\n', from)) {
            const auto outcome = speaker_.hear(process.heard.substr(from, end - from));
            from = end + 1;
            if (!outcome) continue;
            const auto asked = process.asked.find(outcome->id);
            if (asked == process.asked.end()) {
                record_.mistake("an answer to nothing: " + outcome->words);
                continue;
            }
            record_.hear(asked->second, *outcome);
            if (outcome->kind == Outcome::Kind::failed) repeat_later(process, asked->second);
            process.asked.erase(asked);
            process.has_answered = true;
        }
        process.heard.erase(0, from);
    }
}

void Fleet::kill_and_hear(Process& process)
{
    if (process.pid < 0) return;
    kill(process.pid, SIGKILL);
    int status = 0;
    waitpid(process.pid, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        record_.mistake("a process ended by itself, status " + std::to_string(status));
    // What it said before it died was acknowledged.
    listen(process);
    for (const auto& [id, operation] : process.asked) repeat_later(process, operation);
    process.asked.clear();
    close(process.to);
    close(process.from);
    process.pid = -1;
    ++kills_;
    if (process.has_answered) ++working_kills_;
}

void Fleet::turn()
{
    std::vector<pollfd> waits;
    for (const auto& process : processes_)
        waits.push_back({.fd = process.from, .events = POLLIN, .revents = 0});
    poll(waits.data(), waits.size(), 2);
    for (auto& process : processes_) {
        const bool is_there = listen(process);
        if (!is_there) record_.mistake("a process ended before it was killed");
        if (!is_there || std::chrono::steady_clock::now() >= process.dies_at) {
            kill_and_hear(process);
            start(process);
        } else {
            ask(process);
        }
    }
}

bool Fleet::has_questions() const
{
    return std::any_of(processes_.begin(), processes_.end(), [](const auto& process) {
        return !process.asked.empty() || !process.again.empty();
    });
}

void Fleet::part_from(Process& process)
{
    close(process.to);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    bool is_there = listen(process);
    while (is_there && std::chrono::steady_clock::now() < deadline) {
        pollfd wait{.fd = process.from, .events = POLLIN, .revents = 0};
        poll(&wait, 1, 50);
        is_there = listen(process);
    }
    if (is_there) kill(process.pid, SIGKILL);
    int status = 0;
    waitpid(process.pid, &status, 0);
    if (status != 0) record_.mistake("no end in peace, status " + std::to_string(status));
    close(process.from);
    process.pid = -1;
}

void Fleet::end()
{
    for (auto& process : processes_) kill_and_hear(process);
    is_ending_ = true;
    for (auto& process : processes_) start(process);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (has_questions() && std::chrono::steady_clock::now() < deadline) turn();
    if (has_questions()) record_.mistake("requests that nobody would answer");
    for (auto& process : processes_) part_from(process);
}

}  // namespace purse::test
