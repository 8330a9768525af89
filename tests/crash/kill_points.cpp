// SPDX-License-Identifier: Apache-2.0
// Kills the real program at every kind of commit: in the middle of its writes, before its sync, and
// after its sync before the answer; at the makings of files also around each naming. Then it is
// started again, the unanswered request is repeated, and everything acknowledged must be there,
// once.
//   PURSE_KILLS_PER_POINT   default 1
//   PURSE_KILL_SEED         which write, sync or naming of several (default 1)
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/crash/kill_desk.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse::test;

namespace {
struct Place {
    const char* name;
    Call call;
    Then then;
};
constexpr Place kPlaces[] = {
    {"in its writes", Call::write, Then::die_halfway},
    {"before its sync", Call::sync, Then::die_before},
    {"after its sync", Call::sync, Then::die_after},
    {"before a naming", Call::naming, Then::die_before},
    {"after a naming", Call::naming, Then::die_after},
};
// A blow may miss, when a commit has fewer calls than the last one of its kind had.
constexpr int kTries = 5;

long setting(const char* name, long otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtol(text, nullptr, 10);
}

using Tally = std::map<std::string, std::map<std::string, int>>;  // kills by act and place

class Round {
public:
    Round(KillDesk& desk, const KillAct& act, Dice& dice, std::map<std::string, int>& kills)
        : desk_{desk},
          act_{act},
          dice_{dice},
          kills_{kills}
    {
    }

    /// Once in peace, to count the calls; then once for each place.
    void run()
    {
        begin();
        desk_.around().count(act_.file);
        act_.strike(desk_);
        int calls[kCalls];
        for (int i = 0; i < kCalls; ++i) calls[i] = desk_.around().seen(static_cast<Call>(i));
        end();
        for (const auto& place : kPlaces) strike(place, calls[static_cast<int>(place.call)]);
    }

private:
    void begin()
    {
        if (act_.prepare) act_.prepare(desk_);
    }
    void end()
    {
        act_.resolve(desk_);
        const auto trouble = desk_.known().compare(desk_.program().state());
        expect(trouble.empty(), trouble);
    }
    void strike(const Place& place, int calls)
    {
        expect(calls > 0 || place.call == Call::naming,
               "no call at all " + std::string{place.name});
        bool was_killed = calls == 0;
        for (int i = 0; !was_killed && i < kTries; ++i) {
            begin();
            const auto nth = static_cast<int>(dice_.between(1, calls));
            desk_.around().arm(
                {.call = place.call, .then = place.then, .nth = nth, .file = act_.file});
            was_killed = act_.strike(desk_);
            end();
            if (was_killed)
                ++kills_[place.name];
            else
                calls = std::max(1, nth - 1);  // it had fewer this time
        }
        expect(was_killed, std::string{"never killed "} + place.name);
    }

    KillDesk& desk_;
    const KillAct& act_;
    Dice& dice_;
    std::map<std::string, int>& kills_;
};

std::vector<KillAct> all_acts()
{
    std::vector<KillAct> all;
    for (const auto& some : {agents_acts(), approval_acts(), operators_acts(), files_acts()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

int print(const std::vector<KillAct>& acts, Tally& tally)
{
    int points = 0;
    int kills = 0;
    for (const auto& act : acts)
        for (const auto& place : kPlaces)
            if (const auto count = tally[act.name][place.name]; count > 0) {
                std::printf("  %-34s %-16s %5d\n", act.name.c_str(), place.name, count);
                ++points;
                kills += count;
            }
    std::printf("%d kills at %d points\n", kills, points);
    return kills;
}

int kill_at_all_points(const std::string& program, const std::string& library)
{
    const auto rounds = setting("PURSE_KILLS_PER_POINT", 1);
    const auto seed = setting("PURSE_KILL_SEED", 1);
    const auto acts = all_acts();
    std::printf("seed %ld, %ld kills a point\n", seed, rounds);
    ::setenv("PURSE_OPERATOR_URL", "http://127.0.0.1:1", 1);
    Tally tally;
    int mistakes = 0;
    for (long round = 0; round < rounds; ++round) {
        Dice dice{static_cast<std::uint64_t>(seed + round)};
        const TempFolder folder{TempFolder::On::memory};  // no power cut follows
        KillDesk desk{program, library, folder.path()};
        for (const auto& act : acts) try {
                Round{desk, act, dice, tally[act.name]}.run();
            } catch (const std::exception& error) {
                std::printf("MISTAKE round %ld, %s: %s\n", round, act.name.c_str(), error.what());
                ++mistakes;
                break;  // what comes after it would only repeat it
            }
        std::fflush(stdout);
    }
    const auto kills = print(acts, tally);
    std::printf("%d mistakes\n", mistakes);
    return mistakes == 0 && kills > 0 ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: kill_points PROGRAM LIBRARY\n", stderr);
        return 2;
    }
    try {
        // What commands say to people.
        if (std::freopen("/dev/null", "w", stderr) == nullptr) return 2;
        return kill_at_all_points(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        return 1;
    }
}
