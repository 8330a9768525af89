// SPDX-License-Identifier: Apache-2.0
// An EVM chain in memory, as far as payouts see one: accounts, a pool, blocks that can be taken
// back, a token with EIP-3009 and Multicall3. It reads the very bytes that are sent to it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wallet/authorization.hpp"
#include "wallet/node.hpp"
#include "wallet/transaction.hpp"

namespace purse::test {

/// Who made this signature; nothing: nobody.
using Recover = std::function<std::optional<Address>(const Digest&, const Signature&)>;

struct SimOptions {
    TokenDomain domain;
    std::uint64_t safe_distance = 3;
    std::uint64_t finalized_distance = 8;
    std::uint64_t start = 1'795'000'000;  ///< seconds since 1970
    Wei base_fee = 1'000'000;
    std::uint64_t gas_limit = 30'000'000;
};

/// A transaction as it was sent, and by whom.
struct SimTx {
    Digest hash{};
    Address from;
    Transaction body;
};
using SimTxPtr = std::shared_ptr<const SimTx>;

class SimChain {
public:
    SimChain(SimOptions options, Recover recover);

    // The world's part.

    void fund(const Address& account, Wei ether) { state_.accounts[account].ether = ether; }
    void mint(const Address& holder, std::int64_t amount) { state_.balances[holder] += amount; }
    void set_base_fee(Wei fee) { base_fee_ = fee; }
    void pause(bool is_paused) { is_paused_ = is_paused; }
    void blacklist(const Address& account, bool is_listed);
    /// A block `seconds` after the last one, with what the pool can give.
    void mine(std::uint64_t seconds);
    /// Takes back `depth` blocks, never a final one. `stays` says of each transaction whether it
    /// is in the pool again. As many blocks and one more follow.
    void reorganise(std::uint64_t depth, const std::function<bool(const SimTx&)>& stays);
    /// Every transaction for which `goes` is true leaves the pool.
    void drop(const std::function<bool(const SimTx&)>& goes);
    /// A transaction of somebody whose signature is none of our business: in the pool at once.
    void submit_as(const Address& from, const Address& to, std::string data, Wei max_fee);
    /// The calls to the token that any transaction has shown so far.
    const std::vector<std::string>& shown_calls() const { return shown_; }

    // What is true.

    std::int64_t balance_of(const Address& holder) const;
    /// All that ever went from the treasury to this payee, on the chain as it is now.
    std::int64_t paid(const Address& from, const Address& to) const;
    std::size_t pool_size() const;
    std::size_t uses_of(const Digest& nonce) const;

    // What a node asks. `latest` is the highest block that it has.

    const Block& block(std::uint64_t number) const { return blocks_.at(number).header; }
    std::uint64_t height() const { return blocks_.size() - 1; }
    std::uint64_t finalized(std::uint64_t latest) const;
    std::uint64_t safe(std::uint64_t latest) const;
    std::optional<Receipt> receipt(const Digest& hash) const;
    CallResult call(const CallRequest& request, std::uint64_t at) const;
    std::vector<Log> logs(const LogQuery& query) const;
    std::uint64_t count(const Address& account, std::uint64_t at) const;
    Wei ether(const Address& account) const;
    Wei base_fee() const { return base_fee_; }
    SendResult send(const std::string& raw);
    const TokenDomain& domain() const { return options_.domain; }

private:
    struct Account {
        std::uint64_t nonce = 0;
        Wei ether = 0;
    };
    struct State {
        std::map<Address, Account> accounts;
        std::map<Address, std::int64_t> balances;
        /// authorizer and nonce -> the block since which it is used or cancelled
        std::map<std::pair<Address, Digest>, std::uint64_t> ended;
    };
    struct Mined {
        SimTxPtr tx;
        Receipt receipt;
    };
    struct Stored {
        Block header;
        std::vector<Mined> transactions;
        std::map<Address, Account> accounts;  ///< after it
        std::map<Address, std::int64_t> balances;
    };
    /// What a call does: nothing but a revert, or logs and what it returned.
    struct Outcome {
        std::optional<std::string> reverted;  ///< Error(string)'s text
        std::string returned;
        std::vector<Log> logs;
        std::uint64_t gas = 0;
    };

    std::optional<SimTx> read(const std::string& raw) const;
    SendResult pool(SimTxPtr tx);
    Outcome execute(State& state, const Address& to, std::string_view data, std::uint64_t time,
                    std::uint64_t number) const;
    Outcome token(State& state, std::string_view data, std::uint64_t time,
                  std::uint64_t number) const;
    Outcome transfer(State& state, std::string_view data, std::uint64_t time,
                     std::uint64_t number) const;
    Outcome cancel(State& state, std::string_view data, std::uint64_t number) const;
    Outcome batch(State& state, std::string_view data, std::uint64_t time,
                  std::uint64_t number) const;
    bool has_signed(const Address& who, const Digest& structure, std::string_view v_r_s) const;
    void run(const SimTxPtr& tx, Stored& block);
    void restore(std::uint64_t height);
    Log event(const Digest& name, std::vector<Digest> topics, std::string data) const;

    SimOptions options_;
    Recover recover_;
    Digest separator_{};
    State state_;
    std::vector<Stored> blocks_;
    std::map<Digest, std::pair<std::uint64_t, std::size_t>> mined_;  ///< hash -> block, place
    std::map<Address, std::map<std::uint64_t, SimTxPtr>> pool_;
    std::map<std::string, SimTxPtr> read_;  ///< by raw bytes
    std::vector<std::string> shown_;
    std::set<std::string> shown_set_;
    std::set<Address> blacklist_;
    bool is_paused_ = false;
    Wei base_fee_ = 0;
    std::uint64_t fork_ = 0;  ///< makes the hashes of each branch its own
};

}  // namespace purse::test
