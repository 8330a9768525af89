// SPDX-License-Identifier: Apache-2.0
#include "wallet/authorization.hpp"

#include "wallet/keccak.hpp"
#include "wallet/typehashes.hpp"
#include "wallet/words.hpp"

namespace purse {

namespace {
// What tells these nonces from every other; a new way of making them gets a new number.
constexpr std::string_view kPayoutTag = "purse/payout/1";
}  // namespace

Digest domain_separator(const TokenDomain& domain)
{
    const auto name = keccak256(domain.name);
    const auto version = keccak256(domain.version);
    const auto chain = word(Wei{domain.chain_id});
    const auto contract = word(domain.contract);
    return keccak256({as_bytes(kDomainTypehash), as_bytes(name), as_bytes(version), as_bytes(chain),
                      as_bytes(contract)});
}

Digest struct_hash(const Authorization& authorization)
{
    const auto from = word(authorization.from);
    const auto to = word(authorization.to);
    const auto value = word(authorization.value);
    const auto after = word(Wei{authorization.valid_after});
    const auto before = word(Wei{authorization.valid_before});
    return keccak256({as_bytes(kTransferTypehash), as_bytes(from), as_bytes(to), as_bytes(value),
                      as_bytes(after), as_bytes(before), as_bytes(authorization.nonce)});
}

Digest struct_hash(const Cancellation& cancellation)
{
    const auto authorizer = word(cancellation.authorizer);
    return keccak256(
        {as_bytes(kCancelTypehash), as_bytes(authorizer), as_bytes(cancellation.nonce)});
}

Digest signing_digest(const Digest& separator, const Digest& structure)
{
    return keccak256({"\x19\x01", as_bytes(separator), as_bytes(structure)});
}

Digest payout_nonce(const PayoutName& name)
{
    const auto tag = word_of_text(kPayoutTag);
    const auto chain = word(Wei{name.chain_id});
    const auto token = word(name.token);
    const auto treasury = word(name.treasury);
    const auto payee = word(name.payee);
    const auto k = word(Wei{name.k});
    return keccak256({as_bytes(tag), as_bytes(name.ledger), as_bytes(chain), as_bytes(token),
                      as_bytes(treasury), as_bytes(payee), as_bytes(k)});
}

}  // namespace purse
