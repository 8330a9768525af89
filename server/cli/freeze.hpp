// SPDX-License-Identifier: Apache-2.0
// purse freeze, purse unfreeze: stops spending at once, also in live sessions, and lets it
// go on. A freeze works even when the policy file at hand has mistakes.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

enum class FreezeWhat { agent, budget, all };

struct FreezeOptions {
    FreezeWhat what = FreezeWhat::all;
    std::string name;  ///< of the agent or budget
    std::string note;  ///< unfreeze: not used
};
int freeze(App& app, const FreezeOptions& options, Output& output);
int unfreeze(App& app, const FreezeOptions& options, Output& output);

}  // namespace purse::server::cli
