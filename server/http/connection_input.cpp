// SPDX-License-Identifier: Apache-2.0
// How a connection reads requests.
#include <utility>

#include "server/http/answer.hpp"
#include "server/http/connection.hpp"
#include "server/http/failure.hpp"
#include "server/http/request_reader.hpp"

namespace purse::server::http {

namespace {
std::string retry_after(const Limits& limits)
{
    return "Retry-After: " + std::to_string(limits.retry_after.count()) + "\r\n";
}
}  // namespace

void Connection::on_readable()
{
    if (state_ == State::closed) return;
    const auto moved = wire_->read(hub_.input);
    if (moved.gone) return lose();
    const std::span<char> bytes{hub_.input.data(), moved.bytes};
    if (state_ == State::lingering) {
        drained_ += bytes.size();
        if (drained_ > hub_.limits.linger_bytes_max) return lose();
        return wire_->await_readable();
    }
    if (bytes.empty()) {
        // The end of a handshake is the start of idleness.
        if (begun_ && is_idle() && wire_->is_open()) {
            begun_ = false;
            wait_at_most(hub_.limits.idle_patience);
        }
        return wire_->await_readable();
    }
    if (state_ != State::reading || writing_) {
        in_.append(bytes.data(), bytes.size());
        keep_bounded();
        return next();
    }
    // Nearly always a whole request: it is read where it lies.
    if (in_.empty()) return take(bytes);
    in_.append(bytes.data(), bytes.size());
    auto all = std::exchange(in_, {});
    take(all);
}

bool Connection::is_idle() const noexcept
{
    return in_.empty() && !partial_ && out_.empty();
}

/// While a request is being answered the next ones may arrive, up to a bound; then the peer has to
/// wait, and its leaving is noticed later.
bool Connection::may_read_on() const noexcept
{
    return in_.size() < hub_.limits.header_bytes_max && !close_after_;
}

/// When more waits than all connections together may make wait, this one ends: at once with a 503
/// if it is its turn to be answered, else with the response that is being made.
void Connection::keep_bounded()
{
    if (count_held()) return;
    give_back(in_);
    if (state_ == State::reading) return refuse(503);
    close_after_ = true;
    count_held();
}

void Connection::take(std::span<char> bytes)
{
    while (true) {
        consuming_ = true;
        const auto used = consume(bytes);
        consuming_ = false;
        corked_ = false;
        if (state_ == State::closed) return;
        bytes = bytes.subspan(used);
        if (!out_.empty() && !writing_) pump();
        // On with the next requests if they only waited for these responses to leave.
        const bool full_stop = state_ != State::reading || writing_ || close_after_;
        if (full_stop || bytes.empty() || search_.scanned == bytes.size()) break;
    }
    if (state_ == State::closed) return;
    if (!close_after_) in_.assign(bytes.data(), bytes.size());
    keep_bounded();
    next();
}

/// Serves what requests there are; returns how many bytes are done with.
std::size_t Connection::consume(std::span<char> bytes)
{
    std::size_t used = 0;
    while (state_ == State::reading && !close_after_ && !writing_ && used < bytes.size() &&
           out_.size() < hub_.limits.pipeline_bytes_max) {
        const auto rest = bytes.subspan(used);
        const auto taken = partial_ ? take_body(rest) : take_head(rest);
        if (taken == 0) break;
        used += taken;
    }
    return used;
}

std::size_t Connection::take_head(std::span<char> bytes)
{
    const std::string_view text{bytes.data(), bytes.size()};
    const auto found = find_head_end(text, search_);
    const auto length = search_.scanned;
    if (length > hub_.limits.header_bytes_max) return refuse(431), bytes.size();
    if (found == HeadEnd::malformed) return refuse(400), bytes.size();
    if (found == HeadEnd::missing) return 0;
    search_ = {};
    if (length == 2 && !blank_line_) {
        // RFC 9112, section 2.2: some old clients send one too many after a body.
        blank_line_ = true;
        return length;
    }
    RequestReader reader{hub_.limits, hub_.request};
    const int status = reader.read_head(bytes.first(length));
    if (status != 0) return refuse(status), bytes.size();

    auto rest = bytes.subspan(length);
    const auto body = reader.length();
    if (body && *body <= rest.size()) {
        reader.read_body(rest);
        corked_ = !rest.empty();
        dispatch(hub_.request, reader);
        return bytes.size() - rest.size();
    }
    partial_ = std::make_unique<PartialRequest>(hub_.limits, text.substr(0, length),
                                                hub_.request.headers.size());
    begun_ = true;
    wait_at_most(hub_.limits.body_patience);
    if (reader.expects_continue() && rest.empty()) send("HTTP/1.1 100 Continue\r\n\r\n", {});
    return length;
}

std::size_t Connection::take_body(std::span<char> bytes)
{
    auto rest = bytes;
    const auto body = partial_->reader.read_body(rest);
    if (body == RequestReader::Body::refused)
        return refuse(partial_->reader.status()), bytes.size();
    // The beginning of a chunk's line waits until there is more of it.
    search_.scanned = rest.size();
    const auto used = bytes.size() - rest.size();
    if (body == RequestReader::Body::more) return used;
    search_ = {};
    const auto whole = std::exchange(partial_, nullptr);
    corked_ = !rest.empty();
    dispatch(whole->request, whole->reader);
    return used;
}

void Connection::dispatch(Request& request, const RequestReader& reader)
{
    request.remote = &remote_;
    request.tls = security_ == Security::tls;
    keep_alive_ = reader.keeps_alive();
    http_1_0_ = reader.is_http_1_0();
    head_only_ = request.method == Method::head;
    state_ = State::answering;
    deadline_ = Hub::Clock::time_point::max();
    auto& figures = hub_.figures;
    if (++figures.requests_in_progress > hub_.limits.requests_max) {
        ++figures.refused_capacity;
        Response busy{.status = 503, .content_type = "text/plain"};
        busy.body = "503 Service Unavailable\n";
        busy.headers = retry_after(hub_.limits);
        return respond(std::move(busy));
    }
    auto answer = std::make_shared<Answer>(shared_from_this());
    answer_ = answer.get();
    try {
        hub_.handler.handle(std::move(request), std::move(answer));
    } catch (...) {
        hub_.log.error("http: a handler failed: " + failure());
        answer.reset();
        // A copy that it kept may not answer any more.
        if (auto* kept = std::exchange(answer_, nullptr)) {
            kept->detach();
            let_go();
        }
    }
    hub_.request.body.clear();
}

/// Answers what is no request we take; the connection ends with it.
void Connection::refuse(int status)
{
    auto& figures = hub_.figures;
    ++(status == 408   ? figures.timed_out
       : status == 503 ? figures.refused_capacity
                       : figures.malformed);
    partial_.reset();
    close_after_ = true;
    head_only_ = false;
    corked_ = false;
    Response response{.status = status, .content_type = "text/plain"};
    response.body = std::to_string(status).append(" ").append(reason_of(status)).append("\n");
    if (status == 503) response.headers = retry_after(hub_.limits);
    hub_.head.clear();
    append_head(hub_.head, response, frame_of(response), hub_.date.text());
    send(hub_.head, response.body);
}

}  // namespace purse::server::http
