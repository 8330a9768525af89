// SPDX-License-Identifier: Apache-2.0
#include "wallet/transaction.hpp"

#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"
#include "tests/wallet/rlp_reader.hpp"
#include "wallet/keccak.hpp"

using namespace purse;
using namespace purse::test;

namespace {
Transaction known_transaction()
{
    Transaction transaction;
    transaction.chain_id = 84532;
    transaction.nonce = 7;
    transaction.max_priority_fee = 1'000'000;
    transaction.max_fee = 2'000'000'000;
    transaction.gas_limit = 100'000;
    transaction.to = address(kSepoliaUsdc);
    transaction.data =
        bytes_of("a9059cbb" + std::string(24, '0') + std::string{kOtherAddress.substr(2)} +
                 std::string(56, '0') + "000f4240");
    return transaction;
}

Signature known_signature()
{
    return {digest_of("a22ac88d5ec2c5a7ed73dbfe3e10f81d986133f26433cb5e8305dfbdce92d793"),
            digest_of("1231c5e21b97f45b7ee06f6fe9dc9d9d500306c6dc45d1a245395fef57e43432"), 28};
}
}  // namespace

TEST_CASE("transaction: the known one hashes as other wallets hash it")
{
    CHECK(hex(signing_hash(known_transaction())) ==
          "acb85f0fbaf076dc23d735fab0406bf34951f1e6ec48f1ee7ddd2c1b6065cd5a");
    const auto made = with_signature(known_transaction(), known_signature());
    CHECK(made.raw.size() == 181);
    CHECK(hex(made.hash) == "6254d40f56e6ce4d59f8ab02703424b6ab9491e4b3fe8b83b4d3dd06bf236bc4");
}

TEST_CASE("transaction: every field is where EIP-1559 has it, at any size")
{
    for (unsigned i = 0; i < 128; ++i) {
        auto transaction = known_transaction();
        transaction.chain_id = (~0ULL >> (i % 64)) / 3;
        transaction.nonce = i;
        transaction.max_priority_fee = ~Wei{0} >> i;
        transaction.max_fee = ~Wei{0} >> (127 - i);
        transaction.gas_limit = 1ULL << (i % 64);
        transaction.value = Wei{1} << i;
        transaction.data = std::string(i, 'd');
        transaction.access_list = std::vector<AccessEntry>(
            i % 4, {address(kOtherAddress), std::vector<Digest>(i % 3, Digest{9})});
        auto signature = known_signature();
        signature.v = static_cast<std::uint8_t>(27 + i % 2);
        signature.r[0] = 0;
        const auto made = with_signature(transaction, signature);
        REQUIRE(made.raw.front() == 2);
        CHECK(made.hash == keccak256(made.raw));
        const auto item = read_rlp(std::string_view{made.raw}.substr(1));
        REQUIRE(item.items.size() == 12);
        CHECK(number(item.items[0]) == transaction.chain_id);
        CHECK(number(item.items[1]) == i);
        CHECK(parse_quantity("0x0" + to_hex(item.items[2].text)) == transaction.max_priority_fee);
        CHECK(parse_quantity("0x0" + to_hex(item.items[3].text)) == transaction.max_fee);
        CHECK(number(item.items[4]) == transaction.gas_limit);
        CHECK(item.items[5].text == as_bytes(transaction.to));
        CHECK(parse_quantity("0x0" + to_hex(item.items[6].text)) == transaction.value);
        CHECK(item.items[7].text == transaction.data);
        REQUIRE(item.items[8].items.size() == i % 4);
        for (const auto& entry : item.items[8].items) {
            CHECK(entry.items.at(0).text == as_bytes(address(kOtherAddress)));
            CHECK(entry.items.at(1).items.size() == i % 3);
        }
        CHECK(number(item.items[9]) == i % 2);
        CHECK(item.items[10].text == as_bytes(signature.r).substr(1));
        CHECK(item.items[11].text == as_bytes(signature.s));
    }
}
