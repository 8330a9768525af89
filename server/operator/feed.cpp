// SPDX-License-Identifier: Apache-2.0
#include "server/operator/feed.hpp"

#include <algorithm>
#include <utility>

#include "ledger/books.hpp"
#include "ledger/operators.hpp"
#include "server/door/event_stream.hpp"
#include "server/operator/entry_json.hpp"
#include "server/operator/limits.hpp"

namespace purse::server {

struct EntryFeed::Stream {
    std::shared_ptr<http::Exchange> exchange;
    Digest session{};
    std::optional<std::int64_t> after;
    std::int64_t next = 0;  // entry to send; 0: it has not been greeted
    std::size_t beat_at = 0;
};

/// What one look has seen.
struct EntryFeed::Sight {
    std::int64_t seq = 0;  // the last entry there is
    std::vector<JournalRow> rows;
    std::vector<Digest> ended;  // sessions
};

EntryFeed::~EntryFeed()
{
    for (const auto& stream : std::exchange(streams_, {})) stream->exchange->on_gone({});
}

bool EntryFeed::has_room() const
{
    return !is_stopped_ && streams_.size() < kFeedStreamsMax;
}

void EntryFeed::open(std::shared_ptr<http::Exchange> exchange, Start start)
{
    auto stream = std::make_shared<Stream>(Stream{.exchange = std::move(exchange),
                                                  .session = start.session,
                                                  .after = start.after,
                                                  .beat_at = now_ + kFeedKeepAliveTicks});
    stream->exchange->on_gone([this, gone = stream.get()] { forget(gone); });
    stream->exchange->start_stream(event_stream_head(std::move(start.headers)));
    streams_.push_back(std::move(stream));
    is_watched_ = true;
    look();
    if (!std::exchange(is_pulsing_, true)) pulse();
}

void EntryFeed::pulse()
{
    // Entries of other processes are found by looking.
    ports_.after(kFeedPulse, [this, life = std::weak_ptr{life_}] {
        if (life.expired()) return;
        is_pulsing_ = !streams_.empty();
        if (!is_pulsing_) return;
        look();
        pulse();
    });
}

void EntryFeed::wake()
{
    if (!streams_.empty()) look();
}

void EntryFeed::look()
{
    if (std::exchange(is_looking_, true)) {
        is_wanted_ = true;
        return;
    }
    is_wanted_ = false;
    std::int64_t from = 0;
    std::vector<Digest> sessions;
    for (const auto& stream : streams_) {
        sessions.push_back(stream->session);
        // One that does not read must not have everybody's look begin further back each time.
        const bool takes = stream->next > 0 && stream->exchange->queued() < kFeedBytesMax / 2;
        if (takes) from = from == 0 ? stream->next : std::min(from, stream->next);
        if (stream->next == 0 && stream->after)
            from = from == 0 ? *stream->after + 1 : std::min(from, *stream->after + 1);
    }
    ports_.clerk.run(
        [from, sessions = std::move(sessions)](Books& books) {
            auto sight = std::make_shared<Sight>();
            sight->seq = books.meta().seq;
            const auto first =
                std::max(from, sight->seq - static_cast<std::int64_t>(kFeedBehindMax) + 1);
            if (from > 0 && from <= sight->seq)
                sight->rows = books.rows().journal(first, kFeedBehindMax);
            for (const auto& session : sessions)
                if (!Operators{books}.is_live(session)) sight->ended.push_back(session);
            return sight;
        },
        [this, life = std::weak_ptr{life_}](const Heard<std::shared_ptr<Sight>>& sight) {
            if (life.expired()) return;
            if (sight) show(**sight);
            rest();
        });
}

void EntryFeed::rest()
{
    ports_.after(kFeedPauseMin, [this, life = std::weak_ptr{life_}] {
        if (life.expired()) return;
        is_looking_ = false;
        if (is_wanted_ && !streams_.empty()) look();
    });
}

void EntryFeed::show(const Sight& sight)
{
    std::vector<std::string> texts(sight.rows.size());
    const auto all = streams_;  // one that fails leaves the list
    for (const auto& stream : all) {
        if (std::ranges::find(sight.ended, stream->session) != sight.ended.end())
            end(*stream, "the session has ended");
        else
            send(*stream, sight, texts);
    }
}

void EntryFeed::send(Stream& stream, const Sight& sight, std::vector<std::string>& texts)
{
    std::string out;
    if (stream.next == 0) {
        append_event(
            out,
            {.name = "hello", .id = {}, .data = "{\"seq\":" + std::to_string(sight.seq) + "}"});
        stream.next = std::min(stream.after.value_or(sight.seq), sight.seq) + 1;
    }
    const auto room =
        stream.exchange->queued() >= kFeedBytesMax ? 0 : kFeedBytesMax - stream.exchange->queued();
    const auto oldest = sight.seq - static_cast<std::int64_t>(kFeedBehindMax) + 1;
    if (stream.next < oldest && !sight.rows.empty() && sight.rows.front().seq == oldest) {
        append_event(out, {.name = "gap",
                           .id = std::to_string(oldest - 1),
                           .data = "{\"from\":" + std::to_string(stream.next) +
                                   ",\"to\":" + std::to_string(oldest - 1) + "}"});
        stream.next = oldest;
    }
    std::size_t sent = 0;
    for (std::size_t i = 0; i < sight.rows.size() && sent < kFeedEntriesMax; ++i) {
        const auto& row = sight.rows[i];
        if (row.seq < stream.next) continue;
        if (row.seq > stream.next) break;
        if (texts[i].empty()) texts[i] = entry_json(row).value_or("{}");
        if (!out.empty() && out.size() + texts[i].size() > room) break;
        append_event(out, {.name = "entry", .id = std::to_string(row.seq), .data = texts[i]});
        ++stream.next;
        ++sent;
    }
    // What did not fit, or came meanwhile, is for the next look.
    if (stream.next <= sight.seq) is_wanted_ = true;
    if (out.empty()) return;
    stream.beat_at = now_ + kFeedKeepAliveTicks;
    stream.exchange->write(out);
}

void EntryFeed::end(Stream& stream, std::string_view last_words)
{
    std::string out;
    append_event(
        out, {.name = "bye", .id = {}, .data = "{\"reason\":" + json::quoted(last_words) + "}"});
    stream.exchange->write(out);
    stream.exchange->finish();
    forget(&stream);
}

void EntryFeed::forget(const Stream* stream)
{
    std::erase_if(streams_, [&](const StreamPtr& one) { return one.get() == stream; });
    is_watched_ = !streams_.empty();
}

void EntryFeed::tick()
{
    ++now_;
    const auto all = streams_;
    for (const auto& stream : all) {
        if (stream->beat_at > now_) continue;
        stream->beat_at = now_ + kFeedKeepAliveTicks;
        stream->exchange->write(":\n\n");
    }
}

void EntryFeed::stop()
{
    is_stopped_ = true;
    const auto all = streams_;
    for (const auto& stream : all) end(*stream, "the server stops");
}

}  // namespace purse::server
