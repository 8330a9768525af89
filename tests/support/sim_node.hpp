// SPDX-License-Identifier: Apache-2.0
// A node of the chain in memory that can be late, deaf, forgetful, or a liar: by chance, with a
// seed.
#pragma once

#include "tests/support/seeded_entropy.hpp"
#include "tests/support/sim_chain.hpp"
#include "wallet/node.hpp"

namespace purse::test {

/// Each is how often it happens, in a thousand questions.
struct SimFaults {
    int lost_before = 0;    ///< no answer; nothing was done
    int lost_after = 0;     ///< no answer, but what was sent is in the pool
    int limited = 0;        ///< 429
    int null_receipt = 0;   ///< a receipt that is there is not shown
    int stale_count = 0;    ///< one transaction fewer than there are
    std::uint64_t lag = 0;  ///< blocks that it has not seen

    // Lies.
    int forged_receipt = 0;  ///< a receipt, and a log, of a payment that never was
    int false_used = 0;      ///< every authorization is used
    int false_balance = 0;
    int false_count = 0;  ///< many more transactions than there are
    int false_heads = 0;  ///< blocks far in the future
    int false_block = 0;  ///< another hash
};

class SimNode final : public Node {
public:
    SimNode(SimChain& chain, std::string name, std::uint64_t seed)
        : chain_{chain},
          name_{std::move(name)},
          dice_{seed}
    {
    }

    SimFaults faults;
    /// What a forged receipt says was paid: the payee and the amount; set by the test.
    Address forged_from;
    std::vector<Address> forged_payees;
    std::int64_t forged_value = 0;
    std::uint64_t asked = 0;

    std::string name() const override { return name_; }
    NodeAnswer<std::uint64_t> chain_id() override;
    NodeAnswer<Heads> heads() override;
    NodeAnswer<std::optional<Block>> block(std::uint64_t number) override;
    NodeAnswer<std::vector<std::optional<Receipt>>> receipts(
        std::span<const Digest> transactions) override;
    NodeAnswer<std::vector<CallResult>> calls(std::span<const CallRequest> requests,
                                              AtBlock at) override;
    NodeAnswer<std::vector<Log>> logs(const LogQuery& query) override;
    NodeAnswer<std::string> code(const Address& account) override;
    NodeAnswer<std::uint64_t> transaction_count(const Address& account, AtBlock at) override;
    NodeAnswer<Wei> balance(const Address& account) override;
    NodeAnswer<FeeQuote> fee_quote() override;
    NodeAnswer<SendResult> send(const std::string& raw) override;

private:
    bool does(int per_mille) { return per_mille > 0 && dice_.odds(per_mille, 1000); }
    std::optional<NodeFault> trouble();
    std::uint64_t latest() const { return chain_.height() - std::min(chain_.height(), faults.lag); }
    CallResult answer(const CallRequest& request, std::uint64_t at, bool is_lying_used,
                      bool is_lying_balance);
    Receipt forged(const Digest& transaction, const Digest& nonce);

    SimChain& chain_;
    std::string name_;
    Dice dice_;
    std::vector<Digest> nonces_;  ///< that it was asked about
};

}  // namespace purse::test
