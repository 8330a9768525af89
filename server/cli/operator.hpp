// SPDX-License-Identifier: Apache-2.0
// purse operator ...: lets a person sign in to the operator page, and ends that again. A link is
// printed alone on standard output: whoever has it first is the operator.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct OperatorLoginOptions {
    std::string url;  ///< of the server; empty: as the environment says, else a running server's
};
int login_operator(App& app, const OperatorLoginOptions& options, Output& output);

struct OperatorSessionsOptions {
    Form form = Form::words;
};
int list_operator_sessions(App& app, const OperatorSessionsOptions& options, Output& output);

struct OperatorLogoutOptions {
    std::string id;
    bool all = false;
};
int logout_operator(App& app, const OperatorLogoutOptions& options, Output& output);

}  // namespace purse::server::cli
