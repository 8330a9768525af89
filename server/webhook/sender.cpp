// SPDX-License-Identifier: Apache-2.0
#include "server/webhook/sender.hpp"

#include <algorithm>
#include <charconv>

#include "ledger/books.hpp"
#include "ledger/webhooks.hpp"
#include "server/text.hpp"
#include "server/webhook/limits.hpp"
#include "server/webhook/signature.hpp"

namespace purse::server {

namespace {
constexpr int kGone = 410;
// A slow receiver: what is delivered is stored in between.
constexpr Span kStoreEvery = Span::seconds(2);
constexpr std::size_t kMarksCached = 4'096;
constexpr std::size_t kTroubleMax = 200;
constexpr auto kAttemptsMax = static_cast<std::int64_t>(kWebhookDelays.size());

Span delay_after(std::int64_t attempts)
{
    const auto place = std::clamp<std::int64_t>(
        attempts - 1, 0, static_cast<std::int64_t>(kWebhookDelays.size()) - 1);
    return kWebhookDelays.at(static_cast<std::size_t>(place));
}

Span pause_after(std::int64_t failures)
{
    const auto place = std::min<std::int64_t>(failures - kWebhookDownAfter,
                                              static_cast<std::int64_t>(kWebhookPauseMax));
    return kWebhookDelays.at(static_cast<std::size_t>(place));
}

bool is_down(std::int64_t failures)
{
    return failures >= kWebhookDownAfter;
}

/// Of a header field with whole seconds; a date is not heeded.
Span retry_after_of(std::string_view text)
{
    std::int64_t seconds = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || stop != end || seconds < 0) return {};
    return std::min(Span::seconds(std::min<std::int64_t>(seconds, 1'000'000)),
                    kWebhookRetryAfterMax);
}
}  // namespace

std::vector<HttpField> signed_fields(const WebhookRow& row, const std::string& id,
                                     const std::string& body, const Clock& clock)
{
    // The machine's time and not the ledger's: receivers compare it with their own.
    const auto now = clock.wall();
    const auto timestamp = std::to_string(now.us / 1'000'000);
    auto signatures = webhook_signature(row.secret, id, timestamp, body);
    if (!row.old_secret.empty() && now < row.old_until)
        signatures += ' ' + webhook_signature(row.old_secret, id, timestamp, body);
    return {{"webhook-id", id},
            {"webhook-timestamp", timestamp},
            {"webhook-signature", std::move(signatures)}};
}

/// What one look at the ledger has seen.
struct WebhookSender::Sight {
    std::optional<WebhookRow> row;
    std::vector<JournalRow> fresh;
    std::vector<Due> due;
    std::int64_t waiting = 0;  // letters
};

WebhookSender::WebhookSender(SenderPorts ports, const WebhookRow& row)
    : ports_{std::move(ports)},
      id_{row.id},
      seen_{row.progress.cursor},
      stored_{row.progress.cursor},
      stored_at_{ports_.clock.boot()}
{
    auto poster = ports_.open(row.url);
    if (poster)
        poster_ = std::move(*poster);
    else
        no_way_ = std::move(poster.error());
}

void WebhookSender::stop() noexcept
{
    stop_ = true;
    if (poster_) poster_->cancel();
}

bool WebhookSender::wants(const WebhookRow& row, std::int64_t last_entry, bool has_due,
                          Instant now) const noexcept
{
    if (row.state == WebhookState::off) return false;
    if (has_due) return true;
    // Also a full house of letters is asked from time to time whether its receiver is back.
    if (is_down(row.progress.failures)) return row.progress.paused_until <= now;
    return last_entry > seen_;
}

WebhookSender::Sight WebhookSender::look()
{
    Sight sight;
    ports_.books.transact([&](Books& books) {
        sight = {};
        auto& rows = books.rows().webhooks();
        sight.row = rows.find(id_);
        if (!sight.row || sight.row->state == WebhookState::off) return;
        const auto& progress = sight.row->progress;
        const auto now = books.now();
        sight.waiting = rows.count_letters(id_, Letters::waiting);
        auto letters = rows.due_letters(id_, now, kWebhookLettersARound);
        const bool down = is_down(progress.failures);
        if (!down || progress.paused_until <= now) {
            if (!down || sight.waiting < kWebhookLettersMax)
                sight.fresh = books.rows().journal(seen_ + 1, kWebhookEntriesARound);
            else if (letters.empty())
                letters = rows.letters(id_, Letters::waiting, 1);
        }
        for (auto& letter : letters) {
            auto entry = books.rows().journal(letter.seq, 1);
            const auto how = letter.next_at <= now ? Try::counts : Try::is_a_probe;
            if (!entry.empty())
                sight.due.push_back({std::move(letter), std::move(entry.front()), how});
        }
    });
    return sight;
}

