// SPDX-License-Identifier: Apache-2.0
// Kills processes that share one ledger at random moments, then looks for anything that was
// acknowledged and is not there, is there twice, or passed a cap.
//   PURSE_TORTURE_KILLS    how many (default 250)
//   PURSE_TORTURE_SECONDS  at most this long (default 45, and 0.2 a kill beyond 250)
//   PURSE_TORTURE_SEED     default: from the clock
#include <cstdio>
#include <cstdlib>

#include "tests/crash/fleet.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse::test;

namespace {
long setting(const char* name, long otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtol(text, nullptr, 10);
}

/// Every acknowledged answer is in the ledger, as it was acknowledged.
void compare(Record& record, const Audit& found)
{
    for (const auto& [tx, held] : record.holds()) {
        const auto stored = found.holds.find(tx);
        if (stored == found.holds.end()) {
            record.mistake("acknowledged and lost: " + tx);
            continue;
        }
        const auto& hold = stored->second;
        if (hold.amount != held.amount || hold.key != held.key)
            record.mistake("stored otherwise: " + tx);
        if (held.end.starts_with("settled") &&
            "settled " + std::to_string(hold.captured) != held.end)
            record.mistake("acknowledged as " + held.end + ", stored as " + hold.state + ": " + tx);
        // A void of an expired hold leaves it expired, and it may still be settled late.
        if (held.end == "voided" && hold.state == "open") record.mistake("voided, yet open: " + tx);
    }
}
}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: crash_torture WORKER\n", stderr);
        return 2;
    }
    using Clock = std::chrono::steady_clock;
    const auto kills = setting("PURSE_TORTURE_KILLS", 250);
    const auto seconds = setting("PURSE_TORTURE_SECONDS", 45 + std::max(0L, kills - 250) / 5);
    const auto seed =
        setting("PURSE_TORTURE_SEED", Clock::now().time_since_epoch().count() % 1'000'000);
    std::printf("seed %ld, %ld kills, at most %ld s\n", seed, kills, seconds);

    TempFolder folder;
    const LineSpeaker speaker{argv[1]};
    const auto start = Clock::now();
    Fleet fleet{speaker, {.folder = folder.path(), .seed = static_cast<std::uint64_t>(seed)}};
    while (fleet.kills() < kills && Clock::now() - start < std::chrono::seconds{seconds})
        fleet.turn();
    fleet.end();

    auto& record = fleet.record();
    const auto found = audit(folder.path());
    compare(record, found);
    std::printf(
        "%d kills (%d of processes that had answered), %lld answers, %zu holds acknowledged, %zu "
        "stored, "
        "%lld ends, %lld refused, %lld failed, %lld entries\n",
        fleet.kills(), fleet.working_kills(), static_cast<long long>(record.answers),
        record.holds().size(), found.holds.size(), static_cast<long long>(record.ends),
        static_cast<long long>(record.refused), static_cast<long long>(record.failed),
        static_cast<long long>(found.entries));
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
