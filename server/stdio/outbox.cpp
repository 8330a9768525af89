// SPDX-License-Identifier: Apache-2.0
#include "server/stdio/outbox.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <system_error>
#include <utility>

#include "ledger/require.hpp"
#include "server/limits.hpp"

namespace purse::server {

namespace {
// O_NONBLOCK belongs to what is open, not to the descriptor: set on standard output it would also
// strike the shell that shares it. A pipe or terminal can be opened anew, for us alone.
int open_anew(int fd)
{
    const auto path = "/proc/self/fd/" + std::to_string(fd);
    return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

bool takes_bytes_now(int fd)
{
    pollfd ready{fd, POLLOUT, 0};
    return ::poll(&ready, 1, 0) > 0;
}
}  // namespace

struct Outbox::Written {
    std::size_t bytes = 0;
    bool blocked = false;
    bool broken = false;
};

bool Outbox::State::may_resume() const
{
    return calls <= kInFlightResume && bytes <= kQueuedBytesResume;
}

Outbox::Outbox(int fd) : fd_{fd}, wake_fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}
{
    if (wake_fd_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
    struct stat about{};
    if (::fstat(fd, &about) != 0) {
        broken_ = true;
    } else if (S_ISSOCK(about.st_mode)) {
        way_ = Way::socket;
    } else if (S_ISREG(about.st_mode)) {
        way_ = Way::plain;
    } else {
        own_fd_ = open_anew(fd);
        way_ = own_fd_ < 0 ? Way::careful : Way::own;
    }
}

Outbox::~Outbox()
{
    if (own_fd_ >= 0) ::close(own_fd_);
    ::close(wake_fd_);
}

void Outbox::answer(std::string frame, std::optional<ErrorCode>)
{
    send(std::move(frame));
}

void Outbox::send(std::string frame)
{
    std::unique_lock lock{mutex_};
    append(frame);
    if (corks_ == 0 || state().bytes >= kCorkBytesMax) deliver(lock);
}

void Outbox::begin_call()
{
    const std::scoped_lock lock{mutex_};
    ++calls_;
}

void Outbox::end_call(std::string frame, std::optional<ErrorCode>)
{
    std::unique_lock lock{mutex_};
    require(calls_ > 0, "a call that ends was begun");
    --calls_;
    append(frame);
    if (corks_ == 0 || state().bytes >= kCorkBytesMax) deliver(lock);
    notify();
}

void Outbox::hold()
{
    const std::scoped_lock lock{mutex_};
    ++corks_;
}

void Outbox::release()
{
    std::unique_lock lock{mutex_};
    require(corks_ > 0, "a cork that is pulled was put in");
    if (--corks_ == 0) deliver(lock);
}

Outbox::State Outbox::watch(Await await)
{
    const std::scoped_lock lock{mutex_};
    await_ = await;
    return state();
}

bool Outbox::has_room() const
{
    const std::scoped_lock lock{mutex_};
    return !broken_ && calls_ < kInFlightMax && state().bytes < kQueuedBytesMax;
}

void Outbox::resume()
{
    std::unique_lock lock{mutex_};
    blocked_ = false;
    deliver(lock);
}

void Outbox::give_up()
{
    std::unique_lock lock{mutex_};
    broken_ = true;
    blocked_ = false;
    deliver(lock);  // unless another thread is writing: then that one finds out
}

void Outbox::clear_wake()
{
    std::uint64_t count = 0;
    static_cast<void>(!::read(wake_fd_, &count, sizeof count));
}

Outbox::State Outbox::state() const
{
    return {calls_, queue_.size() + leaving_.size() - left_, blocked_, broken_};
}

void Outbox::append(std::string_view frame)
{
    if (frame.empty() || broken_) return;
    require(frame.find('\n') == std::string_view::npos, "a frame is one line");
    queue_ += frame;
    queue_ += '\n';
}

// Writes until nothing is left or the descriptor takes no more. One thread at a time: the others
// have put theirs into the queue and leave.
void Outbox::deliver(std::unique_lock<std::mutex>& lock)
{
    if (writing_ || blocked_) return;
    writing_ = true;
    while (!broken_ && !blocked_ && state().bytes > 0) {
        if (left_ == leaving_.size()) {
            leaving_.clear();
            left_ = 0;
            queue_.swap(leaving_);
        }
        lock.unlock();
        const auto written = write_out(std::string_view{leaving_}.substr(left_));
        lock.lock();
        left_ += written.bytes;
        blocked_ = written.blocked;
        broken_ = broken_ || written.broken;
    }
    if (broken_) {
        queue_.clear();
        leaving_.clear();
        left_ = 0;
        blocked_ = false;
    }
    writing_ = false;
    if (blocked_ || broken_) wake();
    notify();
}

Outbox::Written Outbox::write_out(std::string_view bytes) const
{
    Written written;
    while (written.bytes < bytes.size()) {
        const auto rest = bytes.substr(written.bytes);
        ssize_t count = -1;
        switch (way_) {
            case Way::socket:
                count = ::send(fd_, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
                break;
            case Way::own: count = ::write(own_fd_, rest.data(), rest.size()); break;
            case Way::plain: count = ::write(fd_, rest.data(), rest.size()); break;
            case Way::careful:
                // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
                if (takes_bytes_now(fd_))
                    count = ::write(fd_, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
                else
                    errno = EAGAIN;
                break;
        }
        if (count >= 0) {
            written.bytes += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            written.blocked = true;
            break;
        } else if (errno != EINTR) {
            written.broken = true;
            break;
        }
    }
    return written;
}

void Outbox::notify()
{
    const auto now = state();
    const bool due =
        (await_ == Await::room && now.may_resume()) || (await_ == Await::quiet && now.quiet());
    if (!due) return;
    await_ = Await::nothing;
    wake();
}

void Outbox::wake()
{
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_fd_, &one, sizeof one));  // full: then it is readable anyway
}

}  // namespace purse::server
