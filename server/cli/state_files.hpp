// SPDX-License-Identifier: Apache-2.0
// The files of the state folder, seen from outside the ledger. Beside app.cpp the only place
// of the server that knows the embedded store and the key file. Makes nothing.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/clock.hpp"
#include "server/settings.hpp"

namespace purse::server::cli {

/// Commands that only look ask this first, so that they make no ledger.
bool has_ledger(const Settings& settings);

/// The raw public key in the state folder's journal.key; empty when there is no such file; an
/// error's text when it cannot be used.
std::expected<std::string, std::string> head_key_of(const Settings& settings);

/// A signature with journal.key, which is there once a head was signed. Throws StoreError.
std::string sign_with_head_key(const Settings& settings, std::string_view text);

/// Takes the ledger's lock once and gives it back. An error's text when it was not to be had.
std::optional<std::string> try_lock(const Settings& settings, Span patience);

/// SQLite's own check of the whole file (quick_check), beside running servers: what is wrong with
/// it, at most ten lines; empty: nothing. Throws StoreError when it cannot be opened.
std::vector<std::string> check_file(const Settings& settings, Span patience);

}  // namespace purse::server::cli
