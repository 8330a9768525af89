// SPDX-License-Identifier: Apache-2.0
// The operator page: its files, who may sign in, and what a browser asks and does. Behind a login
// that no agent's credential opens. Lives on the I/O thread.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ledger/operators.hpp"
#include "server/door/bad_attempts.hpp"
#include "server/door/metrics.hpp"
#include "server/door/operator_door.hpp"
#include "server/operator/clerk.hpp"
#include "server/operator/cookie.hpp"
#include "server/operator/feed.hpp"
#include "server/operator/journal_query.hpp"
#include "server/operator/overview.hpp"
#include "server/operator/query.hpp"
#include "server/operator/reply.hpp"
#include "server/operator/rules_cache.hpp"
#include "server/operator/spend_desk.hpp"
#include "wallet/rail.hpp"

namespace purse::server {

struct OperatorSettings {
    Reached reached = Reached::plainly;
    std::string public_origin;  ///< "https://purse.example.org", or empty
    Rail rail = Rail::book;
};

class OperatorPage final : public OperatorDoor {
public:
    struct Ports {
        tools::Till& till;
        Entropy& entropy;
        Metrics& metrics;
        Mailbox::Post post;
        After after;
    };
    OperatorPage(const Ports& ports, OperatorSettings settings);
    ~OperatorPage() override;

    void handle(http::Request& request, std::shared_ptr<http::Exchange> exchange) override;
    void tick() override;
    void stopping() override;

    /// Any thread: something was decided; deliver_news() is to follow when it is stored.
    void note_news()
    {
        if (feed_.is_watched()) has_news_.store(true, std::memory_order_relaxed);
    }
    /// Any thread.
    void deliver_news();

private:
    /// One request that may be answered, without a view into the connection's buffer.
    struct Ask {
        std::shared_ptr<http::Exchange> exchange;
        http::Method method = http::Method::get;
        std::string path;  ///< after "/operator/api/"
        std::string query;
        std::string body;
        std::string address;  ///< of the peer
        std::optional<std::string> cookie;
        std::optional<std::string> csrf;
        std::optional<std::string> last_event;
        bool is_json = false;
        bool is_waiting = false;
        bool counts_as_throttled = false;
        Digest session{};  ///< of the cookie
    };
    using AskPtr = std::shared_ptr<Ask>;
    using Act = void (OperatorPage::*)(const AskPtr&);
    struct Address;

    void file(const http::Request& request, const std::shared_ptr<http::Exchange>& exchange);
    bool is_from_elsewhere(const http::Request& request) const;
    void api(http::Request& request, std::shared_ptr<http::Exchange> exchange);
    void dispatch(const AskPtr& ask);
    bool enter(const AskPtr& ask);
    bool admit(const AskPtr& ask);

    // page_session.cpp
    void login(const AskPtr& ask);
    void logout(const AskPtr& ask);
    void session(const AskPtr& ask);
    void events(const AskPtr& ask);
    http::Response session_answer(const OperatorKeyRow& row, std::string_view secret,
                                  std::string headers) const;

    // page_reading.cpp
    void overview(const AskPtr& ask);
    void journal(const AskPtr& ask);
    void hold(const AskPtr& ask);
    void spend(const AskPtr& ask);
    void go_on(const AskPtr& ask, const std::shared_ptr<Overview>& view);
    void go_on(const AskPtr& ask, const std::shared_ptr<JournalQuery>& query, bool is_enough);
    void credentials(const AskPtr& ask);
    void payouts(const AskPtr& ask);

    // page_approvals.cpp
    enum class Verdict : std::uint8_t { no, yes };
    void approvals(const AskPtr& ask);
    void approve(const AskPtr& ask);
    void deny(const AskPtr& ask);
    void decide(const AskPtr& ask, Verdict verdict);

    // page_acting.cpp
    void freeze(const AskPtr& ask);
    void unfreeze(const AskPtr& ask);
    void issue(const AskPtr& ask);
    void revoke(const AskPtr& ask);
    void finish_change(const AskPtr& ask,
                       const std::expected<boost::json::object, PageError>& done);

    void respond(Ask& ask, http::Response response);
    void refuse(Ask& ask, const PageError& error);
    void refuse(Ask& ask, const LedgerFault& fault);
    void not_signed_in(Ask& ask);
    void leave(Ask& ask);

    /// Runs `inside(Books&, const OperatorKeyRow&)` in a transaction when the session stands, and
    /// `outside(answer)` after it; answers everything else itself.
    template <typename Inside, typename Outside>
    void look(const AskPtr& ask, Inside inside, Outside outside);
    void remember_good(const Digest& session);

    const Ports ports_;
    const OperatorSettings settings_;
    Clerk clerk_;
    EntryFeed feed_;
    std::shared_ptr<RulesCache> rules_ = std::make_shared<RulesCache>();  // the writer's thread
    SpendDesk spend_desk_{clerk_};
    BadAttempts bad_;
    std::deque<Digest> good_;  // of late, the newest last
    std::size_t throttled_asks_ = 0;
    std::size_t waiting_ = 0;
    std::atomic<bool> has_news_ = false;
};

template <typename Inside, typename Outside>
void OperatorPage::look(const AskPtr& ask, Inside inside, Outside outside)
{
    using Answer = std::invoke_result_t<Inside&, Books&, const OperatorKeyRow&>;
    using Seen = std::optional<Answer>;
    clerk_.run(
        [secret = ask->session, inside = std::move(inside)](Books& books) mutable -> Seen {
            const auto session = Operators{books}.session(secret);
            if (!session) return std::nullopt;
            return inside(books, *session);
        },
        [this, ask, outside = std::move(outside)](Heard<Seen> seen) mutable {
            if (!seen) return refuse(*ask, seen.error());
            if (!*seen) return not_signed_in(*ask);
            remember_good(ask->session);
            outside(std::move(**seen));
        });
}

}  // namespace purse::server
