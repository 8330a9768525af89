// SPDX-License-Identifier: Apache-2.0
// The Exchange of one request. It outlives its connection if the handler keeps it; then it does
// nothing.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "server/http/exchange.hpp"

namespace purse::server::http {

class Connection;

class Answer final : public Exchange {
public:
    explicit Answer(std::shared_ptr<Connection> connection);
    ~Answer() override;
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    void respond(Response response) override;
    void start_stream(Response head) override;
    bool write(std::string_view bytes) override;
    void finish() override;
    void on_gone(std::move_only_function<void()> callback) override;
    std::size_t queued() const override;
    bool gone() const override;

    /// From the connection, which has ended first. May destroy this object.
    void lost();
    /// From the connection: it will call no more, and must not be called.
    void detach() noexcept;

private:
    enum class State : std::uint8_t { open, streaming, complete, gone };

    std::shared_ptr<Connection> connection_;  ///< while open or streaming
    std::move_only_function<void()> on_gone_;
    State state_ = State::open;
};

}  // namespace purse::server::http
