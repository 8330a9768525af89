// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/fleet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace purse::test {

void Record::hear(const Operation& asked, const Outcome& outcome)
{
    ++answers;
    switch (outcome.kind) {
        case Outcome::Kind::failed: ++failed; return;
        case Outcome::Kind::refused: ++refused; return;
        case Outcome::Kind::approved: {
            auto& held = holds_[outcome.tx];
            if (held.amount != 0 && (asked.key.empty() || asked.key != held.key))
                mistake("one txId for two holds: " + outcome.tx);
            if (outcome.amount != asked.amount) mistake("another amount than asked: " + outcome.tx);
            held.amount = outcome.amount;
            held.key = asked.key;
            recent_.push_back(outcome.tx);
            if (asked.key.empty()) return;
            const auto [known, is_new] = tx_of_key_.emplace(asked.key, outcome.tx);
            if (known->second != outcome.tx) mistake("two txIds for the key " + asked.key);
            return;
        }
        case Outcome::Kind::settled:
        case Outcome::Kind::voided: {
            ++ends;
            const auto end = outcome.kind == Outcome::Kind::voided
                                 ? "voided"
                                 : "settled " + std::to_string(outcome.amount);
            auto& held = holds_[asked.tx];
            if (!held.end.empty() && held.end != end) {
                // A void of an expired hold is answered "voided"; a late settle may come after it.
                if (held.end != "voided")
                    mistake(asked.tx + " ended as " + held.end + " and as " + end);
            }
            held.end = end;
            return;
        }
    }
}

std::string Record::some_hold(Dice& dice) const
{
    if (recent_.empty()) return {};
    const auto last = static_cast<std::int64_t>(recent_.size()) - 1;
    const auto first = dice.odds(1, 10) ? 0 : std::max<std::int64_t>(0, last - 150);
    return recent_[static_cast<std::size_t>(dice.between(first, last))];
}

Fleet::Fleet(const Speaker& speaker, Settings settings)
    : speaker_{speaker},
      settings_{std::move(settings)},
      dice_{settings_.seed},
      processes_(settings_.processes)
{
    signal(SIGPIPE, SIG_IGN);
    for (auto& process : processes_) start(process);
}

Fleet::~Fleet()
{
    end();
}

void Fleet::start(Process& process)
{
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        throw std::runtime_error{"no pipes left"};
    const auto words = speaker_.command(settings_.folder);
    process = Process{};
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
    const auto greeting = speaker_.greeting();
    if (!greeting.empty() && write(process.to, greeting.data(), greeting.size()) < 0)
        throw std::runtime_error{"a process that cannot be greeted"};
    ask(process);
}

Operation Fleet::next_operation()
{
    Operation operation{.id = ++last_id_, .key = {}, .task = {}, .tx = {}};
    const auto dice = dice_.between(1, 10);
    if (dice > 5) operation.tx = record_.some_hold(dice_);
    if (operation.tx.empty()) {
        operation.task = "t" + std::to_string(dice_.between(1, 40));
        operation.amount = dice_.between(1, 4'000);
        if (dice_.odds(1, 2)) {
            // A key's amount and task follow from it: whoever asks, asks the same.
            const auto number = dice_.between(1, 40) + last_id_ / 40 * 40;
            operation.key = "k" + std::to_string(number);
            operation.amount = number % 4'000 + 1;
            operation.task = "t" + std::to_string(number % 40);
        }
        return operation;
    }
    operation.kind = dice == 10 ? Operation::Kind::give_back : Operation::Kind::settle;
    const auto held = record_.holds().at(operation.tx).amount;
    operation.amount =
        dice_.odds(1, 4) ? held + dice_.between(0, held / 4) : dice_.between(0, held);
    return operation;
}

void Fleet::ask(Process& process)
{
    while (process.asked.size() < settings_.in_flight) {
        const auto operation = next_operation();
        const auto line = speaker_.say(operation);
        // A line is far below PIPE_BUF, so it is written whole or not at all.
        if (write(process.to, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            return;
        process.asked.emplace(operation.id, operation);
    }
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
                record_.mistake("an answer to nothing");
                continue;
            }
            record_.hear(asked->second, *outcome);
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
        if (!listen(process)) record_.mistake("a process ended before it was killed");
        if (std::chrono::steady_clock::now() >= process.dies_at) {
            kill_and_hear(process);
            start(process);
        } else {
            ask(process);
        }
    }
}

void Fleet::end()
{
    for (auto& process : processes_) kill_and_hear(process);
}

}  // namespace purse::test
