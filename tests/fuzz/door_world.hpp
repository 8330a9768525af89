// SPDX-License-Identifier: Apache-2.0
// What a fuzzed door stands in: tools of every kind, credentials, time, and peers that come and go.
#pragma once

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/door/door.hpp"
#include "server/door/limits.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/server/door/requests.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/scripted_catalog.hpp"

namespace purse::fuzz {

class FuzzRegistrar final : public server::Registrar {
public:
    void identify(std::string credential, tools::IdentityReply reply) override
    {
        kept.emplace_back(std::move(credential), std::move(reply));
        if (!is_silent) answer();
    }
    void answer()
    {
        for (auto& [credential, reply] : std::exchange(kept, {})) {
            tools::Identity identity;
            if (credential.starts_with("good"))
                identity.agent = "a";
            else
                identity = {
                    .refused = credential == "busy" ? Reason::busy : Reason::credential_unknown,
                    .agent = {},
                    .message = "no"};
            reply(std::move(identity));
        }
    }
    std::deque<std::pair<std::string, tools::IdentityReply>> kept;
    bool is_silent = false;
};

class FuzzProbe final : public server::LedgerProbe {
public:
    void probe(Reply reply) override { reply(1); }
};

inline server::Offer fuzz_offer()
{
    return {.name = "s",
            .tools = {{.name = "echo", .input_schema = "{}"}},
            .resources = {{.uri = "test://r"}},
            .prompts = {{.name = "p"}},
            .completions = true,
            .logging = true,
            .lists_change = true,
            .subscriptions = true};
}

class DoorWorld {
public:
    DoorWorld()
    {
        mailbox_.adopt_thread();
        script_tools();
        restart();
    }

    std::vector<std::shared_ptr<test::FakeExchange>> peers;
    std::string last_session;
    std::string last_sse;

    void send(const test::OwnRequest& request)
    {
        auto peer = std::make_shared<test::FakeExchange>();
        peers.push_back(peer);
        door_->handle(request.view(), peer);
        run();
        check(!peer->is_answered() || peer->head->status != 500, "no error of our own");
        if (const auto id = peer->header("Mcp-Session-Id")) last_session = *id;
        if (!peer->is_stream) return;
        const auto at = peer->body().find("sessionId=");
        if (at != std::string::npos) last_sse = peer->body().substr(at + 10, 21);
    }

    void act(char act)
    {
        switch (act) {
            case 'R': return release();
            case 'L': return leave(peers.empty() ? nullptr : peers.back());
            case 'l': return leave(peers.empty() ? nullptr : peers.front());
            case 'V': registrar_.is_silent = true; return;
            case 'v': return let_answer();
            case 'T': return tick(1);
            case 'I': return tick(server::kReplayTicks + 1);
            case 'D': behind_.clock.pass(Span::days(30)); return tick(1);
            case 'N': behind_.protocol.notices().tools_changed(); return run();
            case 'X': return restart();
            case 'S': door_->stopping(); return run();
            default: return;
        }
    }

    /// As a process ends: nothing new, what is under way is answered, then the door goes.
    void end()
    {
        let_answer();
        door_->stopping();
        release();
        door_.reset();
    }

private:
    void run()
    {
        while (!loop_.empty()) {
            auto work = std::move(loop_.front());
            loop_.pop_front();
            work();
        }
    }
    void tick(std::size_t times)
    {
        for (; times > 0; --times) {
            behind_.clock.pass(Span{500'000});
            door_->tick();
        }
        run();
    }
    void leave(const std::shared_ptr<test::FakeExchange>& peer)
    {
        if (peer != nullptr && peer->ends == 0 && (peer->is_stream || !peer->is_answered()))
            peer->leave();
        run();
    }
    void let_answer()
    {
        registrar_.is_silent = false;
        registrar_.answer();
        run();
    }
    void release()
    {
        while (!kept_.empty()) {
            auto responder = std::move(kept_.front());
            kept_.pop_front();
            responder(server::Done{R"("content":[])"});
        }
        run();
    }
    /// The process ends, another begins with the same key.
    void restart()
    {
        if (door_ != nullptr) end();
        door_ = std::make_unique<server::Door>(
            server::Door::Ports{.protocol = behind_.protocol,
                                .registrar = registrar_,
                                .ledger = probe_,
                                .mailbox = mailbox_,
                                .metrics = metrics_,
                                .entropy = behind_.entropy,
                                .clock = behind_.clock,
                                .figures = [this]() -> const auto& { return figures_; },
                                .post = [this](auto work) { loop_.push_back(std::move(work)); }},
            server::DoorSettings{.scheme_and_host = "http://127.0.0.1:1"},
            server::SessionIds{"key"});
    }
    void script_tools()
    {
        auto& catalog = behind_.catalog;
        catalog["echo"] = [](server::Responder responder) {
            responder(tools::Result{.structured = {{"text", "x"}}, .text = "x", .is_error = false});
        };
        catalog["null"] = catalog["fail"] = catalog["echo"];
        catalog["throw"] = [](const server::Responder&) { throw std::runtime_error{"on purpose"}; };
        catalog["drop"] = [](const server::Responder&) {};
        catalog["hold"] = [this](server::Responder responder) {
            kept_.push_back(std::move(responder));
        };
        catalog["slow"] = [this](server::Responder responder) {
            responder.call().progress({.done = 1, .total = 2, .message = "half"});
            responder.call().log(server::LogSeverity::info, "\"half\"");
            kept_.push_back(std::move(responder));
        };
        catalog["ask"] = [](server::Responder responder) {
            if (responder.call().inputs() != nullptr)
                return responder(server::Done{R"("content":[])"});
            responder(
                server::NeedsInput{{{"n", "elicitation/create", R"({"message":"?"})"}}, "state"});
        };
        catalog["prompt:p"] = catalog["resource:test://r"] = catalog["ask"];
    }

    test::ScriptedProtocol behind_{fuzz_offer()};
    FuzzRegistrar registrar_;
    FuzzProbe probe_;
    std::deque<std::move_only_function<void()>> loop_;
    server::Mailbox mailbox_{
        [this](std::move_only_function<void()> work) { loop_.push_back(std::move(work)); }};
    server::Metrics metrics_;
    server::http::ServerFigures figures_;
    std::deque<server::Responder> kept_;
    std::unique_ptr<server::Door> door_;
};

}  // namespace purse::fuzz
