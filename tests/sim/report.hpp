// SPDX-License-Identifier: Apache-2.0
// What happened in a run, counted; and what it led to.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace purse::sim {

struct Report {
    std::string wrong;             ///< empty: the run kept every promise
    std::deque<std::string> last;  ///< the last events, in words
    std::map<std::string, long> counted;
    std::uint64_t digest = 0xcbf29ce484222325ULL;  ///< of all answers, in order
    std::int64_t simulated_us = 0;
    bool is_loud = false;

    void count(const std::string& what, long times = 1) { counted[what] += times; }
    /// Something happened; `what` is kept for the case that the run fails.
    void tell(std::string what);
    void mix(std::string_view bytes);
    void add(const Report& other);
    long of(const std::string& what) const;
    long events() const { return of("events"); }
};

}  // namespace purse::sim
