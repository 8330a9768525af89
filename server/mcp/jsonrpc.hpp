// SPDX-License-Identifier: Apache-2.0
// Strict JSON-RPC 2.0, no I/O: text to messages, and answers to text. A refusal here is
// an RpcError with the code the specification names.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "ledger/json.hpp"

namespace purse::server {

enum class ErrorCode : int {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    header_mismatch = -32020,
    missing_capability = -32021,
    unsupported_protocol_version = -32022,
    // Ours: an HTTP session that is not known (any more). Outside of what JSON-RPC and MCP reserve.
    session_unknown = -31001,
};

struct RpcError {
    ErrorCode code = ErrorCode::internal_error;
    std::string message;
    std::string data;  ///< JSON text, or empty for none
};

/// A request's id as the JSON text that answers repeat: a number keeps its exact text.
struct RequestId {
    std::string json;  ///< empty: answers leave the member out
    bool operator==(const RequestId&) const = default;
};

/// Reads a string (at most kIdBytesMax bytes) or an integer of any size; anything else is no id.
std::expected<RequestId, RpcError> read_id(const json::Value& value);

enum class MessageKind { request, notification, response };

/// One message; views into its document.
struct Message {
    MessageKind kind = MessageKind::notification;
    RequestId id;                         ///< of a request; of a response, what it answers
    std::string_view method;              ///< of a request or notification
    const json::Value* params = nullptr;  ///< an object, or nullptr for none
    const json::Value* result = nullptr;  ///< of a response; nullptr: it is an error
};

/// A value that is no message we take, with the id its answer must carry.
struct BadMessage {
    RpcError error;
    RequestId id;
};

/// One line's JSON. The error's answer has id null: an unreadable message shows no era, and
/// legacy SDKs expect the member, while the modern ones read null as unknown.
std::expected<json::Document, RpcError> parse_frame(std::string_view text);

/// One element of a frame. Extra members are let pass, as JSON-RPC does.
std::expected<Message, BadMessage> read_message(const json::Value& value);

/// The id of an answer to what could not be read.
RequestId unknown_id();

/// `result` is JSON text.
void append_result(std::string& out, const RequestId& id, std::string_view result);
void append_error(std::string& out, const RequestId& id, const RpcError& error);

/// A peer's own words, short enough and clean enough to be repeated to it: at most
/// `bytes_max` bytes, cut between characters, without control characters.
std::string excerpt(std::string_view text, std::size_t bytes_max);

}  // namespace purse::server
