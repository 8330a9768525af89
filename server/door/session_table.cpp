// SPDX-License-Identifier: Apache-2.0
#include "server/door/session_table.hpp"

#include <algorithm>

#include "server/door/limits.hpp"

namespace purse::server {

std::expected<std::shared_ptr<HttpSession>, SessionTable::Trouble> SessionTable::find(
    std::string_view id, const SessionOwner& owner)
{
    // The id is read each time: its seal covers the credential, so another one does not open it.
    auto facts = ids_.read(id, owner.credential, clock_.wall());
    if (!facts || ended_.contains(facts->name)) return std::unexpected{Trouble::unknown};
    if (const auto found = sessions_.find(facts->name); found != sessions_.end()) {
        found->second->used_at = now_;
        return found->second;
    }
    if (!has_room(std::string{owner.principal})) return std::unexpected{Trouble::full};
    auto session = std::make_shared<HttpSession>(
        protocol_,
        SessionStart{.caller = {.credential = std::string{owner.credential},
                                .session = facts->name,
                                .client = std::move(facts->client)},
                     .negotiated = facts->version,
                     .abilities = facts->abilities},
        facts->name, std::string{owner.principal});
    insert(session);
    return session;
}

std::expected<std::shared_ptr<HttpSession>, SessionTable::Trouble> SessionTable::make(
    const SessionOwner& owner)
{
    if (!has_room(std::string{owner.principal})) return std::unexpected{Trouble::full};
    auto name = SessionIds::fresh_name(entropy_);
    return std::make_shared<HttpSession>(
        protocol_,
        SessionStart{
            .caller = {.credential = std::string{owner.credential}, .session = name, .client = {}},
            .negotiated = {},
            .abilities = {}},
        name, std::string{owner.principal});
}

std::string SessionTable::add(const std::shared_ptr<HttpSession>& session,
                              const SessionOwner& owner)
{
    insert(session);
    const auto& peer = session->session.peer();
    return ids_.write({.version = session->session.negotiated().value_or(kNewestLegacy),
                       .abilities = peer.abilities,
                       .begun = clock_.wall(),
                       .client = peer.caller.client,
                       .name = session->name},
                      owner.credential);
}

void SessionTable::end(const std::shared_ptr<HttpSession>& session)
{
    session->session.end();
    for (auto& stream : session->streams) stream->finish();
    session->streams.clear();
    erase(*session);
    if (!ended_.insert(session->name).second) return;
    ended_order_.push_back(session->name);
    if (ended_order_.size() <= kEndedMax) return;
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
}

bool SessionTable::has_room(const std::string& principal) const
{
    const auto found = by_principal_.find(principal);
    return sessions_.size() < kSessionsMax &&
           (found == by_principal_.end() || found->second < kSessionsPerPrincipalMax);
}

void SessionTable::insert(const std::shared_ptr<HttpSession>& session)
{
    session->used_at = now_;
    if (sessions_.emplace(session->name, session).second) ++by_principal_[session->principal];
}

void SessionTable::erase(const HttpSession& session)
{
    const auto found = sessions_.find(session.name);
    if (found == sessions_.end()) return;
    const auto count = by_principal_.find(session.principal);
    if (--count->second == 0) by_principal_.erase(count);
    sessions_.erase(found);
}

void SessionTable::tick()
{
    ++now_;
    std::vector<std::shared_ptr<HttpSession>> idle;
    for (const auto& [name, session] : sessions_) {
        session->session.tick();
        session->replay.tick(now_);
        if (now_ - session->used_at > kSessionIdleTicks && session->streams.empty() &&
            session->session.idle())
            idle.push_back(session);
    }
    for (const auto& session : idle) erase(*session);
}

void SessionTable::end_streams()
{
    for (const auto& [name, session] : sessions_) {
        for (auto& stream : session->streams) stream->finish();
        session->streams.clear();
    }
}

}  // namespace purse::server
