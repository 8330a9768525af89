// SPDX-License-Identifier: Apache-2.0
// Who runs a command, for the record.
#pragma once

#include <string>

namespace purse::server::cli {

/// The name of the system's user, or "uid 1000" for one without a name.
std::string user_name();
/// The same as the journal has whoever acts by a command: "account/NAME".
std::string user_account();

}  // namespace purse::server::cli
