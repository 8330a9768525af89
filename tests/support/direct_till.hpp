// SPDX-License-Identifier: Apache-2.0
// A way to the ledger without a writer: each piece of work is a transaction of its own, at once.
#pragma once

#include <span>

#include "tests/support/test_ledger.hpp"
#include "tools/till.hpp"

namespace purse::test {

class DirectTill final : public tools::Till {
public:
    explicit DirectTill(TestLedger& ledger) : ledger_{ledger} {}
    bool submit(Work& work) override
    {
        if (is_full) return false;
        ++pieces;
        ledger_.ledger().transact(std::span{&work, 1});
        return true;
    }

    bool is_full = false;
    int pieces = 0;

private:
    TestLedger& ledger_;
};

}  // namespace purse::test
