// SPDX-License-Identifier: Apache-2.0
// The calls that Purse makes, as the contract ABI has them, and what comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wallet/authorization.hpp"
#include "wallet/node.hpp"
#include "wallet/signature.hpp"

namespace purse {

/// Multicall3, at the same address on every chain that has it.
Address multicall3() noexcept;

std::string encode_balance_of(const Address& holder);
std::string encode_authorization_state(const Address& authorizer, const Digest& nonce);
std::string encode_is_blacklisted(const Address& account);
/// Calls without arguments.
std::string encode_paused();
std::string encode_name();
std::string encode_version();
std::string encode_decimals();
std::string encode_domain_separator();
/// The form with v, r and s: some 400 gas cheaper than the one with bytes.
std::string encode_transfer(const Authorization& authorization, const Signature& signature);
std::string encode_cancel(const Cancellation& cancellation, const Signature& signature);
/// aggregate3 with allowFailure for each: one item that fails harms no other.
std::string encode_batch(const Address& token, std::span<const std::string> calls);

/// Each is nothing when the bytes are not what the ABI says.
std::optional<bool> decode_bool(std::string_view returned);
/// Nothing, too, when it does not fit.
std::optional<Wei> decode_uint(std::string_view returned);
std::optional<Digest> decode_word(std::string_view returned);
std::optional<std::string> decode_string(std::string_view returned);
std::optional<std::vector<CallResult>> decode_batch(std::string_view returned);
/// The text of Error(string), by its length; empty when it is none.
std::string decode_revert(std::string_view data);

/// What a receipt says of one authorization: the Transfer right after its AuthorizationUsed.
struct UsedAuthorization {
    Digest nonce{};
    Address to;
    Money value;
};
/// Every authorization of `treasury` that was used in these logs of one transaction.
std::vector<UsedAuthorization> used_authorizations(const Address& token, const Address& treasury,
                                                   std::span<const Log> logs);
/// The nonces of `treasury` that were cancelled in these logs.
std::vector<Digest> cancelled_authorizations(const Address& token, const Address& treasury,
                                             std::span<const Log> logs);
/// Topics by which to search: AuthorizationUsed or AuthorizationCanceled, treasury, nonce.
std::vector<Digest> used_topics(const Address& treasury, const Digest& nonce);
/// Transfer, from: all that leaves an account, by whatever means.
std::vector<Digest> sent_topics(const Address& holder);
std::vector<Digest> canceled_topics(const Address& treasury, const Digest& nonce);

}  // namespace purse
