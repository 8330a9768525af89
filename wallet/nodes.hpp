// SPDX-License-Identifier: Apache-2.0
// Several nodes of one chain as one: reads go to the best and fail over, what is sent goes to all,
// and what must not hang on one node's word is asked until enough of them agree.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"
#include "wallet/node.hpp"

namespace purse {

struct NodesOptions {
    /// A node's rest after its first failure; it doubles with each that follows. What is taken is
    /// drawn from the upper half, so that many clients do not come back at once.
    Span rest_min = Span::seconds(1);
    Span rest_max = Span::minutes(1);
    /// A node whose latest block is older than the best one's by more is asked last.
    Span lag_max = Span::seconds(5);
};

/// One thread at a time. Nodes are numbered as configured.
class Nodes {
public:
    /// `nodes` is not empty.
    Nodes(std::vector<std::unique_ptr<Node>> nodes, const Clock& clock, Entropy& entropy,
          NodesOptions options = {});

    /// All, also those that are set aside.
    std::size_t size() const noexcept { return members_.size(); }
    Node& at(std::size_t index) { return *members_.at(index).node; }

    /// A node that was not checked against the chain is asked for nothing.
    void set_aside(std::size_t index) { members_.at(index).is_aside = true; }
    void admit(std::size_t index) { members_.at(index).is_aside = false; }
    bool is_aside(std::size_t index) const { return members_.at(index).is_aside; }

    /// The first answer, in the order of ranking(). `ask` is called with a Node& and gives a
    /// NodeAnswer<T>. The fault, when none answers, names each node.
    template <typename Ask>
    auto first(Ask ask) -> std::invoke_result_t<Ask&, Node&>
    {
        Faults faults;
        for (const auto index : ranking()) {
            auto answer = ask_one(index, ask);
            if (answer) return answer;
            faults.add(members_[index].node->name(), answer.error());
        }
        return std::unexpected{faults.take()};
    }

    /// An answer that `count` different nodes gave equally (at least one; T has ==). With
    /// fewer nodes in all, or fewer that answer and agree, a fault: a liar can delay, not decide,
    /// unless `count` of them lie alike.
    template <typename Ask>
    auto agreeing(std::size_t count, Ask ask) -> std::invoke_result_t<Ask&, Node&>
    {
        using Answer = std::invoke_result_t<Ask&, Node&>;
        struct Voted {
            Answer answer;
            std::size_t votes;
        };
        Faults faults;
        std::vector<Voted> answers;
        for (const auto index : ranking()) {
            auto answer = ask_one(index, ask);
            if (!answer) {
                faults.add(members_[index].node->name(), answer.error());
                continue;
            }
            auto same = answers.begin();
            while (same != answers.end() && !(*same->answer == *answer)) ++same;
            if (same == answers.end())
                same = answers.insert(same, Voted{.answer = std::move(answer), .votes = 0});
            if (++same->votes >= count) return std::move(same->answer);
        }
        if (!answers.empty())
            faults.add("all", {NodeFault::Kind::unknown, no_agreement(count, answers.size())});
        return std::unexpected{faults.take()};
    }

    /// The answers of all that may be asked, in the order of ranking(): for what is decided item by
    /// item, or by how many go so far. A resting node is asked only while fewer than `enough` have
    /// answered.
    template <typename Ask>
    auto all(std::size_t enough, Ask ask)
        -> std::vector<typename std::invoke_result_t<Ask&, Node&>::value_type>
    {
        std::vector<typename std::invoke_result_t<Ask&, Node&>::value_type> answers;
        for (const auto index : ranking()) {
            if (is_resting(members_[index]) && answers.size() >= enough) break;  // they come last
            if (auto answer = ask_one(index, ask)) answers.push_back(std::move(*answer));
        }
        return answers;
    }

    /// What each said, by index. Resting nodes are not asked (that is their fault then), unless no
    /// other gave an answer; a node that asks for a rest is never asked before its end.
    std::vector<NodeAnswer<SendResult>> send_to_all(const std::string& raw);

    /// Asks each for its heads and remembers who lags; gives those of the best.
    NodeAnswer<Heads> heads();
    /// What each node said that answered the last heads().
    const std::vector<Heads>& told_heads() const noexcept { return told_; }

    /// By which nodes are asked: healthy and up to date, then lagging, then failing, each as
    /// configured; then the failing that rest. Without those set aside, and without those that
    /// asked for a rest.
    std::vector<std::size_t> ranking() const;

private:
    struct Member {
        std::unique_ptr<Node> node;
        bool is_aside = false;
        bool is_lagging = false;
        bool was_rate_limited = false;  // the last fault
        int failures = 0;               // in a row
        Span rests_until{};             // of the clock that only rises
    };

    /// Gathers why nobody answered.
    class Faults {
    public:
        void add(const std::string& node, const NodeFault& fault);
        NodeFault take();

    private:
        std::optional<NodeFault> sum_;
    };

    template <typename Ask>
    auto ask_one(std::size_t index, Ask& ask) -> std::invoke_result_t<Ask&, Node&>
    {
        auto answer = ask(*members_[index].node);
        note(index, answer ? nullptr : &answer.error());
        return answer;
    }

    void note(std::size_t index, const NodeFault* fault);
    bool is_resting(const Member& member) const;
    Span next_rest(int failures);
    static std::string no_agreement(std::size_t wanted, std::size_t opinions);

    std::vector<Member> members_;
    std::vector<Heads> told_;
    const Clock& clock_;
    Entropy& entropy_;
    NodesOptions options_;
};

}  // namespace purse
