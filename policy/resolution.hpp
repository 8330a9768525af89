// SPDX-License-Identifier: Apache-2.0
// From what an agent named to what is bought and who is paid: the catalogue, and the
// lists that let an agent go beyond it.
#pragma once

#include <string>
#include <vector>

#include "ledger/hold.hpp"
#include "policy/document.hpp"

namespace purse::policy {

struct Resolution {
    const Service* service = nullptr;  ///< catalogue entry, when it is one
    std::string service_name;          ///< empty: a payee alone is paid
    std::string payee;       ///< lower-case address, "service:<name>", or empty: not known
    bool is_settled = true;  ///< false: what is bought could not be told
};

/// Adds what stands against it to `refusals`, in published order. A payee of the catalogue is only
/// paid under a service of the catalogue, so that no ceiling and no deny list is gone around.
Resolution resolve(const Document& document, const Agent& agent, const Purchase& what,
                   std::vector<Refusal>& refusals);

}  // namespace purse::policy
