// SPDX-License-Identifier: Apache-2.0
// The 32-byte words of which the contract ABI and EIP-712 are made: numbers and addresses are
// padded in front, short byte strings behind.
#pragma once

#include "ledger/hash.hpp"
#include "ledger/money.hpp"
#include "wallet/address.hpp"
#include "wallet/amounts.hpp"

namespace purse {

inline constexpr std::size_t kWordBytes = 32;

Digest word(Wei value) noexcept;
Digest word(const Address& address) noexcept;
/// Never for a negative amount: that is not money, and the process stops.
Digest word(Money amount);
/// A short text as bytes32. Never for more than 32 bytes.
Digest word_of_text(std::string_view text);

/// Nothing when the first twelve bytes are not zero.
std::optional<Address> address_of(const Digest& word) noexcept;
/// Nothing when it does not fit.
std::optional<Wei> number_of(const Digest& word) noexcept;

/// The 32 bytes of `bytes` at that place; nothing when there are not so many.
std::optional<Digest> word_at(std::string_view bytes, std::size_t offset) noexcept;

}  // namespace purse
