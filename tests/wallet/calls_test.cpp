// SPDX-License-Identifier: Apache-2.0
#include "wallet/calls.hpp"

#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"
#include "wallet/words.hpp"

using namespace purse;
using namespace purse::test;

namespace {
Digest at(std::string_view call, std::size_t index)
{
    return word_at(call, 4 + index * 32).value();
}

std::string selector(const char* signature)
{
    return std::string{as_bytes(keccak256(signature)).substr(0, 4)};
}

Digest number(std::size_t value)
{
    return word(Wei{value});
}

std::string words(std::initializer_list<Digest> all)
{
    std::string out;
    for (const auto& one : all) out += as_bytes(one);
    return out;
}

std::string padded(std::string text, char filler = '\0')
{
    text.resize((text.size() + 31) / 32 * 32, filler);
    return text;
}

std::string revert(const std::string& text, char filler = '\0')
{
    return bytes_of("08c379a0") + words({number(32), number(text.size())}) + padded(text, filler);
}

/// As Multicall3 answers.
std::string batch_answer(const std::vector<CallResult>& results)
{
    auto out = words({number(32), number(results.size())});
    auto offset = results.size() * 32;
    for (const auto& one : results) {
        out += words({number(offset)});
        offset += 96 + padded(one.data).size();
    }
    for (const auto& one : results)
        out += words({number(one.reverted ? 0 : 1), number(64), number(one.data.size())}) +
               padded(one.data);
    return out;
}

const Address kHolder = address(kKnownAddress);
const Digest kNonce = keccak256("settlement:1");
const Signature kSignature{Digest{1}, Digest{2}, 28};
}  // namespace

TEST_CASE("calls: each begins with the hash of its function's signature")
{
    CHECK(encode_balance_of(kHolder) == selector("balanceOf(address)") + words({word(kHolder)}));
    CHECK(encode_authorization_state(kHolder, kNonce) ==
          selector("authorizationState(address,bytes32)") + words({word(kHolder), kNonce}));
    CHECK(encode_is_blacklisted(kHolder) ==
          selector("isBlacklisted(address)") + words({word(kHolder)}));
    CHECK(encode_paused() == selector("paused()"));
    CHECK(encode_name() == selector("name()"));
    CHECK(encode_version() == selector("version()"));
    CHECK(encode_decimals() == selector("decimals()"));
    CHECK(encode_domain_separator() == selector("DOMAIN_SEPARATOR()"));
}

TEST_CASE("calls: a transfer carries the authorization and its signature in nine words")
{
    const Authorization authorization{.from = kHolder,
                                      .to = address(kOtherAddress),
                                      .value = Money::from_micro(77),
                                      .valid_after = 5,
                                      .valid_before = 9,
                                      .nonce = kNonce};
    const auto call = encode_transfer(authorization, kSignature);
    CHECK(call.substr(0, 4) == selector("transferWithAuthorization(address,address,uint256,uint256,"
                                        "uint256,bytes32,uint8,bytes32,bytes32)"));
    CHECK(to_hex(call.substr(0, 4)) == "e3ee160e");
    REQUIRE(call.size() == 4 + 9 * 32);
    CHECK(address_of(at(call, 0)) == authorization.from);
    CHECK(address_of(at(call, 1)) == authorization.to);
    CHECK(number_of(at(call, 2)) == Wei{77});
    CHECK(number_of(at(call, 3)) == Wei{5});
    CHECK(number_of(at(call, 4)) == Wei{9});
    CHECK(at(call, 5) == kNonce);
    CHECK(number_of(at(call, 6)) == Wei{28});
    CHECK(at(call, 7) == kSignature.r);
    CHECK(at(call, 8) == kSignature.s);
}

TEST_CASE("calls: a cancellation carries five words")
{
    const auto call = encode_cancel({kHolder, kNonce}, kSignature);
    CHECK(call == selector("cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)") +
                      words({word(kHolder), kNonce, number(28), kSignature.r, kSignature.s}));
}