WebhookSender::Round WebhookSender::round()
{
    const auto sight = look();
    if (!sight.row) return Round::gone;
    failures_ = sight.row->progress.failures;
    is_back_ = false;
    bool goes_on = true;
    for (std::size_t i = 0; i < sight.fresh.size() && goes_on; ++i)
        goes_on = tell(sight, sight.fresh[i]);
    for (std::size_t i = 0; i < sight.due.size() && goes_on; ++i)
        goes_on = retry(*sight.row, sight.due[i]);
    if (has_news() || must_store_ || seen_ - stored_ >= kWebhookSkippedMax) store();
    if (stop_) return Round::rest;
    if (is_back_) return Round::more;
    const bool had_all =
        sight.fresh.size() < kWebhookEntriesARound && sight.due.size() < kWebhookLettersARound;
    return had_all || !goes_on ? Round::rest : Round::more;
}

bool WebhookSender::has_news() const noexcept
{
    return delivered_ > 0 || !new_marks_.empty() || !done_letters_.empty();
}

bool WebhookSender::is_due_for(const WebhookRow& row, const WebhookMessage& message)
{
    if (!is_wanted(row.events, message.type)) return false;
    const bool is_ours = row.agent.empty() || message.agent == row.agent || message.agent == "*";
    if (!is_ours || !message.threshold) return is_ours;
    const auto& threshold = *message.threshold;
    if (marks_.size() >= kMarksCached) marks_.clear();
    const std::pair key{threshold.cap, threshold.percent};
    auto known = marks_.find(key);
    if (known == marks_.end()) {
        std::optional<Instant> stored;
        ports_.books.transact([&](Books& books) {
            stored = books.rows().webhooks().mark(id_, threshold.cap, threshold.percent);
        });
        known = marks_.emplace(key, stored).first;
    }
    return !known->second || !threshold.is_told(*known->second);
}

bool WebhookSender::tell(const Sight& sight, const JournalRow& entry)
{
    const bool was_down = is_down(failures_);
    bool has_asked = false;
    for (const auto& message : messages_of(entry)) {
        if (!is_due_for(*sight.row, message)) continue;
        has_asked = true;
        const auto outcome = send(*sight.row, message);
        if (outcome.kind == Outcome::Kind::stopped) return false;
        if (outcome.kind == Outcome::Kind::gone) {
            note_gone();
            return false;
        }
        // A threshold's mark goes with its letter, too: it will be told, or is dead.
        if (const auto& threshold = message.threshold) {
            new_marks_.push_back({.webhook = id_,
                                  .cap = threshold->cap,
                                  .percent = threshold->percent,
                                  .at = threshold->mark});
            marks_[{threshold->cap, threshold->percent}] = threshold->mark;
        }
        // One that failed before a crash may have left a letter.
        WebhookLetter letter{.webhook = id_, .seq = entry.seq, .part = message.part, .trouble = {}};
        if (outcome.kind == Outcome::Kind::delivered) {
            note_delivered(std::move(letter));
        } else {
            letter.is_dead = sight.waiting >= kWebhookLettersMax;
            note_failed(letter, outcome, Try::counts);
        }
    }
    seen_ = entry.seq;
    // One entry shows whether a receiver that is down is back, and so does the last of many
    // that failed.
    if (has_asked && (was_down || is_down(failures_))) {
        if (has_news()) store();
        return false;
    }
    const Span unstored{ports_.clock.boot().us - stored_at_.us};
    if (unstored >= kStoreEvery && delivered_ > 0) store();
    return !stop_;
}

bool WebhookSender::retry(const WebhookRow& row, const Due& due)
{
    const auto messages = messages_of(due.row);
    const auto message = std::ranges::find(messages, due.letter.part, &WebhookMessage::part);
    // An entry says what it says: only another version of this program could see it otherwise.
    if (message == messages.end()) {
        done_letters_.push_back(due.letter);
        return true;
    }
    const auto outcome = send(row, *message);
    switch (outcome.kind) {
        case Outcome::Kind::stopped: return false;
        case Outcome::Kind::gone: note_gone(); return false;
        case Outcome::Kind::failed: note_failed(due.letter, outcome, due.how); return true;
        case Outcome::Kind::delivered: break;
    }
    const bool was_down = is_down(failures_);
    note_delivered(due.letter);
    if (was_down) store();
    return true;
}

