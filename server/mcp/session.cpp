// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/session.hpp"

#include <algorithm>
#include <utility>

#include "server/limits.hpp"

namespace purse::server {

Session::Session(Protocol& protocol, SessionStart start)
    : protocol_{protocol},
      negotiated_{start.negotiated},
      peer_{std::make_shared<const Peer>(Peer{std::move(start.caller), start.abilities})}
{
}

void Session::receive(std::string_view frame, const Path& path)
{
    auto document = parse_frame(frame);
    if (!document) {
        protocol_.log().debug(document.error().message);
        path->answer(error_frame(unknown_id(), document.error()), document.error().code);
        return;
    }
    receive(std::make_shared<const json::Document>(*std::move(document)), path);
}

void Session::receive(const Document& document, const Path& path)
{
    if (document->root().is(json::Kind::array)) return receive_batch(document, path);
    const auto message = read_message(document->root());
    if (!message)
        path->answer(error_frame(message.error().id, message.error().error),
                     message.error().error.code);
    else
        receive_message(document, *message, {.path = path});
}

void Session::refuse_long_line(const Path& path)
{
    protocol_.log().warn("a line of input was too long and was left out");
    path->answer(error_frame(unknown_id(), invalid_request("line too long")),
                 ErrorCode::invalid_request);
}

void Session::end()
{
    for (const auto& one : std::exchange(listening_, {}))
        if (const auto path = one.path.lock()) protocol_.end_listening(*path, one.id);
    if (asks_ == nullptr) return;
    for (auto& waiting : asks_->take_all()) protocol_.give_up(std::move(waiting), Unanswered::gone);
}

void Session::tick()
{
    if (asks_ == nullptr) return;
    for (auto& waiting : asks_->tick()) protocol_.give_up(std::move(waiting), Unanswered::late);
}

// A batch is taken whole or refused whole: half a batch of payments helps nobody.
void Session::receive_batch(const Document& document, const Path& path)
{
    const auto refuse = [&](const RpcError& error) {
        path->answer(error_frame(unknown_id(), error), error.code);
    };
    const auto items = document->root().items();
    if (items.empty()) return refuse(invalid_request("A batch must not be empty"));
    if (items.size() > kBatchMax) return refuse(invalid_request("The batch is too large"));
    std::vector<Message> messages;
    for (const auto& item : items) {
        auto message = read_message(item);
        if (!message) return refuse(invalid_request("A message of the batch is malformed"));
        messages.push_back(*std::move(message));
    }
    if (const auto error = why_no_batch(messages)) return refuse(*error);

    const auto is_request = [](const Message& m) { return m.kind == MessageKind::request; };
    const auto requests = std::ranges::count_if(messages, is_request);
    if (requests == 0) {
        for (const auto& message : messages) receive_message(document, message, {.path = path});
        return;
    }
    const auto batch = std::make_shared<Batch>(path, static_cast<std::size_t>(requests));
    std::size_t place = 0;
    for (const auto& message : messages)
        receive_message(document, message, {path, batch, is_request(message) ? place++ : 0});
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
    return calls_.in_flight(id) ||
           std::ranges::find(listening_, id, &Listening::id) != listening_.end();
}

void Session::receive_message(const Document& document, const Message& message,
                              const Target& target)
{
    if (message.kind == MessageKind::response) {
        if (asks_ != nullptr) protocol_.resume(asks_->answer(message));
        return;
    }
    if (message.kind == MessageKind::notification) return notification(message);
    if (in_use(message.id))
        return fail(message, target, invalid_request("This id is still in use"));
    const auto envelope = read_envelope(message.params);
    if (!envelope) return fail(message, target, envelope.error());
    if (!*envelope) return legacy(document, message, target);
    if (const auto error = why_not_served(**envelope)) return fail(message, target, *error);
    modern(document, message, **envelope, target);
}

// Anything else is ignored, above all a request's method without an id: nothing is paid for
// whose answer nobody could get.
void Session::notification(const Message& message)
{
    if (message.method == "notifications/cancelled") cancel(message);
}

void Session::legacy(const Document& document, const Message& message, const Target& target)
{
    const auto method = message.method;
    if (method == "initialize") return initialize(message, target);
    const auto version = negotiated_.value_or(kNewestLegacy);
    if (!protocol_.serves(method, version)) return fail(message, target, method_not_found(method));
    if (!negotiated_ && method != "ping")
        return fail(message, target,
                    invalid_request("Not initialized: send initialize first, or the _meta of MCP "
                                    "2026-07-28 with each request"));
    if (method == "logging/setLevel") return set_log_level(message, target);
    if (asks_ == nullptr && peer_->abilities != ClientAbilities{}) asks_ = std::make_shared<Asks>();
    start({.protocol = protocol_,
           .document = document,
           .peer = peer_,
           .method = method,
           .params = message.params,
           .id = message.id,
           .version = version,
           .log_from = log_from_,
           .asks = asks_},
          target);
}

void Session::modern(const Document& document, const Message& message, const Envelope& envelope,
                     const Target& target)
{
    if (message.method == "subscriptions/listen") return listen(message, target);
    start(protocol_.modern_facts(document, message, envelope, peer_->caller, {}), target);
}

void Session::start(CallFacts facts, const Target& target)
{
    facts.transport = target.path;
    facts.batch = target.batch;
    facts.place = target.place;
    // Not make_shared: the table's weak entry would keep the memory of an answered call.
    const std::shared_ptr<Call> call{new Call{std::move(facts)}};
    calls_.add(call);
    protocol_.start(call);
}

void Session::initialize(const Message& message, const Target& target)
{
    const auto* requested = param(message, "protocolVersion");
    if (requested == nullptr || !requested->is(json::Kind::string))
        return fail(message, target, invalid_params("initialize needs protocolVersion, a string"));
    negotiated_ = negotiate(requested->text());
    auto peer = *peer_;
    peer.caller.client = client_name(param(message, "clientInfo"));
    peer.abilities = read_abilities(param(message, "capabilities"));
    peer_ = std::make_shared<const Peer>(std::move(peer));
    protocol_.log().info("client \"" + peer_->caller.client + "\" speaks MCP " +
                         std::string{name_of(*negotiated_)});
    std::string frame;
    append_result(frame, message.id, protocol_.replies().initialize(*negotiated_));
    answer(target, std::move(frame), std::nullopt);
}

void Session::set_log_level(const Message& message, const Target& target)
{
    const auto* level = param(message, "level");
    const auto severity = parse_severity(level == nullptr ? std::string_view{} : level->text());
    if (!severity) return fail(message, target, invalid_params("level is not a log level"));
    log_from_ = *severity;
    std::string frame;
    append_result(frame, message.id, "{}");
    answer(target, std::move(frame), std::nullopt);
}

void Session::listen(const Message& message, const Target& target)
{
    if (listening_.size() >= kSubscriptionsMax)
        return fail(message, target, invalid_request("Too many subscriptions"));
    const auto granted = protocol_.listen(target.path, message);
    if (!granted) return fail(message, target, granted.error());
    listening_.push_back({message.id, target.path});
}

void Session::cancel(const Message& message)
{
    const auto* value = param(message, "requestId");
    const auto id = value == nullptr ? std::unexpected{RpcError{}} : read_id(*value);
    if (!id) return;
    std::erase_if(listening_, [&](const Listening& one) {
        if (one.id != *id) return false;
        if (const auto path = one.path.lock()) protocol_.stop_listening(*path, one.id);
        return true;
    });
    const auto call = calls_.cancel(*id);
    // One that waits for the client's answers has nobody left to end it.
    if (call == nullptr || asks_ == nullptr) return;
    if (auto waiting = asks_->forget(*call))
        protocol_.give_up(*std::move(waiting), Unanswered::cancelled);
}

void Session::fail(const Message& message, const Target& target, const RpcError& error)
{
    answer(target, error_frame(message.id, error), error.code);
}

void Session::answer(const Target& target, std::string frame, std::optional<ErrorCode> error)
{
    if (target.batch != nullptr)
        target.batch->fill(target.place, std::move(frame));
    else
        target.path->answer(std::move(frame), error);
}

}  // namespace purse::server
