// SPDX-License-Identifier: Apache-2.0
// The whole door without sockets: its catalog, registrar, ledger, time and I/O thread are the
// test's own.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/door/door.hpp"
#include "tests/server/door/requests.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/scripted_client.hpp"

namespace purse::test {

/// Knows "good" and credentials that begin with it, and "busy"; may keep its answers back.
class ScriptedRegistrar final : public server::Registrar {
public:
    void identify(std::string credential, tools::IdentityReply reply) override
    {
        ++asked;
        if (!is_silent) return reply(verdict(credential));
        kept.emplace_back(std::move(credential), std::move(reply));
    }
    tools::Identity verdict(const std::string& credential) const
    {
        if (const auto found = refused.find(credential); found != refused.end())
            return {.refused = found->second, .message = "Not let in: " + credential};
        if (credential.starts_with("good")) return {.agent = credential};
        if (credential.empty())
            return {.refused = Reason::credential_missing, .message = "None given"};
        return {.refused = Reason::credential_unknown, .message = "Not known"};
    }
    void answer_all()
    {
        for (auto& [credential, reply] : std::exchange(kept, {})) reply(verdict(credential));
    }

    std::map<std::string, Reason> refused;
    std::deque<std::pair<std::string, tools::IdentityReply>> kept;
    bool is_silent = false;
    int asked = 0;
};

class ScriptedProbe final : public server::LedgerProbe {
public:
    void probe(Reply reply) override { reply(holds); }
    std::optional<std::size_t> holds = 7;
};

/// Work for the I/O thread, done when the test says so.
class Loop {
public:
    void post(std::move_only_function<void()> work) { work_.push_back(std::move(work)); }
    std::size_t waiting() const { return work_.size(); }
    void run()
    {
        while (!work_.empty()) {
            auto work = std::move(work_.front());
            work_.pop_front();
            work();
        }
    }

private:
    std::deque<std::move_only_function<void()>> work_;
};

using PeerPtr = std::shared_ptr<FakeExchange>;

struct DoorBench {
    explicit DoorBench(server::DoorSettings settings = {}, server::Offer offer = everything())
        : behind{std::move(offer)}
    {
        settings.scheme_and_host = "http://127.0.0.1:8377";
        settings_ = std::move(settings);
        mailbox.adopt_thread();
        restart();
    }

    ScriptedProtocol behind;
    ScriptedCatalog& catalog = behind.catalog;
    ScriptedRegistrar registrar;
    ScriptedProbe probe;
    Loop loop;
    server::Mailbox mailbox{
        [this](std::move_only_function<void()> work) { loop.post(std::move(work)); }};
    server::Metrics metrics;
    server::http::ServerFigures figures;
    server::OperatorDoor* operator_door = nullptr;
    std::unique_ptr<server::Door> door;

    /// As when the process ends and another begins: the memory is lost, the key is the same.
    void restart()
    {
        door = std::make_unique<server::Door>(
            server::Door::Ports{
                .protocol = behind.protocol,
                .registrar = registrar,
                .ledger = probe,
                .mailbox = mailbox,
                .metrics = metrics,
                .entropy = behind.entropy,
                .clock = behind.clock,
                .figures = [this]() -> const auto& { return figures; },
                .post =
                    [this](std::move_only_function<void()> work) { loop.post(std::move(work)); },
                .operator_door = operator_door},
            settings_, server::SessionIds{"a key"});
    }

    /// Hands a request over and does what is due; the answer may still be to come.
    PeerPtr send(const OwnRequest& request)
    {
        auto peer = std::make_shared<FakeExchange>();
        door->handle(request.view(), peer);
        loop.run();
        return peer;
    }
    /// A session of that version; its id.
    std::string initialize(std::string_view version = "2025-11-25",
                           const object& abilities = kAbilities)
    {
        const auto peer = send(post(message(0, "initialize",
                                            {{"protocolVersion", version},
                                             {"capabilities", abilities},
                                             {"clientInfo", {{"name", "c"}, {"version", "1"}}}})));
        REQUIRE(peer->status() == 200);
        return peer->header("Mcp-Session-Id").value();
    }
    /// A POST within a session.
    PeerPtr in(const std::string& session, const value& body)
    {
        return send(post(body).set("mcp-session-id", session));
    }
    void tick(std::size_t times = 1)
    {
        for (; times > 0; --times) {
            behind.clock.pass(Span{500'000});
            door->tick();
        }
        loop.run();
    }

private:
    server::DoorSettings settings_;
};

inline value json_of(const FakeExchange& peer)
{
    INFO(peer.body());
    REQUIRE(peer.head->content_type == "application/json");
    return boost::json::parse(peer.body());
}
inline std::int64_t code_of(const FakeExchange& peer)
{
    return json_of(peer).at("error").at("code").as_int64();
}

/// The events of a stream as they stand there.
struct SeenEvent {
    std::string name;
    std::string id;
    std::string data;
};
inline std::vector<SeenEvent> events_of(std::string_view text)
{
    std::vector<SeenEvent> events;
    SeenEvent event;
    while (!text.empty()) {
        const auto end = text.find('\n');
        REQUIRE(end != std::string_view::npos);
        const auto line = text.substr(0, end);
        text = text.substr(end + 1);
        if (line.starts_with("event: ")) event.name = line.substr(7);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("data: ")) event.data = line.substr(6);
        if (line.empty() && !(event.name + event.id + event.data).empty())
            events.push_back(std::exchange(event, {}));
    }
    return events;
}

}  // namespace purse::test
