// SPDX-License-Identifier: Apache-2.0
// Calls that wait for what a person decides elsewhere: on the operator page or by a command,
// perhaps in another process. Looks into the ledger about twice a second, once for all of them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/mcp/guarded.hpp"
#include "tools/tool.hpp"

namespace purse::server {

class Decisions {
public:
    /// `toolbox` is what is asked, and outlives this.
    explicit Decisions(tools::Toolbox& toolbox) : toolbox_{toolbox} {}
    Decisions(const Decisions&) = delete;
    Decisions& operator=(const Decisions&) = delete;

    struct Wait {
        std::string id;                 ///< of the question
        std::size_t ticks = 0;          ///< the longest to wait
        std::function<bool()> is_over;  ///< nobody waits any more: it ends at the next tick
        std::function<void()> done;     ///< decided, or waited for long enough; once, on any thread
    };
    /// Any thread. Too many: `done` at once.
    void add(Wait wait);
    /// About twice a second, on one thread.
    void tick();
    /// Ends every waiting, and each that is to come.
    void stop();

private:
    struct Table {
        std::vector<Wait> waits;
        bool is_looking = false;
        bool is_stopped = false;
    };
    void look(const std::shared_ptr<Guarded<Table>>& table);

    tools::Toolbox& toolbox_;
    // Shared with looks that are under way when this ends.
    std::shared_ptr<Guarded<Table>> table_ = std::make_shared<Guarded<Table>>();
};

}  // namespace purse::server
