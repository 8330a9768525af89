// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/call.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/limits.hpp"
#include "server/mcp/asks.hpp"
#include "server/mcp/calls.hpp"
#include "server/mcp/protocol.hpp"
#include "server/mcp/trace.hpp"

namespace purse::server {

namespace {
constexpr std::array<std::string_view, 8> kSeverities = {
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

const json::Value* in_meta(const json::Value* params, std::string_view name)
{
    const auto* meta = params == nullptr ? nullptr : params->find("_meta");
    return meta == nullptr ? nullptr : meta->find(name);
}

const json::Value* progress_token(const json::Value* params)
{
    return in_meta(params, "progressToken");
}
}  // namespace

std::optional<LogSeverity> parse_severity(std::string_view name) noexcept
{
    const auto found = std::ranges::find(kSeverities, name);
    if (found == kSeverities.end()) return std::nullopt;
    return static_cast<LogSeverity>(found - kSeverities.begin());
}

Call::Call(CallFacts facts) : facts_{std::move(facts)} {}

bool Call::can_ask(Mode mode) const
{
    const bool is_declared =
        mode == Mode::url ? abilities().elicits_urls : abilities().elicits_forms;
    if (version() == kModern) return is_declared;
    const auto since = mode == Mode::url ? Version::v2025_11_25 : Version::v2025_06_18;
    return is_declared && version() >= since && facts_.asks != nullptr &&
           facts_.transport->can_ask();
}

tools::Caller Call::traced_caller() const
{
    auto caller = this->caller();
    const auto* trace = in_meta(facts_.params, "traceparent");
    if (trace != nullptr && !TraceParent{trace->text()}.is_empty()) caller.trace = trace->text();
    return caller;
}

bool Call::take_back_questions()
{
    return facts_.asks != nullptr && facts_.asks->forget(*this).has_value();
}

bool Call::wants_progress() const
{
    return progress_token(facts_.params) != nullptr;
}

void Call::progress(const Progress& progress)
{
    const auto* token = progress_token(facts_.params);
    if (token == nullptr) return;
    auto highest = reported_.load();
    do {
        if (progress.done <= highest) return;
    } while (!reported_.compare_exchange_weak(highest, progress.done));
    std::string params = R"({"progressToken":)";
    json::append(params, *token);
    params += R"(,"progress":)" + std::to_string(progress.done);
    if (progress.total) params += R"(,"total":)" + std::to_string(*progress.total);
    if (!progress.message.empty() && version() >= Version::v2025_03_26) {
        params += R"(,"message":)";
        json::append_quoted(params, progress.message);
    }
    notify("notifications/progress", params + "}");
}

void Call::log(LogSeverity severity, std::string_view data)
{
    if (!facts_.log_from || severity < *facts_.log_from) return;
    std::string params = R"({"level":)";
    json::append_quoted(params, kSeverities[static_cast<std::size_t>(severity)]);
    params += R"(,"data":)";
    params += data;
    notify("notifications/message", params + "}");
}

void Call::notify(std::string_view method, std::string_view params)
{
    if (closed()) return;
    std::string frame = R"({"jsonrpc":"2.0","method":)";
    json::append_quoted(frame, method);
    frame += R"(,"params":)";
    frame += params;
    facts_.transport->send(frame + "}");
}

void Call::finish(std::string frame, std::optional<ErrorCode> error)
{
    if (ended_.exchange(true)) return;
    if (closed_.exchange(true))
        frame.clear();
    else if (facts_.batch != nullptr)
        facts_.batch->fill(facts_.place, std::exchange(frame, {}));
    facts_.transport->end_call(std::move(frame), error);
}

bool Call::cancel()
{
    if (closed_.exchange(true)) return false;
    cancelled_ = true;
    if (facts_.batch != nullptr) facts_.batch->fill(facts_.place, {});
    return true;
}

tools::CancelFlag Call::flag_of(const std::shared_ptr<Call>& call)
{
    return {call, &call->cancelled_};
}

bool Call::begin_round()
{
    return ++rounds_ <= kRoundsMax;
}

void Call::resume(std::shared_ptr<const json::Document> inputs_document, const json::Value* inputs,
                  std::string state)
{
    inputs_document_ = std::move(inputs_document);
    inputs_ = inputs;
    state_ = std::move(state);
}

Responder::~Responder()
{
    if (call_ == nullptr) return;
    auto call = std::move(call_);
    call->facts().protocol.finish(
        call, RpcError{ErrorCode::internal_error, "The tool gave no answer", {}});
}

void Responder::operator()(Outcome outcome)
{
    auto call = std::exchange(call_, nullptr);
    if (call != nullptr) call->facts().protocol.finish(call, std::move(outcome));
}

}  // namespace purse::server
