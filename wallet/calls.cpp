// SPDX-License-Identifier: Apache-2.0
#include "wallet/calls.hpp"

#include "ledger/json.hpp"
#include "wallet/words.hpp"

namespace purse {

namespace {
// The first four bytes of keccak256 of each function's signature; a test hashes them.
constexpr std::string_view kBalanceOf{"\x70\xa0\x82\x31"};
constexpr std::string_view kAuthorizationState{"\xe9\x4a\x01\x02"};
constexpr std::string_view kIsBlacklisted{"\xfe\x57\x5a\x87"};
constexpr std::string_view kPaused{"\x5c\x97\x5a\xbb"};
constexpr std::string_view kName{"\x06\xfd\xde\x03"};
constexpr std::string_view kVersion{"\x54\xfd\x4d\x50"};
constexpr std::string_view kDecimals{"\x31\x3c\xe5\x67"};
constexpr std::string_view kDomainSeparator{"\x36\x44\xe5\x15"};
constexpr std::string_view kTransferWithAuthorization{"\xe3\xee\x16\x0e"};
constexpr std::string_view kCancelAuthorization{"\x5a\x04\x9a\x70"};
constexpr std::string_view kAggregate3{"\x82\xad\x56\xcb"};
constexpr std::string_view kError{"\x08\xc3\x79\xa0"};

void append(std::string& out, const Digest& word)
{
    out += as_bytes(word);
}

void append_number(std::string& out, std::size_t number)
{
    append(out, word(Wei{number}));
}

constexpr std::size_t padded(std::size_t bytes) noexcept
{
    return (bytes + kWordBytes - 1) / kWordBytes * kWordBytes;
}

std::string call(std::string_view selector, std::initializer_list<Digest> words)
{
    std::string out;
    out.reserve(selector.size() + words.size() * kWordBytes);
    out += selector;
    for (const auto& one : words) append(out, one);
    return out;
}

/// A number that is used to find other bytes of the same text.
std::optional<std::size_t> place_at(std::string_view bytes, std::size_t offset) noexcept
{
    const auto word = word_at(bytes, offset);
    if (!word) return std::nullopt;
    const auto number = number_of(*word);
    if (!number || *number > bytes.size()) return std::nullopt;
    return static_cast<std::size_t>(*number);
}

/// A byte string: its length, then its bytes. What follows them is not looked at: the token's own
/// padding is not always zero.
std::optional<std::string_view> bytes_at(std::string_view bytes, std::size_t offset) noexcept
{
    const auto length = place_at(bytes, offset);
    if (!length || bytes.size() - offset - kWordBytes < *length) return std::nullopt;
    return bytes.substr(offset + kWordBytes, *length);
}

/// One item of a batch: target, allowFailure, and the call's bytes behind their offset.
void append_item(std::string& out, const Address& token, std::string_view data)
{
    append(out, word(token));
    append_number(out, 1);
    append_number(out, 3 * kWordBytes);
    append_number(out, data.size());
    out += data;
    out.append(padded(data.size()) - data.size(), '\0');
}

std::size_t item_bytes(std::string_view data) noexcept
{
    return 4 * kWordBytes + padded(data.size());
}

/// One result of a batch: success, and what was returned behind its offset.
std::optional<CallResult> result_at(std::string_view item)
{
    const auto success = word_at(item, 0);
    if (!success) return std::nullopt;
    const auto good = decode_bool(as_bytes(*success));
    if (!good || place_at(item, kWordBytes) != 2 * kWordBytes) return std::nullopt;
    const auto data = bytes_at(item, 2 * kWordBytes);
    if (!data) return std::nullopt;
    return CallResult{.reverted = !*good,
                      .data = std::string{*data},
                      .reason = *good ? std::string{} : decode_revert(*data)};
}
}  // namespace

Address multicall3() noexcept
{
    return {{0xca, 0x11, 0xbd, 0xe0, 0x59, 0x77, 0xb3, 0x63, 0x11, 0x67,
             0x02, 0x88, 0x62, 0xbe, 0x2a, 0x17, 0x39, 0x76, 0xca, 0x11}};
}

std::string encode_balance_of(const Address& holder)
{
    return call(kBalanceOf, {word(holder)});
}

std::string encode_authorization_state(const Address& authorizer, const Digest& nonce)
{
    return call(kAuthorizationState, {word(authorizer), nonce});
}

std::string encode_is_blacklisted(const Address& account)
{
    return call(kIsBlacklisted, {word(account)});
}

std::string encode_paused()
{
    return call(kPaused, {});
}

std::string encode_name()
{
    return call(kName, {});
}

std::string encode_version()
{
    return call(kVersion, {});
}

std::string encode_decimals()
{
    return call(kDecimals, {});
}

std::string encode_domain_separator()
{
    return call(kDomainSeparator, {});
}

std::string encode_transfer(const Authorization& authorization, const Signature& signature)
{
    return call(kTransferWithAuthorization,
                {word(authorization.from), word(authorization.to), word(authorization.value),
                 word(Wei{authorization.valid_after}), word(Wei{authorization.valid_before}),
                 authorization.nonce, word(Wei{signature.v}), signature.r, signature.s});
}

std::string encode_cancel(const Cancellation& cancellation, const Signature& signature)
{
    return call(kCancelAuthorization, {word(cancellation.authorizer), cancellation.nonce,
                                       word(Wei{signature.v}), signature.r, signature.s});
}

std::string encode_batch(const Address& token, std::span<const std::string> calls)
{
    std::string out{kAggregate3};
    append_number(out, kWordBytes);
    append_number(out, calls.size());
    // Offsets count from the first of themselves.
    auto offset = calls.size() * kWordBytes;
    for (const auto& data : calls) {
        append_number(out, offset);
        offset += item_bytes(data);
    }
    for (const auto& data : calls) append_item(out, token, data);
    return out;
}

std::optional<bool> decode_bool(std::string_view returned)
{
    const auto number = decode_uint(returned);
    if (!number || *number > 1) return std::nullopt;
    return *number == 1;
}

std::optional<Wei> decode_uint(std::string_view returned)
{
    const auto word = decode_word(returned);
    return word ? number_of(*word) : std::nullopt;
}

std::optional<Digest> decode_word(std::string_view returned)
{
    return to_digest(returned);
}

std::optional<std::string> decode_string(std::string_view returned)
{
    if (place_at(returned, 0) != kWordBytes) return std::nullopt;
    const auto text = bytes_at(returned, kWordBytes);
    if (!text) return std::nullopt;
    return std::string{*text};
}

std::optional<std::vector<CallResult>> decode_batch(std::string_view returned)
{
    if (place_at(returned, 0) != kWordBytes) return std::nullopt;
    const auto count = place_at(returned, kWordBytes);
    if (!count) return std::nullopt;
    const auto items = returned.substr(2 * kWordBytes);
    std::vector<CallResult> results;
    // One item after the other and none twice, as every compiler lays them out: offsets that
    // overlapped could make much of little.
    auto expected = *count * kWordBytes;
    for (std::size_t i = 0; i < *count; ++i) {
        if (place_at(items, i * kWordBytes) != expected) return std::nullopt;
        auto result = result_at(items.substr(expected));
        if (!result) return std::nullopt;
        expected += 3 * kWordBytes + padded(result->data.size());
        results.push_back(std::move(*result));
    }
    return results;
}

std::string decode_revert(std::string_view data)
{
    if (!data.starts_with(kError)) return {};
    const auto text = decode_string(data.substr(kError.size()));
    // A contract writes what it likes, and this is read by people.
    return text ? json::well_formed(*text) : std::string{};
}

}  // namespace purse
