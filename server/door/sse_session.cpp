// SPDX-License-Identifier: Apache-2.0
#include "server/door/sse_session.hpp"

#include <utility>

namespace purse::server {

SseSession::SseSession(Mailbox& mailbox, Protocol& protocol, SessionStart start,
                       std::string principal)
    : mailbox_{mailbox},
      session_{protocol, std::move(start)},
      principal_{std::move(principal)}
{
}

void SseSession::send(std::string frame)
{
    mailbox_.put(shared_from_this(),
                 {.kind = Letter::Kind::notice, .frame = std::move(frame), .error = {}});
}

void SseSession::answer(std::string frame, std::optional<ErrorCode> error)
{
    mailbox_.put(shared_from_this(),
                 {.kind = Letter::Kind::answer, .frame = std::move(frame), .error = error});
}

void SseSession::end_call(std::string frame, std::optional<ErrorCode> error)
{
    mailbox_.put(shared_from_this(),
                 {.kind = Letter::Kind::end, .frame = std::move(frame), .error = error});
}

void SseSession::deliver(Letter letter)
{
    if (letter.kind == Letter::Kind::end) --calls_;
    if (stream_ != nullptr && !letter.frame.empty())
        stream_->send({.name = "message", .id = {}, .data = letter.frame});
}

void SseSession::end()
{
    session_.end();
    if (stream_ != nullptr) stream_->finish();
    stream_.reset();
}

}  // namespace purse::server
