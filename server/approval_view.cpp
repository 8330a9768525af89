// SPDX-License-Identifier: Apache-2.0
#include "server/approval_view.hpp"

#include <boost/json/array.hpp>

#include "ledger/calendar.hpp"

namespace purse::server {

boost::json::object approval_json(const AskedHold& asked)
{
    const auto& [hold, approval] = asked;
    boost::json::object json{{"txId", hold.id.to_string()},
                             {"state", wire_name(approval.state)},
                             {"agent", hold.who.agent},
                             {"payee", hold.what.payee},
                             {"amount", hold.what.amount.to_string()},
                             {"askedAt", to_rfc3339(approval.asked_at)},
                             {"until", to_rfc3339(approval.until)},
                             {"inChat", approval.in_chat}};
    const auto add = [&](const char* name, std::string_view text) {
        if (!text.empty()) json[name] = text;
    };
    add("client", approval.client);
    add("service", hold.what.service);
    add("purpose", hold.what.purpose);
    add("taskId", hold.what.task);
    add("workflowId", hold.what.workflow);
    boost::json::array causes;
    for (const auto& wish : approval.wishes)
        causes.push_back(
            {{"cause", wire_name(wish.cause)}, {"rule", wish.rule}, {"detail", wish.detail}});
    json["causes"] = std::move(causes);
    if (approval.state == ApprovalState::waiting) return json;
    json["decidedAt"] = to_rfc3339(approval.decided_at);
    add("by", approval.by);
    add("channel", wire_name(approval.channel));
    add("note", approval.note);
    return json;
}

}  // namespace purse::server
