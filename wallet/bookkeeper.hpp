// SPDX-License-Identifier: Apache-2.0
// Ports of the payout engine: the ledger it writes, and who watches it work.
#pragma once

#include <functional>
#include <string_view>

#include "ledger/books.hpp"

namespace purse {

class Bookkeeper {
public:
    virtual ~Bookkeeper() = default;
    /// Runs `run` in one transaction of the ledger, durable on return. It may run a second time
    /// after an attempt that stored nothing. Throws StoreError.
    virtual void transact(const std::function<void(Books&)>& run) = 0;
};

class EngineWatcher {
public:
    virtual ~EngineWatcher() = default;
    /// Trouble that an operator should see. `code` is stable, `what` a sentence.
    virtual void warn(std::string_view code, std::string_view what) = 0;
    /// The money path has come to a named point: what was decided before it is stored, what comes
    /// after it is not.
    virtual void pass(std::string_view point) = 0;
};

}  // namespace purse
