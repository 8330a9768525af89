// SPDX-License-Identifier: Apache-2.0
// Credentials and payouts as the operator page lists them. In a transaction.
#pragma once

#include <boost/json/object.hpp>

#include "server/rules.hpp"
#include "wallet/rail.hpp"

namespace purse::server {

/// {"agents","credentials"}; `rules` may be nullptr.
boost::json::object credentials_list(Books& books, const Rules* rules);

/// {"rail","treasury","payouts"}.
boost::json::object payouts_list(Books& books, Rail rail);

}  // namespace purse::server
