// SPDX-License-Identifier: Apache-2.0
// Blocks, pool and reorganisations of the chain in memory.
#include "tests/support/sim_chain.hpp"

#include <algorithm>

#include "tests/wallet/rlp_reader.hpp"
#include "wallet/calls.hpp"
#include "wallet/keccak.hpp"
#include "wallet/words.hpp"

namespace purse::test {

namespace {
constexpr std::uint64_t kQueueMax = 64;  // numbers ahead of an account's next

Wei wide(const RlpItem& item)
{
    if (item.is_list || item.text.size() > sizeof(Wei)) throw std::runtime_error{"too wide"};
    Wei value = 0;
    for (const char c : item.text) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

Digest padded(const RlpItem& item)
{
    if (item.is_list || item.text.size() > 32) throw std::runtime_error{"too long"};
    return to_digest(std::string(32 - item.text.size(), '\0') + item.text).value();
}

Digest hash_of(std::uint64_t number, std::uint64_t fork, const Digest& parent)
{
    return keccak256({as_bytes(word(Wei{number})), as_bytes(word(Wei{fork})), as_bytes(parent)});
}

/// Nodes take another version of a number only for a tenth more on both caps.
bool outbids(const Transaction& next, const Transaction& old)
{
    const auto enough = [](Wei value) { return (value * 11 + 9) / 10; };
    return next.max_fee >= enough(old.max_fee) &&
           next.max_priority_fee >= enough(old.max_priority_fee);
}
}  // namespace

SimChain::SimChain(SimOptions options, Recover recover)
    : options_{std::move(options)},
      recover_{std::move(recover)},
      separator_{domain_separator(options_.domain)},
      base_fee_{options_.base_fee}
{
    Stored genesis;
    genesis.header = {.id = {.number = 0, .hash = hash_of(0, 0, {})},
                      .timestamp = options_.start,
                      .base_fee = base_fee_,
                      .gas_limit = options_.gas_limit};
    blocks_.push_back(std::move(genesis));
}

void SimChain::blacklist(const Address& account, bool is_listed)
{
    if (is_listed)
        blacklist_.insert(account);
    else
        blacklist_.erase(account);
}

std::uint64_t SimChain::finalized(std::uint64_t latest) const
{
    return latest - std::min(latest, options_.finalized_distance);
}

std::uint64_t SimChain::safe(std::uint64_t latest) const
{
    return latest - std::min(latest, options_.safe_distance);
}

void SimChain::run(const SimTxPtr& tx, Stored& block)
{
    const auto& body = tx->body;
    auto& account = state_.accounts[tx->from];
    const auto price = std::min(body.max_fee, base_fee_ + body.max_priority_fee);
    ++account.nonce;
    std::size_t index = 0;
    for (const auto& one : block.transactions) index += one.receipt.logs.size();

    auto before = state_.balances;
    auto ended = state_.ended;
    auto outcome =
        execute(state_, body.to, body.data, block.header.timestamp, block.header.id.number);
    outcome.gas += 21'000;
    if (outcome.gas > body.gas_limit) {
        outcome = {.reverted = "out of gas", .returned = {}, .logs = {}, .gas = body.gas_limit};
        state_.balances = std::move(before);
        state_.ended = std::move(ended);
    }
    Receipt receipt{.transaction = tx->hash,
                    .block = block.header.id,
                    .succeeded = !outcome.reverted,
                    .gas_used = outcome.gas,
                    .gas_price = price};
    if (receipt.succeeded) receipt.logs = std::move(outcome.logs);
    for (auto& log : receipt.logs) {
        log.index = index++;
        log.transaction = tx->hash;
        log.block = block.header.id;
    }
    account.ether -= std::min(account.ether, price * outcome.gas);
    mined_[tx->hash] = {block.header.id.number, block.transactions.size()};
    block.transactions.push_back({.tx = tx, .receipt = std::move(receipt)});
}

void SimChain::mine(std::uint64_t seconds)
{
    const auto& parent = blocks_.back().header;
    Stored block;
    block.header = {.id = {.number = parent.id.number + 1,
                           .hash = hash_of(parent.id.number + 1, fork_, parent.id.hash)},
                    .timestamp = parent.timestamp + seconds,
                    .base_fee = base_fee_,
                    .gas_limit = options_.gas_limit};
    std::uint64_t left = options_.gas_limit;
    for (auto& [from, waiting] : pool_) {
        auto& account = state_.accounts[from];
        while (!waiting.empty()) {
            const auto first = waiting.begin();
            if (first->first < account.nonce) {
                waiting.erase(first);
                continue;
            }
            const auto tx = first->second;
            const auto& body = tx->body;
            if (first->first > account.nonce || body.max_fee < base_fee_ || body.gas_limit > left ||
                account.ether < body.max_fee * body.gas_limit)
                break;
            left -= body.gas_limit;
            waiting.erase(first);
            run(tx, block);
        }
    }
    block.accounts = state_.accounts;
    block.balances = state_.balances;
    blocks_.push_back(std::move(block));
}

void SimChain::restore(std::uint64_t height)
{
    blocks_.resize(height + 1);
    state_.accounts = blocks_.back().accounts;
    state_.balances = blocks_.back().balances;
    std::erase_if(state_.ended, [&](const auto& one) { return one.second > height; });
    std::erase_if(mined_, [&](const auto& one) { return one.second.first > height; });
}

void SimChain::reorganise(std::uint64_t depth, const std::function<bool(const SimTx&)>& stays)
{
    depth = std::min(depth, height() - finalized(height()));
    if (depth == 0) return;
    const auto ether = [this] {
        std::map<Address, Wei> all;
        for (const auto& [address, account] : state_.accounts) all[address] = account.ether;
        return all;
    }();
    std::vector<SimTxPtr> back;
    std::vector<std::uint64_t> seconds;
    for (auto number = height() - depth + 1; number <= height(); ++number) {
        seconds.push_back(block(number).timestamp - block(number - 1).timestamp);
        for (const auto& one : blocks_[number].transactions)
            if (stays(*one.tx)) back.push_back(one.tx);
    }
    restore(height() - depth);
    // Ether is the tests' to give and take: a branch does not undo that.
    for (const auto& [address, amount] : ether) state_.accounts[address].ether = amount;
    ++fork_;
    for (const auto& tx : back)
        if (tx->body.nonce >= state_.accounts[tx->from].nonce)
            pool_[tx->from].try_emplace(tx->body.nonce, tx);
    for (const auto one : seconds) mine(one);
    mine(1);
}

void SimChain::drop(const std::function<bool(const SimTx&)>& goes)
{
    for (auto& [from, waiting] : pool_)
        std::erase_if(waiting, [&](const auto& one) { return goes(*one.second); });
}

void SimChain::submit_as(const Address& from, const Address& to, std::string data, Wei max_fee)
{
    auto& account = state_.accounts[from];
    account.ether = std::max(account.ether, Wei{1'000'000'000'000'000'000});
    SimTx tx{.hash = {}, .from = from, .body = {}};
    tx.body = {.chain_id = options_.domain.chain_id,
               .nonce = account.nonce,
               .max_priority_fee = 1,
               .max_fee = max_fee,
               .gas_limit = 200'000,
               .to = to,
               .value = 0,
               .data = std::move(data),
               .access_list = {}};
    tx.hash = keccak256({as_bytes(from), as_bytes(signing_hash(tx.body))});
    pool_[from].insert_or_assign(account.nonce, std::make_shared<const SimTx>(std::move(tx)));
}

std::int64_t SimChain::balance_of(const Address& holder) const
{
    const auto found = state_.balances.find(holder);
    return found == state_.balances.end() ? 0 : found->second;
}

std::int64_t SimChain::paid(const Address& from, const Address& to) const
{
    std::int64_t sum = 0;
    for (const auto& block : blocks_)
        for (const auto& one : block.transactions)
            for (const auto& use :
                 used_authorizations(options_.domain.contract, from, one.receipt.logs))
                if (use.to == to) sum += use.value.micro();
    return sum;
}

std::size_t SimChain::uses_of(const Digest& nonce) const
{
    std::size_t uses = 0;
    for (const auto& block : blocks_)
        for (const auto& one : block.transactions)
            for (const auto& log : one.receipt.logs)
                if (log.topics.size() == 3 && log.topics[2] == nonce && log.data.empty()) ++uses;
    return uses;
}

std::size_t SimChain::pool_size() const
{
    std::size_t all = 0;
    for (const auto& [from, waiting] : pool_) all += waiting.size();
    return all;
}

std::optional<Receipt> SimChain::receipt(const Digest& hash) const
{
    const auto found = mined_.find(hash);
    if (found == mined_.end()) return std::nullopt;
    return blocks_[found->second.first].transactions[found->second.second].receipt;
}

std::vector<Log> SimChain::logs(const LogQuery& query) const
{
    std::vector<Log> found;
    for (auto number = query.from_block; number <= std::min(query.to_block, height()); ++number)
        for (const auto& one : blocks_[number].transactions)
            for (const auto& log : one.receipt.logs)
                if (log.address == query.address && log.topics.size() >= query.topics.size() &&
                    std::ranges::equal(query.topics,
                                       std::span{log.topics}.first(query.topics.size())))
                    found.push_back(log);
    return found;
}

std::uint64_t SimChain::count(const Address& account, std::uint64_t at) const
{
    const auto& accounts = at >= height() ? state_.accounts : blocks_.at(at).accounts;
    const auto found = accounts.find(account);
    return found == accounts.end() ? 0 : found->second.nonce;
}

Wei SimChain::ether(const Address& account) const
{
    const auto found = state_.accounts.find(account);
    return found == state_.accounts.end() ? 0 : found->second.ether;
}

CallResult SimChain::call(const CallRequest& request, std::uint64_t at) const
{
    State state;
    const auto& block = blocks_.at(at);
    state.balances = at == height() ? state_.balances : block.balances;
    state.ended = state_.ended;
    if (at != height())
        std::erase_if(state.ended, [&](const auto& one) { return one.second > at; });
    auto outcome = execute(state, request.to, request.data, block.header.timestamp, at);
    if (outcome.reverted) return {.reverted = true, .data = {}, .reason = *outcome.reverted};
    return {.reverted = false, .data = std::move(outcome.returned), .reason = {}};
}

std::optional<SimTx> SimChain::read(const std::string& raw) const
try {
    if (!raw.starts_with('\x02')) return std::nullopt;
    const auto list = read_rlp(std::string_view{raw}.substr(1));
    if (list.items.size() != 12 || list.items[5].text.size() != 20 || !list.items[8].is_list)
        return std::nullopt;
    const auto& field = list.items;
    SimTx tx;
    tx.body = {.chain_id = number(field[0]),
               .nonce = number(field[1]),
               .max_priority_fee = wide(field[2]),
               .max_fee = wide(field[3]),
               .gas_limit = number(field[4]),
               .to = {},
               .value = wide(field[6]),
               .data = field[7].text,
               .access_list = {}};
    std::ranges::copy(field[5].text, tx.body.to.bytes.begin());
    const Signature signature{.r = padded(field[10]),
                              .s = padded(field[11]),
                              .v = static_cast<std::uint8_t>(27 + number(field[9]))};
    const auto from = recover_(signing_hash(tx.body), signature);
    if (!from || tx.body.chain_id != options_.domain.chain_id) return std::nullopt;
    tx.from = *from;
    tx.hash = keccak256(raw);
    return tx;
} catch (const std::runtime_error&) {
    return std::nullopt;
}

SendResult SimChain::send(const std::string& raw)
{
    auto known = read_.find(raw);
    if (known == read_.end()) {
        auto tx = read(raw);
        if (!tx) return {.outcome = SendOutcome::rejected, .what = "not a transaction"};
        known = read_.emplace(raw, std::make_shared<const SimTx>(std::move(*tx))).first;
    }
    return pool(known->second);
}

SendResult SimChain::pool(SimTxPtr tx)
{
    const auto& body = tx->body;
    const auto& account = state_.accounts[tx->from];
    auto& waiting = pool_[tx->from];
    const auto held = waiting.find(body.nonce);
    if (held != waiting.end() && held->second->hash == tx->hash)
        return {.outcome = SendOutcome::known_already, .what = "already known"};
    if (body.nonce < account.nonce)
        return {.outcome = SendOutcome::nonce_too_low, .what = "nonce too low"};
    if (body.nonce > account.nonce + kQueueMax)
        return {.outcome = SendOutcome::nonce_too_high, .what = "nonce too high"};
    if (account.ether < body.max_fee * body.gas_limit + body.value)
        return {.outcome = SendOutcome::insufficient_funds,
                .what = "insufficient funds for gas * price + value"};
    if (held != waiting.end() && !outbids(body, held->second->body))
        return {.outcome = SendOutcome::underpriced_replacement,
                .what = "replacement transaction underpriced"};
    if (!body.data.empty() && shown_set_.insert(body.data).second) shown_.push_back(body.data);
    waiting.insert_or_assign(body.nonce, std::move(tx));
    return {.outcome = SendOutcome::accepted, .what = {}};
}

}  // namespace purse::test
