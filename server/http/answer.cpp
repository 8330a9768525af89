// SPDX-License-Identifier: Apache-2.0
#include "server/http/answer.hpp"

#include <utility>

#include "server/http/connection.hpp"

namespace purse::server::http {

Answer::Answer(std::shared_ptr<Connection> connection) : connection_{std::move(connection)} {}

Answer::~Answer()
{
    if (!connection_) return;
    try {
        std::exchange(connection_, nullptr)->let_go();
    } catch (...) {
        // No memory for so much as a 500: the connection's own bounds will end it.
    }
}

void Answer::respond(Response response)
{
    if (state_ != State::open || !connection_) return;
    state_ = State::complete;
    on_gone_ = nullptr;
    std::exchange(connection_, nullptr)->respond(std::move(response));
}

void Answer::start_stream(Response head)
{
    if (state_ != State::open || !connection_) return;
    state_ = State::streaming;
    // The reference of the member can go while the connection still runs.
    const auto connection = connection_;
    connection->start_stream(std::move(head));
}

bool Answer::write(std::string_view bytes)
{
    if (state_ != State::streaming || !connection_) return false;
    const auto connection = connection_;
    return connection->write(bytes);
}

void Answer::finish()
{
    if (state_ != State::streaming || !connection_) return;
    state_ = State::complete;
    on_gone_ = nullptr;
    std::exchange(connection_, nullptr)->finish();
}

void Answer::on_gone(std::move_only_function<void()> callback)
{
    if (connection_) on_gone_ = std::move(callback);
}

std::size_t Answer::queued() const
{
    return connection_ ? connection_->queued() : 0;
}

bool Answer::gone() const
{
    return state_ == State::gone || (connection_ && connection_->is_closed());
}

void Answer::lost()
{
    state_ = State::gone;
    connection_ = nullptr;
    // The callback may let go of this very object.
    auto callback = std::exchange(on_gone_, nullptr);
    if (callback) callback();
}

void Answer::detach() noexcept
{
    state_ = State::gone;
    connection_ = nullptr;
    on_gone_ = nullptr;
}

}  // namespace purse::server::http
