// SPDX-License-Identifier: Apache-2.0
#include "wallet/known_chains.hpp"

#include <catch2/catch.hpp>

using namespace purse;

TEST_CASE("known chains: name and version give the separator that the contract says")
{
    CHECK(known_chains().size() == 3);
    for (const auto& chain : known_chains()) {
        CAPTURE(chain.name);
        CHECK(known_chain(chain.name) == &chain);
        const auto domain = token_domain(chain);
        CHECK(to_hex(as_bytes(domain_separator(domain))) == chain.separator);
        CHECK(to_checksummed(domain.contract) == chain.token);
    }
    CHECK(known_chain("polygon") == nullptr);
    CHECK(known_chain("") == nullptr);
}
