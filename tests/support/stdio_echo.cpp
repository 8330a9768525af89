// SPDX-License-Identifier: Apache-2.0
// The stdio transport with the test tools, on the real descriptors.
#include <sys/signalfd.h>

#include <csignal>

#include "server/stdio/stdio.hpp"
#include "test_protocol.hpp"

int main()
{
    using namespace purse;
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    const auto outbox = std::make_shared<server::Outbox>(1);
    test::TestProtocol behind;
    server::Session session{behind.protocol, {.caller = {"", "test", ""}}};
    const int stop_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    server::run_stdio(session, outbox, {.stop_fd = stop_fd}, behind.log);
    return 0;
}
