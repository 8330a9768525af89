// SPDX-License-Identifier: Apache-2.0
// A node whose every answer a test sets, and which counts what it is asked.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "wallet/node.hpp"

namespace purse::test {

class FakeNode final : public Node {
public:
    explicit FakeNode(std::string name = "http://fake") : name_{std::move(name)} {}

    /// Given to everything while it is set.
    std::optional<NodeFault> fault;
    int asked = 0;

    NodeAnswer<std::uint64_t> id = 84532;
    NodeAnswer<Heads> seen = Heads{};
    std::map<std::uint64_t, Block> blocks;
    std::map<Digest, Receipt> found;
    /// By what is called: the data.
    std::map<std::string, CallResult> results;
    std::map<Address, std::string> codes;
    /// What matches a query is told.
    NodeAnswer<std::vector<Log>> logged;
    NodeAnswer<std::uint64_t> count = 0;
    NodeAnswer<Wei> wei = Wei{0};
    NodeAnswer<FeeQuote> quote = FeeQuote{};
    NodeAnswer<SendResult> sent = SendResult{SendOutcome::accepted, {}};

    std::string name() const override { return name_; }
    NodeAnswer<std::uint64_t> chain_id() override { return answer(id); }
    NodeAnswer<Heads> heads() override { return answer(seen); }
    NodeAnswer<std::optional<Block>> block(std::uint64_t number) override
    {
        const auto at = blocks.find(number);
        return answer<std::optional<Block>>(at == blocks.end() ? std::nullopt
                                                               : std::optional{at->second});
    }
    NodeAnswer<std::vector<std::optional<Receipt>>> receipts(
        std::span<const Digest> transactions) override
    {
        std::vector<std::optional<Receipt>> all;
        for (const auto& hash : transactions) {
            const auto at = found.find(hash);
            all.push_back(at == found.end() ? std::nullopt : std::optional{at->second});
        }
        return answer<std::vector<std::optional<Receipt>>>(std::move(all));
    }
    NodeAnswer<std::vector<CallResult>> calls(std::span<const CallRequest> requests,
                                              AtBlock /*at*/) override
    {
        std::vector<CallResult> all;
        for (const auto& request : requests) {
            const auto at = results.find(request.data);
            all.push_back(at == results.end() ? CallResult{.reverted = true} : at->second);
        }
        return answer<std::vector<CallResult>>(std::move(all));
    }
    NodeAnswer<std::vector<Log>> logs(const LogQuery& query) override
    {
        if (!logged) return answer(logged);
        std::vector<Log> all;
        for (const auto& log : *logged)
            if (log.address == query.address && log.block.number >= query.from_block &&
                log.block.number <= query.to_block && query.topics.size() <= log.topics.size() &&
                std::equal(query.topics.begin(), query.topics.end(), log.topics.begin()))
                all.push_back(log);
        return answer<std::vector<Log>>(std::move(all));
    }
    NodeAnswer<std::string> code(const Address& account) override
    {
        const auto at = codes.find(account);
        return answer<std::string>(at == codes.end() ? std::string{} : at->second);
    }
    NodeAnswer<std::uint64_t> transaction_count(const Address& /*account*/, AtBlock /*at*/) override
    {
        return answer(count);
    }
    NodeAnswer<Wei> balance(const Address& /*account*/) override { return answer(wei); }
    NodeAnswer<FeeQuote> fee_quote() override { return answer(quote); }
    NodeAnswer<SendResult> send(const std::string& /*raw*/) override { return answer(sent); }

private:
    template <typename T>
    NodeAnswer<T> answer(NodeAnswer<T> good)
    {
        ++asked;
        if (fault) return std::unexpected{*fault};
        return good;
    }

    std::string name_;
};

}  // namespace purse::test
