// SPDX-License-Identifier: Apache-2.0
// One open text/event-stream response (WHATWG HTML, section 9.2), and the list of all, which keeps
// quiet ones alive with comments. Lives on the I/O thread.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/http/exchange.hpp"

namespace purse::server {

/// The head of such a response; `headers` as http::Response has them.
http::Response event_stream_head(std::string headers);

struct Event {
    std::string_view name;  ///< empty: "message"
    std::string_view id;    ///< empty: none
    std::string_view data;  ///< one line
};
/// Appends it as the stream has it.
void append_event(std::string& out, const Event& event);

class EventStreams;

class EventStream {
public:
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;
    ~EventStream();

    /// False: the peer is gone.
    bool write(std::string_view bytes);
    bool send(const Event& event);
    /// Ends the response. The owner then lets go.
    void finish();

private:
    friend class EventStreams;
    EventStream(EventStreams& all, std::shared_ptr<http::Exchange> exchange, std::string principal);

    EventStreams& all_;
    std::shared_ptr<http::Exchange> exchange_;
    std::string principal_;
    std::list<EventStream*>::iterator place_;
    std::size_t beat_at_ = 0;  // tick of the next comment
};

class EventStreams {
public:
    /// Begins the response on an exchange; nullptr when there are too many, of this caller or in
    /// all (nothing is sent then). `gone` is called once if the peer leaves before finish().
    std::unique_ptr<EventStream> open(std::shared_ptr<http::Exchange> exchange, std::string headers,
                                      std::string_view first, const std::string& principal,
                                      std::move_only_function<void()> gone);
    bool has_room(const std::string& principal) const;
    std::size_t count() const { return streams_.size(); }
    void tick();

private:
    friend class EventStream;
    std::list<EventStream*> streams_;  // the next to get a comment first
    std::unordered_map<std::string, std::size_t> by_principal_;
    std::size_t now_ = 0;
};

}  // namespace purse::server
