// SPDX-License-Identifier: Apache-2.0
// One request in flight, as what answers it sees it: who asks, what else may be said on the way,
// and the one answer. Shared by the reading thread and the thread that answers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/json.hpp"
#include "server/mcp/client.hpp"
#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "server/mcp/transport.hpp"
#include "tools/tool.hpp"

namespace purse::server {

class Asks;
class Batch;
class Protocol;
class Responder;

/// What a method gave: the members of its result as JSON text without the braces.
struct Done {
    std::string members;
    bool is_constant = false;  ///< the same for every caller while this process lives
};

/// A question to the client, of those a server may ask: "elicitation/create",
/// "sampling/createMessage", "roots/list". `params` is a JSON object's text, in the modern shape.
struct InputRequest {
    std::string key;  ///< names it among the questions of one round
    std::string method;
    std::string params;
};

/// Why a question will have no answer.
enum class Unanswered {
    gone,       ///< the client went away
    late,       ///< nobody answered in time
    cancelled,  ///< the client cancelled the call
};

/// The answer needs more from the client first (2026-07-28, multi-round-trip requests). The same
/// request then comes again, with the inputs and this state. Nothing may be half done meanwhile.
struct NeedsInput {
    std::vector<InputRequest> requests;
    std::string state;  ///< for ourselves; the client sees it sealed. May be empty
    /// The answer where the client cannot be asked; nothing: one that says so.
    std::optional<tools::Result> otherwise;
    /// Of legacy questions: called instead of the handler when no answer will come, to end the
    /// call; empty: it ends with an error. A modern client that does not come back says nothing.
    std::function<void(Responder, Unanswered)> unanswered;
};

using Outcome = std::variant<Done, tools::Result, NeedsInput, RpcError>;

enum class LogSeverity { debug, info, notice, warning, error, critical, alert, emergency };
std::optional<LogSeverity> parse_severity(std::string_view name) noexcept;

/// Everything about a request that is settled before it is answered.
struct CallFacts {
    Protocol& protocol;
    std::shared_ptr<Transport> transport;
    std::shared_ptr<const json::Document> document;  ///< keeps `params` alive
    std::shared_ptr<const Peer> peer;
    std::string_view method;
    const json::Value* params = nullptr;
    RequestId id;
    Version version = kNewestLegacy;
    std::optional<LogSeverity> log_from;  ///< the least severe message the client wants
    std::shared_ptr<Batch> batch;         ///< nullptr: answered by itself
    std::size_t place = 0;
    std::shared_ptr<Asks> asks;  ///< where legacy questions wait; nullptr: none can be asked
};

class Call {
public:
    explicit Call(CallFacts facts);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // For what answers. Any thread.

    const Peer& peer() const { return *facts_.peer; }
    const tools::Caller& caller() const { return facts_.peer->caller; }
    /// The same, with the trace that this request belongs to.
    tools::Caller traced_caller() const;
    const ClientAbilities& abilities() const { return facts_.peer->abilities; }
    Version version() const { return facts_.version; }
    const json::Value* params() const { return facts_.params; }
    /// What the client has answered so far: an object, a member for each key of the last round's
    /// requests that it answered; nullptr in the first round.
    const json::Value* inputs() const { return inputs_; }
    /// What NeedsInput::state was; empty in the first round.
    const std::string& state() const { return state_; }
    bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
    enum class Mode { form, url };
    /// Whether the client's user can be asked in that way, by a round of this call.
    bool can_ask(Mode mode) const;
    /// Withdraws the questions that a legacy client has not answered yet; the call is then the
    /// caller's to answer. False: none were open.
    bool take_back_questions();

    struct Progress {
        std::int64_t done = 0;  ///< must rise from one report to the next
        std::optional<std::int64_t> total;
        std::string_view message;
    };
    /// Tells the client how far the call is, if it asked to be told. Dropped when the call is over.
    void progress(const Progress& progress);
    bool wants_progress() const;
    /// notifications/message; `data` is JSON text. Dropped when the client does not want it.
    void log(LogSeverity severity, std::string_view data);
    /// Another notice in the course of this call.
    void notify(std::string_view method, std::string_view params);

    // For the protocol.

    const CallFacts& facts() const { return facts_; }
    /// Ends the call; the first time only. An empty frame sends nothing.
    void finish(std::string frame, std::optional<ErrorCode> error);
    /// Nothing more will be sent for it. False: it was over already.
    bool cancel();
    bool closed() const { return closed_.load(); }
    /// A shared view of `cancelled` for work that outlives the caller's stack.
    static tools::CancelFlag flag_of(const std::shared_ptr<Call>& call);

    /// Counts a round of questions to a legacy client; false: it was one too many.
    bool begin_round();
    /// Before a further round: what came in for it.
    void resume(std::shared_ptr<const json::Document> inputs_document, const json::Value* inputs,
                std::string state);

private:
    const CallFacts facts_;
    std::shared_ptr<const json::Document> inputs_document_;
    const json::Value* inputs_ = nullptr;
    std::string state_;
    std::size_t rounds_ = 0;
    std::atomic<std::int64_t> reported_{-1};  // the highest progress so far
    std::atomic<bool> cancelled_{false};
    // Set by the answer or by the cancellation, whichever is first: the other sends nothing.
    std::atomic<bool> closed_{false};
    std::atomic<bool> ended_{false};
};

/// The right to answer a call once. If it is let go unused, the call is answered with an error:
/// no request stays without an answer.
class Responder {
public:
    explicit Responder(std::shared_ptr<Call> call) : call_{std::move(call)} {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) = delete;
    ~Responder();

    Call& call() const { return *call_; }
    const std::shared_ptr<Call>& shared() const { return call_; }
    void operator()(Outcome outcome);

private:
    std::shared_ptr<Call> call_;
};

}  // namespace purse::server
