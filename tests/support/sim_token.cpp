// SPDX-License-Identifier: Apache-2.0
// What contracts do on the chain in memory: the token's checks in the order of the real one, and
// Multicall3.
#include <stdexcept>

#include "tests/support/sim_chain.hpp"
#include "wallet/calls.hpp"
#include "wallet/words.hpp"

namespace purse::test {

namespace {
constexpr std::string_view kBalanceOf{"\x70\xa0\x82\x31"};
constexpr std::string_view kAuthorizationState{"\xe9\x4a\x01\x02"};
constexpr std::string_view kTransfer{"\xe3\xee\x16\x0e"};
constexpr std::string_view kCancel{"\x5a\x04\x9a\x70"};
constexpr std::string_view kAggregate{"\x82\xad\x56\xcb"};
constexpr std::size_t kWord = 32;

Digest arg(std::string_view data, std::size_t index)
{
    const auto word = word_at(data, 4 + index * kWord);
    if (!word) throw std::runtime_error{"call data ends too early"};
    return *word;
}

Address address_arg(std::string_view data, std::size_t index)
{
    const auto address = address_of(arg(data, index));
    if (!address) throw std::runtime_error{"no address"};
    return *address;
}

std::uint64_t number_arg(std::string_view data, std::size_t index)
{
    const auto number = number_of(arg(data, index));
    if (!number || *number > Wei{~std::uint64_t{0}}) throw std::runtime_error{"no number"};
    return static_cast<std::uint64_t>(*number);
}

std::size_t place(std::string_view data, std::size_t at)
{
    const auto word = word_at(data, at);
    const auto number = word ? number_of(*word) : std::nullopt;
    if (!number || *number > data.size()) throw std::runtime_error{"a place outside"};
    return static_cast<std::size_t>(*number);
}

std::string text(const Digest& word)
{
    return std::string{as_bytes(word)};
}
}  // namespace

SimChain::Outcome SimChain::execute(State& state, const Address& to, std::string_view data,
                                    std::uint64_t time, std::uint64_t number) const
try {
    if (to == options_.domain.contract) return token(state, data, time, number);
    if (to == multicall3()) return batch(state, data, time, number);
    return {};
} catch (const std::runtime_error& error) {
    return {.reverted = error.what(), .returned = {}, .logs = {}, .gas = 5'000};
}

SimChain::Outcome SimChain::token(State& state, std::string_view data, std::uint64_t time,
                                  std::uint64_t number) const
{
    if (data.starts_with(kTransfer)) return transfer(state, data, time, number);
    if (data.starts_with(kCancel)) return cancel(state, data, number);
    Outcome outcome;
    if (data.starts_with(kBalanceOf)) {
        const auto found = state.balances.find(address_arg(data, 0));
        const auto balance = found == state.balances.end() ? 0 : found->second;
        outcome.returned = text(word(static_cast<Wei>(balance)));
    } else if (data.starts_with(kAuthorizationState)) {
        const bool has_ended = state.ended.contains({address_arg(data, 0), arg(data, 1)});
        outcome.returned = text(word(Wei{has_ended ? 1U : 0U}));
    } else {
        outcome.reverted = "no such function";
    }
    return outcome;
}

bool SimChain::has_signed(const Address& who, const Digest& structure, std::string_view v_r_s) const
{
    const auto v = number_of(*word_at(v_r_s, 0));
    const Signature signature{.r = *word_at(v_r_s, kWord),
                              .s = *word_at(v_r_s, 2 * kWord),
                              .v = static_cast<std::uint8_t>(v.value_or(0))};
    return recover_(signing_digest(separator_, structure), signature) == who;
}

Log SimChain::event(const Digest& name, std::vector<Digest> topics, std::string data) const
{
    Log log{.address = options_.domain.contract,
            .topics = {name},
            .data = std::move(data),
            .index = 0,
            .transaction = {},
            .block = {}};
    for (const auto& topic : topics) log.topics.push_back(topic);
    return log;
}

SimChain::Outcome SimChain::transfer(State& state, std::string_view data, std::uint64_t time,
                                     std::uint64_t number) const
{
    if (data.size() != 4 + 9 * kWord) throw std::runtime_error{"call data of another size"};
    const Authorization order{
        .from = address_arg(data, 0),
        .to = address_arg(data, 1),
        .value = Money::from_micro(static_cast<std::int64_t>(number_arg(data, 2))),
        .valid_after = number_arg(data, 3),
        .valid_before = number_arg(data, 4),
        .nonce = arg(data, 5)};
    const auto refuse = [](const char* reason, std::uint64_t gas) {
        return Outcome{.reverted = reason, .returned = {}, .logs = {}, .gas = gas};
    };
    if (is_paused_) return refuse("Pausable: paused", 12'825);
    if (blacklist_.contains(order.from) || blacklist_.contains(order.to))
        return refuse("Blacklistable: account is blacklisted", 17'330);
    if (time <= order.valid_after)
        return refuse("FiatTokenV2: authorization is not yet valid", 17'553);
    if (time >= order.valid_before) return refuse("FiatTokenV2: authorization is expired", 17'553);
    if (state.ended.contains({order.from, order.nonce}))
        return refuse("FiatTokenV2: authorization is used or canceled", 19'907);
    if (!has_signed(order.from, struct_hash(order), data.substr(4 + 6 * kWord)))
        return refuse("FiatTokenV2: invalid signature", 33'647);
    auto& from = state.balances[order.from];
    if (order.value.micro() > from) return refuse("ERC20: transfer amount exceeds balance", 55'865);
    Outcome outcome;
    outcome.gas = state.balances.contains(order.to) ? 64'752 : 81'832;
    from -= order.value.micro();
    state.balances[order.to] += order.value.micro();
    state.ended[{order.from, order.nonce}] = number;
    outcome.logs.push_back(
        event(used_topics(order.from, order.nonce)[0], {word(order.from), order.nonce}, {}));
    outcome.logs.push_back(event(sent_topics(order.from)[0], {word(order.from), word(order.to)},
                                 text(word(order.value))));
    return outcome;
}

SimChain::Outcome SimChain::cancel(State& state, std::string_view data, std::uint64_t number) const
{
    if (data.size() != 4 + 5 * kWord) throw std::runtime_error{"call data of another size"};
    const Cancellation order{.authorizer = address_arg(data, 0), .nonce = arg(data, 1)};
    const auto refuse = [](const char* reason) {
        return Outcome{.reverted = reason, .returned = {}, .logs = {}, .gas = 20'000};
    };
    if (is_paused_) return refuse("Pausable: paused");
    if (state.ended.contains({order.authorizer, order.nonce}))
        return refuse("FiatTokenV2: authorization is used or canceled");
    if (!has_signed(order.authorizer, struct_hash(order), data.substr(4 + 2 * kWord)))
        return refuse("FiatTokenV2: invalid signature");
    state.ended[{order.authorizer, order.nonce}] = number;
    Outcome outcome;
    outcome.gas = 49'793;
    outcome.logs.push_back(event(canceled_topics(order.authorizer, order.nonce)[0],
                                 {word(order.authorizer), order.nonce}, {}));
    return outcome;
}

SimChain::Outcome SimChain::batch(State& state, std::string_view data, std::uint64_t time,
                                  std::uint64_t number) const
{
    if (!data.starts_with(kAggregate)) throw std::runtime_error{"no such function"};
    const auto args = data.substr(4);
    const auto list = place(args, 0);
    const auto count = place(args, list);
    const auto items = args.substr(list + kWord);
    Outcome outcome;
    outcome.gas = 3'000;
    std::string heads;
    std::string tails;
    for (std::size_t i = 0; i < count; ++i) {
        const auto item = items.substr(place(items, i * kWord));
        const auto target = address_of(*word_at(item, 0));
        const auto bytes = item.substr(place(item, 2 * kWord));
        const auto call = bytes.substr(kWord, place(bytes, 0));
        auto one = execute(state, target.value(), call, time, number);
        outcome.gas += one.gas;
        for (auto& log : one.logs) outcome.logs.push_back(std::move(log));
        std::string result = std::move(one.returned);
        if (one.reverted) {
            result = "\x08\xc3\x79\xa0" + text(word(Wei{kWord})) +
                     text(word(Wei{one.reverted->size()})) + *one.reverted;
            result.append((kWord - one.reverted->size() % kWord) % kWord, '\0');
        }
        heads += text(word(Wei{count * kWord + tails.size()}));
        tails += text(word(Wei{one.reverted ? 0U : 1U})) + text(word(Wei{2 * kWord})) +
                 text(word(Wei{result.size()})) + result;
        tails.append((kWord - result.size() % kWord) % kWord, '\0');
    }
    outcome.returned = text(word(Wei{kWord})) + text(word(Wei{count})) + heads + tails;
    return outcome;
}

}  // namespace purse::test