WebhookSender::Outcome WebhookSender::send(const WebhookRow& row, const WebhookMessage& message)
{
    using Kind = Outcome::Kind;
    if (stop_) return {.kind = Kind::stopped};
    if (!poster_) return {.kind = Kind::failed, .trouble = no_way_};
    const auto fields = signed_fields(row, message_id(id_, message), message.body, ports_.clock);
    const auto reply = poster_->post(message.body, fields);
    if (!reply) {
        if (stop_) return {.kind = Kind::stopped};
        return {.kind = Kind::failed,
                .trouble = printable(reply.error().what).substr(0, kTroubleMax)};
    }
    if (reply->status >= 200 && reply->status < 300) {
        ports_.crash.pass("webhook_sent");
        return {};
    }
    return {.kind = reply->status == kGone ? Kind::gone : Kind::failed,
            .trouble = "it answered " + std::to_string(reply->status),
            .retry_after = retry_after_of(reply->retry_after)};
}

void WebhookSender::note_delivered(WebhookLetter letter)
{
    ++delivered_;
    failures_ = 0;
    done_letters_.push_back(std::move(letter));
}

Span WebhookSender::jittered(Span delay)
{
    std::array<std::uint8_t, 2> chance{};
    ports_.entropy.fill(chance);
    const auto percent = 80 + ((chance[0] << 8) | chance[1]) % 41;  // 80 to 120
    return {delay.us / 100 * percent};
}

void WebhookSender::note_failed(const WebhookLetter& letter, const Outcome& outcome, Try how)
{
    if (delivered_ > 0) store();
    auto kept = letter;
    // Of a million; the same when the piece of work runs again.
    const auto chance = jittered({1'000'000}).us;
    std::int64_t failures = 0;
    ports_.books.transact([&](Books& books) {
        auto& rows = books.rows().webhooks();
        auto row = rows.find(id_);
        if (!row) return;
        const auto later = [&](Span delay) {
            const Span spread{delay.us / 1'000'000 * chance};
            return books.now() + std::max(spread, outcome.retry_after);
        };
        kept = letter;
        kept.trouble = outcome.trouble;
        if (kept.attempts == 0) kept.first_at = books.now();
        if (how == Try::counts) {
            ++kept.attempts;
            kept.is_dead = letter.is_dead || kept.attempts > kAttemptsMax;
            kept.next_at = kept.is_dead ? Instant::never() : later(delay_after(kept.attempts));
        }
        rows.put_letter(kept);
        for (const auto& mark : new_marks_) rows.put_mark(mark);
        auto& progress = row->progress;
        failures = ++progress.failures;
        if (is_down(failures)) progress.paused_until = later(pause_after(failures));
        progress.trouble = outcome.trouble;
        progress.cursor = std::max(progress.cursor, seen_.load());
        rows.update(*row);
    });
    failures_ = failures;
    new_marks_.clear();
    must_store_ = true;  // that the entry is done with
    if (kept.is_dead)
        ports_.log.warn("webhook " + id_ + ": entry " + std::to_string(kept.seq) +
                        " is a dead letter (" + kept.trouble +
                        "); `purse webhook retry` tries it again");
    if (failures == kWebhookDownAfter)
        ports_.log.warn("webhook " + id_ + ": its receiver seems to be down (" + kept.trouble +
                        "); it is asked again after pauses");
}

void WebhookSender::note_gone()
{
    store();
    ports_.books.transact(
        [&](Books& books) { Webhooks{books}.turn_off(id_, "it answered 410 Gone"); });
    ports_.log.warn("webhook " + id_ +
                    " is off: its receiver answered 410 Gone; `purse webhook retry` turns it on");
}

void WebhookSender::store()
{
    bool is_back = false;
    ports_.books.transact([&](Books& books) {
        auto& rows = books.rows().webhooks();
        auto row = rows.find(id_);
        if (!row) return;
        auto& progress = row->progress;
        progress.cursor = std::max(progress.cursor, seen_.load());
        if (delivered_ > 0) {
            // It is back: all that waits is tried at once, as far as it was ever tried.
            is_back = is_down(progress.failures);
            if (is_back) rows.wake_letters(id_, Letters::waiting, books.now());
            progress.delivered += delivered_;
            progress.delivered_at = books.now();
            progress.failures = 0;
            progress.paused_until = {};
            progress.trouble.clear();
        }
        for (const auto& letter : done_letters_) rows.erase_letter(letter);
        for (const auto& mark : new_marks_) rows.put_mark(mark);
        rows.update(*row);
    });
    is_back_ = is_back_ || is_back;
    must_store_ = false;
    stored_ = seen_;
    delivered_ = 0;
    done_letters_.clear();
    new_marks_.clear();
    stored_at_ = ports_.clock.boot();
}

}  // namespace purse::server
