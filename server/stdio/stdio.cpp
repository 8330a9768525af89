// SPDX-License-Identifier: Apache-2.0
#include "server/stdio/stdio.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "server/limits.hpp"
#include "server/stdio/line_reader.hpp"

namespace purse::server {

namespace {
constexpr short kGone = POLLERR | POLLHUP | POLLNVAL;
constexpr int kForEver = -1;
constexpr int kTickMs = 500;

class Loop {
public:
    Loop(Session& session, const std::shared_ptr<Outbox>& outbox, StdioOptions options, Log& log)
        : session_{session},
          path_{outbox},
          outbox_{*outbox},
          options_{std::move(options)},
          log_{log}
    {
    }

    StdioEnd serve()
    {
        bool stalled = false;  // input is left unread until answers have left
        for (;;) {
            if (!stalled) stalled = !take_lines();
            const auto state =
                outbox_.watch(stalled ? Outbox::Await::room : Outbox::Await::nothing);
            if (state.broken) return StdioEnd::output;
            if (stalled && state.may_resume()) {
                stalled = false;
                continue;
            }
            // Nothing in flight, nothing to tick for: a resting process never wakes up.
            const auto patience = state.calls > 0 ? kTickMs : kForEver;
            if (!wait({.input = !stalled, .stop = true}, state, patience)) tick();
            if (stop_.revents != 0) return StdioEnd::stop;
            if (in_.revents != 0 && !read_some()) return StdioEnd::input;
        }
    }

    void finish()
    {
        for (;;) {
            const auto state = outbox_.watch(Outbox::Await::quiet);
            if (state.quiet()) return;
            const auto patience = static_cast<int>(options_.patience.count());
            if (wait({}, state, state.calls > 0 ? kForEver : patience)) continue;
            log_.warn("the last answers were not read; they are on record");
            return outbox_.give_up();
        }
    }

private:
    struct Sources {
        bool input = false;
        bool stop = false;
    };

    void tick()
    {
        session_.tick();
        options_.tick();
    }

    // False: there may be more lines, but no room for them.
    bool take_lines()
    {
        const Outbox::Cork cork{outbox_};
        while (outbox_.has_room()) {
            const auto line = lines_.next();
            if (!line) return true;
            take(*line);
        }
        return false;
    }

    void take(const LineReader::Line& line)
    {
        if (line.too_long)
            session_.refuse_long_line(path_);
        else
            session_.receive(line.text, path_);
    }

    // False at the end of input.
    bool read_some()
    {
        const auto room = lines_.room();
        const auto count = ::read(options_.in_fd, room.data(), room.size());
        if (count > 0) {
            lines_.filled(static_cast<std::size_t>(count));
            return true;
        }
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (count < 0) log_.warn("input cannot be read any more");
        if (const auto line = lines_.rest()) take(*line);
        return false;
    }

    // Waits for the sources, for the outbox's wake-up and for the peer to read or to go; sees to
    // the outbox itself. False when the time was up.
    bool wait(Sources sources, const Outbox::State& state, int timeout_ms)
    {
        std::array<pollfd, 4> fds{};
        fds[0] = {sources.input ? options_.in_fd : -1, POLLIN, 0};
        fds[1] = {sources.stop ? options_.stop_fd : -1, POLLIN, 0};
        fds[2] = {outbox_.wake_fd(), POLLIN, 0};
        fds[3] = {state.broken ? -1 : outbox_.fd(), state.blocked ? short{POLLOUT} : short{0}, 0};
        const auto count = ::poll(fds.data(), fds.size(), timeout_ms);
        if (count < 0) fds[0].revents = fds[1].revents = fds[2].revents = fds[3].revents = 0;
        in_ = fds[0];
        stop_ = fds[1];
        if (fds[2].revents != 0) outbox_.clear_wake();
        if ((fds[3].revents & kGone) != 0)
            outbox_.give_up();
        else if (fds[3].revents != 0)
            outbox_.resume();
        return count != 0;
    }

    Session& session_;
    const std::shared_ptr<Transport> path_;
    Outbox& outbox_;
    const StdioOptions options_;
    Log& log_;
    LineReader lines_{kLineBytesMax};
    pollfd in_{};
    pollfd stop_{};
};
}  // namespace

StdioEnd run_stdio(Session& session, const std::shared_ptr<Outbox>& outbox, StdioOptions options,
                   Log& log)
{
    Loop loop{session, outbox, options, log};
    const auto end = loop.serve();
    session.end();
    options.ending();
    loop.finish();
    return end;
}

}  // namespace purse::server
