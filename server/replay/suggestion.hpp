// SPDX-License-Identifier: Apache-2.0
// Draws a policy document from the past and tries it on that past before it is shown.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/replay/draft.hpp"
#include "server/replay/replay.hpp"

namespace purse::server::replay {

/// Where the past comes from, and where it is tried.
struct Past {
    std::function<std::unique_ptr<Store>()> scratch;  ///< empty books, new ones for each call
    Entropy& entropy;
    /// Hands all entries over in slices, from the first on, until it is told false.
    std::function<void(const std::function<bool(const std::vector<JournalRow>&)>&)> journal;
};

struct SuggestOptions {
    std::shared_ptr<const policy::Document> catalogue;  ///< whose services are bought from now on
    Instant from;
    Instant to = Instant::never();
    std::int64_t headroom = 25;  ///< percent
};

struct Suggestion {
    std::string text;  ///< JSONC
    Habits habits;
    Report proof;  ///< of the text, replayed over the same requests
};

/// An error's text when there is nothing to draw from.
std::expected<Suggestion, std::string> suggest(const Past& past, const SuggestOptions& options);

}  // namespace purse::server::replay
