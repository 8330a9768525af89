// SPDX-License-Identifier: Apache-2.0
#include "server/http/hub.hpp"

#include <utility>

#include "server/http/connection.hpp"

namespace purse::server::http {

void Hub::add(std::shared_ptr<Connection> connection)
{
    connection->set_place(connections_.size());
    connections_.push_back(std::move(connection));
    figures.connections = connections_.size();
}

void Hub::remove(Connection& connection)
{
    const auto place = connection.place();
    admission.leave(connection.remote());
    std::swap(connections_[place], connections_.back());
    connections_[place]->set_place(place);
    connections_.pop_back();
    figures.connections = connections_.size();
}

void Hub::tick(Clock::time_point moment)
{
    now = moment;
    date.refresh();
    // Nothing leaves the list here: a connection that closes is removed when it wakes.
    for (const auto& connection : connections_) connection->check_deadline();
}

void Hub::begin_stop()
{
    stopping = true;
    for (const auto& connection : connections_) connection->begin_stop();
}

void Hub::cut_all()
{
    for (const auto& connection : connections_) connection->cut();
}

void Hub::abandon_all()
{
    for (const auto& connection : std::exchange(connections_, {})) connection->abandon();
}

}  // namespace purse::server::http
