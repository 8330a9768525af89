// SPDX-License-Identifier: Apache-2.0
// What the connections of one server share: bounds, figures, buffers that none of them needs for
// longer than one call, and the list of them all. I/O thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "server/http/admission.hpp"
#include "server/http/date.hpp"
#include "server/http/exchange.hpp"
#include "server/http/figures.hpp"
#include "server/http/limits.hpp"
#include "server/log.hpp"

namespace purse::server::http {

class Connection;

class Hub {
public:
    using Clock = std::chrono::steady_clock;

    Hub(const Limits& bounds, Handler& answers, Log& sentences)
        : limits{bounds},
          handler{answers},
          log{sentences},
          admission{limits}
    {
    }
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    const Limits limits;
    Handler& handler;
    Log& log;
    ServerFigures figures;
    Admission admission;
    std::size_t buffered = 0;  ///< bytes that wait with connections
    Date date;
    bool stopping = false;
    /// As of the last tick: no request asks for the time.
    Clock::time_point now{};

    /// One read goes in here, and is dealt with before the next. No larger, because what is left of
    /// it waits with its connection while a request is answered; no smaller than a record of TLS.
    std::array<char, std::size_t{16} * 1024> input;
    std::string head;  ///< a response's head, or a chunk, until it is sent
    Request request;   ///< kept for the room of its headers

    void add(std::shared_ptr<Connection> connection);
    void remove(Connection& connection);
    bool empty() const noexcept { return connections_.empty(); }

    /// Takes the time, and closes what is overdue.
    void tick(Clock::time_point moment);
    /// Closes what is idle; what is in progress closes after its response.
    void begin_stop();
    void cut_all();
    /// The server is going away: nothing is told and nothing will be called any more.
    void abandon_all();

private:
    std::vector<std::shared_ptr<Connection>> connections_;  ///< each knows its place
};

}  // namespace purse::server::http
