// SPDX-License-Identifier: Apache-2.0
#include "server/operator/lists.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>
#include <map>

#include "ledger/calendar.hpp"
#include "ledger/payouts.hpp"
#include "server/credential_view.hpp"
#include "server/operator/limits.hpp"

namespace purse::server {

namespace {
constexpr std::size_t kPayeesMax = 1'000;

std::string hex(std::string_view bytes)
{
    return "0x" + to_hex(bytes);
}

std::string usdc_of(std::int64_t micro)
{
    return Money::from_micro(std::max<std::int64_t>(micro, 0)).to_string();
}

/// The latest treasury, and what payees are owed that is in no block yet.
boost::json::value treasury_json(PayoutRows& rows)
{
    const auto treasuries = rows.treasuries();
    if (treasuries.empty()) return nullptr;
    const auto& treasury = treasuries.back();
    std::int64_t owed = 0;
    for (const auto& payee : rows.payees(treasury.id, 0, kPayeesMax))
        owed += std::max<std::int64_t>(payee.owed - payee.included, 0);
    boost::json::object json{{"chain", "eip155:" + std::to_string(treasury.chain)},
                             {"chainId", treasury.chain},
                             {"token", treasury.token},
                             {"address", treasury.address},
                             {"owed", usdc_of(owed)}};
    if (treasury.balance_block != 0) json["balance"] = usdc_of(treasury.balance);
    return json;
}

boost::json::object payout_json(const PayoutRow& row, std::string_view payee)
{
    boost::json::object json{{"id", row.id},
                             {"state", wire_name(row.state)},
                             {"payee", payee},
                             {"amount", usdc_of(row.value)},
                             {"createdAt", to_rfc3339(row.created_at)},
                             {"changedAt", to_rfc3339(row.changed_at)}};
    if (!row.reason.empty()) json["reason"] = row.reason;
    if (!row.tx.empty()) json["tx"] = hex(row.tx);
    if (row.block != 0) json["block"] = row.block;
    return json;
}
}  // namespace

boost::json::object credentials_list(Books& books, const Rules* rules)
{
    boost::json::array agents;
    if (rules != nullptr)
        for (const auto& agent : rules->document->agents()) agents.emplace_back(agent.name);
    auto rows = books.rows().credentials();
    std::ranges::reverse(rows);  // the latest first
    boost::json::array credentials;
    for (const auto& row : rows) {
        if (credentials.size() >= kCredentialsListedMax) break;
        auto json = credential_json(row, books.now());
        json["note"] = row.note;
        credentials.push_back(std::move(json));
    }
    const bool is_whole = credentials.size() == rows.size();
    return {{"agents", std::move(agents)},
            {"credentials", std::move(credentials)},
            {"complete", is_whole}};
}

boost::json::object payouts_list(Books& books, Rail rail)
{
    auto& rows = books.rows().payouts();
    std::map<std::int64_t, std::string> payees;
    boost::json::array payouts;
    for (const auto& row :
         rows.latest_payouts(std::numeric_limits<std::int64_t>::max(), kListedMax)) {
        auto& address = payees[row.payee];
        if (address.empty())
            if (const auto payee = rows.payee(row.payee)) address = payee->address;
        payouts.push_back(payout_json(row, address));
    }
    return {{"rail", wire_name(rail)},
            {"treasury", treasury_json(rows)},
            {"payouts", std::move(payouts)}};
}

}  // namespace purse::server
