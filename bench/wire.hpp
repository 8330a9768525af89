// SPDX-License-Identifier: Apache-2.0
// The few MCP messages the driver needs, written and scanned as text: the driver must
// cost far less than what it measures. Every answer is still checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace purse::bench {

/// initialize (id 0) and notifications/initialized, each a line.
std::string_view opening();

/// What a call carries besides its arguments.
struct CallStyle {
    std::string key_prefix;  ///< not empty: each hold carries an idempotency key of its own
    std::string meta;        ///< not empty: the JSON object that each call carries as its _meta
};

void append_preauthorize(std::string& out, std::uint64_t id, const CallStyle& style);
void append_settle(std::string& out, std::uint64_t id, std::string_view tx_id,
                   const CallStyle& style);
void append_status(std::string& out, std::uint64_t id, const CallStyle& style);

/// The id of an answer. Throws std::runtime_error, quoting the line, when there is none.
std::uint64_t answer_id(std::string_view line);
/// Throws, quoting the line, unless the answer says "ok":true.
void require_ok(std::string_view line);
/// The txId of a good answer. Throws, quoting the line, when there is none.
std::string_view tx_id_of(std::string_view line);

}  // namespace purse::bench
