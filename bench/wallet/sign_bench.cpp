// SPDX-License-Identifier: Apache-2.0
// Signing an authorization end to end beside the bare signature of libsecp256k1: both times and
// their ratio from one run. Fails when the whole takes more than 1.5 times the bare one.
//   purse_sign_bench
#include <secp256k1_recovery.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ledger/system/clock.hpp"
#include "wallet/local_signer.hpp"

using namespace purse;

namespace {
constexpr int kRounds = 41;
constexpr int kSignatures = 500;  // a round: some 15 ms
constexpr double kRatioMax = 1.5;

using Clock = std::chrono::steady_clock;

template <typename Sign>
double microseconds_each(const Sign& sign)
{
    const auto begun = Clock::now();
    for (int i = 0; i < kSignatures; ++i)
        if (!sign(i)) std::abort();
    return std::chrono::duration<double, std::micro>{Clock::now() - begun}.count() / kSignatures;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Digest numbered(int i)
{
    Digest digest{};
    for (int at = 0; at < 4; ++at)
        digest[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(i >> (8 * at));
    return digest;
}
}  // namespace

int main()
{
    system::SystemEntropy entropy;
    const Curve curve{entropy};
    SecretKey key;
    entropy.fill(key.writable());
    const SecretKey same{key.bytes()};
    const auto treasury = local_treasury(curve, std::move(key)).value();

    auto* context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    SecretKey seed;
    entropy.fill(seed.writable());
    if (secp256k1_context_randomize(context, seed.bytes().data()) != 1) std::abort();

    const TokenDomain domain{.name = "USD Coin", .version = "2", .chain_id = 8453, .contract = {}};
    const auto whole = [&](int i) {
        const Authorization authorization{.from = treasury->address(),
                                          .to = {},
                                          .value = Money::from_micro(i),
                                          .valid_after = 0,
                                          .valid_before = 1893456000,
                                          .nonce = numbered(i)};
        return treasury->sign(domain, authorization).has_value();
    };
    const auto bare = [&](int i) {
        const auto digest = numbered(i);
        secp256k1_ecdsa_recoverable_signature signature;
        return secp256k1_ecdsa_sign_recoverable(context, &signature, digest.data(),
                                                same.bytes().data(), nullptr, nullptr) == 1;
    };

    // Taking turns, so that whatever else the machine does meets both.
    std::vector<double> wholes;
    std::vector<double> bares;
    for (int round = 0; round < kRounds; ++round) {
        wholes.push_back(microseconds_each(whole));
        bares.push_back(microseconds_each(bare));
    }
    secp256k1_context_destroy(context);
    const auto ratio = median(wholes) / median(bares);
    std::printf("sign an authorization:               %6.2f us\n", median(wholes));
    std::printf("secp256k1_ecdsa_sign_recoverable:    %6.2f us\n", median(bares));
    std::printf("ratio: %.3f (at most %.1f; medians of %d rounds of %d)\n", ratio, kRatioMax,
                kRounds, kSignatures);
    return ratio <= kRatioMax ? 0 : 1;
}
