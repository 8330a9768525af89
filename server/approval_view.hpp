// SPDX-License-Identifier: Apache-2.0
// What a person was asked about a payment, for programs: the same for commands and the page.
#pragma once

#include <boost/json/object.hpp>

#include "ledger/approvals.hpp"

namespace purse::server {

/// {"txId", "state", "agent", "client", "service", "payee", "amount", "purpose", "taskId",
/// "workflowId", "causes", "askedAt", "until", "inChat", "decidedAt", "by", "channel", "note"};
/// what is empty is left out.
boost::json::object approval_json(const AskedHold& asked);

}  // namespace purse::server
