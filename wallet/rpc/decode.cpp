// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/decode.hpp"

#include <algorithm>
#include <utility>

#include "wallet/rpc/answer_reader.hpp"

namespace purse {

namespace {
using json::Value;

// LOG0 to LOG4 (the yellow paper's operations).
constexpr std::size_t kTopicsMax = 4;

std::unexpected<std::string> wrong(const AnswerReader& reader)
{
    return std::unexpected{reader.wrong()};
}

Decoded<Log> decode_log(const Value& value)
{
    AnswerReader reader{value, "a log"};
    Log log;
    log.address = reader.account("address");
    log.data = reader.bytes("data");
    log.index = reader.number("logIndex");
    log.transaction = reader.digest("transactionHash");
    log.block = {.number = reader.number("blockNumber"), .hash = reader.digest("blockHash")};
    if (const auto* topics = reader.array("topics")) {
        reader.must(topics->items().size() <= kTopicsMax, "topics");
        for (const auto& topic : topics->items()) {
            const auto digest = read_digest(topic);
            reader.must(digest.has_value(), "topics");
            log.topics.push_back(digest.value_or(Digest{}));
        }
    }
    const auto* removed = value.find("removed");
    reader.must(removed == nullptr || !removed->truth(), "removed");
    if (!reader.wrong().empty()) return wrong(reader);
    return log;
}

bool matches(const Log& log, const LogQuery& query)
{
    return log.address == query.address && log.block.number >= query.from_block &&
           log.block.number <= query.to_block && log.topics.size() >= query.topics.size() &&
           std::ranges::equal(query.topics, std::span{log.topics}.first(query.topics.size()));
}
}  // namespace

Decoded<Block> decode_block(const Value& value)
{
    AnswerReader reader{value, "a block"};
    Block block;
    block.id = {.number = reader.number("number"), .hash = reader.digest("hash")};
    block.timestamp = reader.number("timestamp");
    block.gas_limit = reader.number("gasLimit");
    // Blocks from before EIP-1559, such as Ethereum's first, have none.
    block.base_fee = reader.wei_or_zero("baseFeePerGas");
    if (!reader.wrong().empty()) return wrong(reader);
    return block;
}

Decoded<Receipt> decode_receipt(const Value& value, const Digest& transaction)
{
    AnswerReader reader{value, "a receipt"};
    Receipt receipt;
    receipt.transaction = reader.digest("transactionHash");
    reader.must(receipt.transaction == transaction, "transactionHash");
    receipt.block = {.number = reader.number("blockNumber"), .hash = reader.digest("blockHash")};
    const auto status = reader.number("status");
    reader.must(status <= 1, "status");
    receipt.succeeded = status == 1;
    receipt.gas_used = reader.number("gasUsed");
    receipt.gas_price = reader.wei("effectiveGasPrice");
    receipt.l1_fee = reader.wei_or_zero("l1Fee");
    if (const auto* logs = reader.array("logs"))
        for (const auto& item : logs->items()) {
            auto log = decode_log(item);
            if (!log) return std::unexpected{"a receipt has " + log.error()};
            const bool is_of_it =
                log->transaction == receipt.transaction && log->block == receipt.block;
            const bool is_in_order = receipt.logs.empty() || log->index > receipt.logs.back().index;
            reader.must(is_of_it && is_in_order, "logs");
            receipt.logs.push_back(std::move(*log));
        }
    if (!reader.wrong().empty()) return wrong(reader);
    return receipt;
}

Decoded<std::vector<Log>> decode_logs(const Value& value, const LogQuery& query)
{
    if (!value.is(json::Kind::array)) return std::unexpected{"the logs are no array"};
    std::vector<Log> logs;
    for (const auto& item : value.items()) {
        auto log = decode_log(item);
        if (!log) return std::unexpected{std::move(log.error())};
        if (!matches(*log, query)) return std::unexpected{"a log is not one that was asked for"};
        logs.push_back(std::move(*log));
    }
    return logs;
}

Decoded<FeeQuote> decode_fee_history(const Value& value)
{
    AnswerReader reader{value, "the fee history"};
    const auto* bases = reader.array("baseFeePerGas");
    const auto* rewards = reader.array("reward");
    if (bases == nullptr || rewards == nullptr) return wrong(reader);

    FeeQuote quote;
    // One more than blocks: the last is the next block's.
    const auto base = bases->items().empty() ? std::nullopt : read_wei(bases->items().back());
    reader.must(base && *base <= kPriceMax, "baseFeePerGas");
    quote.base_fee = base.value_or(0);

    std::vector<Wei> tips;
    for (const auto& block : rewards->items()) {
        const auto tip = block.items().size() == 1 ? read_wei(block.items()[0]) : std::nullopt;
        reader.must(tip.has_value(), "reward");
        // Of an empty block, or nothing that anybody need outbid.
        if (tip.value_or(0) > 0) tips.push_back(*tip);
    }
    if (!tips.empty()) {
        const auto middle = tips.begin() + static_cast<std::ptrdiff_t>(tips.size() / 2);
        std::ranges::nth_element(tips, middle);
        quote.tip = *middle;
    }
    reader.must(quote.tip <= kPriceMax, "reward");
    quote.tip = std::max(quote.tip, kTipMin);
    if (!reader.wrong().empty()) return wrong(reader);
    return quote;
}

}  // namespace purse
