// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/json_rpc.hpp"

#include <algorithm>
#include <utility>

namespace purse {

namespace {
using json::Kind;
using json::Value;

constexpr std::size_t kWordsMax = 300;
// Of revert data: what a contract says to its caller is short.
constexpr std::size_t kDataMax = std::size_t{64} * 1024;

std::unexpected<NodeFault> unknown(std::string what)
{
    return std::unexpected{NodeFault{NodeFault::Kind::unknown, std::move(what)}};
}

std::string request_text(const RpcCall& call, std::int64_t id)
{
    std::string text = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":)";
    json::append_quoted(text, call.method);
    text += R"(,"params":)" + call.params + '}';
    return text;
}

/// The reply's error, unless it has none.
const Value* error_in(const Value& reply) noexcept
{
    const auto* error = reply.find("error");
    return error != nullptr && !error->is(Kind::null) ? error : nullptr;
}

bool has_id(const Value& reply, std::int64_t id) noexcept
{
    const auto* found = reply.find("id");
    return found != nullptr && found->integer() == id;
}
}  // namespace

std::string JsonRpc::words(std::string_view text) const
{
    // The secrets first: half of one, left over at the cut, would not be found any more.
    auto out = transport_->without_secrets(std::string{text});
    if (out.size() > kWordsMax) out = out.substr(0, kWordsMax) + "...";
    for (auto& c : out)
        if (c < ' ' || c > '~') c = '?';
    return out;
}

RpcError JsonRpc::error_of(const Value& error) const
{
    RpcError out;
    if (const auto* code = error.find("code")) out.code = code->integer().value_or(0);
    if (const auto* message = error.find("message")) out.message = words(message->text());
    // Some nodes nest the bytes once more.
    const auto* data = error.find("data");
    if (data != nullptr && data->is(Kind::object)) data = data->find("data");
    if (data != nullptr && data->is(Kind::string) && data->text().size() <= kDataMax)
        out.data = std::string{data->text()};
    return out;
}

std::optional<NodeFault> JsonRpc::read(const Value& reply, RpcReply& out) const
{
    const auto fault = [](NodeFault::Kind kind, std::string what) {
        return NodeFault{kind, std::move(what)};
    };
    const auto* error = error_in(reply);
    out.result = reply.find("result");
    if (error == nullptr && out.result == nullptr)
        return fault(NodeFault::Kind::unknown, "a reply has neither a result nor an error");
    if (error == nullptr) return std::nullopt;
    if (out.result != nullptr && !out.result->is(Kind::null))
        return fault(NodeFault::Kind::unknown, "a reply has both a result and an error");
    if (!error->is(Kind::object))
        return fault(NodeFault::Kind::unknown, "a reply's error is no object");
    out.result = nullptr;
    out.error = error_of(*error);
    if (classify(out.error) == ErrorClass::rate_limited)
        return fault(NodeFault::Kind::rate_limited, to_string(out.error));
    return std::nullopt;
}

NodeAnswer<json::Document> JsonRpc::post(const std::string& body)
{
    constexpr int kOk = 200;
    constexpr int kRedirect = 300;
    constexpr int kClientError = 400;
    constexpr int kTooManyRequests = 429;
    constexpr int kServerError = 500;
    auto answer = transport_->post(body);
    if (!answer) return unknown(words(answer.error().what));
    const auto status = "HTTP status " + std::to_string(answer->status);
    if (answer->status == kTooManyRequests)
        return std::unexpected{NodeFault{NodeFault::Kind::rate_limited, status}};
    if (answer->status >= kRedirect && answer->status < kClientError)
        return std::unexpected{NodeFault{NodeFault::Kind::refused,
                                         status + ": it sends elsewhere, which is not followed"}};
    const bool may_be_reply =
        answer->status == kOk || (answer->status >= kClientError && answer->status < kServerError);
    if (!may_be_reply) return unknown(status);

    auto document = json::parse(answer->body, {.values_max = kValuesMax});
    const bool is_reply =
        document && (document->root().is(Kind::object) || document->root().is(Kind::array));
    if (answer->status == kOk) {
        if (!document) return unknown("the answer is no JSON: " + words(document.error().what));
        if (!is_reply) return unknown("the answer is neither an object nor an array");
        return std::move(*document);
    }
    // Some gateways put a status of their own on an error of JSON-RPC.
    if (is_reply && document->root().is(Kind::object) && error_in(document->root()) != nullptr)
        return std::move(*document);
    return std::unexpected{NodeFault{NodeFault::Kind::refused, status}};
}

NodeAnswer<void> JsonRpc::ask_one(const RpcCall& call, RpcReplies& out)
{
    const auto id = next_id_++;
    auto document = post(request_text(call, id));
    if (!document) return std::unexpected{std::move(document.error())};
    const auto& root = document->root();
    const auto* error = error_in(root);
    const auto* reply_id = root.find("id");
    // A node that could not read the request cannot know its id.
    const bool is_of_nobody = error != nullptr && (reply_id == nullptr || reply_id->is(Kind::null));
    if (!has_id(root, id) && !is_of_nobody) return unknown("a reply has another id");
    RpcReply reply;
    if (auto fault = read(root, reply)) return std::unexpected{std::move(*fault)};
    out.replies.push_back(std::move(reply));
    out.documents.push_back(std::move(*document));
    return {};
}

NodeAnswer<JsonRpc::Batch> JsonRpc::ask_batch(std::span<const RpcCall> calls, RpcReplies& out)
{
    const auto first_id = next_id_;
    std::string body = "[";
    for (const auto& call : calls) {
        if (body.size() > 1) body += ',';
        body += request_text(call, next_id_++);
    }
    body += ']';
    auto document = post(body);
    if (!document && document.error().kind == NodeFault::Kind::refused) return Batch::refused;
    if (!document) return std::unexpected{std::move(document.error())};
    const auto& root = document->root();
    if (root.is(Kind::object) && error_in(root) == nullptr)
        return unknown("one reply came for a batch");
    const auto items = root.is(Kind::object) ? std::span{&root, 1} : root.items();
    if (root.is(Kind::object) || items.size() != calls.size()) {
        // Asked too often is no refusal of batches.
        RpcReply reply;
        for (const auto& item : items)
            if (error_in(item) != nullptr)
                if (auto fault = read(item, reply);
                    fault && fault->kind == NodeFault::Kind::rate_limited)
                    return std::unexpected{std::move(*fault)};
        return Batch::refused;
    }

    std::vector<RpcReply> replies(calls.size());
    std::vector<bool> has_come(calls.size());
    for (const auto& item : items) {
        const auto* id = item.find("id");
        const auto number = id == nullptr ? std::nullopt : id->integer();
        if (!number || *number < first_id || *number >= next_id_)
            return unknown("a reply in a batch has an id that was not asked");
        const auto index = static_cast<std::size_t>(*number - first_id);
        if (has_come[index]) return unknown("two replies in a batch have one id");
        has_come[index] = true;
        if (auto fault = read(item, replies[index])) return std::unexpected{std::move(*fault)};
    }
    std::ranges::move(replies, std::back_inserter(out.replies));
    out.documents.push_back(std::move(*document));
    return Batch::answered;
}

NodeAnswer<RpcReplies> JsonRpc::ask(std::span<const RpcCall> calls)
{
    RpcReplies out;
    bool is_trial = false;  // after a refused batch: does it answer at all?
    while (!calls.empty()) {
        const auto size = std::min(calls.size(), takes_batches_ ? batch_max_ : 1);
        const auto now = calls.first(size);
        if (size == 1) {
            auto asked = ask_one(now.front(), out);
            if (!asked && is_trial) takes_batches_ = true;
            if (!asked) return std::unexpected{std::move(asked.error())};
            is_trial = false;
        } else {
            auto asked = ask_batch(now, out);
            if (!asked) return std::unexpected{std::move(asked.error())};
            if (*asked == Batch::refused) {
                takes_batches_ = false;
                is_trial = true;
                continue;
            }
        }
        calls = calls.subspan(size);
    }
    return out;
}

}  // namespace purse
