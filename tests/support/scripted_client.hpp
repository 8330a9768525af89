// SPDX-License-Identifier: Apache-2.0
// One client of a scripted server, of both eras, with everything in memory: what it sends, and what
// it must have been sent.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frames.hpp"
#include "scripted_catalog.hpp"
#include "server/limits.hpp"
#include "server/mcp/session.hpp"

namespace purse::test {

using boost::json::object;
using boost::json::value;

/// Has one of everything, and a second page of tools.
inline server::Offer everything()
{
    return {.name = "s",
            .tools =
                std::vector<tools::Tool>(server::kPageMax + 1, {.name = "t", .input_schema = "{}"}),
            .resources = {{.uri = "test://r"}},
            .prompts = {{.name = "p"}},
            .completions = true,
            .logging = true,
            .lists_change = true,
            .subscriptions = true};
}

inline const object kAbilities{{"elicitation", {{"form", object{}}, {"url", object{}}}},
                               {"sampling", object{}}};

/// One client of a scripted server, of both eras.
struct ScriptedClient {
    explicit ScriptedClient(server::Offer offer = everything(),
                            tools::Caller caller = {"secret", "s", ""})
        : behind{std::move(offer)},
          session{behind.protocol, {.caller = std::move(caller)}}
    {
    }

    std::shared_ptr<Frames> frames = std::make_shared<Frames>();
    ScriptedProtocol behind;
    ScriptedCatalog& catalog = behind.catalog;
    server::Session session;
    int ids = 100;

    std::optional<value> next()
    {
        const auto frame = frames->take(std::chrono::milliseconds{0});
        if (!frame) return std::nullopt;
        return boost::json::parse(*frame);
    }
    void send(const value& message) { session.receive(serialize(message), frames); }
    int request(std::string_view method, const object& params = {})
    {
        send({{"jsonrpc", "2.0"}, {"id", ++ids}, {"method", method}, {"params", params}});
        return ids;
    }
    void notify(std::string_view method, const object& params)
    {
        send({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
    }
    void initialize(std::string_view version = "2025-11-25", const object& abilities = kAbilities)
    {
        request("initialize", {{"protocolVersion", version}, {"capabilities", abilities}});
        REQUIRE(next());
    }
    int modern(std::string_view method, object params = {}, const object& abilities = kAbilities)
    {
        auto& meta = params["_meta"];
        if (!meta.is_object()) meta = object{};
        meta.as_object()["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
        meta.as_object()["io.modelcontextprotocol/clientCapabilities"] = abilities;
        return request(method, params);
    }
    /// The only frame there is, an answer to the last request.
    value answer()
    {
        const auto frame = next();
        REQUIRE(frame);
        INFO(*frame);
        CHECK(frame->at("id") == ids);
        CHECK_FALSE(next());
        return *frame;
    }
    value result() { return answer().at("result"); }
    std::int64_t error() { return answer().at("error").at("code").as_int64(); }
    /// The question that was sent, and nothing else.
    value question()
    {
        const auto frame = next();
        REQUIRE(frame);
        REQUIRE(frame->as_object().contains("method"));
        REQUIRE(frame->as_object().contains("id"));
        return *frame;
    }
    void reply(const value& to, const value& result)
    {
        send({{"jsonrpc", "2.0"}, {"id", to.at("id")}, {"result", result}});
    }
};

/// The result of a tool that says something.
inline server::Done said(std::string_view text)
{
    return {R"("content":[{"type":"text","text":)" + json::quoted(text) + "}]"};
}

inline std::string text_of(const value& result)
{
    return result.at("content").at(0).at("text").as_string().c_str();
}

}  // namespace purse::test
