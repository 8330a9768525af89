// SPDX-License-Identifier: Apache-2.0
// Before a payout: is this the chain, the token and the treasury that the settings mean? A node
// for another chain, or a token of another EIP-712 name, would make every signature worthless.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "wallet/authorization.hpp"
#include "wallet/nodes.hpp"

namespace purse {

struct ChainExpectation {
    TokenDomain token;
    Address treasury;
};

struct ChainTrouble {
    enum class Kind : std::uint8_t {
        differs,      ///< the node answered, and not as the settings have it
        unreachable,  ///< it did not answer, so nothing is known
    };
    Kind kind = Kind::differs;
    std::string node;  ///< its name
    std::string what;  ///< a sentence: what was expected, what the node says
};

struct ChainFound {
    Digest genesis{};                   ///< hash of block 0
    bool has_multicall = false;         ///< on every node that answered: payouts may go in batches
    std::vector<std::string> warnings;  ///< sentences: what will keep payouts from passing
    std::vector<ChainTrouble> unreachable;  ///< of nodes now set aside
};

/// Asks every node. Good: at least one node answered, all that did agree with the settings and with
/// each other, and those that did not answer are set aside in `nodes`. Otherwise every difference,
/// and every node that did not answer.
std::expected<ChainFound, std::vector<ChainTrouble>> check_chain(
    Nodes& nodes, const ChainExpectation& expectation);

/// Asks those that are set aside again and admits each that answers as it must; `found` is what
/// check_chain() gave. What is wrong with the others.
std::vector<ChainTrouble> admit_checked(Nodes& nodes, const ChainExpectation& expectation,
                                        const ChainFound& found);

}  // namespace purse
