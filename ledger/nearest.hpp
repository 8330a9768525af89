// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?": the known name nearest to one that is not known.
#pragma once

#include <optional>
#include <string_view>

namespace purse {

/// Remembers the nearest of the candidates it is shown: at most two edits away (Levenshtein;
/// a change of case alone always counts as near) and nearer than starting anew. On a tie the first.
class Nearest {
public:
    explicit Nearest(std::string_view name) noexcept : name_{name} {}

    /// `candidate` must outlive this.
    void consider(std::string_view candidate);
    std::optional<std::string_view> found() const noexcept { return best_; }

private:
    static constexpr int kDistanceMax = 2;

    std::string_view name_;
    std::optional<std::string_view> best_;
    int best_distance_ = kDistanceMax + 1;
};

/// The number of single-character edits between two texts, or `bound` + 1 when it is above it.
int edit_distance(std::string_view from, std::string_view to, int bound);

}  // namespace purse
