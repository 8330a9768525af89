// SPDX-License-Identifier: Apache-2.0
#include "server/shadow/follower.hpp"

#include "policy/document.hpp"
#include "server/shadow/limits.hpp"

namespace purse::server {

namespace {
std::string reasons_json(const std::vector<replay::Why>& whys)
{
    std::string array = "[";
    for (const auto& why : whys) {
        if (array.size() > 1) array += ',';
        EntryWriter entry;
        entry.text_if("detail", why.detail).text("reason", why.reason).text("rule", why.rule);
        array += entry.take();
    }
    return array + "]";
}

ShadowDifference in_ledger_words(const replay::Difference& found)
{
    return {.change = std::string{wire_name(found.change)},
            .entry = found.seq,
            .tx_id = found.tx_id,
            .agent = found.agent,
            .service = found.service,
            .payee = found.payee,
            .amount = found.amount,
            .reasons = reasons_json(found.whys)};
}
}  // namespace

void ShadowFollower::begin(const ShadowRow& row)
{
    tried_ = std::make_unique<Tried>(Tried{.row = row, .scratch = {}, .replay = {}, .found = {}});
    auto document = policy::parse_document(row.text);
    if (!document) {
        ports_.log.error("the shadow policy cannot be read: " + to_string(document.error()));
        return;
    }
    tried_->scratch = ports_.scratch();
    const auto differs = [tried = tried_.get()](std::int64_t at, const replay::Difference& found) {
        // What came up before was told by who followed before.
        if (at > tried->row.position) tried->found.push_back(in_ledger_words(found));
    };
    tried_->replay = std::make_unique<replay::Replay>(
        *tried_->scratch, ports_.entropy, *std::move(document),
        replay::Options{.from = row.started_at, .agent = {}, .charged = {}, .differs = differs});
}

ShadowFollower::Round ShadowFollower::round()
{
    std::optional<ShadowRow> row;
    std::vector<JournalRow> entries;
    ports_.books.transact([&](Books& books) {
        row = Shadows{books}.current();
        if (!row) return;
        const bool is_same = tried_ != nullptr && tried_->row.since == row->since;
        entries = books.rows().journal(is_same ? tried_->fed + 1 : 1, kShadowEntriesARound);
    });
    if (!row) {
        tried_.reset();
        return Round::none;
    }
    if (tried_ == nullptr || tried_->row.since != row->since) begin(*row);
    if (tried_->replay == nullptr) return Round::rest;
    if (!entries.empty()) {
        tried_->replay->feed(entries);
        tried_->fed = entries.back().seq;
    }
    tell();
    return entries.size() == kShadowEntriesARound ? Round::more : Round::rest;
}

void ShadowFollower::tell()
{
    auto& tried = *tried_;
    if (tried.found.empty()) return;
    bool is_told = false;
    ports_.books.transact([&](Books& books) {
        is_told = Shadows{books}.tell(tried.row, tried.found, tried.fed);
        if (is_told) tried.row = *Shadows{books}.current();
    });
    if (!is_told) return tried_.reset();  // it has changed: begin anew
    tried.found.clear();
}

}  // namespace purse::server
