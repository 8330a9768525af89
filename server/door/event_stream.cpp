// SPDX-License-Identifier: Apache-2.0
#include "server/door/event_stream.hpp"

#include <utility>

#include "server/door/limits.hpp"

namespace purse::server {

http::Response event_stream_head(std::string headers)
{
    // X-Accel-Buffering: nginx would otherwise keep events back.
    headers += "Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";
    return {.status = 200,
            .content_type = "text/event-stream",
            .body = {},
            .headers = std::move(headers)};
}

void append_event(std::string& out, const Event& event)
{
    if (!event.name.empty()) {
        out += "event: ";
        out += event.name;
        out += '\n';
    }
    if (!event.id.empty()) {
        out += "id: ";
        out += event.id;
        out += '\n';
    }
    out += "data: ";
    out += event.data;
    out += "\n\n";
}

EventStream::EventStream(EventStreams& all, std::shared_ptr<http::Exchange> exchange,
                         std::string principal)
    : all_{all},
      exchange_{std::move(exchange)},
      principal_{std::move(principal)},
      place_{all.streams_.insert(all.streams_.end(), this)},
      beat_at_{all.now_ + kKeepAliveTicks}
{
    ++all_.by_principal_[principal_];
}

EventStream::~EventStream()
{
    all_.streams_.erase(place_);
    const auto found = all_.by_principal_.find(principal_);
    if (--found->second == 0) all_.by_principal_.erase(found);
    // Let go without an end: the peer must not take what it has for the whole.
    if (exchange_ != nullptr) exchange_->finish();
}

bool EventStream::write(std::string_view bytes)
{
    return exchange_ != nullptr && exchange_->write(bytes);
}

bool EventStream::send(const Event& event)
{
    std::string text;
    text.reserve(event.data.size() + event.id.size() + event.name.size() + 32);
    append_event(text, event);
    return write(text);
}

void EventStream::finish()
{
    if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->finish();
}

std::unique_ptr<EventStream> EventStreams::open(std::shared_ptr<http::Exchange> exchange,
                                                std::string headers, std::string_view first,
                                                const std::string& principal,
                                                std::move_only_function<void()> gone)
{
    if (!has_room(principal)) return nullptr;
    exchange->on_gone(std::move(gone));
    auto head = event_stream_head(std::move(headers));
    head.body = first;
    exchange->start_stream(std::move(head));
    return std::unique_ptr<EventStream>{new EventStream{*this, std::move(exchange), principal}};
}

bool EventStreams::has_room(const std::string& principal) const
{
    const auto found = by_principal_.find(principal);
    return streams_.size() < kStreamsMax &&
           (found == by_principal_.end() || found->second < kStreamsPerPrincipalMax);
}

void EventStreams::tick()
{
    ++now_;
    // The list is in the order of the next comment: all wait equally long for it.
    for (auto left = streams_.size(); left > 0; --left) {
        auto* stream = streams_.front();
        if (stream->beat_at_ > now_) return;
        stream->beat_at_ = now_ + kKeepAliveTicks;
        streams_.splice(streams_.end(), streams_, streams_.begin());
        stream->write(":\n\n");
    }
}

}  // namespace purse::server
