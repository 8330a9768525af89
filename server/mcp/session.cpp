// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/session.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "server/limits.hpp"

namespace purse::server {

namespace {
RpcError invalid_request(std::string message)
{
    return {ErrorCode::invalid_request, std::move(message), {}};
}

RpcError invalid_params(std::string message)
{
    return {ErrorCode::invalid_params, std::move(message), {}};
}

RpcError method_not_found(std::string_view method)
{
    return {ErrorCode::method_not_found, "Method not found: " + excerpt(method, kEchoBytesMax), {}};
}

RpcError no_answer()
{
    return {ErrorCode::internal_error, "The tool gave no answer", {}};
}

std::string error_frame(const RequestId& id, const RpcError& error)
{
    std::string frame;
    append_error(frame, id, error);
    return frame;
}

const json::Value* member(const Message& message, std::string_view key)
{
    return message.params == nullptr ? nullptr : message.params->find(key);
}

/// The reply handed to a tool. Answers when called; if the tool lets go of it without a call,
/// the request is still answered, with an error.
class Answer {
public:
    explicit Answer(std::shared_ptr<Call> call) : call_{std::move(call)} {}
    Answer(Answer&&) noexcept = default;
    Answer& operator=(Answer&&) = delete;
    ~Answer()
    {
        if (call_ != nullptr && call_->let_go.exchange(true))
            call_->finish(error_frame(call_->id, no_answer()));
    }

