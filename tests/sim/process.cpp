// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/process.hpp"

#include <boost/json/parse.hpp>
#include <stdexcept>

namespace purse::sim {

namespace {
tools::Answered answered_of(const std::string& word)
{
    if (word == "approve") return tools::Answered::approve;
    if (word == "deny") return tools::Answered::deny;
    if (word == "cancel") return tools::Answered::cancel;
    if (word == "disconnect") return tools::Answered::disconnect;
    return tools::Answered::nothing;
}

const char* tool_of(Call::Kind kind)
{
    if (kind == Call::Kind::hold) return "pay_preauthorize";
    return kind == Call::Kind::settle ? "pay_settle" : "pay_budget_status";
}
}  // namespace

std::optional<std::expected<tools::PolicyText, std::string>> Process::FileSource::changed()
{
    if (seen == file.version) return std::nullopt;
    seen = file.version;
    return tools::PolicyText{file.text, "policy.jsonc"};
}

Process::Process(const World& world, std::uint64_t seed)
    : entropy_{seed},
      store_{{.folder = world.folder, .lock_patience = Span{}}},
      ledger_{faults_, world.clock, entropy_, world.signer},
      source_{world.file},
      box_{{.till = till_, .source = source_, .alarm = alarm_, .funding = world.funding}}
{
}

void Process::submit(Call& call)
{
    const auto before = till_.queue.size();
    if (call.kind == Call::Kind::operate || call.kind == Call::Kind::look) {
        till_.queue.push_back({.run =
                                   [&call](Books& books) {
                                       if (call.run) call.said = call.run(books);
                                   },
                               .done = [](const std::optional<LedgerFault>&) {}});
    } else {
        const tools::Caller caller{.credential = call.secret, .session = "s", .client = "sim/1"};
        auto reply = [&call](tools::Result result) {
            call.is_done = true;
            if (result.rendered != nullptr)
                call.reply = boost::json::parse(result.rendered->json).as_object();
            else
                call.reply = std::move(result.structured);
        };
        if (call.kind == Call::Kind::follow_up) {
            box_.follow_up(call.settle.tx, answered_of(call.answered), caller, std::move(reply));
        } else {
            const auto arguments = json::parse(call.arguments);
            if (!arguments) throw std::logic_error{"no JSON: " + call.arguments};
            box_.call(tool_of(call.kind), &arguments->root(), caller, nullptr, std::move(reply));
        }
    }
    if (till_.queue.size() > before) watch(call, till_.queue.back());
}

/// Notes in which transaction the work ran, when that was, and how it ended.
void Process::watch(Call& call, Work& work)
{
    work.run = [this, &call, run = std::move(work.run)](Books& books) mutable {
        call.attempt = faults_.begun();
        call.now = books.now().us;
        run(books);
    };
    work.done = [&call, done = std::move(work.done)](const auto& fault) mutable {
        call.is_done = true;
        if (fault) call.fault = fault->kind;
        done(fault);
    };
}

bool Process::commit()
{
    if (till_.queue.empty()) return true;  // the writer has no empty commits
    auto batch = std::move(till_.queue);
    till_.queue.clear();
    try {
        ledger_.transact(batch);
        return true;
    } catch (const test::StoreCrash&) {
        return false;
    }
}

}  // namespace purse::sim
