// SPDX-License-Identifier: Apache-2.0
// One connection as HTTP/1.1 has it: takes bytes off a Wire, hands whole requests to the Handler
// one after the other and writes what it answers. Knows no sockets, so that a test can be the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/http/hub.hpp"
#include "server/http/message.hpp"
#include "server/http/request_check.hpp"
#include "server/http/response_head.hpp"
#include "server/http/wire.hpp"

namespace purse::server::http {

class Answer;
class RequestReader;
struct PartialRequest;

class Connection final : public std::enable_shared_from_this<Connection> {
public:
    enum class Security : std::uint8_t { plain, tls };

    Connection(Hub& hub, std::unique_ptr<Wire> wire, Remote remote, Security security);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();

    // From the wire.
    void on_readable();
    void on_writable();
    void on_wake();
    /// One of these threw.
    void failed(std::string_view what);

    // From the Answer, each at most once but write().
    void respond(Response response);
    void start_stream(Response head);
    bool write(std::string_view bytes);
    void finish();
    void let_go();
    std::size_t queued() const noexcept { return out_.size() - sent_; }
    bool is_closed() const noexcept { return state_ == State::closed; }

    // From the Hub.
    void check_deadline();
    void begin_stop();
    void cut() { lose(); }
    void abandon();
    const Remote& remote() const noexcept { return remote_; }
    std::size_t place() const noexcept { return place_; }
    void set_place(std::size_t place) noexcept { place_ = place; }

private:
    enum class State : std::uint8_t {
        reading,    ///< for a request: between two, in a head or in a body
        answering,  ///< the handler has it
        streaming,
        lingering,  ///< all is said; what still comes is thrown away
        closed,
    };

    // Requests (connection_input.cpp)
    void take(std::span<char> bytes);
    std::size_t consume(std::span<char> bytes);
    std::size_t take_head(std::span<char> bytes);
    std::size_t take_body(std::span<char> bytes);
    void dispatch(Request& request, const RequestReader& reader);
    void refuse(int status);
    void keep_bounded();
    bool may_read_on() const noexcept;
    bool is_idle() const noexcept;

    // Responses (connection.cpp)
    ResponseFrame frame_of(const Response& response) const;
    void send(std::string_view first, std::string_view second);
    void pump();
    void await_writable();
    void next();
    void linger();
    void lose();
    void wait_at_most(milliseconds patience);
    void answered();
    bool count_held();
    /// An empty string that is moved in would leave the room that was there.
    static void give_back(std::string& text) { std::string{}.swap(text); }

    Hub& hub_;
    std::unique_ptr<Wire> wire_;
    Remote remote_;
    Hub::Clock::time_point deadline_ = Hub::Clock::time_point::max();
    Hub::Clock::time_point write_deadline_{};  ///< while writing_
    std::string in_;                           ///< bytes that came and are not dealt with
    std::string out_;                          ///< bytes that have to wait, from sent_ on
    std::size_t sent_ = 0;
    std::unique_ptr<PartialRequest> partial_;  ///< whose body has not come with its head
    Answer* answer_ = nullptr;                 ///< the one that is open or streaming
    std::size_t held_ = 0;                     ///< bytes, of those that the hub counts
    std::size_t place_ = 0;
    std::size_t drained_ = 0;  ///< bytes thrown away while lingering
    HeadSearch search_;
    State state_ = State::reading;
    Security security_;
    bool begun_ = false;      ///< a first byte of the next request, or of a handshake, is awaited
    bool consuming_ = false;  ///< consume() is on the stack, and goes on by itself
    bool corked_ = false;     ///< more requests are at hand: responses leave together
    bool writing_ = false;    ///< waits for the wire to take more
    bool close_after_ = false;
    bool keep_alive_ = true;  ///< of the request being answered, as the next two
    bool http_1_0_ = false;
    bool head_only_ = false;
    bool chunked_ = false;     ///< of the stream
    bool blank_line_ = false;  ///< one was skipped before this request
};

}  // namespace purse::server::http
