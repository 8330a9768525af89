// SPDX-License-Identifier: Apache-2.0
#include "server/cli/password.hpp"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace purse::server::cli {

namespace {
// As much as a password file may hold.
constexpr std::size_t kLineBytesMax = 4095;
constexpr char kInterrupt = 3;  // Ctrl-C
constexpr char kQuit = 28;      // Ctrl-backslash

std::unexpected<std::string> wrong(std::string what)
{
    return std::unexpected{std::move(what)};
}

/// The terminal without its echo, as long as this lives; signals wait meanwhile, so that no end of
/// the program leaves it mute. Ctrl-C and the like arrive as characters.
class Unseen {
public:
    explicit Unseen(int fd) : fd_{fd}
    {
        sigset_t ends{};
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP})
            sigaddset(&ends, signal);
        ::pthread_sigmask(SIG_BLOCK, &ends, &signals_);
        is_terminal_ = ::tcgetattr(fd_, &before_) == 0;
        if (!is_terminal_) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
        // They end a line, too: nobody has to press Enter after Ctrl-C.
        silent.c_cc[VEOL] = kInterrupt;
        silent.c_cc[VEOL2] = kQuit;
        is_terminal_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }
    ~Unseen()
    {
        if (is_terminal_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
        ::pthread_sigmask(SIG_SETMASK, &signals_, nullptr);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    bool is_terminal() const noexcept { return is_terminal_; }

private:
    int fd_;
    bool is_terminal_ = false;
    termios before_{};
    sigset_t signals_{};
};

void say(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno != EINTR) return;
        if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
    }
}

std::expected<SecretText, std::string> read_line(int fd)
{
    SecretText line{kLineBytesMax + 1};
    std::size_t size = 0;
    for (;;) {
        const auto got = ::read(fd, line.writable().data() + size, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return wrong(std::string{"the terminal cannot be read: "} + std::strerror(errno));
        if (line.view()[size] == kInterrupt || line.view()[size] == kQuit)
            return wrong("interrupted; nothing was made");
        if (got == 0 || line.view()[size] == '\n' || line.view()[size] == '\r') break;
        if (++size > kLineBytesMax) return wrong("a password has at most 4095 bytes");
    }
    line.shorten(size);
    return line;
}
}  // namespace

std::expected<SecretText, std::string> ask_on_terminal(std::string_view question)
{
    const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return wrong("there is no terminal to ask for a password");
    auto line = [&]() -> std::expected<SecretText, std::string> {
        const Unseen unseen{fd};
        if (!unseen.is_terminal()) return wrong("there is no terminal to ask for a password");
        say(fd, question);
        auto typed = read_line(fd);
        say(fd, "\n");
        return typed;
    }();
    ::close(fd);
    if (line && line->view().empty()) return wrong("no password was typed");
    return line;
}

std::expected<SecretText, std::string> ask_twice(const AskSecret& ask, std::string_view what)
{
    auto first = ask(std::string{what} + ": ");
    if (!first) return first;
    auto again = ask(std::string{what} + ", again: ");
    if (!again) return again;
    if (!same_secret(*first, *again)) return wrong("the two were not the same; nothing was made");
    return first;
}

}  // namespace purse::server::cli
