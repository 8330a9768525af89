// SPDX-License-Identifier: Apache-2.0
#include "wallet/nodes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "ledger/require.hpp"

namespace purse {

namespace {
// 2^20 times the least rest is far beyond the longest.
constexpr int kDoublingsMax = 20;
constexpr std::uint64_t kMicrosInSecond = 1'000'000;

NodeFault resting()
{
    return {NodeFault::Kind::rate_limited, "it rests after a failure"};
}
}  // namespace

Nodes::Nodes(std::vector<std::unique_ptr<Node>> nodes, const Clock& clock, Entropy& entropy,
             NodesOptions options)
    : clock_{clock},
      entropy_{entropy},
      options_{options}
{
    require(!nodes.empty(), "a chain has at least one node");
    for (auto& node : nodes) members_.push_back({.node = std::move(node)});
}

bool Nodes::is_resting(const Member& member) const
{
    return member.failures > 0 && clock_.boot() < member.rests_until;
}

Span Nodes::next_rest(int failures)
{
    const auto doublings = std::min(failures - 1, kDoublingsMax);
    const auto whole = std::min(options_.rest_min.us << doublings, options_.rest_max.us);
    std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
    entropy_.fill(bytes);
    const auto half = static_cast<std::uint64_t>(whole / 2);
    // The bias of the remainder is beyond notice.
    const auto drawn = std::bit_cast<std::uint64_t>(bytes) % (half + 1);
    return {whole - static_cast<std::int64_t>(drawn)};
}

void Nodes::note(std::size_t index, const NodeFault* fault)
{
    auto& member = members_[index];
    if (fault == nullptr || fault->kind == NodeFault::Kind::refused) {
        // A refusal is an answer: the node lives, it only does not do that.
        member.failures = 0;
        return;
    }
    member.was_rate_limited = fault->kind == NodeFault::Kind::rate_limited;
    ++member.failures;
    member.rests_until = {clock_.boot().us + next_rest(member.failures).us};
}

std::vector<std::size_t> Nodes::ranking() const
{
    enum Rank : std::uint8_t { good, lagging, failing, resting_failing, out };
    const auto rank_of = [&](const Member& member) {
        if (member.is_aside) return out;
        if (is_resting(member)) return member.was_rate_limited ? out : resting_failing;
        if (member.failures > 0) return failing;
        return member.is_lagging ? lagging : good;
    };
    std::vector<std::pair<Rank, std::size_t>> ranked;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (const auto rank = rank_of(members_[i]); rank != out) ranked.emplace_back(rank, i);
    std::ranges::sort(ranked);
    std::vector<std::size_t> order;
    order.reserve(ranked.size());
    for (const auto& [rank, index] : ranked) order.push_back(index);
    return order;
}

std::vector<NodeAnswer<SendResult>> Nodes::send_to_all(const std::string& raw)
{
    const auto send = [&](Node& node) { return node.send(raw); };
    std::vector<NodeAnswer<SendResult>> answers;
    std::vector<std::size_t> resting_ones;
    for (const auto& member : members_)
        answers.emplace_back(std::unexpected{
            member.is_aside ? NodeFault{NodeFault::Kind::unknown, "it is not checked yet"}
                            : resting()});
    bool has_answer = false;
    for (const auto index : ranking()) {
        if (is_resting(members_[index]) && has_answer) break;  // they come last
        answers[index] = ask_one(index, send);
        has_answer = has_answer || answers[index].has_value();
    }
    return answers;
}

NodeAnswer<Heads> Nodes::heads()
{
    const auto ask = [](Node& node) { return node.heads(); };
    Faults faults;
    std::vector<std::pair<std::size_t, Heads>> seen;
    for (const auto index : ranking()) {
        if (is_resting(members_[index]) && !seen.empty()) break;
        auto answer = ask_one(index, ask);
        if (answer)
            seen.emplace_back(index, *answer);
        else
            faults.add(members_[index].node->name(), answer.error());
    }
    told_.clear();
    for (const auto& one : seen) told_.push_back(one.second);
    if (seen.empty()) return std::unexpected{faults.take()};

    const auto timestamp = [](const auto& one) { return one.second.latest.timestamp; };
    const auto best = std::ranges::max(seen, {}, timestamp).second.latest.timestamp;
    const auto lag_max = static_cast<std::uint64_t>(options_.lag_max.us) / kMicrosInSecond;
    for (const auto& one : seen) members_[one.first].is_lagging = best - timestamp(one) > lag_max;
    // The first as configured that does not lag; the best one, at least, does not.
    std::ranges::sort(seen, {}, [](const auto& one) { return one.first; });
    return std::ranges::find_if(seen,
                                [&](const auto& one) { return !members_[one.first].is_lagging; })
        ->second;
}

void Nodes::Faults::add(const std::string& node, const NodeFault& fault)
{
    if (!sum_) {
        sum_ = {fault.kind, node + ": " + fault.what};
        return;
    }
    sum_->what += "; " + node + ": " + fault.what;
    // What is least known decides.
    sum_->kind = std::min(sum_->kind, fault.kind);
}

NodeFault Nodes::Faults::take()
{
    if (sum_) return std::move(*sum_);
    return {NodeFault::Kind::rate_limited, "no node may be asked now: each rests or is set aside"};
}

std::string Nodes::no_agreement(std::size_t wanted, std::size_t opinions)
{
    return std::to_string(opinions) + (opinions == 1 ? " answer" : " different answers") +
           ", none of which " + std::to_string(wanted) + " nodes gave";
}

}  // namespace purse
