// SPDX-License-Identifier: Apache-2.0
// What a fuzz target calls a mistake: says where and stops, so that the input is kept.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace purse::fuzz {

inline void check(bool good, const char* what)
{
    if (good) return;
    std::fprintf(stderr, "the property does not hold: %s\n", what);
    std::abort();
}

}  // namespace purse::fuzz
