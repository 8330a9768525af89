// SPDX-License-Identifier: Apache-2.0
// A new file or folder is on the disk for good when the folder that names it was synced too.
#pragma once

#include <string>
#include <system_error>

namespace purse::system {

/// Syncs the folder in which `path` lies. No error where the system does not let it be opened or
/// does not sync folders: there is no more that could be done.
std::error_code make_name_durable(const std::string& path);

}  // namespace purse::system
