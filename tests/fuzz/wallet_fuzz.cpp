// SPDX-License-Identifier: Apache-2.0
// What strangers write and the wallet reads: keystores (K), typed data (T), what contracts return
// (A), raw transactions (S), addresses and amounts (N). The input's first byte says which.
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/json.hpp"
#include "tests/fuzz/check.hpp"
#include "wallet/calls.hpp"
#include "wallet/keystore.hpp"
#include "wallet/transaction.hpp"
#include "wallet/typed_data.hpp"

namespace {
using namespace purse;
using fuzz::check;

void read_keystore(std::string_view text)
{
    const auto keystore = parse_keystore(text);
    if (!keystore) return check(!keystore.error().what.empty(), "a reason");
    check(!keystore->salt.empty() && keystore->salt.size() <= kSaltBytesMax, "the salt's size");
    check(keystore->iv.size() == 16 && keystore->mac.size() == 32, "sizes of iv and MAC");
    check(keystore->ciphertext.size() >= 30 && keystore->ciphertext.size() <= 32, "a key's size");
    if (const auto* scrypt = std::get_if<ScryptCost>(&keystore->cost))
        check(scrypt->n >= 2 && scrypt->r >= 1 && scrypt->p >= 1 &&
                  scrypt->n * scrypt->r * scrypt->p <= kScryptWorkMax,
              "the cost of scrypt");
    if (const auto* pbkdf2 = std::get_if<Pbkdf2Cost>(&keystore->cost))
        check(pbkdf2->c >= 1 && pbkdf2->c <= kPbkdf2RoundsMax, "the cost of PBKDF2");
}

void read_typed_data(std::string_view text)
{
    const auto digest = typed_data_digest(text);
    if (!digest) return check(!digest.error().what.empty(), "a reason");
    // Blanks around it and the way it is written do not matter.
    const auto document = json::parse(text);
    check(document.has_value(), "what has a digest is JSON");
    std::string compact;
    json::append(compact, document->root());
    check(typed_data_digest(compact) && *typed_data_digest(compact) == *digest, "one digest");
}

void read_returned(std::string_view bytes)
{
    std::size_t size = 0;
    if (const auto results = decode_batch(bytes))
        for (const auto& result : *results) size += result.data.size() + 1;
    check(size <= bytes.size(), "much is not made of little");
    if (const auto text = decode_string(bytes)) check(text->size() <= bytes.size(), "a text");
    const auto reason = decode_revert(bytes);
    check(json::well_formed(reason) == reason, "a reason is fit for JSON");
    if (const auto truth = decode_bool(bytes)) check(decode_uint(bytes) == Wei{*truth}, "a truth");
}

void read_signed(std::string_view raw)
{
    const Transaction transaction{.chain_id = 1, .nonce = 300};
    if (const auto signature = signature_within(transaction, raw))
        check(with_signature(transaction, *signature).raw == raw, "the very bytes");
}

void read_numbers(std::string_view text)
{
    if (const auto address = parse_address(text)) {
        check(parse_address(to_string(*address)) == address, "an address in lower case");
        check(parse_address(to_checksummed(*address)) == address, "an address with checksum");
    }
    if (const auto wei = parse_quantity(text))
        check(parse_quantity(to_quantity(*wei)) == wei, "0x");
    if (const auto wei = parse_decimal(text)) check(parse_decimal(to_decimal(*wei)) == wei, "10");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (static_cast<char>(data[0])) {
        case 'K': read_keystore(text); break;
        case 'T': read_typed_data(text); break;
        case 'A': read_returned(text); break;
        case 'S': read_signed(text); break;
        default: read_numbers(text); break;
    }
    return 0;
}
