// SPDX-License-Identifier: Apache-2.0
#include "server/operator/hold_story.hpp"

#include <boost/json/serialize.hpp>
#include <map>

#include "ledger/calendar.hpp"
#include "ledger/payouts.hpp"
#include "server/operator/approval_json.hpp"
#include "server/operator/entry_json.hpp"
#include "server/operator/limits.hpp"
#include "tools/settlement.hpp"

namespace purse::server {

namespace {
using Found = std::map<std::int64_t, JournalRow>;

// Reports of what was taken beyond a hold, looked through for one of ours.
constexpr std::size_t kExcessesMax = 1'000;

/// Entries of one commit have one time; about a thousand of them at most.
void add_entries_at(Books& books, Instant at, const std::string& id, Found& found)
{
    const auto first = first_entry_at(books, at);
    auto rows = books.rows().journal(first, kJournalPieceMax);
    if (rows.empty()) return;
    const auto member = "\"txId\":\"" + id + "\"";
    const auto time = rows.front().at;
    for (auto& row : rows) {
        if (row.at != time) return;
        if (row.body.find(member) != std::string::npos) found.emplace(row.seq, std::move(row));
    }
}

void add_entry(Books& books, std::int64_t seq, Found& found)
{
    for (auto& row : books.rows().journal(seq, 1)) found.emplace(row.seq, std::move(row));
}

std::string client_of(const HoldStory& story)
{
    if (story.entries.empty()) return {};
    const auto document = json::parse(story.entries.front().body);
    const auto* client = document ? document->root().find("client") : nullptr;
    return client == nullptr ? std::string{} : std::string{client->text()};
}

boost::json::object hold_json(const HoldStory& story)
{
    const auto& hold = story.hold;
    boost::json::object json{{"txId", hold.id.to_string()},
                             {"state", wire_name(hold.state)},
                             {"agent", hold.who.agent},
                             {"credential", hold.who.credential},
                             {"service", hold.what.service},
                             {"payee", hold.what.payee},
                             {"amount", hold.what.amount.to_string()},
                             {"maxCapture", hold.max_capture.to_string()},
                             {"purpose", hold.what.purpose},
                             {"taskId", hold.what.task},
                             {"workflowId", hold.what.workflow},
                             {"takenAt", to_rfc3339(hold.taken_at)},
                             {"expiresAt", to_rfc3339(hold.expires_at)},
                             {"late", hold.late}};
    if (const auto client = client_of(story); !client.empty()) json["client"] = client;
    if (hold.state == HoldState::settled) json["captured"] = hold.captured.to_string();
    if (has_ended(hold.state)) json["endedAt"] = to_rfc3339(hold.ended_at);
    return json;
}

boost::json::object settlement_json(const Settlement& settlement)
{
    auto json = tools::to_json(settlement);
    json.erase("id");
    json["stage"] = settlement.stage == Stage::booked ? "booked" : wire_name(settlement.stage);
    if (settlement.payout != 0) json["payout"] = settlement.payout;
    return json;
}
}  // namespace

std::optional<HoldStory> hold_story(Books& books, const TxId& id)
{
    // First, since one whose time is over ends by this look.
    const auto asked = Approvals{books}.find(id);
    const auto row = books.rows().hold(id.seq);
    if (!row || row->hold.id != id) return std::nullopt;
    HoldStory story{.hold = row->hold};
    if (asked) story.approval = asked->approval;
    const auto& hold = story.hold;
    Found found;
    add_entry(books, id.seq, found);
    const auto text = id.to_string();
    if (asked && asked->approval.state != ApprovalState::waiting)
        add_entries_at(books, asked->approval.decided_at, text, found);
    if (has_ended(hold.state)) add_entries_at(books, hold.ended_at, text, found);
    // One that was settled late had run out before: in the first commit after its time.
    if (hold.late) add_entries_at(books, hold.expires_at, text, found);
    for (const auto& excess : books.rows().excesses(kExcessesMax))
        if (excess.hold == id.seq) add_entry(books, excess.seq, found);
    if (hold.state == HoldState::settled) story.settlement = Payouts{books}.settlement_of(id.seq);
    for (auto& [seq, entry] : found) story.entries.push_back(std::move(entry));
    return story;
}

std::string story_json(const HoldStory& story)
{
    std::string json = R"({"hold":)" + boost::json::serialize(hold_json(story));
    json += R"(,"approval":)";
    json += story.approval ? boost::json::serialize(approval_json({story.hold, *story.approval}))
                           : "null";
    json += R"(,"settlement":)";
    json += story.settlement ? boost::json::serialize(settlement_json(*story.settlement)) : "null";
    json += R"(,"entries":[)";
    for (const auto& row : story.entries) {
        if (json.back() != '[') json += ',';
        json += entry_json(row).value_or("{}");
    }
    return json + "]}";
}

}  // namespace purse::server
