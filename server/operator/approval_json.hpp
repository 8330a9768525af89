// SPDX-License-Identifier: Apache-2.0
// What a person is asked about one payment, as the operator page shows it. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "ledger/approvals.hpp"

namespace purse::server {

boost::json::object approval_json(const AskedHold& asked);
boost::json::array approvals_json(const std::vector<AskedHold>& asked);

}  // namespace purse::server
