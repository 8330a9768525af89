// SPDX-License-Identifier: Apache-2.0
#include "ledger/shadows.hpp"

namespace purse {

void Shadows::start(std::string_view text, std::string_view source, std::string_view by)
{
    end(by);
    const auto seq = books_.next_seq();
    const auto sha = to_hex(as_bytes(sha256({text})));
    EntryWriter entry;
    entry.time("at", books_.now_).text_if("by", by).text("kind", "shadow_started");
    entry.number("seq", seq).text("sha256", sha).text("source", json::well_formed(source));
    books_.write(entry.text("text", text).take());
    books_.tx_.put_shadow({.since = seq,
                           .started_at = books_.now_,
                           .position = seq,
                           .told = 0,
                           .sha256 = sha,
                           .text = std::string{text},
                           .source = std::string{source}});
}

bool Shadows::end(std::string_view by)
{
    const auto row = current();
    if (!row) return false;
    EntryWriter entry;
    entry.time("at", books_.now_).text_if("by", by).text("kind", "shadow_ended");
    entry.number("seq", books_.next_seq()).text("sha256", row->sha256);
    entry.number("since", row->since).number("told", row->told);
    books_.write(entry.take());
    books_.tx_.erase_shadow();
    return true;
}

bool Shadows::tell(const ShadowRow& followed, const std::vector<ShadowDifference>& found,
                   std::int64_t position)
{
    auto row = current();
    if (!row || row->since != followed.since || row->position != followed.position) return false;
    for (const auto& one : found) {
        if (row->told == kShadowDifferencesMax) break;
        ++row->told;
        EntryWriter entry;
        // The payment is not this entry's: it must not be found under its id.
        entry.text_if("about", one.tx_id).text("agent", one.agent).money("amount", one.amount);
        entry.time("at", books_.now_).text("change", one.change).number("entry", one.entry);
        entry.text("kind", "shadow_differs").text("payee", one.payee).json("reasons", one.reasons);
        entry.number("seq", books_.next_seq()).text_if("service", one.service);
        books_.write(entry.number("since", row->since).take());
    }
    row->position = position;
    books_.tx_.put_shadow(*row);
    return true;
}

}  // namespace purse
