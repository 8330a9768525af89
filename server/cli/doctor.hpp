// SPDX-License-Identifier: Apache-2.0
// purse doctor: says what is wrong with a set-up and how to mend it, one line a check.
// Makes and changes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

enum class Health { ok, warn, fail };

struct Finding {
    Health health = Health::ok;
    std::string check;  ///< a word or two: "state folder"
    std::string what;   ///< what is so
    std::string mend;   ///< what to do about it; for ok empty
};
using Findings = std::vector<Finding>;

enum class Depth { quick, deep };

struct DoctorOptions {
    Form form = Form::words;
    Depth depth = Depth::quick;  ///< deep: reads the whole ledger file, asks the nodes
    Span lock_patience = Span::seconds(10);
};
/// Exit code 1 when anything fails.
int examine(App& app, const DoctorOptions& options, Output& output);

/// For settings that cannot be used: the one finding there is.
int report_settings_trouble(const std::string& trouble, Form form, Output& output);

// The parts of the examination.

/// Whether the folder can be used, its file system and the room on it.
void examine_folder(const Settings& settings, Findings& findings);

/// Whether there is a ledger that can be asked.
enum class Reach { none, open, shut };
/// The ledger's file, lock, journal, key and clock; needs a usable folder.
Reach examine_ledger(App& app, const DoctorOptions& options, Findings& findings);
/// The policy file, and the policy in force.
void examine_policy(App& app, Reach ledger, Findings& findings);
/// The credential of the settings.
void examine_credential(App& app, Reach ledger, Findings& findings);

/// Whether webhooks are delivered; nothing where there are none.
void examine_webhooks(App& app, Reach ledger, Findings& findings);

/// The wallet's document, files and password; deep: its nodes and its relayers' ether too.
void examine_wallet(App& app, const DoctorOptions& options, Findings& findings);

/// What is known about a file system's type for a ledger, by statfs's f_type.
Finding judge_file_system(long type);

}  // namespace purse::server::cli
