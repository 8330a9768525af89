// SPDX-License-Identifier: Apache-2.0
#include "server/door/replay.hpp"

#include <algorithm>
#include <charconv>

#include "server/door/limits.hpp"

namespace purse::server {

namespace {
std::optional<std::uint64_t> parse_number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}
}  // namespace

std::string EventId::to_string() const
{
    return std::to_string(stream) + "-" + std::to_string(event);
}

std::optional<EventId> EventId::parse(std::string_view text)
{
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto stream = parse_number(text.substr(0, dash));
    const auto event = parse_number(text.substr(dash + 1));
    if (!stream || !event) return std::nullopt;
    const EventId id{*stream, *event};
    if (id.to_string() != text) return std::nullopt;  // leading noughts
    return id;
}

Replay::Stream* Replay::find(std::uint64_t number)
{
    const auto found = std::ranges::find(streams_, number, &Stream::number);
    return found == streams_.end() ? nullptr : &*found;
}

std::uint64_t Replay::begin_stream()
{
    if (streams_.size() >= kReplayStreamsMax) forget(streams_.front().number);
    streams_.push_back({.number = ++last_stream_, .events = {}});
    return last_stream_;
}

EventId Replay::add(std::uint64_t stream, std::string_view data)
{
    auto* kept = find(stream);
    if (kept == nullptr) return {stream, 0};  // forgotten: its events cannot be asked for
    kept->events.push_back({kept->next, std::string{data}});
    bytes_ += data.size();
    drop_oldest();
    return {stream, kept->next++};
}

// The oldest streams' first: what is asked for again is the newest.
void Replay::drop_oldest()
{
    for (auto& one : streams_)
        while (bytes_ > kReplayBytesMax && !one.events.empty()) {
            bytes_ -= one.events.front().data.size();
            one.events.pop_front();
        }
}

void Replay::end_stream(std::uint64_t stream)
{
    if (auto* kept = find(stream)) {
        kept->is_complete = true;
        kept->ended_at = now_;
    }
}

void Replay::forget(std::uint64_t stream)
{
    std::erase_if(streams_, [&](const Stream& one) {
        if (one.number != stream) return false;
        for (const auto& event : one.events) bytes_ -= event.data.size();
        return true;
    });
}

std::optional<Replay::Rest> Replay::after(EventId last) const
{
    const auto found = std::ranges::find(streams_, last.stream, &Stream::number);
    if (found == streams_.end() || last.event >= found->next) return std::nullopt;
    // All that followed must still be here: a gap would be taken for silence.
    const auto first = found->events.empty() ? found->next : found->events.front().event;
    if (first > last.event + 1) return std::nullopt;
    Rest rest{.events = {}, .is_complete = found->is_complete};
    for (const auto& event : found->events)
        if (event.event > last.event)
            rest.events.emplace_back(EventId{last.stream, event.event}, event.data);
    return rest;
}

void Replay::tick()
{
    ++now_;
    for (std::size_t i = streams_.size(); i-- > 0;)
        if (streams_[i].is_complete && now_ - streams_[i].ended_at > kReplayTicks)
            forget(streams_[i].number);
}

}  // namespace purse::server
