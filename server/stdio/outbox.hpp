// SPDX-License-Identifier: Apache-2.0
// What leaves through one file descriptor. Any thread may send: the first one writes, and takes
// along what others add meanwhile, so that many answers share one write(2). No sender ever waits
// for the peer: what the descriptor does not take stays queued, and the reading thread, which
// polls, writes the rest. That thread is also the one to hold back when the queue is long.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "server/mcp/transport.hpp"

namespace purse::server {

class Outbox final : public Transport {
public:
    /// Writes to `fd`, which stays the caller's, its flags untouched. Throws std::system_error
    /// when the kernel gives no wake-up descriptor.
    explicit Outbox(int fd);
    ~Outbox() override;
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    void send(std::string frame) override;
    void answer(std::string frame, std::optional<ErrorCode> error) override;
    void begin_call() override;
    void end_call(std::string frame, std::optional<ErrorCode> error) override;

    /// While one lives, sends only queue (but for kCorkBytesMax); the end of the last one writes
    /// it all. For a loop that makes many answers; hold it for no longer than that.
    class Cork {
    public:
        explicit Cork(Outbox& outbox) : outbox_{outbox} { outbox_.hold(); }
        ~Cork() { outbox_.release(); }
        Cork(const Cork&) = delete;
        Cork& operator=(const Cork&) = delete;

    private:
        Outbox& outbox_;
    };
    /// The two ends of a Cork, where a scope does not fit. Any thread; pairs may overlap.
    void hold();
    void release();

    // For the one thread that reads and polls:

    struct State {
        std::size_t calls = 0;  ///< begun and not ended
        std::size_t bytes = 0;  ///< queued and not written
        bool blocked = false;   ///< the descriptor took no more: poll it, then resume()
        bool broken = false;    ///< the peer is gone; what is sent is dropped
        bool quiet() const { return calls == 0 && bytes == 0; }
        bool may_resume() const;  ///< so much has left that reading may go on
    };
    /// What wake_fd() is to signal, next to `blocked` and `broken`, which it always does.
    enum class Await { nothing, room, quiet };
    /// The state now; a later change that `await` asks for makes wake_fd() readable, once.
    State watch(Await await);
    /// Whether one more message may be taken in.
    bool has_room() const;
    /// Writes what waited for the descriptor.
    void resume();
    /// The peer is gone: drops what is queued.
    void give_up();
    int wake_fd() const { return wake_fd_; }
    void clear_wake();
    int fd() const { return fd_; }

private:
    enum class Way {
        socket,   // one call can say "do not wait"
        own,      // a pipe or terminal, opened anew and non-blocking
        plain,    // a file, which does not make us wait for a peer
        careful,  // neither: poll before each small piece
    };
    struct Written;

    State state() const;
    void append(std::string_view frame);
    void deliver(std::unique_lock<std::mutex>& lock);
    Written write_out(std::string_view bytes) const;
    void notify();
    void wake();

    const int fd_;     // the caller's
    int own_fd_ = -1;  // the same pipe opened anew, so that non-blocking is ours alone
    Way way_ = Way::careful;
    int wake_fd_;

    mutable std::mutex mutex_;
    std::string queue_;
    std::string leaving_;   // touched without the lock by the thread that set writing_
    std::size_t left_ = 0;  // of leaving_, already written
    std::size_t calls_ = 0;
    std::size_t corks_ = 0;
    Await await_ = Await::nothing;
    bool writing_ = false;
    bool blocked_ = false;
    bool broken_ = false;
};

}  // namespace purse::server
