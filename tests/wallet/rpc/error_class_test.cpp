// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/error_class.hpp"

#include <catch2/catch.hpp>
#include <cctype>

using namespace purse;

namespace {
struct Case {
    std::int64_t code;
    std::string message;
    ErrorClass expected;
};

// Texts of geth, reth, Besu, Anvil and Base's gateway, whole where they are known whole.
const std::vector<Case> kCases{
    {-32000, "already known", ErrorClass::known_already},
    {-32003, "transaction already imported", ErrorClass::known_already},
    {-32000, "Known transaction", ErrorClass::known_already},
    {-32000, "Unknown transaction", ErrorClass::other},
    {-32000, "nonce too low", ErrorClass::nonce_too_low},
    {-32003, "nonce too low", ErrorClass::nonce_too_low},
    {-32000, "nonce too low: next nonce 12, tx nonce 7", ErrorClass::nonce_too_low},
    {-32000, "replacement transaction underpriced", ErrorClass::underpriced_replacement},
    {-32000, "nonce too high", ErrorClass::nonce_too_high},
    {-32000, "Nonce too far in the future", ErrorClass::nonce_too_high},
    {-32000, "Transaction nonce exceeds next nonce", ErrorClass::nonce_too_high},
    {-32000, "gapped-nonce tx from delegated accounts", ErrorClass::nonce_too_high},
    {-32000, "transaction underpriced", ErrorClass::fee_too_low},
    {-32000, "transaction underpriced: gas tip cap 1, minimum needed 1000000",
     ErrorClass::fee_too_low},
    {-32000,
     "max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1, baseFee: 2000000",
     ErrorClass::fee_too_low},
    {-32000, "Transaction gas price below minimum", ErrorClass::fee_too_low},
    {-32000, "insufficient funds for gas * price + value", ErrorClass::insufficient_funds},
    {-32003, "insufficient funds for gas * price + value: have 0 want 42",
     ErrorClass::insufficient_funds},
    {-32003, "Insufficient funds for gas * price + value", ErrorClass::insufficient_funds},
    {-32000, "txpool is full", ErrorClass::pool_full},
    {-32000, "in-flight transaction limit reached for delegated accounts", ErrorClass::pool_full},
    {3, "execution reverted: FiatTokenV2: authorization is used or canceled", ErrorClass::reverted},
    {-32000, "execution reverted", ErrorClass::reverted},
    {3, "already known", ErrorClass::reverted},
    {-32000, "execution reverted: nonce too low", ErrorClass::reverted},
    {-32016, "over rate limit", ErrorClass::rate_limited},
    {-32016, "whatever", ErrorClass::rate_limited},
    {-32005, "limit exceeded", ErrorClass::rate_limited},
    {-32005, "", ErrorClass::rate_limited},
    {-32000, R"(429 Too Many Requests: {"code":-32016,"message":"over rate limit"})",
     ErrorClass::rate_limited},
    {-32005, "query returned more than 10000 results", ErrorClass::other},
    {-32601, "the method eth_foo does not exist/is not available", ErrorClass::other},
    {-32000, "intrinsic gas too low", ErrorClass::other},
    {-32603, "internal error", ErrorClass::other},
    {0, "", ErrorClass::other},
};
}  // namespace

TEST_CASE("rpc: every known text of a node has its meaning, in any case of letters")
{
    for (const auto& one : kCases) {
        CAPTURE(one.code, one.message);
        CHECK(classify({.code = one.code, .message = one.message}) == one.expected);
        auto upper = one.message;
        for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        CHECK(classify({.code = one.code, .message = upper}) == one.expected);
    }
}

TEST_CASE("rpc: what an error says of a sent transaction")
{
    CHECK(send_outcome(ErrorClass::known_already) == SendOutcome::known_already);
    CHECK(send_outcome(ErrorClass::nonce_too_low) == SendOutcome::nonce_too_low);
    CHECK(send_outcome(ErrorClass::underpriced_replacement) ==
          SendOutcome::underpriced_replacement);
    CHECK(send_outcome(ErrorClass::nonce_too_high) == SendOutcome::nonce_too_high);
    CHECK(send_outcome(ErrorClass::fee_too_low) == SendOutcome::fee_too_low);
    CHECK(send_outcome(ErrorClass::insufficient_funds) == SendOutcome::insufficient_funds);
    CHECK(send_outcome(ErrorClass::pool_full) == SendOutcome::pool_full);
    CHECK(send_outcome(ErrorClass::reverted) == SendOutcome::rejected);
    CHECK(send_outcome(ErrorClass::other) == SendOutcome::rejected);
    CHECK(fault_kind(ErrorClass::rate_limited) == NodeFault::Kind::rate_limited);
    CHECK(fault_kind(ErrorClass::other) == NodeFault::Kind::refused);
}
