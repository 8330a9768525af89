// SPDX-License-Identifier: Apache-2.0
// Follows the journal with the shadow policy, and tells where it differs. It reads behind the
// writer, never inside a payment's transaction; what it told and how far it came are stored in one
// commit, so that nothing is told twice or left out, whatever dies.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ledger/shadows.hpp"
#include "server/log.hpp"
#include "server/replay/replay.hpp"
#include "wallet/bookkeeper.hpp"

namespace purse::server {

class ShadowFollower {
public:
    struct Ports {
        Bookkeeper& books;
        Entropy& entropy;
        Log& log;
        /// Empty storage that nothing else uses: the shadow's own books.
        std::function<std::unique_ptr<Store>()> scratch;
    };
    explicit ShadowFollower(Ports ports) : ports_{std::move(ports)} {}

    enum class Round {
        none,  ///< there is no shadow policy
        rest,  ///< all entries are looked at
        more,
    };
    /// The next entries. Throws StoreError: the same entries come again.
    Round round();

private:
    struct Tried {
        ShadowRow row;
        std::unique_ptr<Store> scratch;
        std::unique_ptr<replay::Replay> replay;  // nullptr: the document cannot be read
        std::int64_t fed = 0;                    // the last entry that it knows
        std::vector<ShadowDifference> found;     // and is not told yet
    };

    void begin(const ShadowRow& row);
    void tell();

    const Ports ports_;
    std::unique_ptr<Tried> tried_;
};

}  // namespace purse::server
