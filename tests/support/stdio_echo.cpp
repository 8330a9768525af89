// SPDX-License-Identifier: Apache-2.0
// The stdio transport with the test tools, on the real descriptors.
#include <sys/signalfd.h>

#include <csignal>

#include "server/stdio/stdio.hpp"
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

    server::Log log{server::LogLevel::off};
    server::Outbox outbox{1};
    test::TestToolbox toolbox;
    server::Session session{toolbox, outbox, {"0.0.0", {"", "test", ""}}, log};
    const int stop_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    server::run_stdio(session, outbox, {.stop_fd = stop_fd}, log);
    return 0;
}
