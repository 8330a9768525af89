// SPDX-License-Identifier: Apache-2.0
// purse_fixture_server [PORT]: the fixtures behind the product's own HTTP door, on loopback and for
// everybody. Says where on standard output, and serves until it is told to end.
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <thread>

#include "fixture_catalog.hpp"
#include "ledger/system/clock.hpp"
#include "server/door/door.hpp"
#include "server/http/server.hpp"

namespace {
using namespace purse;

class Everybody final : public server::Registrar {
public:
    void identify(std::string, tools::IdentityReply reply) override { reply({.agent = "fixture"}); }
};

class NoLedger final : public server::LedgerProbe {
public:
    void probe(Reply reply) override { reply(0); }
};

sigset_t block_signals()
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return ends;
}

/// The door and the HTTP server need each other: the server comes second and is told of later.
struct House {
    explicit House(std::uint16_t port)
    {
        http.emplace(server::http::ServerSettings{.port = port}, door, log);
    }

    system::SystemClock clock;
    system::SystemEntropy entropy;
    server::Log log{server::LogLevel::warn};
    Everybody everybody;
    NoLedger ledger;
    server::Metrics metrics;
    std::optional<server::http::HttpServer> http;
    server::Mailbox::Post post = [this](std::move_only_function<void()> work) {
        http->post(std::move(work));
    };
    server::Mailbox mailbox{post};
    conformance::FixtureBehind behind{entropy, clock, log};
    server::Door door{
        {.protocol = behind.protocol,
         .registrar = everybody,
         .ledger = ledger,
         .mailbox = mailbox,
         .metrics = metrics,
         .entropy = entropy,
         .clock = clock,
         .figures = [this]() -> const server::http::ServerFigures& { return http->figures(); },
         .post = post},
        {.origin = {.bound_host = "127.0.0.1"}},
        server::SessionIds{"a key of the fixtures"}};
};

int serve(std::uint16_t port)
{
    auto ends = block_signals();
    House house{port};
    std::jthread waiter{[&] {
        int signal = 0;
        sigwait(&ends, &signal);
        house.http->stop();
    }};
    std::cout << "http://127.0.0.1:" << house.http->port() << "/mcp" << std::endl;
    house.mailbox.adopt_thread();
    house.http->run();
    return EXIT_SUCCESS;
}
}  // namespace

int main(int argc, char** argv)
{
    try {
        return serve(static_cast<std::uint16_t>(argc > 1 ? std::stoi(argv[1]) : 0));
    } catch (const std::exception& error) {
        std::cerr << "purse_fixture_server: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
