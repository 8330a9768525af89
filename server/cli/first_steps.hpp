// SPDX-License-Identifier: Apache-2.0
// What a newcomer reads under the help.
#pragma once

#include <string_view>

namespace purse::server::cli {

std::string_view first_steps() noexcept;

}  // namespace purse::server::cli
