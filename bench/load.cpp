// SPDX-License-Identifier: Apache-2.0
#include "bench/load.hpp"

#include <stdexcept>
#include <string>

namespace purse::bench {

namespace {

constexpr std::chrono::milliseconds kAnswerLimit{30000};
constexpr unsigned kSlotBits = 10;

struct Slot {
    std::uint64_t waits_for = 0;  ///< id of the request in flight
    bool settling = false;
    bool busy = false;
    SteadyClock::time_point begun;
};

class Driver {
public:
    Driver(Child& server, const LoadOptions& options)
        : server_(server),
          options_(options),
          slots_(options.depth)
    {
        result_.nanoseconds.reserve(1U << 18U);
    }

    LoadResult run()
    {
        const auto start = SteadyClock::now();
        measured_from_ = start + options_.warm_up;
        ends_at_ = measured_from_ + options_.duration;
        now_ = start;
        for (auto& slot : slots_) begin(slot);
        while (in_flight_ > 0) {
            server_.send(outgoing_);
            outgoing_.clear();
            server_.wait(kAnswerLimit);
            now_ = SteadyClock::now();
            note_borders();
            for (auto line = server_.buffered_line(); !line.empty(); line = server_.buffered_line())
                take(line);
        }
        if (measuring_) finish();
        return std::move(result_);
    }

private:
    std::uint64_t next_id(const Slot& slot)
    {
        const auto index = static_cast<std::uint64_t>(&slot - slots_.data());
        return (++requests_ << kSlotBits) | index;
    }

    bool over() const { return now_ >= ends_at_ || begun_ >= options_.most; }

    void begin(Slot& slot)
    {
        slot.busy = !over();
        if (!slot.busy) return;
        ++begun_;
        ++in_flight_;
        slot.settling = false;
        slot.begun = now_;
        slot.waits_for = next_id(slot);
        append_preauthorize(outgoing_, slot.waits_for, options_.style);
    }

    void take(std::string_view line)
    {
        const auto id = answer_id(line);
        const auto index = static_cast<std::size_t>(id & ((1U << kSlotBits) - 1U));
        if (index >= slots_.size() || !slots_[index].busy || slots_[index].waits_for != id)
            throw std::runtime_error("an answer nobody waits for: " + std::string(line));
        require_ok(line);
        auto& slot = slots_[index];
        if (options_.operation == Operation::pair && !slot.settling) {
            slot.settling = true;
            slot.waits_for = next_id(slot);
            append_settle(outgoing_, slot.waits_for, tx_id_of(line), options_.style);
            return;
        }
        --in_flight_;
        ++result_.finished;
        if (measuring_) result_.nanoseconds.push_back((now_ - slot.begun).count());
        begin(slot);
    }

    /// Switches the measurement on and off as its borders are passed.
    void note_borders()
    {
        if (!begun_measuring_ && now_ >= measured_from_) {
            begun_measuring_ = measuring_ = true;
            measured_from_ = now_;
            cpu_before_ = server_.cpu_time();
        }
        if (measuring_ && now_ >= ends_at_) finish();
    }

    void finish()
    {
        measuring_ = false;
        result_.seconds = std::chrono::duration<double>(now_ - measured_from_).count();
        const auto cpu = static_cast<double>((server_.cpu_time() - cpu_before_).count());
        if (result_.nanoseconds.empty()) throw std::runtime_error("nothing was measured");
        result_.cpu_microseconds = cpu / static_cast<double>(result_.nanoseconds.size());
    }

    Child& server_;
    const LoadOptions& options_;
    std::vector<Slot> slots_;
    LoadResult result_;
    std::string outgoing_;
    std::uint64_t requests_ = 0;
    std::uint64_t begun_ = 0;
    unsigned in_flight_ = 0;
    bool begun_measuring_ = false;
    bool measuring_ = false;
    SteadyClock::time_point now_;
    SteadyClock::time_point measured_from_;
    SteadyClock::time_point ends_at_;
    std::chrono::microseconds cpu_before_{};
};

}  // namespace

LoadResult run_load(Child& server, const LoadOptions& options)
{
    return Driver(server, options).run();
}

}  // namespace purse::bench
