// SPDX-License-Identifier: Apache-2.0
// The journal as it happens, for every open event stream: one look at the ledger serves them all.
// Lives on the I/O thread but for what says otherwise.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "server/http/exchange.hpp"
#include "server/operator/clerk.hpp"

namespace purse::server {

/// Runs work on the I/O thread after some time.
using After = std::function<void(std::chrono::milliseconds, std::move_only_function<void()>)>;

class EntryFeed {
public:
    struct Ports {
        Clerk& clerk;
        After after;
    };
    explicit EntryFeed(Ports ports) : ports_{std::move(ports)} {}
    ~EntryFeed();
    EntryFeed(const EntryFeed&) = delete;
    EntryFeed& operator=(const EntryFeed&) = delete;

    bool has_room() const;
    struct Start {
        Digest session{};  ///< whose end ends the stream
        std::optional<std::int64_t>
            after;            ///< the last entry that was seen; nothing: only new ones
        std::string headers;  ///< of the response
    };
    void open(std::shared_ptr<http::Exchange> exchange, Start start);

    /// Any thread: whether anybody watches.
    bool is_watched() const { return is_watched_.load(std::memory_order_relaxed); }
    /// There may be new entries.
    void wake();
    void tick();
    /// Ends all streams; none begins any more.
    void stop();

private:
    struct Stream;
    struct Sight;
    using StreamPtr = std::shared_ptr<Stream>;

    void pulse();
    void look();
    void show(const Sight& sight);
    void send(Stream& stream, const Sight& sight, std::vector<std::string>& texts);
    void end(Stream& stream, std::string_view last_words);
    void forget(const Stream* stream);
    void rest();

    Ports ports_;
    std::vector<StreamPtr> streams_;
    std::atomic<bool> is_watched_ = false;
    bool is_pulsing_ = false;
    bool is_looking_ = false;  // at the ledger, or resting after that
    bool is_wanted_ = false;   // another look, once that is over
    bool is_stopped_ = false;
    std::size_t now_ = 0;  // in ticks
    /// Expires with this object: timers and answers that come later find nobody.
    std::shared_ptr<const int> life_ = std::make_shared<int>();
};

}  // namespace purse::server
