// SPDX-License-Identifier: Apache-2.0
// A wire that a test is at the other end of, without sockets, threads or time. `FakePeer` drives
// one connection as a loop would: nothing is called from inside another call.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/connection.hpp"
#include "server/http/wire.hpp"

namespace purse::test {

/// Both ends of the wire see this.
struct WireState {
    std::string to_server;
    std::string to_peer;
    std::size_t room = static_cast<std::size_t>(-1);  ///< bytes the peer takes before it stalls
    std::size_t piece_max = static_cast<std::size_t>(-1);  ///< bytes of one read
    bool peer_left = false;
    bool peer_broke = false;  ///< writing to it fails, too
    bool is_open = true;      ///< of a handshake
    bool shut_down = false;
    bool closed = false;
    bool reads = false;
    bool writes = false;
    bool wakes = false;
};

class FakeWire final : public server::http::Wire {
public:
    explicit FakeWire(std::shared_ptr<WireState> state) : state_{std::move(state)} {}

    void attach(server::http::Connection& /*connection*/) override {}
    server::http::Moved read(std::span<char> room) override
    {
        const auto size = std::min({room.size(), state_->to_server.size(), state_->piece_max});
        if (size == 0) return {.gone = state_->peer_left || state_->peer_broke};
        state_->to_server.copy(room.data(), size);
        state_->to_server.erase(0, size);
        return {.bytes = size};
    }
    server::http::Moved write(std::string_view first, std::string_view second) override
    {
        if (state_->peer_broke || state_->closed || state_->shut_down) return {.gone = true};
        const auto before = state_->to_peer.size();
        for (const auto part : {first, second}) {
            const auto taken = std::min(part.size(), state_->room);
            state_->to_peer.append(part.substr(0, taken));
            if (state_->room != static_cast<std::size_t>(-1)) state_->room -= taken;
        }
        return {.bytes = state_->to_peer.size() - before};
    }
    bool is_open() const override { return state_->is_open; }
    void await_readable() override { state_->reads = true; }
    void await_writable() override { state_->writes = true; }
    void wake() override { state_->wakes = true; }
    void shut_down() override { state_->shut_down = true; }
    void close() override { state_->closed = true; }

private:
    std::shared_ptr<WireState> state_;
};

class FakePeer {
public:
    explicit FakePeer(server::http::Hub& hub, std::shared_ptr<WireState> wire_state = nullptr)
        : state{wire_state ? std::move(wire_state) : std::make_shared<WireState>()}
    {
        const server::http::Remote remote{.address = "127.0.0.1", .loopback = true};
        hub.admission.enter(remote);
        auto made = std::make_shared<server::http::Connection>(
            hub, std::make_unique<FakeWire>(state), remote,
            server::http::Connection::Security::plain);
        connection_ = made;
        hub.add(made);
        made->start();
    }

    std::shared_ptr<WireState> state;

    void send(std::string_view bytes)
    {
        state->to_server += bytes;
        run();
    }
    /// What came since the last time.
    std::string received() { return std::exchange(state->to_peer, {}); }
    std::string ask(std::string_view bytes)
    {
        send(bytes);
        return received();
    }
    bool destroyed() const { return connection_.expired(); }

    /// Everything that is due, and a bound for what never ends.
    void run()
    {
        for (int turns = 0; turns < 100'000; ++turns)
            if (!turn()) return;
        throw std::runtime_error{"the connection never comes to rest"};
    }
    bool turn()
    {
        // The loop keeps what it calls alive.
        const auto connection = connection_.lock();
        if (!connection) return false;
        if (std::exchange(state->wakes, false)) {
            connection->on_wake();
            return true;
        }
        if (state->closed) return false;
        const bool input = !state->to_server.empty() || state->peer_left || state->peer_broke;
        if (state->reads && input) {
            state->reads = false;
            connection->on_readable();
            return true;
        }
        if (state->writes && (state->room > 0 || state->peer_broke)) {
            state->writes = false;
            connection->on_writable();
            return true;
        }
        return false;
    }

private:
    std::weak_ptr<server::http::Connection> connection_;
};

}  // namespace purse::test
