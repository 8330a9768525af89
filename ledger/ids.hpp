// SPDX-License-Identifier: Apache-2.0
// Ids that leave the process: unguessable, and found again without an index.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/entropy.hpp"

namespace purse {

/// Lower-case Crockford base 32 (no i, l, o, u), most significant bit first.
std::string to_base32(std::span<const std::uint8_t> bytes);

/// Whether it has no character but those.
bool is_base32(std::string_view text) noexcept;

/// The id of a hold, `txId` at the tools: "tx_" and 26 base-32 characters. It carries the
/// hold's place in the journal, masked by 64 random bits that must match on the way back.
struct TxId {
    std::int64_t seq = 0;     ///< journal entry that took the hold; the hold's row
    std::uint64_t token = 0;  ///< 64 random bits

    static TxId make(std::int64_t seq, Entropy& entropy);
    /// Nothing when the text is not of the form that to_string() writes.
    static std::optional<TxId> parse(std::string_view text) noexcept;
    std::string to_string() const;
    constexpr auto operator<=>(const TxId&) const noexcept = default;
};

}  // namespace purse
