// SPDX-License-Identifier: Apache-2.0
#include "bench/http/request.hpp"

namespace purse::bench {

namespace {

constexpr std::string_view kEnvelope =
    R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"purse-bench","version":"1.0.0"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

void append_field(std::string& out, std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_common(std::string& out, const Peer& peer, std::string_view session)
{
    out += "Host: 127.0.0.1:";
    out += std::to_string(peer.port);
    out += "\r\n";
    append_field(out, "MCP-Protocol-Version",
                 peer.protocol == Protocol::modern ? "2026-07-28" : "2025-11-25");
    append_field(out, "Mcp-Session-Id", session);
    if (peer.credential.empty()) return;
    out += "Authorization: Bearer ";
    out += peer.credential;
    out += "\r\n";
}

}  // namespace

CallStyle style_of(Protocol protocol)
{
    CallStyle style;
    if (protocol == Protocol::modern) style.meta = kEnvelope;
    return style;
}

void append_post(std::string& out, const Peer& peer, const Subject& subject, std::string_view body)
{
    out += "POST /mcp HTTP/1.1\r\n";
    append_common(out, peer, subject.session);
    out += "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
    if (peer.protocol == Protocol::modern) {
        append_field(out, "Mcp-Method", subject.method);
        append_field(out, "Mcp-Name", subject.name);
    }
    out += "Content-Length: ";
    out += std::to_string(body.size());
    out += "\r\n\r\n";
    out += body;
}

void append_get(std::string& out, const Peer& peer, std::string_view path, std::string_view session)
{
    out += "GET ";
    out += path;
    out += " HTTP/1.1\r\n";
    append_common(out, peer, session);
    if (!session.empty()) out += "Accept: text/event-stream\r\n";
    out += "\r\n";
}

}  // namespace purse::bench
