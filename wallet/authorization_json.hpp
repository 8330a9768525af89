// SPDX-License-Identifier: Apache-2.0
// Authorizations as the JSON object of eth_signTypedData_v4, for signers outside this process.
#pragma once

#include <string>

#include "wallet/authorization.hpp"

namespace purse {

/// `{types, primaryType, domain, message}`; amounts and times are decimal strings.
std::string typed_data_of(const TokenDomain& domain, const Authorization& authorization);
std::string typed_data_of(const TokenDomain& domain, const Cancellation& cancellation);

}  // namespace purse
