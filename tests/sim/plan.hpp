// SPDX-License-Identifier: Apache-2.0
// What one seed turns on, and how hard: each run draws its own kinds of trouble and their rates,
// so that rare pairs of them meet somewhere among many seeds (swarm testing).
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/seeded_entropy.hpp"

namespace purse::sim {

using test::Dice;

/// Rates are out of a thousand; 0: off in this run.
struct Plan {
    std::uint64_t seed = 1;
    int events = 4000;  ///< about how many; the last batch is finished
    bool is_loud = false;

    // who and what
    int processes = 1;
    int agents = 2;
    int batch_max = 1;        ///< requests a commit, at most
    bool by_file = false;     ///< the policy comes from a file that each process watches
    bool has_people = false;  ///< policies ask persons
    bool has_chain = false;   ///< pays over a chain, not on the books
    bool has_heads = false;   ///< a key signs the journal's heads

    // clients
    int keyed = 0;      ///< requests with an idempotency key
    int vanishing = 0;  ///< answers that the client never reads, and asks again
    int repeating = 0;  ///< requests sent once more although they were answered
    int lying = 0;      ///< other arguments under a key, foreign txIds, odd amounts
    int late = 0;       ///< ends that wait until the hold is over

    // operator
    int operating = 0;

    // trouble
    int store_faults = 0;  ///< busy, failed, in doubt, at any call of the store
    int disk_faults = 0;   ///< errors of the file system beneath SQLite
    int crashes = 0;       ///< at any call of the store, before and after a commit
    int power_cuts = 0;    ///< all processes at once, in the middle of a commit or after it
    int restarts = 0;
    int jumps = 0;    ///< of the wall clock
    int mishaps = 0;  ///< of the chain
    int leaps = 0;    ///< hours and days that pass at once

    std::string text() const;
};

Plan draw_plan(std::uint64_t seed, int events);

}  // namespace purse::sim
