// SPDX-License-Identifier: Apache-2.0
#include "server/door/session_table.hpp"

#include <algorithm>

#include "server/door/limits.hpp"

namespace purse::server {

std::expected<std::shared_ptr<HttpSession>, SessionTable::Trouble> SessionTable::find(
    std::string_view id, const SessionOwner& owner)
{
    if (const auto found = sessions_.find(id); found != sessions_.end()) {
        // One of somebody else is answered like one that never was.
        if (found->second->principal != owner.principal) return std::unexpected{Trouble::unknown};
        found->second->used_at = now_;
        return found->second;
    }
    // The seal covers the credential: another one does not open it.
    auto facts = ids_.read(id, owner.credential, clock_.wall());
    if (!facts || ended_.contains(facts->name)) return std::unexpected{Trouble::unknown};
    if (!has_room(std::string{owner.principal})) return std::unexpected{Trouble::full};
    auto session = std::make_shared<HttpSession>(
        protocol_,
        SessionStart{.caller = {.credential = std::string{owner.credential},
                                .session = facts->name,
                                .client = std::move(facts->client)},
                     .negotiated = facts->version,
                     .abilities = facts->abilities},
        std::string{owner.principal});
    session->id = id;
    session->ends = facts->begun + kSessionLife;
    // Whatever numbers it gave before, they were fewer than microseconds have passed since.
    session->replay = Replay{static_cast<std::uint64_t>(clock_.wall().us)};
    insert(session);
    return session;
}

std::expected<std::shared_ptr<HttpSession>, SessionTable::Trouble> SessionTable::make(
    const SessionOwner& owner)
{
    if (!has_room(std::string{owner.principal})) return std::unexpected{Trouble::full};
    return std::make_shared<HttpSession>(
        protocol_,
        SessionStart{.caller = {.credential = std::string{owner.credential},
                                .session = SessionIds::fresh_name(entropy_),
                                .client = {}},
                     .negotiated = {},
                     .abilities = {}},
        std::string{owner.principal});
}

const std::string& SessionTable::add(const std::shared_ptr<HttpSession>& session,
                                     const SessionOwner& owner)
{
    const auto& peer = session->session.peer();
    const auto now = clock_.wall();
    session->id = ids_.write({.version = session->session.negotiated().value_or(kNewestLegacy),
                              .abilities = peer.abilities,
                              .begun = now,
                              .client = peer.caller.client,
                              .name = session->name},
                             owner.credential);
    session->ends = now + kSessionLife;
    insert(session);
    return session->id;
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
    if (sessions_.emplace(session->id, session).second) ++by_principal_[session->principal];
}

void SessionTable::erase(const HttpSession& session)
{
    const auto found = sessions_.find(session.id);
    if (found == sessions_.end()) return;
    const auto count = by_principal_.find(session.principal);
    if (--count->second == 0) by_principal_.erase(count);
    sessions_.erase(found);
}

void SessionTable::tick()
{
    ++now_;
    const auto time = clock_.wall();
    std::vector<std::shared_ptr<HttpSession>> idle;
    std::vector<std::shared_ptr<HttpSession>> over;
    for (const auto& [id, session] : sessions_) {
        session->session.tick();
        session->replay.tick();
        if (session->ends <= time)
            over.push_back(session);
        else if (now_ - session->used_at > kSessionIdleTicks && session->streams.empty() &&
                 session->session.idle())
            idle.push_back(session);
    }
    for (const auto& session : idle) erase(*session);
    for (const auto& session : over) end(session);
}

void SessionTable::end_streams()
{
    for (const auto& [id, session] : sessions_) {
        // Calls that wait for an answer of their client get none any more; they are answered so.
        session->session.end();
        for (auto& stream : session->streams) stream->finish();
        session->streams.clear();
    }
}

}  // namespace purse::server
