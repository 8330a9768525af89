// SPDX-License-Identifier: Apache-2.0
#include "server/decisions.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "server/limits.hpp"

namespace purse::server {

void Decisions::add(Wait wait)
{
    const bool has_room = table_->with([&](Table& table) {
        if (table.is_stopped || table.waits.size() >= kDecisionsMax) return false;
        table.waits.push_back(std::move(wait));
        return true;
    });
    if (!has_room) wait.done();
}

void Decisions::tick()
{
    std::vector<Wait> late;
    const bool looks = table_->with([&](Table& table) {
        auto& waits = table.waits;
        for (auto& wait : waits) wait.ticks -= wait.ticks > 0 ? 1 : 0;
        const auto rest = std::ranges::partition(
            waits, [](const Wait& wait) { return wait.ticks > 0 && !wait.is_over(); });
        std::ranges::move(rest, std::back_inserter(late));
        waits.erase(rest.begin(), rest.end());
        return !waits.empty() && !std::exchange(table.is_looking, true);
    });
    for (const auto& wait : late) wait.done();
    if (looks) look(table_);
}

void Decisions::look(const std::shared_ptr<Guarded<Table>>& table)
{
    auto ids = table->with([](const Table& now) {
        std::vector<std::string> all;
        for (const auto& wait : now.waits) all.push_back(wait.id);
        return all;
    });
    toolbox_.look_for_decisions(ids, [table, ids](const std::vector<bool>& decided) {
        std::unordered_set<std::string> ended;
        for (std::size_t i = 0; i < decided.size(); ++i)
            if (decided[i]) ended.insert(ids[i]);
        std::vector<Wait> over;
        table->with([&](Table& now) {
            now.is_looking = false;
            const auto rest = std::ranges::partition(
                now.waits, [&](const Wait& wait) { return !ended.contains(wait.id); });
            std::ranges::move(rest, std::back_inserter(over));
            now.waits.erase(rest.begin(), rest.end());
        });
        for (const auto& wait : over) wait.done();
    });
}

void Decisions::stop()
{
    const auto rest = table_->with([](Table& table) {
        table.is_stopped = true;
        return std::exchange(table.waits, {});
    });
    for (const auto& wait : rest) wait.done();
}

}  // namespace purse::server
