// SPDX-License-Identifier: Apache-2.0
// Tells one webhook what the journal says: in the journal's order, one message at a time. What
// cannot be delivered is kept as a letter and tried again; what comes after it does not wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"
#include "ledger/store.hpp"
#include "server/log.hpp"
#include "server/wallet/crash_point.hpp"
#include "server/webhook/message.hpp"
#include "wallet/bookkeeper.hpp"
#include "wallet/rpc/http_poster.hpp"

namespace purse::server {

/// A way to a URL; an error's text when there is none.
using OpenPoster =
    std::function<std::expected<std::unique_ptr<HttpPoster>, std::string>(const std::string& url)>;

struct SenderPorts {
    Bookkeeper& books;
    const Clock& clock;
    Entropy& entropy;
    Log& log;
    CrashPoint crash;
    OpenPoster open;
};

/// The header fields that name and sign a message.
std::vector<HttpField> signed_fields(const WebhookRow& row, const std::string& id,
                                     const std::string& body, const Clock& clock);

class WebhookSender {
public:
    WebhookSender(SenderPorts ports, const WebhookRow& row);

    enum class Round : std::uint8_t {
        more,  ///< there is more to do at once
        rest,  ///< all is done that can be done now
        gone,  ///< the webhook is not there any more
    };
    /// Does a part of what there is to do. Throws StoreError when the ledger cannot be used;
    /// whatever was delivered and not stored then is delivered again.
    Round round();

    /// Any thread: whether a look at the ledger shows anything to do. `has_due`: a letter's time
    /// has come.
    bool wants(const WebhookRow& row, std::int64_t last_entry, bool has_due,
               Instant now) const noexcept;
    /// Any thread: ends what is being sent, and all that is to come.
    void stop() noexcept;

private:
    struct Sight;
    struct Outcome {
        enum class Kind : std::uint8_t { delivered, failed, gone, stopped };
        Kind kind = Kind::delivered;
        std::string trouble{};
        Span retry_after{};
    };
    /// A probe of a receiver that is down costs a letter none of its attempts.
    enum class Try : std::uint8_t { counts, is_a_probe };
    struct Due {
        WebhookLetter letter;
        JournalRow row;
        Try how = Try::counts;
    };

    Sight look();
    /// False: it is time to end the round.
    bool tell(const Sight& sight, const JournalRow& entry);
    bool retry(const WebhookRow& row, const Due& due);
    bool is_due_for(const WebhookRow& row, const WebhookMessage& message);
    Outcome send(const WebhookRow& row, const WebhookMessage& message);
    void note_delivered(WebhookLetter letter);
    void note_failed(const WebhookLetter& letter, const Outcome& outcome, Try how);
    void note_gone();
    bool has_news() const noexcept;
    void store();
    Span jittered(Span delay);

    SenderPorts ports_;
    const std::string id_;
    std::unique_ptr<HttpPoster> poster_;
    std::string no_way_;  // why there is no poster
    std::atomic<bool> stop_ = false;
    std::atomic<std::int64_t> seen_;  // entries up to this are done with
    std::int64_t stored_;             // of which the ledger knows
    std::int64_t failures_ = 0;       // in a row
    bool is_back_ = false;            // it was down, and has taken a message in this round
    // Not stored yet.
    bool must_store_ = false;
    std::int64_t delivered_ = 0;
    std::vector<WebhookMark> new_marks_;
    std::vector<WebhookLetter> done_letters_;
    Span stored_at_{};
    // Thresholds that were looked up or told.
    std::map<std::pair<std::string, int>, std::optional<Instant>> marks_;
};

}  // namespace purse::server
