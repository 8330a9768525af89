// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/protocol.hpp"

#include <exception>
#include <utility>

#include "ledger/hash.hpp"
#include "server/limits.hpp"

namespace purse::server {

namespace {
const json::Value* member(const Call& call, std::string_view key)
{
    return call.params() == nullptr ? nullptr : call.params()->find(key);
}

const json::Value* text_member(const Call& call, std::string_view key)
{
    const auto* value = member(call, key);
    return value != nullptr && value->is(json::Kind::string) ? value : nullptr;
}

bool takes_inputs(std::string_view method)
{
    return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

// What a requestState is bound to: the method and what it was asked with.
std::string digest_of_request(const Call& call)
{
    std::string text{call.facts().method};
    for (const auto* key : {"name", "uri", "arguments"}) {
        text += '\n';
        if (const auto* value = member(call, key)) json::append(text, *value);
    }
    return std::string{as_bytes(sha256({text}))};
}

std::optional<List> list_of(std::string_view method)
{
    if (method == "tools/list") return List::tools;
    if (method == "resources/list") return List::resources;
    if (method == "resources/templates/list") return List::resource_templates;
    if (method == "prompts/list") return List::prompts;
    return std::nullopt;
}

// Whether a version has that question at all, whatever its client declares.
bool can_be_asked(Version version, const InputRequest& request, const json::Value& params)
{
    if (request.method != "elicitation/create") return true;
    const auto* mode = params.find("mode");
    const bool is_url = mode != nullptr && mode->text() == "url";
    return version >= (is_url ? Version::v2025_11_25 : Version::v2025_06_18);
}

std::optional<LogSeverity> wanted_log(const Envelope& envelope)
{
    if (envelope.log_level.empty()) return std::nullopt;
    return parse_severity(envelope.log_level);
}
}  // namespace

RpcError method_not_found(std::string_view method)
{
    return {ErrorCode::method_not_found, "Method not found: " + excerpt(method, kEchoBytesMax), {}};
}

RpcError invalid_params(std::string message)
{
    return {ErrorCode::invalid_params, std::move(message), {}};
}

RpcError invalid_request(std::string message)
{
    return {ErrorCode::invalid_request, std::move(message), {}};
}

std::string error_frame(const RequestId& id, const RpcError& error)
{
    std::string frame;
    append_error(frame, id, error);
    return frame;
}

const json::Value* param(const Message& message, std::string_view key)
{
    return message.params == nullptr ? nullptr : message.params->find(key);
}

Protocol::Protocol(const Ports& ports)
    : ports_{ports},
      replies_{ports.catalog.offer()},
      seal_{ports.entropy, ports.clock}
{
}

bool Protocol::serves(std::string_view method, Version version) const
{
    const auto& offer = this->offer();
    if (method == "tools/call" || method == "tools/list") return true;
    if (method == "resources/list" || method == "resources/read" ||
        method == "resources/templates/list")
        return offer.has_resources();
    if (method == "prompts/list" || method == "prompts/get") return offer.has_prompts();
    if (method == "completion/complete") return offer.completions;
    if (version == kModern) return method == "server/discover" || method == "subscriptions/listen";
    if (method == "resources/subscribe" || method == "resources/unsubscribe")
        return offer.subscriptions;
    return method == "ping" || (method == "logging/setLevel" && offer.logging);
}

CallFacts Protocol::modern_facts(std::shared_ptr<const json::Document> document,
                                 const Message& message, const Envelope& envelope,
                                 tools::Caller caller, std::shared_ptr<Transport> transport)
{
    // Each modern request speaks for itself: one without clientInfo has no name.
    caller.client = client_name(envelope.client_info);
    return {.protocol = *this,
            .transport = std::move(transport),
            .document = std::move(document),
            .peer = std::make_shared<const Peer>(
                Peer{std::move(caller), read_abilities(envelope.capabilities)}),
            .method = message.method,
            .params = message.params,
            .id = message.id,
            .version = kModern,
            .log_from = wanted_log(envelope)};
}

void Protocol::start(const std::shared_ptr<Call>& call)
{
    call->facts().transport->begin_call();
    if (call->version() == kModern && !take_inputs(call)) return;
    run(call);
    if (call->wants_progress() && !call->closed()) watch(call);
}

void Protocol::watch(const std::shared_ptr<Call>& call)
{
    watched_.with([&](auto& watched) {
        if (watched.size() < kWatchedMax) watched.push_back({call});
    });
}

void Protocol::tick()
{
    std::vector<std::pair<std::shared_ptr<Call>, std::size_t>> due;
    watched_.with([&](auto& watched) {
        std::erase_if(watched, [&](Watched& one) {
            auto call = one.call.lock();
            if (call == nullptr || call->closed()) return true;
            if (++one.ticks % kProgressTicks == 0)
                due.emplace_back(std::move(call), one.ticks / kProgressTicks);
            return false;
        });
    });
    ports_.catalog.tick();
    for (const auto& [call, reports] : due)
        call->progress({.done = static_cast<std::int64_t>(reports), .message = "Still waiting"});
}

void Protocol::run(const std::shared_ptr<Call>& call)
{
    try {
        if (!route(call)) finish(call, method_not_found(call->facts().method));
    } catch (const std::exception& failure) {
        ports_.log.error(std::string{"a tool failed: "} + failure.what());
        finish(call, RpcError{ErrorCode::internal_error, "The tool gave no answer", {}});
    }
}

bool Protocol::route(const std::shared_ptr<Call>& call)
{
    const auto method = call->facts().method;
    if (!serves(method, call->version())) return false;
    if (const auto which = list_of(method))
        list(call, *which);
    else if (method == "tools/call" || method == "prompts/get")
        call_named(call);
    else if (method == "resources/read")
        read_resource(call);
    else if (method == "completion/complete")
        complete(call);
    else if (method == "server/discover") {
        std::string frame;
        append_result(frame, call->facts().id, replies_.discover());
        call->finish(std::move(frame), std::nullopt);
    } else {
        finish(call, Done{});  // ping and its like
    }
    return true;
}

void Protocol::list(const std::shared_ptr<Call>& call, List which)
{
    const auto* cursor = member(*call, "cursor");
    if (cursor != nullptr && cursor->is(json::Kind::null)) cursor = nullptr;
    const auto* page = cursor != nullptr && !cursor->is(json::Kind::string)
                           ? nullptr
                           : replies_.page(which, call->version(),
                                           cursor == nullptr ? std::string_view{} : cursor->text());
    if (page == nullptr) return finish(call, invalid_params("Unknown cursor"));
    std::string frame;
    frame.reserve(page->size() + call->facts().id.json.size() + 64);
    append_result(frame, call->facts().id, *page);
    call->finish(std::move(frame), std::nullopt);
}

void Protocol::call_named(const std::shared_ptr<Call>& call)
{
    const auto method = call->facts().method;
    const bool is_tool = method == "tools/call";
    const auto* name = text_member(*call, "name");
    if (name == nullptr)
        return finish(call, invalid_params(std::string{method} + " needs name, a string"));
    const auto* arguments = member(*call, "arguments");
    if (arguments != nullptr && !arguments->is(json::Kind::object))
        return finish(call, invalid_params("arguments must be an object"));
    Responder responder{call};
    const bool known = is_tool ? ports_.catalog.call_tool(name->text(), arguments, responder)
                               : ports_.catalog.get_prompt(name->text(), arguments, responder);
    if (known) return;
    responder(invalid_params((is_tool ? "Unknown tool: " : "Unknown prompt: ") +
                             excerpt(name->text(), kEchoBytesMax)));
}

void Protocol::read_resource(const std::shared_ptr<Call>& call)
{
    const auto* uri = text_member(*call, "uri");
    if (uri == nullptr) return finish(call, invalid_params("resources/read needs uri, a string"));
    Responder responder{call};
    if (ports_.catalog.read_resource(uri->text(), responder)) return;
    auto error = invalid_params("Resource not found");
    error.data = R"({"uri":)" + json::quoted(excerpt(uri->text(), kEchoBytesMax)) + "}";
    responder(std::move(error));
}

void Protocol::complete(const std::shared_ptr<Call>& call)
{
    const auto* ref = member(*call, "ref");
    if (ref == nullptr || !ref->is(json::Kind::object))
        return finish(call, invalid_params("completion/complete needs ref, an object"));
    Responder responder{call};
    if (!ports_.catalog.complete(*call->params(), responder))
        responder(invalid_params("Nothing to complete there"));
}

bool Protocol::take_inputs(const std::shared_ptr<Call>& call)
{
    if (!takes_inputs(call->facts().method)) return true;
    const auto* inputs = member(*call, "inputResponses");
    const auto* sealed = member(*call, "requestState");
    if (inputs != nullptr && !inputs->is(json::Kind::object)) {
        finish(call, invalid_params("inputResponses must be an object"));
        return false;
    }
    std::string state;
    if (sealed != nullptr) {
        auto opened = seal_.open(sealed->text(), {.principal = call->caller().credential,
                                                  .request = digest_of_request(*call)});
        if (!opened) {
            finish(call, invalid_params(std::move(opened).error()));
            return false;
        }
        state = *std::move(opened);
    }
    call->resume(nullptr, inputs, std::move(state));
    return true;
}

void Protocol::finish(const std::shared_ptr<Call>& call, Outcome outcome)
{
    // Once cancelled, nothing will be sent: the words can be spared.
    if (call->closed()) return call->finish({}, std::nullopt);
    const auto& facts = call->facts();
    if (auto* needs = std::get_if<NeedsInput>(&outcome)) {
        ask(call, std::move(*needs));
    } else if (const auto* error = std::get_if<RpcError>(&outcome)) {
        call->finish(error_frame(facts.id, *error), error->code);
    } else if (const auto* result = std::get_if<tools::Result>(&outcome)) {
        call->finish(replies_.call(facts.id, facts.version, *result), std::nullopt);
    } else {
        call->finish(
            replies_.done(facts.id,
                          {.version = facts.version, .is_read = facts.method == "resources/read"},
                          std::get<Done>(outcome)),
            std::nullopt);
    }
}

void Protocol::ask(const std::shared_ptr<Call>& call, NeedsInput needs)
{
    for (const auto& request : needs.requests) {
        const auto document = json::parse(request.params);
        const auto params = document ? document->root() : json::Value{};
        const auto check = check_ability(call->abilities(), request.method, params);
        if (check.able && can_be_asked(call->version(), request, params)) continue;
        if (call->version() != kModern || needs.otherwise)
            return cannot_ask(call, needs, "its client cannot be asked (" + request.method + ")");
        return finish(
            call,
            RpcError{ErrorCode::missing_capability, "The client has not declared what this needs",
                     R"({"requiredCapabilities":)" + std::string{check.missing} + "}"});
    }
    if (call->version() == kModern)
        ask_modern(call, needs);
    else
        ask_legacy(call, std::move(needs));
}

void Protocol::ask_modern(const std::shared_ptr<Call>& call, const NeedsInput& needs)
{
    const auto sealed = needs.state.empty()
                            ? std::string{}
                            : seal_.seal(needs.state, {.principal = call->caller().credential,
                                                       .request = digest_of_request(*call)});
    call->finish(replies_.needs_input(call->facts().id, needs, sealed), std::nullopt);
}

// The same handler serves legacy clients: its questions become requests of ours, and it is called
// again with their answers.
void Protocol::ask_legacy(const std::shared_ptr<Call>& call, NeedsInput needs)
{
    const auto& asks = call->facts().asks;
    if (asks == nullptr || !call->facts().transport->can_ask())
        return cannot_ask(call, needs, "there is no way to ask from here");
    if (!call->begin_round()) return cannot_ask(call, needs, "it asked too often");
    if (needs.requests.empty()) return resume({call, "{}", std::move(needs.state)});
    if (!asks->ask(call, needs))
        return cannot_ask(call, needs, "no further question can be open now");
    // Cancelled since: either the cancellation found it waiting, or this does.
    if (!call->closed()) return;
    if (auto waiting = asks->forget(*call)) give_up(*std::move(waiting), Unanswered::cancelled);
}

void Protocol::give_up(Asks::Waiting waiting, Unanswered why)
{
    if (waiting.unanswered) return waiting.unanswered(Responder{waiting.call}, why);
    finish(waiting.call,
           invalid_request(why == Unanswered::gone ? "The client has gone without an answer"
                                                   : "The user did not answer in time"));
}

void Protocol::cannot_ask(const std::shared_ptr<Call>& call, const NeedsInput& needs,
                          std::string_view why)
{
    if (needs.otherwise) return finish(call, *needs.otherwise);
    const auto message = "This needs an answer of the user first, but " + std::string{why} + ".";
    if (call->facts().method == "tools/call")
        return finish(call, tools::Result{.structured = {{"ok", false},
                                                         {"reason", "user_input_unavailable"},
                                                         {"message", message}},
                                          .text = message,
                                          .is_error = true});
    finish(call, invalid_request(message));
}

void Protocol::resume(Asks::Arrival arrival)
{
    if (arrival.call == nullptr) return;
    auto parsed = json::parse(arrival.inputs);
    if (!parsed) return finish(arrival.call, invalid_request("The answer cannot be read"));
    auto document = std::make_shared<const json::Document>(*std::move(parsed));
    const auto* inputs = &document->root();
    arrival.call->resume(std::move(document), inputs, std::move(arrival.state));
    run(arrival.call);
}

std::expected<void, RpcError> Protocol::listen(const std::shared_ptr<Transport>& transport,
                                               const Message& message)
{
    const auto* wanted = param(message, "notifications");
    if (wanted == nullptr || !wanted->is(json::Kind::object))
        return std::unexpected{
            invalid_params("subscriptions/listen needs notifications, an object")};
    const auto wants = [&](std::string_view key) {
        const auto* value = wanted->find(key);
        return offer().lists_change && value != nullptr && value->truth();
    };
    NoticeFilter granted{.tools = wants("toolsListChanged"),
                         .prompts = wants("promptsListChanged"),
                         .resources = wants("resourcesListChanged")};
    const auto* uris = wanted->find("resourceSubscriptions");
    if (offer().subscriptions && uris != nullptr)
        for (const auto& uri : uris->items())
            if (uri.is(json::Kind::string) && granted.uris.size() < kSubscriptionsMax)
                granted.uris.emplace_back(uri.text());
    transport->send(replies_.acknowledged(message.id, granted));
    notices_.add(transport, message.id, std::move(granted));
    return {};
}

void Protocol::end_listening(Transport& transport, const RequestId& id)
{
    if (notices_.remove(transport, id))
        transport.answer(replies_.subscription_ended(id), std::nullopt);
}

void Protocol::stop_listening(const Transport& transport, const RequestId& id)
{
    notices_.remove(transport, id);
}

}  // namespace purse::server
