// SPDX-License-Identifier: Apache-2.0
// Brings what other threads answer to the I/O thread: many frames for one wake-up. Frames of one
// outlet arrive in the order in which they were put in.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/mcp/guarded.hpp"
#include "server/mcp/jsonrpc.hpp"

namespace purse::server {

/// A frame on its way out.
struct Letter {
    enum class Kind {
        notice,  ///< answers nothing
        answer,  ///< the answer to what began no call; empty: there will be none
        end,     ///< a call is over; empty: without an answer
    };
    Kind kind = Kind::notice;
    std::string frame;
    std::optional<ErrorCode> error;
};

/// Where letters go. deliver() is called on the I/O thread.
class Outlet {
public:
    virtual ~Outlet() = default;
    virtual void deliver(Letter letter) = 0;
};

class Mailbox {
public:
    using Post = std::function<void(std::move_only_function<void()>)>;
    /// Made on the I/O thread, or before it starts. `post` brings work to it.
    explicit Mailbox(Post post) : post_{std::move(post)} {}

    /// The thread that calls this is the I/O thread from now on.
    void adopt_thread() { io_thread_ = std::this_thread::get_id(); }

    /// Any thread. On the I/O thread, delivered at once, after what has been put in before.
    void put(std::shared_ptr<Outlet> to, Letter letter);

    /// Between these, letters of other threads wait for the last release(). Pairs may overlap.
    void hold();
    void release();

private:
    struct Addressed {
        std::shared_ptr<Outlet> to;
        Letter letter;
    };
    struct Box {
        std::vector<Addressed> letters;
        std::size_t holds = 0;
        bool is_called = false;  // the I/O thread has been told to come
    };
    void deliver_all();
    static void deliver(std::vector<Addressed> letters);

    Post post_;
    std::thread::id io_thread_;
    Guarded<Box> box_;
};

}  // namespace purse::server
