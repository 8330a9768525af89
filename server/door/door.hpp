// SPDX-License-Identifier: Apache-2.0
// MCP over HTTP: who may enter, which address means what, and the order in which a request is
// judged (Streamable HTTP 2025-03-26 to 2026-07-28, HTTP+SSE 2024-11-05). Lives on the I/O thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/door/event_stream.hpp"
#include "server/door/gate.hpp"
#include "server/door/limits.hpp"
#include "server/door/mailbox.hpp"
#include "server/door/metrics.hpp"
#include "server/door/operator_door.hpp"
#include "server/door/origin.hpp"
#include "server/door/post_reply.hpp"
#include "server/door/session_table.hpp"
#include "server/door/sse_session.hpp"
#include "server/http/exchange.hpp"
#include "server/http/figures.hpp"
#include "server/mcp/protocol.hpp"

namespace purse::server {

enum class Switch { off, on };

struct DoorSettings {
    OriginSettings origin;
    Switch legacy_sse = Switch::on;     ///< /sse and /messages
    Switch open_metrics = Switch::off;  ///< /metrics also for peers that are not on this machine
    std::string scheme_and_host;        ///< of our own address, for metadata: "http://127.0.0.1:1"
};

/// Port: what the probes ask of the ledger. `reply` may come on any thread.
class LedgerProbe {
public:
    virtual ~LedgerProbe() = default;
    /// The number of open holds; nothing when the ledger gives no answer.
    using Reply = std::move_only_function<void(std::optional<std::size_t> holds_open)>;
    virtual void probe(Reply reply) = 0;
};

class Door final : public http::Handler {
public:
    struct Ports {
        Protocol& protocol;
        Registrar& registrar;
        LedgerProbe& ledger;
        Mailbox& mailbox;
        Metrics& metrics;
        Entropy& entropy;
        const Clock& clock;
        std::function<const http::ServerFigures&()> figures;
        Mailbox::Post post;
        OperatorDoor* operator_door = nullptr;  ///< nullptr: there is no operator page here
    };
    Door(const Ports& ports, DoorSettings settings, SessionIds ids);
    ~Door() override;

    /// "http://127.0.0.1:8377": what metadata names, once the port is known.
    void set_own_address(std::string address) { settings_.scheme_and_host = std::move(address); }

    void handle(http::Request&& request, std::shared_ptr<http::Exchange> exchange) override;
    void tick() override;
    void stopping() override;

private:
    using ExchangePtr = std::shared_ptr<http::Exchange>;

    /// One request that may be answered.
    struct Visit {
        const http::Request& request;
        ExchangePtr exchange;
        Route route = Route::other;
        std::string cors;  ///< headers for every response to a page of an allowed origin
        std::string_view credential;
        const Verdict* verdict = nullptr;
    };
    /// A request of which nothing points into the connection's buffer.
    struct OwnedRequest;

    // In the order in which they judge.
    bool refuse_stranger(Visit& visit);
    void to_operator(Visit& visit, http::Request& request);
    void enter(Visit visit);
    void admit(const Visit& visit);
    void dispatch(const Visit& visit);
    void throttle(const Visit& visit);

    void preflight(const Visit& visit);
    void health(const Visit& visit);
    void ready(const Visit& visit);
    void metrics(const Visit& visit);
    void metadata(const Visit& visit);
    /// Asks the ledger; `answer` is called once, in time, with nothing when it gave no answer.
    using ProbeAnswer = std::move_only_function<void(std::optional<std::size_t> holds_open)>;
    void probe(ProbeAnswer answer);

    // door_mcp.cpp
    void mcp(const Visit& visit);
    void post(const Visit& visit);
    void post_modern(const Visit& visit, std::shared_ptr<const json::Document> document,
                     const Message& message, const Envelope& envelope);
    void post_legacy(const Visit& visit, std::shared_ptr<const json::Document> document,
                     const Message* message);
    void initialize(const Visit& visit, const std::shared_ptr<const json::Document>& document);
    void get_stream(const Visit& visit);
    void resume_stream(const Visit& visit, const std::shared_ptr<HttpSession>& session,
                       std::uint64_t stream, const Replay::Rest& rest);
    void end_session(const Visit& visit);
    std::shared_ptr<HttpSession> session_of(const Visit& visit);
    enum class Carries { one_message, batch };
    std::shared_ptr<PostReply> reply_to(const Visit& visit, Version version,
                                        std::shared_ptr<HttpSession> session,
                                        Carries carries = Carries::one_message);
    void listen(const Visit& visit, const Message& message);

    // door_sse.cpp
    void open_sse(const Visit& visit);
    void sse_message(const Visit& visit);

    // door_answers.cpp
    void respond(const Visit& visit, http::Response response);
    void refuse(const Visit& visit, int status, std::string_view text);
    void refuse_message(const Visit& visit, int status, const RequestId& id, const RpcError& error);
    void unauthorized(const Visit& visit);
    void at_capacity(const Visit& visit);
    void not_allowed(const Visit& visit, std::string_view allow);

    const Ports ports_;
    DoorSettings settings_;
    const OriginRule origins_;
    EventStreams streams_;
    Gate gate_;
    SessionTable sessions_;
    std::unordered_map<std::string, std::shared_ptr<SseSession>> sse_;
    std::unordered_map<PostReply*, std::pair<std::shared_ptr<PostReply>, RequestId>> listeners_;
    struct Probe {
        ProbeAnswer answer;  ///< empty once called
        std::size_t ticks_left = kProbeTicks;
        void end(std::optional<std::size_t> holds_open);
    };
    std::vector<std::shared_ptr<Probe>> probes_;
    std::size_t throttled_lookups_ = 0;
    bool is_stopping_ = false;
};

}  // namespace purse::server
