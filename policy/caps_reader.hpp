// SPDX-License-Identifier: Apache-2.0
// Reads "caps" and "loopGuard", and turns them into what the ledger counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/document.hpp"
#include "policy/reader.hpp"

namespace purse::policy {

enum class Holder : std::uint8_t { agent, shared };

/// Half of one is missing when it was a mistake.
struct SpannedLimit {
    std::optional<Span> span;
    std::optional<std::int64_t> limit;
};

/// The objects "caps" and "loopGuard", as read.
struct CapsDraft {
    std::optional<Money> per_tx;
    std::optional<Money> hourly;
    std::optional<Money> daily;
    std::optional<Money> weekly;
    std::optional<Money> monthly;
    std::optional<Money> lifetime;
    std::optional<Money> per_task;
    std::optional<Money> per_workflow;
    std::vector<SpannedLimit> rolling;
    std::vector<SpannedLimit> count;
    std::optional<SpannedLimit> loop;
    Asks loop_asks = Asks::never;  ///< what `approval` makes of the loop guard
    bool asks_new_payee = false;
};

void read_caps(Reader& reader, const json::Value& value, CapsDraft& caps);
void read_loop_guard(Reader& reader, const json::Value& value, CapsDraft& caps);

struct CapsOf {
    std::string_view budget;  ///< full name
    Holder holder;
};

/// In published order. What is not capped is counted all the same where a cap may come later.
std::vector<CapRule> build_caps(const CapsDraft& caps, CapsOf of);

std::vector<KnownFields> known_caps_fields();

}  // namespace purse::policy
