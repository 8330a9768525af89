// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "server/cli/cli.hpp"

namespace {
// A descriptor the parent closed would be given to the next file opened: the ledger must never
// be what a stray print goes to.
bool has_standard_descriptors()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd) return false;
    return true;
}
}  // namespace

int main(int argc, char** argv)
{
    if (!has_standard_descriptors()) return 1;
    return purse::server::cli::run(argc, argv);
}
