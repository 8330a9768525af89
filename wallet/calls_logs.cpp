// SPDX-License-Identifier: Apache-2.0
// What the token's logs say of authorizations.
#include <algorithm>
#include <limits>

#include "wallet/calls.hpp"
#include "wallet/words.hpp"

namespace purse {

namespace {
// keccak256 of each event's signature; a test hashes them.
constexpr Digest kTransfer{0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0,
                           0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4,
                           0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef};
constexpr Digest kUsed{0x98, 0xde, 0x50, 0x35, 0x28, 0xee, 0x59, 0xb5, 0x75, 0xef, 0x0c,
                       0x0a, 0x25, 0x76, 0xa8, 0x24, 0x97, 0xbf, 0xc0, 0x29, 0xa5, 0x68,
                       0x5b, 0x20, 0x9e, 0x9e, 0xc3, 0x33, 0x47, 0x9b, 0x10, 0xa5};
constexpr Digest kCanceled{0x1c, 0xdd, 0x46, 0xff, 0x24, 0x27, 0x16, 0xcd, 0xaa, 0x72, 0xd1,
                           0x59, 0xd3, 0x39, 0xa4, 0x85, 0xb3, 0x43, 0x83, 0x98, 0x34, 0x8d,
                           0x68, 0xf0, 0x9d, 0x7c, 0x8c, 0x0a, 0x59, 0x35, 0x3d, 0x81};

/// AuthorizationUsed and AuthorizationCanceled: (address indexed authorizer, bytes32 indexed
/// nonce).
bool is_authorization_log(const Log& log, const Digest& event, const Digest& treasury)
{
    return log.topics.size() == 3 && log.topics[0] == event && log.topics[1] == treasury &&
           log.data.empty();
}

std::vector<const Log*> in_order(const Address& token, std::span<const Log> logs)
{
    std::vector<const Log*> ours;
    for (const auto& log : logs)
        if (log.address == token) ours.push_back(&log);
    std::ranges::stable_sort(ours, {}, &Log::index);
    return ours;
}

bool follows(const Log& next, const Log& first)
{
    return next.index == first.index + 1 && next.transaction == first.transaction &&
           next.block == first.block;
}

/// Transfer: (address indexed from, address indexed to, uint256 value).
std::optional<UsedAuthorization> paid(const Log& log, const Digest& treasury, const Digest& nonce)
{
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    if (log.topics.size() != 3 || log.topics[0] != kTransfer || log.topics[1] != treasury)
        return std::nullopt;
    const auto to = address_of(log.topics[2]);
    const auto value = decode_uint(log.data);
    if (!to || !value || *value > Wei{kMax}) return std::nullopt;
    return UsedAuthorization{
        .nonce = nonce, .to = *to, .value = Money::from_micro(static_cast<std::int64_t>(*value))};
}
}  // namespace

std::vector<UsedAuthorization> used_authorizations(const Address& token, const Address& treasury,
                                                   std::span<const Log> logs)
{
    const auto authorizer = word(treasury);
    const auto ordered = in_order(token, logs);
    std::vector<UsedAuthorization> used;
    for (std::size_t i = 0; i + 1 < ordered.size(); ++i) {
        const auto& log = *ordered[i];
        const auto& next = *ordered[i + 1];
        if (!is_authorization_log(log, kUsed, authorizer) || !follows(next, log)) continue;
        if (const auto payment = paid(next, authorizer, log.topics[2])) used.push_back(*payment);
    }
    return used;
}

std::vector<Digest> cancelled_authorizations(const Address& token, const Address& treasury,
                                             std::span<const Log> logs)
{
    const auto authorizer = word(treasury);
    std::vector<Digest> nonces;
    for (const auto* log : in_order(token, logs))
        if (is_authorization_log(*log, kCanceled, authorizer)) nonces.push_back(log->topics[2]);
    return nonces;
}

std::vector<Digest> used_topics(const Address& treasury, const Digest& nonce)
{
    return {kUsed, word(treasury), nonce};
}

std::vector<Digest> sent_topics(const Address& holder)
{
    return {kTransfer, word(holder)};
}

std::vector<Digest> canceled_topics(const Address& treasury, const Digest& nonce)
{
    return {kCanceled, word(treasury), nonce};
}

}  // namespace purse
