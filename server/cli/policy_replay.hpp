// SPDX-License-Identifier: Apache-2.0
// purse policy replay: what a document would have refused or allowed of what is on record.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// What makes the command end with exit code 1.
enum class FailOn {
    changed,  ///< any difference
    refused,  ///< requests or settles that are newly refused
    allowed,  ///< requests or settles that are newly allowed, or no longer asked about
    never,
};

struct PolicyReplayOptions {
    std::string file;
    std::string from;   ///< see parse_moment(); empty: from the first
    std::string to;     ///< excluded; empty: to the last
    std::string agent;  ///< empty: all
    FailOn fail_on = FailOn::changed;
    Form form = Form::words;
};
/// Changes nothing. kDone, kNo as `fail_on` says, kWrong for a document with mistakes.
int replay_policy(App& app, const PolicyReplayOptions& options, Output& output);

/// The stretch of time that a command is asked about; an error's text when it is none.
struct Stretch {
    Instant from;
    Instant to = Instant::never();
};
std::expected<Stretch, std::string> stretch_of(const std::string& from, const std::string& to,
                                               Instant now);

/// Hands the journal over in slices, from the entry `from` to the one that is the last when it
/// begins; the ledger's lock is held for one slice at a time. `feed` says false to end it.
void read_journal(App& app, const std::function<bool(const std::vector<JournalRow>&)>& feed,
                  std::int64_t from = 1);

}  // namespace purse::server::cli
