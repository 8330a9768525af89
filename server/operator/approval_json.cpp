// SPDX-License-Identifier: Apache-2.0
#include "server/operator/approval_json.hpp"

#include "ledger/calendar.hpp"

namespace purse::server {

boost::json::object approval_json(const AskedHold& asked)
{
    const auto& [hold, approval] = asked;
    boost::json::array causes;
    for (const auto& wish : approval.wishes)
        causes.push_back(boost::json::object{
            {"cause", wire_name(wish.cause)}, {"rule", wish.rule}, {"detail", wish.detail}});
    boost::json::object json{{"txId", hold.id.to_string()},
                             {"state", wire_name(approval.state)},
                             {"agent", hold.who.agent},
                             {"service", hold.what.service},
                             {"payee", hold.what.payee},
                             {"amount", hold.what.amount.to_string()},
                             {"purpose", hold.what.purpose},
                             {"taskId", hold.what.task},
                             {"workflowId", hold.what.workflow},
                             {"causes", std::move(causes)},
                             {"askedAt", to_rfc3339(approval.asked_at)},
                             {"until", to_rfc3339(approval.until)},
                             {"inChat", approval.in_chat}};
    if (!approval.client.empty()) json["client"] = approval.client;
    if (approval.state == ApprovalState::waiting) return json;
    json["decidedAt"] = to_rfc3339(approval.decided_at);
    if (!approval.by.empty()) json["by"] = approval.by;
    if (approval.channel != Channel::none) json["channel"] = wire_name(approval.channel);
    if (!approval.note.empty()) json["note"] = approval.note;
    return json;
}

boost::json::array approvals_json(const std::vector<AskedHold>& asked)
{
    boost::json::array json;
    for (const auto& one : asked) json.push_back(approval_json(one));
    return json;
}

}  // namespace purse::server
