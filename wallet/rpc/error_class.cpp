// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/error_class.hpp"

#include <string_view>

namespace purse {

namespace {
struct Meaning {
    std::string_view text;  ///< in lower case; anywhere in the message
    ErrorClass is;
};

// The first that fits decides: what contains another stands before it.
constexpr Meaning kMeanings[] = {
    {"execution reverted", ErrorClass::reverted},
    // Also with -32005, which elsewhere means "too often": this is a question too wide.
    {"query returned more than", ErrorClass::other},
    // Base's own gateway, also nested in -32000 as "429 Too Many Requests: {...}".
    {"429 too many requests", ErrorClass::rate_limited},
    {"over rate limit", ErrorClass::rate_limited},
    {"limit exceeded", ErrorClass::rate_limited},
    {"rate limit", ErrorClass::rate_limited},
    {"too many requests", ErrorClass::rate_limited},
    // geth and reth; Anvil; Besu, whose "unknown transaction" says the opposite.
    {"already known", ErrorClass::known_already},
    {"transaction already imported", ErrorClass::known_already},
    {"unknown transaction", ErrorClass::other},
    {"known transaction", ErrorClass::known_already},
    // reth adds ": next nonce N, tx nonce M".
    {"nonce too low", ErrorClass::nonce_too_low},
    {"replacement transaction underpriced", ErrorClass::underpriced_replacement},
    {"nonce too high", ErrorClass::nonce_too_high},
    {"nonce too far in the future", ErrorClass::nonce_too_high},
    {"exceeds next nonce", ErrorClass::nonce_too_high},
    {"gapped-nonce tx from delegated accounts", ErrorClass::nonce_too_high},
    {"transaction underpriced", ErrorClass::fee_too_low},
    {"max fee per gas less than block base fee", ErrorClass::fee_too_low},
    {"transaction gas price below minimum", ErrorClass::fee_too_low},
    // reth adds ": have X want Y"; on Base the pool counts the fee of the layer below.
    {"insufficient funds", ErrorClass::insufficient_funds},
    {"txpool is full", ErrorClass::pool_full},
    {"in-flight transaction limit reached for delegated accounts", ErrorClass::pool_full},
};

constexpr std::int64_t kReverted = 3;
constexpr std::int64_t kOverRateLimit = -32016;
constexpr std::int64_t kLimitExceeded = -32005;

std::string lower_case(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}
}  // namespace

std::string to_string(const RpcError& error)
{
    return "error " + std::to_string(error.code) +
           (error.message.empty() ? std::string{} : ": " + error.message);
}

ErrorClass classify(const RpcError& error)
{
    // The text of a revert is the contract's own and may say anything.
    if (error.code == kReverted) return ErrorClass::reverted;
    const auto message = lower_case(error.message);
    for (const auto& meaning : kMeanings)
        if (message.find(meaning.text) != std::string::npos) return meaning.is;
    if (error.code == kOverRateLimit || error.code == kLimitExceeded)
        return ErrorClass::rate_limited;
    return ErrorClass::other;
}

SendOutcome send_outcome(ErrorClass error) noexcept
{
    switch (error) {
        case ErrorClass::known_already: return SendOutcome::known_already;
        case ErrorClass::nonce_too_low: return SendOutcome::nonce_too_low;
        case ErrorClass::underpriced_replacement: return SendOutcome::underpriced_replacement;
        case ErrorClass::nonce_too_high: return SendOutcome::nonce_too_high;
        case ErrorClass::fee_too_low: return SendOutcome::fee_too_low;
        case ErrorClass::insufficient_funds: return SendOutcome::insufficient_funds;
        case ErrorClass::pool_full: return SendOutcome::pool_full;
        case ErrorClass::reverted:
        case ErrorClass::rate_limited:
        case ErrorClass::other: break;
    }
    return SendOutcome::rejected;
}

NodeFault::Kind fault_kind(ErrorClass error) noexcept
{
    return error == ErrorClass::rate_limited ? NodeFault::Kind::rate_limited
                                             : NodeFault::Kind::refused;
}

}  // namespace purse
