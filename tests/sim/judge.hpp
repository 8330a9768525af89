// SPDX-License-Identifier: Apache-2.0
// Compares what the purse answered with what the shadow foretold.
#pragma once

#include <string>

#include "tests/sim/call.hpp"
#include "tests/sim/shadow.hpp"

namespace purse::sim {

/// Applies the call to the shadow, as it happened at `call.now`. The difference between its answer
/// and the foretold one; empty: none. A call without an answer only happens.
std::string judge(Shadow& shadow, const Call& call);

}  // namespace purse::sim
