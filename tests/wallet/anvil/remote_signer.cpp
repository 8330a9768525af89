// SPDX-License-Identifier: Apache-2.0
// The remote signers over HTTP against a real node that signs: wallet_remote_signer URL
// Its first development account must sign as the same key signs here.
#include <cstdio>
#include <exception>

#include "ledger/system/clock.hpp"
#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"
#include "wallet/local_signer.hpp"
#include "wallet/remote_signer.hpp"
#include "wallet/rpc/http_transport.hpp"

using namespace purse;
using namespace purse::test;

namespace {
bool all_good = true;

void check(bool holds, const char* what)
{
    std::printf("%-4s %s\n", holds ? "ok" : "NOT", what);
    all_good = all_good && holds;
}

std::unique_ptr<RpcTransport> way_to(const char* url)
{
    return http_transport(Endpoint::parse(url).value(), {}).value();
}

Authorization authorization_of(const Address& from)
{
    return {.from = from,
            .to = address(kOtherAddress),
            .value = Money::from_micro(1'000'000),
            .valid_after = 0,
            .valid_before = 1893456000,
            .nonce = keccak256("settlement:1")};
}

void check_treasury(const Curve& curve, const char* url)
{
    const TokenDomain domain{
        .name = "USDC", .version = "2", .chain_id = 84532, .contract = address(kSepoliaUsdc)};
    const auto account = address(kKnownAddress);
    const auto local = local_treasury(curve, parse_key(kKnownKey).value()).value();
    const auto remote = remote_treasury(curve, way_to(url), account, TypedDataMethod::v4);

    const auto authorization = authorization_of(account);
    const auto signature = remote->sign(domain, authorization);
    if (!signature) std::printf("%s\n", signature.error().what.c_str());
    check(signature && *signature == local->sign(domain, authorization).value(),
          "an authorization is signed as here");
    const Cancellation cancellation{.authorizer = account, .nonce = authorization.nonce};
    const auto cancelled = remote->sign(domain, cancellation);
    check(cancelled && *cancelled == local->sign(domain, cancellation).value(),
          "a cancellation is signed as here");

    const auto stranger = address("0x000000000000000000000000000000000000dEaD");
    const auto foreign = remote_treasury(curve, way_to(url), stranger, TypedDataMethod::v4);
    const auto refused = foreign->sign(domain, authorization_of(stranger));
    check(!refused, "an account that the node has not is refused");
    if (!refused) std::printf("     (%s)\n", refused.error().what.c_str());
}

void check_relayer(const Curve& curve, const char* url)
{
    Transaction transaction{.chain_id = 84532,
                            .nonce = 0,
                            .max_priority_fee = 1'000'000,
                            .max_fee = 2'000'000'000,
                            .gas_limit = 100'000,
                            .to = address(kSepoliaUsdc),
                            .value = 5,
                            .data = bytes_of("a9059cbb"),
                            .access_list = {}};
    const auto local = local_relayer(curve, parse_key(kKnownKey).value()).value();
    const auto remote = remote_relayer(curve, way_to(url), address(kKnownAddress));
    const auto same = [&] {
        const auto made = remote->sign(transaction);
        if (!made) std::printf("%s\n", made.error().what.c_str());
        return made && made->raw == local->sign(transaction)->raw;
    };
    check(same(), "a transaction is signed as here");
    transaction.access_list = {{address(kOtherAddress), {Digest{1}, Digest{2}}}};
    transaction.nonce = 70'000;
    check(same(), "and with an access list and a late nonce");
}
}  // namespace

int main(int count, char** words)
try {
    if (count != 2) {
        std::fprintf(stderr, "usage: wallet_remote_signer URL\n");
        return 2;
    }
    system::SystemEntropy entropy;
    const Curve curve{entropy};
    check_treasury(curve, words[1]);
    check_relayer(curve, words[1]);
    const auto nowhere =
        remote_relayer(curve, way_to("http://127.0.0.1:1"), address(kKnownAddress));
    check(!nowhere->sign({}), "a service that is not there is a fault");
    return all_good ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "wallet_remote_signer: %s\n", error.what());
    return 1;
}