TEST_CASE("calls: a batch lets each item fail alone")
{
    const auto token = address(kSepoliaUsdc);
    for (std::size_t count = 0; count < 8; ++count) {
        std::vector<std::string> calls;
        for (std::size_t i = 0; i < count; ++i) calls.emplace_back(i * 17, static_cast<char>(i));
        const auto batch = encode_batch(token, calls);
        CHECK(batch.substr(0, 4) == selector("aggregate3((address,bool,bytes)[])"));
        CHECK((batch.size() - 4) % 32 == 0);
        CHECK(at(batch, 0) == number(32));
        CHECK(at(batch, 1) == number(count));
        const auto body = std::string_view{batch}.substr(4 + 64);
        for (std::size_t i = 0; i < count; ++i) {
            const auto item = body.substr(
                static_cast<std::size_t>(number_of(word_at(body, i * 32).value()).value()));
            CHECK(address_of(word_at(item, 0).value()) == token);
            CHECK(word_at(item, 32) == number(1));
            CHECK(word_at(item, 64) == number(96));
            CHECK(word_at(item, 96) == number(calls[i].size()));
            CHECK(item.substr(128, calls[i].size()) == calls[i]);
        }
    }
    // Measured with other encoders: one authorization, and a hundred.
    const std::string transfer = encode_transfer({}, kSignature);
    CHECK(encode_batch(token, std::vector{transfer}).size() == 548);
    CHECK(encode_batch(token, std::vector<std::string>(100, transfer)).size() == 48'068);
}

TEST_CASE("calls: single words are decoded strictly")
{
    CHECK(decode_bool(words({number(1)})) == true);
    CHECK(decode_bool(words({number(0)})) == false);
    CHECK_FALSE(decode_bool(words({number(2)})));
    CHECK_FALSE(decode_bool(""));
    CHECK_FALSE(decode_bool(words({number(1), number(1)})));
    CHECK_FALSE(decode_bool(std::string(31, '\0')));
    CHECK(decode_uint(words({word(~Wei{0})})) == ~Wei{0});
    CHECK_FALSE(decode_uint(std::string(32, '\xff')));
    CHECK(decode_word(words({kNonce})) == kNonce);
    CHECK_FALSE(decode_word(as_bytes(kNonce).substr(1)));
}

TEST_CASE("calls: texts are decoded by their length")
{
    for (std::size_t size = 0; size < 100; ++size) {
        const std::string text(size, 't');
        const auto answer = words({number(32), number(size)}) + padded(text, '\x41');
        CHECK(decode_string(answer) == text);
        CHECK(decode_revert(bytes_of("08c379a0") + answer) == text);
    }
    CHECK_FALSE(decode_string(""));
    CHECK_FALSE(decode_string(words({number(32)})));
    CHECK_FALSE(decode_string(words({number(64), number(0), number(0)})));
    CHECK_FALSE(decode_string(words({number(32), number(33)}) + std::string(32, 'x')));
    CHECK_FALSE(decode_string(words({number(32)}) + std::string(32, '\xff')));
}

TEST_CASE("calls: a revert that is no Error(string) has no text")
{
    CHECK(decode_revert("").empty());
    CHECK(decode_revert(bytes_of("08c379a0")).empty());
    CHECK(decode_revert(bytes_of("4e487b71") + words({number(17)})).empty());
    CHECK(decode_revert(revert("Pausable: paused").substr(0, 80)).empty());
    CHECK(decode_revert(revert("FiatTokenV2: invalid signature", 'A')) ==
          "FiatTokenV2: invalid signature");
    CHECK(decode_revert(revert("a\xff"
                               "b")) == "a?b");
}

TEST_CASE("calls: the answers of a batch come back in order")
{
    std::vector<CallResult> sent;
    for (std::size_t i = 0; i < 20; ++i) {
        const auto text = "reason " + std::to_string(i);
        sent.push_back({.reverted = i % 3 == 0,
                        .data = i % 3 == 0 ? revert(text) : std::string(i * 5, 'r'),
                        .reason = i % 3 == 0 ? text : ""});
        const auto got = decode_batch(batch_answer(sent));
        REQUIRE(got);
        REQUIRE(got->size() == sent.size());
        for (std::size_t k = 0; k < sent.size(); ++k) {
            CHECK((*got)[k].reverted == sent[k].reverted);
            CHECK((*got)[k].data == sent[k].data);
            CHECK((*got)[k].reason == sent[k].reason);
        }
    }
    CHECK(decode_batch(batch_answer({}))->empty());
}

TEST_CASE("calls: an answer to a batch that is cut or changed is refused or different")
{
    const auto good = batch_answer({{.reverted = false, .data = "abc", .reason = ""},
                                    {.reverted = true, .data = "", .reason = ""}});
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_FALSE(decode_batch(std::string_view{good}.substr(0, size)).has_value());
    // Two offsets to one item: much could be made of little.
    auto twice = good;
    twice.replace(96, 32, good.substr(64, 32));
    CHECK_FALSE(decode_batch(twice));
    auto many = good;
    many.replace(32, 32, std::string(32, '\xff'));
    CHECK_FALSE(decode_batch(many));
    auto truth = good;
    truth[64 + 64 + 31] = 2;
    CHECK_FALSE(decode_batch(truth));
}

TEST_CASE("calls: Multicall3 is where every chain has it")
{
    CHECK(to_checksummed(multicall3()) == "0xcA11bde05977b3631167028862bE2a173976CA11");
}
