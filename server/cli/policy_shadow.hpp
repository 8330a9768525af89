// SPDX-License-Identifier: Apache-2.0
// purse policy shadow: a document that is tried beside the one in force, and decides nothing.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct PolicyShadowOptions {
    enum class Do { show, start, end };
    Do what = Do::show;
    std::string file;
    Form form = Form::words;  ///< of `show`
};
/// kWrong for a document with mistakes; kNo where none is tried.
int shadow_policy(App& app, const PolicyShadowOptions& options, Output& output);

}  // namespace purse::server::cli
