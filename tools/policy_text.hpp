// SPDX-License-Identifier: Apache-2.0
// A policy's text before it is put in force: everything that policy/ asks of it, and the checksums
// of its payees, which only the wallet can compute.
#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "policy/document.hpp"

namespace purse::tools {

/// As policy::parse_document(). Besides, an address in upper and lower case must be as ERC-55 has
/// it: a digit that was mistyped would be paid, and not come back. Not for texts in the ledger:
/// what is in force stays in force.
std::expected<std::shared_ptr<const policy::Document>, Mistakes> check_policy_text(
    std::string_view text);

}  // namespace purse::tools
