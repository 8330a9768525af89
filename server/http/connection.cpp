// SPDX-License-Identifier: Apache-2.0
// The connection's life and its responses; how it reads requests is in connection_input.cpp.
#include "server/http/connection.hpp"

#include <utility>

#include "server/http/answer.hpp"
#include "server/http/request_reader.hpp"

namespace purse::server::http {

Connection::Connection(Hub& hub, std::unique_ptr<Wire> wire, Remote remote, Security security)
    : hub_{hub},
      wire_{std::move(wire)},
      remote_{std::move(remote)},
      security_{security}
{
}

Connection::~Connection() = default;

void Connection::start()
{
    wire_->attach(*this);
    begun_ = !wire_->is_open();
    wait_at_most(begun_ ? hub_.limits.header_patience : hub_.limits.idle_patience);
    wire_->await_readable();
}

ResponseFrame Connection::frame_of(const Response& response) const
{
    ResponseFrame frame;
    if (close_after_ || response.close || !keep_alive_ || hub_.stopping)
        frame.after = ResponseFrame::After::close;
    else if (http_1_0_)
        frame.after = ResponseFrame::After::say_keep;
    return frame;
}

void Connection::answered()
{
    state_ = State::reading;
    begun_ = false;
    blank_line_ = false;
    if (!consuming_) wire_->wake();  // never a next request from inside a handler's call
}

void Connection::respond(Response response)
{
    answer_ = nullptr;  // it is done with us, also when the peer has just been lost
    if (state_ != State::answering) return;
    const auto frame = frame_of(response);
    close_after_ = frame.after == ResponseFrame::After::close;
    --hub_.figures.requests_in_progress;
    answered();
    hub_.head.clear();
    append_head(hub_.head, response, frame, hub_.date.text());
    const bool bodiless = head_only_ || response.content_type.empty() || !has_body(response.status);
    send(hub_.head, bodiless ? std::string_view{} : std::string_view{response.body});
}

void Connection::start_stream(Response head)
{
    if (state_ != State::answering) return;
    auto frame = frame_of(head);
    chunked_ = !http_1_0_;
    frame.body = chunked_ ? ResponseFrame::Body::chunked : ResponseFrame::Body::until_close;
    if (http_1_0_) frame.after = ResponseFrame::After::close;
    close_after_ = frame.after == ResponseFrame::After::close;
    --hub_.figures.requests_in_progress;
    ++hub_.figures.streams;
    state_ = State::streaming;
    hub_.head.clear();
    append_head(hub_.head, head, frame, hub_.date.text());
    if (!head_only_) {
        if (chunked_)
            append_chunk(hub_.head, head.body);
        else
            hub_.head += head.body;
    }
    send(hub_.head, {});
}

bool Connection::write(std::string_view bytes)
{
    if (state_ != State::streaming) return false;
    if (head_only_ || bytes.empty()) return true;
    if (chunked_) {
        hub_.head.clear();
        append_chunk(hub_.head, bytes);
        bytes = hub_.head;
    }
    send(bytes, {});
    if (queued() > hub_.limits.stream_queue_max) {
        ++hub_.figures.timed_out;
        lose();
    }
    return state_ == State::streaming;
}

void Connection::finish()
{
    answer_ = nullptr;  // as in respond()
    if (state_ != State::streaming) return;
    --hub_.figures.streams;
    close_after_ = close_after_ || hub_.stopping;
    const bool ends_in_band = chunked_ && !head_only_;
    answered();
    if (ends_in_band) send(kLastChunk, {});
}

void Connection::let_go()
{
    answer_ = nullptr;
    // A stream that nobody ends is cut, so that the peer does not take it for whole.
    if (state_ == State::streaming) return lose();
    if (state_ != State::answering) return;
    hub_.log.error("http: a request was dropped without an answer");
    Response response{.status = 500, .content_type = "text/plain"};
    response.body = "500 Internal Server Error\n";
    respond(std::move(response));
}

void Connection::send(std::string_view first, std::string_view second)
{
    if (out_.empty() && !corked_) {
        const auto moved = wire_->write(first, second);
        if (moved.gone) return lose();
        if (moved.bytes == first.size() + second.size()) return;
        const auto of_first = std::min(moved.bytes, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(moved.bytes - of_first);
    }
    out_.append(first).append(second);
    if (!corked_) await_writable();
}

void Connection::pump()
{
    bool progress = false;
    while (sent_ < out_.size()) {
        const auto moved = wire_->write(std::string_view{out_}.substr(sent_), {});
        if (moved.gone) return lose();
        if (moved.bytes == 0)
            return progress || !writing_ ? await_writable() : wire_->await_writable();
        progress = true;
        sent_ += moved.bytes;
    }
    // What a slow moment made it hold is given back; ten thousand streams have such moments.
    give_back(out_);
    sent_ = 0;
    writing_ = false;
    count_held();
}

void Connection::await_writable()
{
    // Of those who hold what others need, who reads slowly goes.
    if (!count_held()) {
        ++hub_.figures.timed_out;
        return lose();
    }
    writing_ = true;
    write_deadline_ = hub_.now + hub_.limits.write_patience;
    wire_->await_writable();
}

void Connection::on_writable()
{
    if (state_ == State::closed || !writing_) return;
    pump();
    if (!writing_) next();
}

/// Goes on after a response has left, or after bytes have been dealt with.
void Connection::next()
{
    switch (state_) {
        case State::reading:
            if (writing_) return;  // on_writable() comes back here
            if (close_after_) return linger();
            if (search_.scanned < in_.size()) {
                auto bytes = std::exchange(in_, {});
                return take(bytes);
            }
            if (is_idle()) {
                if (hub_.stopping) return lose();
                if (wire_->is_open()) wait_at_most(hub_.limits.idle_patience);
            } else if (!begun_) {
                begun_ = true;
                wait_at_most(hub_.limits.header_patience);
            }
            return wire_->await_readable();
        case State::answering:
            if (may_read_on()) wire_->await_readable();
            return;
        case State::streaming:
            if (in_.size() > hub_.limits.stream_input_max) return lose();
            return wire_->await_readable();
        case State::lingering: return wire_->await_readable();
        case State::closed: return;
    }
}

void Connection::linger()
{
    state_ = State::lingering;
    give_back(in_);
    partial_.reset();
    count_held();
    wire_->shut_down();
    wait_at_most(hub_.limits.linger_patience);
    wire_->await_readable();
}

void Connection::lose()
{
    if (state_ == State::closed) return;
    if (state_ == State::answering) --hub_.figures.requests_in_progress;
    if (state_ == State::streaming) --hub_.figures.streams;
    state_ = State::closed;
    deadline_ = Hub::Clock::time_point::max();
    wire_->close();
    wire_->wake();
}

void Connection::on_wake()
{
    if (state_ != State::closed) return next();
    give_back(in_);
    give_back(out_);
    sent_ = 0;
    partial_.reset();
    count_held();
    hub_.remove(*this);
    if (auto* answer = std::exchange(answer_, nullptr)) answer->lost();
}

void Connection::failed(std::string_view what)
{
    consuming_ = false;
    lose();
    hub_.log.error(std::string{"http: a connection was cut: "}.append(what));
}

void Connection::abandon()
{
    state_ = State::closed;
    wire_->close();
    if (auto* answer = std::exchange(answer_, nullptr)) answer->detach();
}

/// Tells the hub how much waits here; false when more does than before, and too much in all.
bool Connection::count_held()
{
    const auto size_of = [](const std::string& text) {
        return text.capacity() < sizeof(std::string) ? 0 : text.capacity();
    };
    const auto before = held_;
    held_ = size_of(in_) + size_of(out_) + (partial_ ? partial_->size() : 0);
    hub_.buffered = hub_.buffered - before + held_;
    return held_ <= before || hub_.buffered <= hub_.limits.buffered_bytes_max;
}

void Connection::wait_at_most(milliseconds patience)
{
    deadline_ = hub_.now + patience;
}

void Connection::check_deadline()
{
    const bool reads_slowly = writing_ && hub_.now >= write_deadline_;
    if (!reads_slowly && hub_.now < deadline_) return;
    // Whoever does not even shake hands, or read, gets no sentence.
    if (state_ == State::reading && begun_ && !writing_ && wire_->is_open()) {
        deadline_ = Hub::Clock::time_point::max();
        refuse(408);
        return next();
    }
    if (state_ != State::lingering) ++hub_.figures.timed_out;
    lose();
}

void Connection::begin_stop()
{
    if (state_ == State::reading && writing_)
        close_after_ = true;
    else if (state_ == State::reading && is_idle())
        lose();
}

}  // namespace purse::server::http
