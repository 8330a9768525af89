// SPDX-License-Identifier: Apache-2.0
#include "server/door/gate.hpp"

#include <utility>

#include "server/door/limits.hpp"

namespace purse::server {

namespace {
std::string principal_of(std::string_view credential)
{
    const auto digest = sha256({credential});
    return std::string{as_bytes(digest)};
}
}  // namespace

const Verdict* Gate::look(std::string_view credential)
{
    const auto principal = principal_of(credential);
    const auto found = known_.find(principal);
    if (found == known_.end() || !found->second.is_known) return nullptr;
    auto& known = found->second;
    const auto age = now_ - known.asked_at;
    if (age > (known.verdict.passes() ? kVerdictStaleTicks : kVerdictFreshTicks)) return nullptr;
    // Good and not quite fresh: it passes, and the next look is under way meanwhile.
    if (age > kVerdictFreshTicks && !known.is_asking) ask(principal, std::string{credential});
    return &known.verdict;
}

bool Gate::wait(std::string_view credential, Entered entered)
{
    if (waiting_ >= kVerdictQueueMax) return false;
    const auto principal = principal_of(credential);
    if (!known_.contains(principal)) make_room();
    auto& known = known_[principal];
    ++waiting_;
    known.waiting.push_back(std::move(entered));
    if (!known.is_asking) ask(principal, std::string{credential});
    return true;
}

void Gate::ask(const std::string& principal, std::string credential)
{
    known_[principal].is_asking = true;
    registrar_.identify(
        std::move(credential), [this, principal, asked_at = now_](tools::Identity identity) {
            post_([this, principal, asked_at, identity = std::move(identity)]() mutable {
                arrive(principal, asked_at, std::move(identity));
            });
        });
}

void Gate::arrive(const std::string& principal, std::size_t asked_at, tools::Identity identity)
{
    const auto found = known_.find(principal);
    if (found == known_.end()) return;
    auto& known = found->second;
    known.verdict = {.identity = std::move(identity), .principal = principal};
    known.asked_at = asked_at;
    known.is_known = true;
    known.is_asking = false;
    const auto verdict = known.verdict;  // those let in may change the table
    auto waiting = std::exchange(known.waiting, {});
    waiting_ -= waiting.size();
    for (auto& one : waiting) one(verdict);
}

// Refused ones go first: whoever makes up credentials must not push out those that are in use.
void Gate::make_room()
{
    if (known_.size() < kVerdictsMax) return;
    std::erase_if(known_, [](const auto& entry) {
        const auto& known = entry.second;
        return known.is_known && !known.is_asking && !known.verdict.passes();
    });
    if (known_.size() < kVerdictsMax) return;
    std::erase_if(
        known_, [](const auto& entry) { return entry.second.is_known && !entry.second.is_asking; });
}

void Gate::tick()
{
    ++now_;
    bad_.tick();
}

}  // namespace purse::server
