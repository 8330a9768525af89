// SPDX-License-Identifier: Apache-2.0
// The ledger's rules for a shadow policy: one that decides nothing, while the journal tells where
// it would have decided otherwise. Begun and ended by the operator; each is an entry of the
// journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.hpp"

namespace purse {

/// Differences of one shadow policy that are told one by one. A document that differs more often is
/// looked at as a whole (purse policy replay), and must not fill the journal.
inline constexpr std::int64_t kShadowDifferencesMax = 10'000;

/// One request or settlement that the shadow policy decides otherwise.
struct ShadowDifference {
    std::string change;      ///< "newly_refused", ...: see docs/policy.md
    std::int64_t entry = 0;  ///< the one that the policy in force wrote
    std::string tx_id;       ///< empty for what was refused
    std::string agent;
    std::string service;  ///< may be empty
    std::string payee;
    Money amount;
    std::string reasons;  ///< JSON: [{"detail","reason","rule"}, ...]
};

/// One transaction's view of it.
class Shadows {
public:
    explicit Shadows(Books& books) : books_{books} {}

    std::optional<ShadowRow> current() { return books_.tx_.shadow(); }
    /// From here on that document is tried; one that was tried before ends.
    void start(std::string_view text, std::string_view source, std::string_view by);
    /// False: there is none.
    bool end(std::string_view by);
    /// Tells of differences that came up in the entries up to `position`. False, and nothing is
    /// told: `followed` is not the one that is tried any more, or somebody else has told them.
    bool tell(const ShadowRow& followed, const std::vector<ShadowDifference>& found,
              std::int64_t position);

private:
    Books& books_;
};

}  // namespace purse
