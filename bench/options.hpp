// SPDX-License-Identifier: Apache-2.0
// The driver's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/child.hpp"
#include "bench/words.hpp"

namespace purse::bench {

/// A server under measurement. In each word "{state}" stands for its state folder.
struct ServerSpec {
    std::string name;
    std::vector<std::string> command;
    std::vector<std::string> prepare;  ///< run once a state folder; its output is the credential
    EndBy end_by = EndBy::closed_input;
};

struct Options {
    std::string folder;  ///< where state folders are made: on a real disk
    std::string policy;  ///< PURSE_POLICY of each server; may be empty
    int rounds = 3;
    int starts = 20;  ///< starts measured a server; 0: none
    std::chrono::milliseconds duration{3000};
    std::chrono::milliseconds warm_up{300};
    std::vector<unsigned> depths{1, 8, 64};
    bool keyed = false;               ///< holds carry idempotency keys
    std::uint64_t history = 0;        ///< holds in the long ledger; 0: not measured
    std::string history_of;           ///< the server that is measured with a long ledger
    std::string history_folder;       ///< kept, and used again when it is long enough
    std::vector<ServerSpec> servers;  ///< the first one is the reference of all ratios
};

/// Takes an option that the drivers share; false when it is none.
bool parse_common(Words& words, const std::string& option, Options& options);

/// Throws std::invalid_argument with a sentence about what is wrong.
Options parse_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string usage();

}  // namespace purse::bench
