// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"
#include "wallet/calls.hpp"
#include "wallet/keccak.hpp"
#include "wallet/words.hpp"

using namespace purse;
using namespace purse::test;

namespace {
const Address kToken = address(kSepoliaUsdc);
const Address kTreasury = address(kKnownAddress);
const Address kPayee = address(kOtherAddress);
const Digest kNonce = keccak256("settlement:1");
const Digest kTransfer = keccak256("Transfer(address,address,uint256)");
const Digest kUsed = keccak256("AuthorizationUsed(address,bytes32)");
const Digest kCanceled = keccak256("AuthorizationCanceled(address,bytes32)");

Log log(std::uint64_t index, std::vector<Digest> topics, std::string data = {})
{
    return {.address = kToken,
            .topics = std::move(topics),
            .data = std::move(data),
            .index = index,
            .transaction = Digest{7},
            .block = {5, Digest{8}}};
}

Log used(std::uint64_t index, const Digest& nonce = kNonce)
{
    return log(index, {kUsed, word(kTreasury), nonce});
}

Log transfer(std::uint64_t index, Wei value = 1'000'000)
{
    return log(index, {kTransfer, word(kTreasury), word(kPayee)},
               std::string{as_bytes(word(value))});
}

std::size_t found(std::vector<Log> logs)
{
    return used_authorizations(kToken, kTreasury, logs).size();
}
}  // namespace

TEST_CASE("logs: an authorization was used where its Transfer is the next log")
{
    const std::vector logs{used(3), transfer(4), used(5, Digest{1}), transfer(6, 5)};
    const auto all = used_authorizations(kToken, kTreasury, logs);
    REQUIRE(all.size() == 2);
    CHECK(all[0].nonce == kNonce);
    CHECK(all[0].to == kPayee);
    CHECK(all[0].value == Money::from_micro(1'000'000));
    CHECK(all[1].nonce == Digest{1});
    CHECK(all[1].value == Money::from_micro(5));
    // In whatever order a node tells them.
    CHECK(found({transfer(6, 5), used(5), transfer(4), used(3)}) == 2);
}

TEST_CASE("logs: what is not that pair proves no payment")
{
    CHECK(found({used(3), transfer(4)}) == 1);
    CHECK(found({}) == 0);
    CHECK(found({used(3)}) == 0);
    CHECK(found({transfer(4)}) == 0);
    CHECK(found({used(3), transfer(5)}) == 0);
    CHECK(found({transfer(2), used(3)}) == 0);
    CHECK(found({used(~0ULL), transfer(0)}) == 0);

    const auto pair_with = [](auto change_used, auto change_transfer) {
        auto first = used(3);
        auto second = transfer(4);
        change_used(first);
        change_transfer(second);
        return found({first, second});
    };
    const auto same = [](Log&) {};
    CHECK(pair_with(same, same) == 1);
    CHECK(pair_with([](Log& one) { one.address = kPayee; }, same) == 0);
    CHECK(pair_with(same, [](Log& one) { one.address = kPayee; }) == 0);
    CHECK(pair_with([](Log& one) { one.topics[1] = word(kPayee); }, same) == 0);
    CHECK(pair_with(same, [](Log& one) { one.topics[1] = word(kPayee); }) == 0);
    CHECK(pair_with([](Log& one) { one.topics[0] = kCanceled; }, same) == 0);
    CHECK(pair_with([](Log& one) { one.topics.pop_back(); }, same) == 0);
    CHECK(pair_with([](Log& one) { one.topics.clear(); }, same) == 0);
    CHECK(pair_with([](Log& one) { one.data = "x"; }, same) == 0);
    CHECK(pair_with(same, [](Log& one) { one.topics.pop_back(); }) == 0);
    CHECK(pair_with(same, [](Log& one) { one.topics[2] = Digest{1}; }) == 0);
    CHECK(pair_with(same, [](Log& one) { one.transaction = Digest{6}; }) == 0);
    CHECK(pair_with(same, [](Log& one) { one.block.hash = Digest{6}; }) == 0);
    CHECK(pair_with(same, [](Log& one) { one.data.clear(); }) == 0);
    CHECK(pair_with(same, [](Log& one) { one.data = std::string(32, '\xff'); }) == 0);
    CHECK(pair_with(same, [](Log& one) { one.data = as_bytes(word(Wei{1} << 63)); }) == 0);
}

TEST_CASE("logs: cancelled nonces are those of this treasury and this token")
{
    auto cancelled = used(1);
    cancelled.topics[0] = kCanceled;
    auto foreign = cancelled;
    foreign.topics[1] = word(kPayee);
    auto elsewhere = cancelled;
    elsewhere.address = kPayee;
    const std::vector logs{used(0), cancelled, foreign, elsewhere};
    CHECK(cancelled_authorizations(kToken, kTreasury, logs) == std::vector{kNonce});
}

TEST_CASE("logs: the topics by which a node is asked")
{
    CHECK(used_topics(kTreasury, kNonce) == std::vector{kUsed, word(kTreasury), kNonce});
    CHECK(canceled_topics(kTreasury, kNonce) == std::vector{kCanceled, word(kTreasury), kNonce});
}
