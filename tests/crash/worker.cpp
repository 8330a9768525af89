// SPDX-License-Identifier: Apache-2.0
// A process to be killed: the real store, ledger and writer behind lines on standard input.
// An answer is written only after its commit. See speaker.hpp for the language.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <sstream>

#include "ledger/sqlite/store.hpp"
#include "ledger/system/clock.hpp"
#include "ledger/system/head_key.hpp"
#include "ledger/writer.hpp"
#include "tests/support/requests.hpp"

using namespace purse;
using namespace purse::test;

namespace {
/// Caps that all workers share, tight enough to refuse often.
Rules shared_rules()
{
    Rules rules;
    rules.money("perTask", Window::lifetime, 5'000'000);
    rules.rolling(Span::seconds(1), 300'000);
    rules.rolling(Span::seconds(20), 5'000'000, "budget/team");
    rules.count(Span::seconds(2), 400);
    rules.money("hourly", Window::hour, 1'000'000'000);
    rules.money("daily", Window::day, 1'000'000'000, "budget/team");
    rules.money("lifetime", Window::lifetime, kNoLimit);
    return rules;
}

void answer(const std::string& line)
{
    // One write of less than PIPE_BUF bytes: a killed process leaves whole lines.
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(1);
}

class Desk {
public:
    explicit Desk(const Rules& rules) : rules_{rules} {}

    /// The piece of work that a line asks for; its answer is written when it is durable.
    Work work(const std::string& line)
    {
        const auto text = std::make_shared<std::string>();
        std::istringstream in{line};
        std::string id;
        std::string word;
        in >> id >> word;
        auto run = word == "hold" ? hold(in, text) : end(in, word == "void", text);
        return {.run = std::move(run), .done = [id, text](const std::optional<LedgerFault>& fault) {
                    answer(id + " " + (fault ? "failed " + fault->what : *text) + "\n");
                }};
    }

private:
    using Run = std::move_only_function<void(Books&)>;

    std::vector<Leg> legs(const std::string& task) const
    {
        auto all = rules_.legs();
        all[0].scope = task;
        return all;
    }

    Run hold(std::istream& in, std::shared_ptr<std::string> text)
    {
        std::string task;
        std::string key;
        std::int64_t amount = 0;
        in >> task >> amount >> key;
        auto request = ask(rules_, micro(amount), key);
        request.legs = legs(task);
        request.what.task = task;
        request.ttl = Span::seconds(2);
        request.max_capture = micro(amount + amount / 5);
        return [request = std::move(request), text](Books& books) mutable {
            request.epoch = books.meta().epoch;
            const auto result = books.hold(request);
            *text = result.outcome == HoldAnswer::Outcome::approved
                        ? "approved " + result.id.to_string() + " " +
                              std::to_string(result.amount.micro())
                    : result.outcome == HoldAnswer::Outcome::refused ? "refused"
                                                                     : "failed conflict";
        };
    }

    Run end(std::istream& in, bool is_void, std::shared_ptr<std::string> text)
    {
        std::string tx;
        std::int64_t amount = 0;
        in >> tx >> amount;
        const auto id = TxId::parse(tx).value_or(TxId{});
        return [this, id, amount, is_void, text](Books& books) {
            const auto epoch = books.meta().epoch;
            auto result = books.settle({.epoch = epoch,
                                        .who = {.agent = kAgent},
                                        .id = id,
                                        .is_void = is_void,
                                        .actual = micro(amount),
                                        .limit_of = rules_.limits()});
            if (result.outcome == SettleAnswer::Outcome::expired)
                result = books.late_settle({.epoch = epoch,
                                            .who = {.agent = kAgent},
                                            .id = id,
                                            .actual = micro(amount),
                                            .legs = legs("late")});
            switch (result.outcome) {
                case SettleAnswer::Outcome::settled:
                    *text = "settled " + std::to_string(result.hold.captured.micro());
                    break;
                case SettleAnswer::Outcome::voided:
                    *text = result.hold.state == HoldState::expired ? "lapsed" : "voided";
                    break;
                default: *text = "refused"; break;
            }
        };
    }

    const Rules& rules_;
};
}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: crash_worker FOLDER\n", stderr);
        return 2;
    }
    const std::string folder = argv[1];
    const auto rules = shared_rules();
    system::SystemClock clock;
    system::SystemEntropy entropy;
    system::FileHeadKey key{folder + "/journal.key"};
    // A small log, so that many kills fall into its folding.
    sqlite::SqliteStore store{
        {.folder = folder, .checkpoint_frames = 400, .idle_checkpoint_frames = 50}};
    Ledger ledger{store, clock, entropy, &key};
    Desk desk{rules};
    Writer writer{ledger, {.batch_max = 32}};
    for (std::string line; std::getline(std::cin, line);) {
        auto work = desk.work(line);
        while (!writer.submit(work)) std::this_thread::yield();
    }
    return 0;
}
