// SPDX-License-Identifier: Apache-2.0
// What a tool is to the doors: a description, a call and its result, in the modern
// (2026-07-28) shape. The eras are adapted in server/.
#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ledger/json.hpp"

namespace purse::tools {

/// Who calls: what the door knows. The agent itself follows from the credential.
struct Caller {
    std::string credential;  ///< the secret, or empty
    std::string session;     ///< names the connection in the journal
    std::string client;      ///< "name/version" as the client says; bounded, not trusted
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
};

struct Result {
    boost::json::object structured;
    std::string text;  ///< for a person
    bool is_error = false;
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
    /// False: no tool has this name, and `reply` was not called. `arguments` (an object, or
    /// nullptr for none) is read before this returns. A dropped call is still replied to.
    virtual bool call(std::string_view name, const json::Value* arguments, const Caller& caller,
                      CancelFlag cancelled, Reply reply) = 0;
};

}  // namespace purse::tools
