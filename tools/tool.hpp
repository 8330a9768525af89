// SPDX-License-Identifier: Apache-2.0
// What a tool is to the doors: a description, a call and its result, in the modern
// (2026-07-28) shape. The eras are adapted in server/.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/json.hpp"

namespace purse::tools {

/// Who calls: what the door knows. The agent itself follows from the credential.
struct Caller {
    std::string credential;  ///< the secret, or empty
    std::string session;     ///< names the connection in the journal
    std::string client;      ///< "name/version" as the client says; bounded, not trusted
    std::string trace{};     ///< a well-formed `traceparent` (W3C Trace Context), or empty
};

struct Annotations {
    bool read_only = false;
    bool destructive = true;
    bool idempotent = false;
    bool open_world = true;
};

struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view
        input_schema;  ///< JSON text, flat object (reference: flat schemas for all clients)
    std::string_view output_schema;  ///< JSON text; admits refusals too
    Annotations annotations;
    std::string_view view = {};  ///< uri of the View that shows its results; may be empty
};

/// The words of a result as JSON has them, for a result that is given more than once.
struct Rendered {
    std::string json;          ///< `structured`, compact
    std::string json_literal;  ///< that as a JSON string, with its quotes
    std::string text_literal;  ///< `text` as a JSON string
};

/// What a person is to decide before the result can be a yes.
struct Question {
    std::string id;         ///< names the payment: its txId
    std::string message;    ///< for the person
    std::string url;        ///< where it can be decided; empty: no page is known
    bool in_chat = false;   ///< it may be decided in the chat, too
    bool is_asked = false;  ///< the caller has been told before, and asks what came of it
};

/// What came back of a question.
enum class Answered {
    approve,
    deny,
    cancel,      ///< put away without an answer
    disconnect,  ///< the client went away while it was open
    nothing,     ///< not decided here: how does it stand?
};

struct Result {
    boost::json::object structured;
    std::string text;  ///< for a person
    bool is_error = false;
    std::shared_ptr<const Question> question;  ///< where a person has to decide first
    /// Where it is known already; then `structured` may be empty.
    std::shared_ptr<const Rendered> rendered;
};

std::shared_ptr<const Rendered> render(const Result& result);

/// Something a client may read besides calling tools.
struct Resource {
    std::string_view uri;
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view mime_type;
};
struct ResourceTemplate {
    std::string_view uri_template;  ///< RFC 6570
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view mime_type;
};

/// A page that a host may show beside a tool's result (extension io.modelcontextprotocol/ui). The
/// same for every caller: reading it needs no credential and no ledger. Tools name it; no list
/// does.
struct View {
    std::string_view uri;   ///< "ui://..."
    std::string_view html;  ///< one document that is complete in itself
    std::string_view meta;  ///< JSON object: what the host is told of it, `_meta.ui`
};

/// A text a person may start from in the chat.
struct PromptArgument {
    std::string_view name;
    std::string_view description;
    bool is_required = false;
};
struct Prompt {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::vector<PromptArgument> arguments;
};

/// Called exactly once, on any thread.
using Reply = std::move_only_function<void(Result)>;

/// Set by the door when the client cancels; work that has not begun is then dropped.
using CancelFlag = std::shared_ptr<std::atomic<bool>>;

/// All tools behind one call. Implementations answer through `reply`, at once or later.
class Toolbox {
public:
    virtual ~Toolbox() = default;
    /// In the order in which they are listed. Constant for the life of the process, needs no
    /// ledger.
    virtual std::span<const Tool> list() const = 0;
    /// Whether call() takes that name.
    virtual bool knows(std::string_view tool) const
    {
        return std::ranges::find(list(), tool, &Tool::name) != list().end();
    }
    /// Of a tool that it knows. `arguments` (an object, or nullptr for none) is read before this
    /// returns. A dropped call is still replied to.
    virtual void call(std::string_view name, const json::Value* arguments, const Caller& caller,
                      CancelFlag cancelled, Reply reply) = 0;
    /// Goes on with a result's question of that id; the result as it then stands, of the tool that
    /// asked. Toolboxes that ask nothing need not answer.
    virtual void follow_up(std::string_view, Answered, const Caller&, Reply reply)
    {
        reply({.structured = {}, .text = "There is no such question.", .is_error = true});
    }
    /// Which of these questions are decided by now, one for each; empty: not to be had.
    using Decided = std::move_only_function<void(std::vector<bool>)>;
    virtual void look_for_decisions(std::vector<std::string>, Decided decided) { decided({}); }

    virtual std::span<const Resource> resources() const { return {}; }
    virtual std::span<const ResourceTemplate> resource_templates() const { return {}; }
    /// As call(): the result's `structured` is the resource, a JSON document; an error when there
    /// is no such thing for this caller.
    virtual void read(std::string_view uri, const Caller& caller, CancelFlag cancelled,
                      Reply reply) = 0;

    /// Those that tools name. Constant for the life of the process.
    virtual std::span<const View> views() const { return {}; }

    virtual std::span<const Prompt> prompts() const { return {}; }
    /// As call(), of a prompt in the list: the result's `text` is what the user says to the model.
    virtual void prompt(std::string_view name, const json::Value* arguments, const Caller& caller,
                        CancelFlag cancelled, Reply reply) = 0;
};

}  // namespace purse::tools
