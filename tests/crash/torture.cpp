// SPDX-License-Identifier: Apache-2.0
// Kills processes that share one ledger at random moments, then looks for anything that was
// acknowledged and is not there, is there twice, or passed a cap.
//   PURSE_TORTURE_KILLS    how many (default 250 of the worker, 100 of the program)
//   PURSE_TORTURE_SECONDS  at most this long (default 45, and 0.2 a kill beyond 250)
//   PURSE_TORTURE_SEED     default: from the clock
#include <cstdio>
#include <cstdlib>

#include "tests/crash/fleet.hpp"
#include "tests/crash/mcp_speaker.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse::test;

namespace {
long setting(const char* name, long otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtol(text, nullptr, 10);
}

/// One acknowledged hold is in the ledger, as it was acknowledged.
void compare(Record& record, const std::string& tx, const Record::Held& held,
             const AuditedHold& hold)
{
    if (hold.amount != held.amount || hold.key != held.key)
        record.mistake("stored otherwise: " + tx);
    const auto settled = "settled " + std::to_string(hold.captured);
    // A void of an expired hold leaves it expired, and it may still be settled late.
    const bool good = held.end == "voided" ? hold.state == "voided"
                      : held.end == "lapsed"
                          ? hold.state == "expired"
                          : held.end.empty() || (hold.state == "settled" && settled == held.end);
    // Every end was asked for until it was answered, so only time may have ended it unheard.
    const bool unheard = held.end.empty() && (hold.state == "settled" || hold.state == "voided");
    if (!good || unheard)
        record.mistake("acknowledged as " + (held.end.empty() ? "held" : held.end) +
                       ", stored as " + hold.state + ": " + tx);
}

void compare(Record& record, const Audit& found)
{
    for (const auto& [tx, held] : record.holds()) {
        const auto stored = found.holds.find(tx);
        if (stored == found.holds.end())
            record.mistake("acknowledged and lost: " + tx);
        else
            compare(record, tx, held, stored->second);
    }
    // A request with a key was repeated until it was answered: nothing is held unheard.
    for (const auto& [tx, hold] : found.holds)
        if (!hold.key.empty() && !record.holds().contains(tx))
            record.mistake("stored, and no answer names it: " + tx);
}

void look_at_caps(Record& record, const Speaker& speaker)
{
    for (const auto& [name, cap] : record.caps())
        std::printf("%s: at most %lld of %lld used, refused %lld times\n", name.c_str(),
                    static_cast<long long>(cap.used), static_cast<long long>(cap.limit),
                    static_cast<long long>(cap.refusals));
    for (const auto& name : speaker.caps())
        if (const auto cap = record.caps().find(name);
            cap == record.caps().end() || cap->second.refusals == 0)
            record.mistake("a cap that never refused: " + name);
}

int torture(const Speaker& speaker, Fleet::Settings settings, long kills)
{
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const auto seconds = setting("PURSE_TORTURE_SECONDS", 45 + std::max(0L, kills - 250) / 5);
    const auto seed =
        setting("PURSE_TORTURE_SEED", start.time_since_epoch().count() / 1'000 % 1'000'000);
    std::printf("seed %ld, %ld kills, at most %ld s\n", seed, kills, seconds);
    settings.seed = static_cast<std::uint64_t>(seed);
    Fleet fleet{speaker, settings};
    while (fleet.kills() < kills && Clock::now() - start < std::chrono::seconds{seconds})
        fleet.turn();
    fleet.end();

    auto& record = fleet.record();
    const auto found = audit(settings.folder, speaker.rules());
    compare(record, found);
    std::printf(
        "%d kills (%d of processes that had answered), %lld answers, %d requests repeated, "
        "%zu holds acknowledged, %zu stored, %lld ends, %lld captured, %lld refused, %lld failed, "
        "%lld entries\n",
        fleet.kills(), fleet.working_kills(), static_cast<long long>(record.answers),
        fleet.repeats(), record.holds().size(), found.holds.size(),
        static_cast<long long>(record.ends), static_cast<long long>(found.captured),
        static_cast<long long>(record.refused), static_cast<long long>(record.failed),
        static_cast<long long>(found.entries));
    look_at_caps(record, speaker);
    for (const auto& complaint : speaker.complaints(settings.folder)) record.mistake(complaint);
    // A lock waited for in vain may happen on a busy machine; many failures are a fault.
    if (record.failed * 100 > record.answers) record.mistake("too many requests failed");
    for (const auto& mistake : record.mistakes()) std::printf("MISTAKE %s\n", mistake.c_str());
    if (!found.good()) std::printf("AUDIT\n%s", found.text().c_str());
    // A torture that tortured nobody proves nothing.
    const bool was_cruel =
        fleet.working_kills() >= fleet.kills() / 4 && record.holds().size() > 100;
    if (!was_cruel) std::printf("too little happened\n");
    return record.mistakes().empty() && found.good() && was_cruel ? 0 : 1;
}

int torture_worker(const std::string& program)
{
    const TempFolder folder;
    return torture(LineSpeaker{program}, {.folder = folder.path()},
                   setting("PURSE_TORTURE_KILLS", 250));
}

int torture_program(const std::string& program)
{
    const TempFolder desk;
    const auto folder = desk / "state";
    const auto kills = setting("PURSE_TORTURE_KILLS", 100);
    // Half of the daily cap is spent in the course of the run, so that the other half goes on
    // being held and given back.
    return torture(McpSpeaker{program, desk.path(), folder},
                   {.folder = folder,
                    .parties = McpSpeaker::kParties,
                    .lifetime_max_ms = 1'400,
                    .keyed_percent = 100,
                    .amount_max = 40'000,
                    .captures_a_kill = McpSpeaker::kDailyCap / 2 / std::max(1L, kills)},
                   kills);
}
}  // namespace

int main(int argc, char** argv)
{
    const std::string kind = argc == 3 ? argv[1] : "";
    if (kind == "worker") return torture_worker(argv[2]);
    if (kind == "program") return torture_program(argv[2]);
    std::fputs("usage: crash_torture worker|program PROGRAM\n", stderr);
    return 2;
}
