// SPDX-License-Identifier: Apache-2.0
// Checks the wallet against the vectors of @ethersproject/testcases: wallet_vectors FOLDER
// One line a set; fails when any vector does not agree, or when there are fewer than there were.
#include <exception>

#include "ledger/system/clock.hpp"
#include "tests/wallet/vectors/set.hpp"

using namespace purse;
using namespace purse::test;

int main(int count, char** words)
try {
    if (count != 2) {
        std::fprintf(stderr, "usage: wallet_vectors FOLDER\n");
        return 2;
    }
    const std::string folder = words[1];
    system::SystemEntropy entropy;
    const Curve curve{entropy};
    bool good = check_hashes(folder);
    good &= check_rlp(folder);
    good &= check_addresses(folder, curve);
    good &= check_typed_transactions(folder, curve);
    good &= check_legacy_transactions(folder, curve);
    good &= check_typed_data(folder, curve);
    good &= check_keystores(folder, curve);
    std::printf("(HD nodes are not checked: Purse derives no keys from seeds, BIP-32)\n");
    return good ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "wallet_vectors: %s\n", error.what());
    return 1;
}
