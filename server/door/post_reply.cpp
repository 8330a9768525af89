// SPDX-License-Identifier: Apache-2.0
#include "server/door/post_reply.hpp"

#include <utility>

#include "server/door/limits.hpp"

namespace purse::server {

int status_of(std::optional<ErrorCode> error, Version version)
{
    if (!error) return 200;
    switch (*error) {
        case ErrorCode::parse_error:
        case ErrorCode::invalid_request: return 400;
        case ErrorCode::method_not_found: return version == kModern ? 404 : 200;
        case ErrorCode::header_mismatch:
        case ErrorCode::missing_capability:
        case ErrorCode::unsupported_protocol_version: return 400;
        case ErrorCode::session_unknown: return 404;
        case ErrorCode::invalid_params:
        case ErrorCode::internal_error: break;
    }
    return 200;
}

PostReply::PostReply(Ports ports, std::shared_ptr<http::Exchange> exchange, Facts facts)
    : ports_{ports},
      exchange_{std::move(exchange)},
      facts_{std::move(facts)}
{
}

PostReply::~PostReply() = default;

void PostReply::send(std::string frame)
{
    ports_.mailbox.put(shared_from_this(),
                       {.kind = Letter::Kind::notice, .frame = std::move(frame), .error = {}});
}

void PostReply::answer(std::string frame, std::optional<ErrorCode> error)
{
    ports_.mailbox.put(shared_from_this(),
                       {.kind = Letter::Kind::answer, .frame = std::move(frame), .error = error});
}

void PostReply::end_call(std::string frame, std::optional<ErrorCode> error)
{
    ports_.mailbox.put(shared_from_this(),
                       {.kind = Letter::Kind::end, .frame = std::move(frame), .error = error});
}

void PostReply::deliver(Letter letter)
{
    if (state_ == State::over) return;
    // The calls of a batch end one by one, without a frame; it is answered as a whole.
    if (facts_.is_batch && letter.kind == Letter::Kind::end) return;
    if (letter.kind != Letter::Kind::notice) return finish(std::move(letter.frame), letter.error);
    // Without a stream there is no way for it: the answer will do.
    if (state_ == State::streaming || begin_stream()) write_event(letter.frame);
}

void PostReply::finish(std::string frame, std::optional<ErrorCode> error)
{
    const bool must_stream = state_ == State::waiting && !facts_.takes_json && facts_.takes_events;
    if (must_stream && !frame.empty()) begin_stream();
    if (state_ == State::streaming) {
        if (!frame.empty()) write_event(frame);
        if (stream_number_ != 0) {
            facts_.session->replay.end_stream(stream_number_);
            facts_.session->calls.erase(stream_number_);
        }
        if (stream_ != nullptr) stream_->finish();
        stream_.reset();
    } else if (frame.empty()) {
        // Cancelled by its client, which waits for nothing any more.
        return accept();
    } else {
        auto headers = facts_.headers + "Cache-Control: no-store\r\n";
        if (more_headers_) headers += more_headers_();
        const auto status = status_of(error, facts_.version);
        ports_.metrics.count_request(Route::mcp, status);
        exchange_->respond({.status = status,
                            .content_type = "application/json",
                            .body = std::move(frame),
                            .headers = std::move(headers)});
    }
    end();
}

void PostReply::end()
{
    state_ = State::over;
    exchange_.reset();
    facts_.session.reset();
    more_headers_ = {};
    when_gone_ = {};
}

void PostReply::accept()
{
    if (state_ != State::waiting) return;
    ports_.metrics.count_request(Route::mcp, 202);
    exchange_->respond({.status = 202, .content_type = {}, .body = {}, .headers = facts_.headers});
    end();
}

bool PostReply::begin_stream()
{
    if (!facts_.takes_events || !ports_.streams.has_room(facts_.principal)) return false;
    std::string first;
    auto& session = facts_.session;
    if (session != nullptr) {
        stream_number_ = session->replay.begin_stream();
        session->calls[stream_number_] = weak_from_this();
        // 2025-11-25: an id to come back with, before there is anything to say.
        if (facts_.version >= Version::v2025_11_25) {
            first = "retry: " + std::to_string(kRetryMs) + "\n";
            append_event(first,
                         {.name = {}, .id = EventId{stream_number_, 0}.to_string(), .data = {}});
        }
    }
    auto headers = facts_.headers;
    if (more_headers_) headers += more_headers_();
    stream_ = ports_.streams.open(exchange_, std::move(headers), first, facts_.principal,
                                  gone_callback());
    ports_.metrics.count_request(Route::mcp, 200);
    exchange_.reset();
    state_ = State::streaming;
    return true;
}

void PostReply::write_event(std::string_view frame)
{
    std::string id;
    if (stream_number_ != 0) id = facts_.session->replay.add(stream_number_, frame).to_string();
    if (stream_ != nullptr) stream_->send({.name = "message", .id = id, .data = frame});
}

bool PostReply::resume(std::shared_ptr<http::Exchange> exchange, std::string_view missed)
{
    if (stream_ != nullptr) stream_->finish();  // the client knows better: that one is dead
    stream_ = ports_.streams.open(std::move(exchange), facts_.headers, missed, facts_.principal,
                                  gone_callback());
    return stream_ != nullptr;
}

void PostReply::when_gone(std::function<void()> gone)
{
    when_gone_ = std::move(gone);
    if (exchange_ == nullptr) return;  // answered already, or a stream: then it is watched
    exchange_->on_gone(gone_callback());
}

// It may be called when nobody keeps this any more.
std::move_only_function<void()> PostReply::gone_callback()
{
    return [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->gone();
    };
}

void PostReply::gone()
{
    stream_.reset();
    if (when_gone_) std::exchange(when_gone_, {})();
}

}  // namespace purse::server
