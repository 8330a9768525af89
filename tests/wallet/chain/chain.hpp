// SPDX-License-Identifier: Apache-2.0
// The chain that PURSE_CHAIN_URL names: Anvil with the real USDC, started by tests/chain.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/seeded_entropy.hpp"
#include "wallet/local_signer.hpp"
#include "wallet/rpc/http_transport.hpp"
#include "wallet/rpc/json_rpc_node.hpp"

namespace purse::test {

inline std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    if (value == nullptr) throw std::runtime_error{std::string{name} + " is not set"};
    return value;
}

struct Chain {
    Chain()
    {
        token.chain_id = std::stoull(variable("PURSE_CHAIN_ID"));
        token.contract = parse_address(variable("PURSE_CHAIN_TOKEN")).value();
        token.name = variable("PURSE_CHAIN_TOKEN_NAME");
        token.version = variable("PURSE_CHAIN_TOKEN_VERSION");
        treasury = local_treasury(curve, key()).value();
        relayer = local_relayer(curve, key()).value();
    }

    static std::unique_ptr<RpcTransport> transport()
    {
        return http_transport(Endpoint::parse(variable("PURSE_CHAIN_URL")).value(), {}).value();
    }

    /// Another account each time, also in the next test case: all run on one chain.
    static SecretKey key()
    {
        static SeededEntropy random{static_cast<std::uint64_t>(
            std::chrono::steady_clock::now().time_since_epoch().count())};
        SecretKey key;
        random.fill(key.writable());
        return key;
    }

    /// Something that only Anvil can do.
    void anvil(std::string_view method, const std::string& params)
    {
        const RpcCall call{method, params};
        const auto asked = rpc.ask({&call, 1});
        INFO(method << params);
        REQUIRE(asked.has_value());
        INFO(asked->replies[0].error.message);
        REQUIRE(asked->replies[0].result != nullptr);
    }
    void fund()
    {
        anvil("anvil_setBalance",
              "[\"" + to_string(relayer->address()) + "\",\"0xde0b6b3a7640000\"]");
        anvil("anvil_dealERC20", "[\"" + to_string(treasury->address()) + "\",\"" +
                                     to_string(token.contract) + "\",\"0x4c4b40\"]");
    }

    /// True when it became so within ten seconds.
    template <typename Condition>
    static bool eventually(Condition condition)
    {
        for (int i = 0; i < 200; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
        return false;
    }

    SeededEntropy entropy;
    Curve curve{entropy};
    TokenDomain token;
    std::unique_ptr<TreasurySigner> treasury;
    std::unique_ptr<RelayerSigner> relayer;
    JsonRpcNode node{transport()};
    JsonRpc rpc{transport()};
};

}  // namespace purse::test