    void operator()(const tools::Result& result)
    {
        const auto call = std::exchange(call_, nullptr);
        if (call == nullptr) return;
        // Once cancelled, nothing will be sent: the words can be spared.
        call->finish(call->closed ? std::string{}
                                  : call->replies.call(call->id, call->version, result));
    }

private:
    std::shared_ptr<Call> call_;  // alone: so the reply fits into its function without allocation
};
}  // namespace

Session::Session(tools::Toolbox& toolbox, Transport& transport, SessionOptions options, Log& log)
    : toolbox_{toolbox},
      transport_{transport},
      log_{log},
      replies_{toolbox.list(), options.version},
      legacy_caller_{options.caller},
      modern_caller_{std::move(options.caller)}
{
}

void Session::receive(std::string_view frame)
{
    const auto document = parse_frame(frame);
    if (!document) {
        log_.debug(document.error().message);
        transport_.send(error_frame(unknown_id(), document.error()));
        return;
    }
    if (document->root().is(json::Kind::array)) return receive_batch(document->root());
    const auto message = read_message(document->root());
    if (!message)
        transport_.send(error_frame(message.error().id, message.error().error));
    else
        receive_message(*message, {});
}

void Session::refuse_long_line()
{
    log_.warn("a line of input was too long and was left out");
    transport_.send(error_frame(unknown_id(), invalid_request("line too long")));
}

void Session::end()
{
    for (const auto& id : std::exchange(listening_, {}))
        transport_.send(replies_.subscription_ended(id));
}

// A batch is taken whole or refused whole: half a batch of payments helps nobody.
void Session::receive_batch(const json::Value& root)
{
    const auto refuse = [this](const RpcError& error) {
        transport_.send(error_frame(unknown_id(), error));
    };
    if (root.items().empty()) return refuse(invalid_request("A batch must not be empty"));
    if (root.items().size() > kBatchMax) return refuse(invalid_request("The batch is too large"));
    std::vector<Message> messages;
    for (const auto& item : root.items()) {
        auto message = read_message(item);
        if (!message) return refuse(invalid_request("A message of the batch is malformed"));
        messages.push_back(*std::move(message));
    }
    if (const auto error = why_no_batch(messages)) return refuse(*error);

    const auto is_request = [](const Message& m) { return m.kind == MessageKind::request; };
    const auto requests = std::ranges::count_if(messages, is_request);
    if (requests == 0) {
        for (const auto& message : messages) receive_message(message, {});
        return;
    }
    const auto batch = std::make_shared<Batch>(transport_, static_cast<std::size_t>(requests));
    std::size_t place = 0;
    for (const auto& message : messages)
        receive_message(message, {batch, is_request(message) ? place++ : 0});
}

std::optional<RpcError> Session::why_no_batch(std::span<const Message> messages) const
{
    if (negotiated_ && *negotiated_ != Version::v2025_03_26)
        return invalid_request("MCP " + std::string{name_of(*negotiated_)} + " has no batches");
    for (const auto& message : messages) {
        if (has_claim(message.params)) return invalid_request("MCP 2026-07-28 has no batches");
        if (message.method == "initialize")
            return invalid_request("initialize must not be part of a batch");
    }
    return std::nullopt;
}

bool Session::in_use(const RequestId& id) const
{
    return calls_.in_flight(id) || std::ranges::find(listening_, id) != listening_.end();
}

void Session::receive_message(const Message& message, Target target)
{
    if (message.kind == MessageKind::response) return;  // we asked nothing
    if (message.kind == MessageKind::notification) return notification(message);
    if (in_use(message.id))
        return fail(message, target, invalid_request("This id is still in use"));
    const auto envelope = read_envelope(message.params);
    if (!envelope) return fail(message, target, envelope.error());
    if (*envelope)
        modern(message, **envelope, std::move(target));
    else
        legacy(message, std::move(target));
}

// Anything else is ignored, above all a request's method without an id: nothing is paid for
// whose answer nobody could get.
void Session::notification(const Message& message)
{
    if (message.method == "notifications/cancelled") cancel(message);
}

void Session::legacy(const Message& message, Target target)
{
    const auto method = message.method;
    if (method == "initialize") return initialize(message, target);
    const Request request{message, negotiated_.value_or(kNewestLegacy), legacy_caller_,
                          std::move(target)};
    if (method == "ping") return result(request, "{}");
    const bool calls = method == "tools/call";
    if (!calls && method != "tools/list")
        return fail(message, request.target, method_not_found(method));
    if (!negotiated_)
        return fail(message, request.target,
                    invalid_request("Not initialized: send initialize first, or the _meta of MCP "
                                    "2026-07-28 with each request"));
    calls ? call_tool(request) : list_tools(request);
}

void Session::modern(const Message& message, const Envelope& envelope, Target target)
{
    const auto method = message.method;
    const Request request{message, kModern, modern_caller(envelope), std::move(target)};
    if (method == "tools/call") return call_tool(request);
    if (method == "tools/list") return list_tools(request);
    if (method == "server/discover") return result(request, replies_.discover());
    if (method == "subscriptions/listen") return listen(request);
    fail(message, request.target, method_not_found(method));
}

void Session::initialize(const Message& message, const Target& target)
{
    const auto* requested = member(message, "protocolVersion");
    if (requested == nullptr || !requested->is(json::Kind::string))
        return fail(message, target, invalid_params("initialize needs protocolVersion, a string"));
    negotiated_ = negotiate(requested->text());
    legacy_caller_.client = client_name(member(message, "clientInfo"));
    log_.info("client \"" + legacy_caller_.client + "\" speaks MCP " +
              std::string{name_of(*negotiated_)});
    std::string frame;
    append_result(frame, message.id, replies_.initialize(*negotiated_));
    answer(target, frame);
}

void Session::list_tools(const Request& request)
{
    const auto* cursor = member(request.message, "cursor");
    // There is one page, so we never gave a cursor out. Some clients send an empty one.
    if (cursor != nullptr && !cursor->is(json::Kind::null) &&
        !(cursor->is(json::Kind::string) && cursor->text().empty()))
        return fail(request.message, request.target, invalid_params("Unknown cursor"));
    result(request, replies_.tools(request.version));
}

void Session::call_tool(const Request& request)
{
    const auto& message = request.message;
    const auto* name = member(message, "name");
    if (name == nullptr || !name->is(json::Kind::string))
        return fail(message, request.target, invalid_params("tools/call needs name, a string"));
    const auto* arguments = member(message, "arguments");
    if (arguments != nullptr && !arguments->is(json::Kind::object))
        return fail(message, request.target, invalid_params("arguments must be an object"));

    const auto call = std::make_shared<Call>(transport_, replies_, message.id, request.version,
                                             request.target.batch, request.target.place);
    calls_.add(call);
    transport_.begin_call();
    bool known = true;
    try {
        known = toolbox_.call(name->text(), arguments, request.caller,
                              tools::CancelFlag{call, &call->cancelled}, Answer{call});
    } catch (const std::exception& failure) {
        log_.error(std::string{"a tool failed: "} + failure.what());
    }
    const bool let_go = call->let_go.exchange(true);
    if (!known)
        call->finish(error_frame(
            message.id, invalid_params("Unknown tool: " + excerpt(name->text(), kEchoBytesMax))));
    else if (let_go)
        call->finish(error_frame(message.id, no_answer()));
    if (call->closed) calls_.remove(message.id);
}

void Session::listen(const Request& request)
{
    const auto* wanted = member(request.message, "notifications");
    if (wanted == nullptr || !wanted->is(json::Kind::object))
        return fail(request.message, request.target,
                    invalid_params("subscriptions/listen needs notifications, an object"));
    if (listening_.size() >= kSubscriptionsMax)
        return fail(request.message, request.target, invalid_request("Too many subscriptions"));
    listening_.push_back(request.message.id);
    transport_.send(replies_.acknowledged(request.message.id));
}

void Session::cancel(const Message& message)
{
    const auto* value = member(message, "requestId");
    const auto id = value == nullptr ? std::unexpected{RpcError{}} : read_id(*value);
    if (!id) return;
    std::erase(listening_, *id);
    calls_.cancel(*id);
}

void Session::result(const Request& request, std::string_view result)
{
    std::string frame;
    frame.reserve(result.size() + request.message.id.json.size() + 64);
    append_result(frame, request.message.id, result);
    answer(request.target, frame);
}

void Session::fail(const Message& message, const Target& target, const RpcError& error)
{
    answer(target, error_frame(message.id, error));
}

void Session::answer(const Target& target, std::string_view frame)
{
    if (target.batch != nullptr)
        target.batch->fill(target.place, frame);
    else
        transport_.send(frame);
}

const tools::Caller& Session::modern_caller(const Envelope& envelope)
{
    // Each modern request speaks for itself: one without clientInfo has no name.
    modern_caller_.client = client_name(envelope.client_info);
    return modern_caller_;
}

}  // namespace purse::server
