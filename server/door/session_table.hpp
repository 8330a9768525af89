// SPDX-License-Identifier: Apache-2.0
// The legacy sessions of Streamable HTTP that are in memory. One that is not, but whose id is good,
// is brought back: after a restart, or after it was idle for long. Lives on the I/O thread.
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/door/event_stream.hpp"
#include "server/door/replay.hpp"
#include "server/door/session_id.hpp"
#include "server/mcp/session.hpp"

namespace purse::server {

class PostReply;

struct HttpSession {
    HttpSession(Protocol& protocol, SessionStart start, std::string owner)
        : name{start.caller.session},
          principal{std::move(owner)},
          session{protocol, std::move(start)}
    {
    }

    const std::string name;
    const std::string principal;
    std::string id;                   ///< empty until it is initialized
    Instant ends = Instant::never();  ///< when the id is good no more
    Session session;
    std::vector<std::unique_ptr<EventStream>> streams;  ///< opened with GET
    Replay replay;
    /// Streams of calls that are not over, by number, so that a client can come back to them.
    std::unordered_map<std::uint64_t, std::weak_ptr<PostReply>> calls;
    std::size_t used_at = 0;  ///< tick
};

/// Who is asking, as far as sessions are concerned.
struct SessionOwner {
    std::string_view credential;
    std::string_view principal;
};

class SessionTable {
public:
    SessionTable(Protocol& protocol, SessionIds ids, Entropy& entropy, const Clock& clock)
        : protocol_{protocol},
          ids_{std::move(ids)},
          entropy_{entropy},
          clock_{clock}
    {
    }

    enum class Trouble {
        unknown,  ///< no such session of this caller: it begins anew
        full,     ///< too many: later
    };
    /// The session of an id.
    std::expected<std::shared_ptr<HttpSession>, Trouble> find(std::string_view id,
                                                              const SessionOwner& owner);
    /// A session for an initialize that is about to be answered; not in the table yet.
    std::expected<std::shared_ptr<HttpSession>, Trouble> make(const SessionOwner& owner);
    /// Puts a session that was initialized into the table; its id.
    const std::string& add(const std::shared_ptr<HttpSession>& session, const SessionOwner& owner);
    /// Ends a session for good, as far as this process remembers.
    void end(const std::shared_ptr<HttpSession>& session);

    void tick();
    /// The server stops: streams end, and so do questions that wait for a person.
    void end_streams();
    std::size_t count() const { return sessions_.size(); }
    std::size_t now() const { return now_; }

private:
    bool has_room(const std::string& principal) const;
    void insert(const std::shared_ptr<HttpSession>& session);
    void erase(const HttpSession& session);

    Protocol& protocol_;
    SessionIds ids_;
    Entropy& entropy_;
    const Clock& clock_;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::shared_ptr<HttpSession>, Hash, std::equal_to<>>
        sessions_;  // by id
    std::unordered_map<std::string, std::size_t> by_principal_;
    std::unordered_set<std::string> ended_;  // names
    std::deque<std::string> ended_order_;
    std::size_t now_ = 0;
};

}  // namespace purse::server
