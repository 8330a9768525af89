// SPDX-License-Identifier: Apache-2.0
// Bytes from a peer through the real connection, in pieces and with events that the input chooses.
// It must not crash, hand out no more than its bounds allow, see the same requests however the
// bytes are cut, and come to an end when time has passed.
#include <cstdint>
#include <deque>

#include "tests/fuzz/check.hpp"
#include "tests/fuzz/http_script.hpp"
#include "tests/support/fake_wire.hpp"

namespace {
using namespace purse::server;
using namespace purse::server::http;
using purse::fuzz::check;
using purse::test::FakePeer;

/// Small, so that small inputs reach them.
constexpr Limits kLimits{.header_bytes_max = 512,
                         .headers_max = 8,
                         .body_bytes_max = 256,
                         .stream_queue_max = 200,
                         .stream_input_max = 64,
                         .pipeline_bytes_max = 256,
                         .linger_bytes_max = 1'000,
                         .requests_max = 2};

/// For one connection alone, so that what is cut otherwise may be refused.
constexpr Limits scarce()
{
    auto limits = kLimits;
    limits.buffered_bytes_max = 900;
    return limits;
}

bool is_clean(std::string_view text)
{
    for (const char c : text)
        if (c == '\r' || c == '\n' || c == '\0') return false;
    return true;
}

/// Answers at once, later, with a stream, by dropping or by throwing, as the path begins.
class FuzzHandler final : public Handler {
public:
    void handle(Request&& request, std::shared_ptr<Exchange> exchange) override
    {
        check_request(request);
        seen += std::string{request.path} + ' ' + request.body + '\n';
        const char kind = request.path.size() > 1 && !answers_at_once ? request.path[1] : 'r';
        if (kind == 'd') return;
        if (kind == 't' && request.query.empty()) throw std::runtime_error{"thrown on purpose"};
        if (kind == 't') throw 1;  // NOLINT(hicpp-exception-baseclass)
        exchange->on_gone([this] { ++gone; });
        if (kind == 's') {
            exchange->start_stream({.content_type = "text/event-stream", .body = "first"});
            exchange->write("second");
            streams.push_back(std::move(exchange));
        } else if (kind == 'l') {
            later.push_back(std::move(exchange));
        } else {
            respond(*exchange);
        }
    }
    static void respond(Exchange& exchange)
    {
        exchange.respond({.status = 200, .content_type = "text/plain", .body = "body"});
    }
    static void check_request(const Request& request)
    {
        std::size_t head = request.path.size() + request.query.size();
        for (const auto& header : request.headers) {
            head += header.name.size() + header.value.size();
            check(!header.name.empty() && is_clean(header.name), "a header's name");
            check(is_clean(header.value), "a header's value");
            for (const char c : header.name) check(c < 'A' || c > 'Z', "a name in upper case");
        }
        check(head <= kLimits.header_bytes_max, "the size of the head");
        check(request.headers.size() <= kLimits.headers_max, "the number of headers");
        check(request.body.size() <= kLimits.body_bytes_max, "the size of the body");
        check(request.count("host") <= 1 && request.count("content-length") <= 1, "one of a kind");
        check(!request.path.empty() && request.path.find('?') == std::string_view::npos,
              "the path");
        check(request.remote != nullptr, "the peer's address");
    }

    std::string seen;
    std::deque<std::shared_ptr<Exchange>> later;
    std::deque<std::shared_ptr<Exchange>> streams;
    int gone = 0;
    bool answers_at_once = false;
};

Log& no_log()
{
    static Log log{LogLevel::off};
    return log;
}

struct Session {
    explicit Session(Limits limits) : hub{limits, handler, no_log()} { hub.tick(now); }

    void pass(milliseconds time)
    {
        now += time;
        hub.tick(now);
    }

    void act(FakePeer& peer, char act)
    {
        switch (act) {
            case 'T': return pass(milliseconds{5'000});
            case 'L': peer.state->peer_left = true; return;
            case 'B': peer.state->peer_broke = true; return;
            case 'S':
                hub.begin_stop();
                for (auto& stream : handler.streams) stream->finish();
                return;
            case '*': peer.state->room = static_cast<std::size_t>(-1); return;
            case 'R':
                if (handler.later.empty()) return;
                FuzzHandler::respond(*handler.later.front());
                return handler.later.pop_front();
            case 'D':
                if (!handler.later.empty()) handler.later.pop_front();
                if (!handler.streams.empty()) handler.streams.pop_front();
                return;
            case 'W':
                for (auto& stream : handler.streams) stream->write(std::string(30, 'w'));
                return;
            case 'F':
                if (handler.streams.empty()) return;
                handler.streams.front()->finish();
                return handler.streams.pop_front();
            default:
                if (act >= '0' && act <= '9')
                    peer.state->room = static_cast<std::size_t>(act - '0') * 5;
        }
    }

    Hub::Clock::time_point now{std::chrono::hours{1}};
    FuzzHandler handler;
    Hub hub;
};

void play(const purse::fuzz::Script& script)
{
    Session session{scarce()};
    FakePeer peer{session.hub};
    auto text = script.text;
    for (const char act : script.acts.substr(0, 4'000)) {
        const auto piece = std::min(purse::fuzz::piece_of(act), text.size());
        if (piece == 0) session.act(peer, act);
        peer.send(text.substr(0, piece));
        text.remove_prefix(piece);
        check(session.handler.later.size() + session.handler.streams.size() <=
                  1 + static_cast<std::size_t>(session.handler.gone),
              "one request at a time");
    }
    peer.send(text);
    // Whatever happened: once all is answered and time has passed, nothing is left.
    while (!session.handler.later.empty()) session.act(peer, 'R');
    while (!session.handler.streams.empty()) session.act(peer, 'F');
    peer.run();
    for (int i = 0; i < 8 && !session.hub.empty(); ++i) {
        session.pass(kLimits.idle_patience);
        while (!session.handler.later.empty()) session.act(peer, 'R');
        while (!session.handler.streams.empty()) session.act(peer, 'F');
        peer.run();
    }
    check(session.hub.empty() && peer.destroyed(), "the connection ends");
    check(session.hub.figures.requests_in_progress == 0, "no request is left over");
    check(session.hub.figures.streams == 0, "no stream is left over");
    check(session.hub.buffered == 0, "no byte is counted that is not there");
    const auto& answers = peer.state->to_peer;
    check(answers.size() < 9 || answers.starts_with("HTTP/1.1 "), "what is said is HTTP");
}

/// What requests are seen, and what is said of them.
std::string outcome_of(std::string_view text, std::string_view acts)
{
    Session session{kLimits};
    session.handler.answers_at_once = true;
    FakePeer peer{session.hub};
    for (const char act : acts) {
        const auto piece = std::min(purse::fuzz::piece_of(act), text.size());
        if (piece > 0) peer.send(text.substr(0, piece));
        text.remove_prefix(piece);
    }
    peer.send(text);
    session.hub.cut_all();
    peer.run();
    return session.handler.seen;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto script = purse::fuzz::script_of({reinterpret_cast<const char*>(data), size});
    play(script);
    const auto whole = outcome_of(script.text, {});
    check(outcome_of(script.text, script.acts) == whole, "the cuts make no difference");
    const std::string byte_by_byte(std::min<std::size_t>(script.text.size(), 700), 'a');
    check(outcome_of(script.text, byte_by_byte) == whole, "nor do bytes that come one by one");
    return 0;
}
