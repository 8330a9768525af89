// SPDX-License-Identifier: Apache-2.0
// The stdio transport with the test tools, on the real descriptors.
#include <sys/signalfd.h>

#include <array>
#include <csignal>
#include <cstdio>

#include "server/stdio.hpp"
#include "test_toolbox.hpp"

int main()
{
    using namespace purse;
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    server::Log log{server::LogLevel::warn};
    server::Outbox outbox{1};
    test::TestToolbox toolbox;
    server::Session session{toolbox, outbox, {"0.0.0", {"", "test", ""}}, log};
    const auto end = server::run_stdio(
        session, outbox, {.stop_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK)}, log);
    constexpr std::array kWhy = {"end of input", "stopped", "output closed"};
    std::fprintf(stderr, "%s\n", kWhy.at(static_cast<std::size_t>(end)));
    return 0;
}
