// SPDX-License-Identifier: Apache-2.0
// Words that others wrote, made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace purse::server {

/// The text with each control character (C0, DEL, C1) replaced by a space.
std::string printable(std::string_view text);

}  // namespace purse::server
