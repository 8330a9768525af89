// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_node.hpp"

#include <algorithm>

#include "wallet/calls.hpp"
#include "wallet/words.hpp"

namespace purse::test {

namespace {
constexpr std::string_view kBalanceOf{"\x70\xa0\x82\x31"};
constexpr std::string_view kAuthorizationState{"\xe9\x4a\x01\x02"};
constexpr std::string_view kAggregate{"\x82\xad\x56\xcb"};
constexpr std::size_t kNoncesMax = 256;

Digest other(Digest hash)
{
    hash[0] = static_cast<std::uint8_t>(~hash[0]);
    return hash;
}
}  // namespace

std::optional<NodeFault> SimNode::trouble()
{
    ++asked;
    if (does(faults.lost_before)) return NodeFault{NodeFault::Kind::unknown, "no answer"};
    if (does(faults.limited)) return NodeFault{NodeFault::Kind::rate_limited, "too often"};
    return std::nullopt;
}

NodeAnswer<std::uint64_t> SimNode::chain_id()
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    return chain_.domain().chain_id;
}

NodeAnswer<Heads> SimNode::heads()
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    Heads heads{.latest = chain_.block(latest()),
                .safe = chain_.block(chain_.safe(latest())),
                .finalized = chain_.block(chain_.finalized(latest()))};
    if (does(faults.false_heads))
        for (auto* head : {&heads.latest, &heads.safe, &heads.finalized}) {
            head->id = {.number = head->id.number + 1'000'000, .hash = other(head->id.hash)};
            head->timestamp += 100'000'000;
        }
    return heads;
}

NodeAnswer<std::optional<Block>> SimNode::block(std::uint64_t number)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    if (number > latest()) return std::nullopt;
    auto block = chain_.block(number);
    if (does(faults.false_block)) block.id.hash = other(block.id.hash);
    return block;
}

// The true hash of a block that is there, or another; a payment of an amount of its own.
Receipt SimNode::forged(const Digest& transaction, const Digest& nonce)
{
    auto id = chain_.block(latest()).id;
    if (dice_.odds(1, 2)) id = chain_.block(chain_.finalized(latest())).id;
    if (dice_.odds(1, 2)) id.hash = other(id.hash);
    Receipt receipt{.transaction = transaction,
                    .block = id,
                    .succeeded = true,
                    .gas_used = 90'000,
                    .gas_price = 1'000'000,
                    .l1_fee = 0,
                    .logs = {}};
    if (forged_payees.empty()) return receipt;
    const auto& payee = forged_payees[static_cast<std::size_t>(
        dice_.between(0, static_cast<std::int64_t>(forged_payees.size()) - 1))];
    Log used{.address = chain_.domain().contract,
             .topics = used_topics(forged_from, nonce),
             .data = {},
             .index = 4,
             .transaction = transaction,
             .block = id};
    auto moved = used;
    moved.topics = sent_topics(forged_from);
    moved.topics.push_back(word(payee));
    moved.data = as_bytes(word(Money::from_micro(forged_value)));
    moved.index = 5;
    receipt.logs = {used, moved};
    return receipt;
}

NodeAnswer<std::vector<std::optional<Receipt>>> SimNode::receipts(
    std::span<const Digest> transactions)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    std::vector<std::optional<Receipt>> all;
    for (const auto& hash : transactions) {
        auto one = chain_.receipt(hash);
        if (one && one->block.number > latest()) one.reset();
        if (one && does(faults.null_receipt)) one.reset();
        if (!nonces_.empty() && does(faults.forged_receipt)) {
            // Of the log that it has forged; else of anything.
            const bool is_own = std::ranges::find(nonces_, hash) != nonces_.end();
            one = forged(hash, is_own ? hash
                                      : nonces_[static_cast<std::size_t>(dice_.between(
                                            0, static_cast<std::int64_t>(nonces_.size()) - 1))]);
        }
        all.push_back(std::move(one));
    }
    return all;
}

CallResult SimNode::answer(const CallRequest& request, std::uint64_t at, bool is_lying_used,
                           bool is_lying_balance)
{
    const std::string_view data = request.data;
    if (data.starts_with(kAuthorizationState) && nonces_.size() < kNoncesMax)
        nonces_.push_back(*word_at(data, 36));
    if (data.starts_with(kAuthorizationState) && is_lying_used)
        return {.reverted = false, .data = std::string{as_bytes(word(Wei{1}))}, .reason = {}};
    if (data.starts_with(kBalanceOf) && is_lying_balance)
        return {
            .reverted = false,
            .data = std::string{as_bytes(word(Wei{dice_.odds(1, 2) ? 0U : 1'000'000'000'000U}))},
            .reason = {}};
    auto result = chain_.call(request, at);
    if (!data.starts_with(kAggregate) || !is_lying_used || result.reverted) return result;
    // All of the batch are used: every single word that is a bool's result.
    for (std::size_t i = 0; i + 64 <= result.data.size(); i += 32)
        if (*word_at(result.data, i) == word(Wei{32}) &&
            *word_at(result.data, i + 32) == word(Wei{0}))
            result.data[i + 63] = '\x01';
    return result;
}

NodeAnswer<std::vector<CallResult>> SimNode::calls(std::span<const CallRequest> requests,
                                                   AtBlock at)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    // Who tells of blocks far in the future tells of what is in them, too.
    if (at && *at > latest() && faults.false_heads > 0) at = latest();
    if (at && *at > latest())
        return std::unexpected{NodeFault{NodeFault::Kind::refused, "header not found"}};
    const bool is_lying_used = does(faults.false_used);
    const bool is_lying_balance = does(faults.false_balance);
    std::vector<CallResult> all;
    for (const auto& request : requests)
        all.push_back(answer(request, at.value_or(latest()), is_lying_used, is_lying_balance));
    return all;
}

NodeAnswer<std::vector<Log>> SimNode::logs(const LogQuery& query)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    auto bounded = query;
    bounded.to_block = std::min(query.to_block, latest());
    auto found = chain_.logs(bounded);
    // With a hash that it will answer for, or not.
    if (query.topics.size() == 3 && does(faults.forged_receipt)) {
        auto receipt = forged(query.topics[2], query.topics[2]);
        if (!receipt.logs.empty()) found.push_back(receipt.logs.front());
    }
    return found;
}

NodeAnswer<std::string> SimNode::code(const Address& /*account*/)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    return std::string{};
}

NodeAnswer<std::uint64_t> SimNode::transaction_count(const Address& account, AtBlock at)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    const auto count = chain_.count(account, at.value_or(latest()));
    if (does(faults.false_count)) return count + 1000;
    if (count > 0 && does(faults.stale_count)) return count - 1;
    return count;
}

NodeAnswer<Wei> SimNode::balance(const Address& account)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    return chain_.ether(account);
}

NodeAnswer<FeeQuote> SimNode::fee_quote()
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    return FeeQuote{.base_fee = chain_.base_fee(), .tip = 100'000};
}

NodeAnswer<SendResult> SimNode::send(const std::string& raw)
{
    if (auto fault = trouble()) return std::unexpected{*fault};
    auto result = chain_.send(raw);
    if (does(faults.lost_after)) return std::unexpected{NodeFault{NodeFault::Kind::unknown, "cut"}};
    return result;
}

}  // namespace purse::test
