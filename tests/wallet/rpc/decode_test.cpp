// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/decode.hpp"

#include <catch2/catch.hpp>

using namespace purse;

namespace {
/// A digest of one repeated digit, as text and as bytes.
std::string hash_text(char digit)
{
    return "0x" + std::string(64, digit);
}
Digest hash(char digit)
{
    return to_digest(from_hex(std::string(64, digit)).value()).value();
}
const std::string kAccount = "0x" + std::string(40, '7');

template <typename Read>
auto decode(const std::string& text, Read read)
{
    const auto document = json::parse(text);
    INFO(text);
    REQUIRE(document.has_value());
    return read(document->root());
}

/// The text with what stands for one field put in another's place.
std::string with(std::string text, const std::string& what, const std::string& instead)
{
    const auto at = text.find(what);
    INFO(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), instead);
}

const std::string kBlock = R"({"number":"0x10","hash":")" + hash_text('a') +
                           R"(","timestamp":"0x65","gasLimit":"0x1c9c380","baseFeePerGas":"0x7",)"
                           R"("extraData":"0x","transactions":[]})";

std::string log_text(int index, const std::string& topic)
{
    return R"({"address":")" + kAccount + R"(","topics":[")" + topic +
           R"("],"data":"0x01ff","blockNumber":"0x10","blockHash":")" + hash_text('a') +
           R"(","transactionHash":")" + hash_text('b') + R"(","transactionIndex":"0x0",)" +
           R"("logIndex":"0x)" + std::to_string(index) + R"(","removed":false})";
}

const std::string kReceipt =
    R"({"transactionHash":")" + hash_text('b') + R"(","blockHash":")" + hash_text('a') +
    R"(","blockNumber":"0x10","status":"0x1","gasUsed":"0x5208","effectiveGasPrice":"0x3b9aca00",)"
    R"("l1Fee":"0x9","logs":[)" +
    log_text(4, hash_text('c')) + "," + log_text(5, hash_text('d')) + "]}";

Decoded<Receipt> receipt(const std::string& text)
{
    return decode(text, [](const json::Value& v) { return decode_receipt(v, hash('b')); });
}

std::string wrong_receipt(const std::string& what, const std::string& instead)
{
    const auto read = receipt(with(kReceipt, what, instead));
    return read ? "good" : read.error();
}
}  // namespace

TEST_CASE("decode: a block")
{
    const auto block = decode(kBlock, decode_block);
    REQUIRE(block.has_value());
    CHECK(block->id == BlockId{.number = 16, .hash = hash('a')});
    CHECK(block->timestamp == 101);
    CHECK(block->gas_limit == 30'000'000);
    CHECK(block->base_fee == 7);
    CHECK(decode(with(kBlock, R"("baseFeePerGas":"0x7",)", ""), decode_block)->base_fee == 0);

    const auto wrong = [](const std::string& what, const std::string& instead) {
        const auto read = decode(with(kBlock, what, instead), decode_block);
        return read ? "good" : read.error();
    };
    CHECK(wrong("\"0x10\"", "16") == "a block's number is not what it should be");
    CHECK(wrong("\"0x10\"", "\"16\"") == "a block's number is not what it should be");
    CHECK(wrong("\"0x10\"", "\"0x10000000000000000\"") ==
          "a block's number is not what it should be");
    CHECK(wrong(hash_text('a'), "0xaa") == "a block's hash is not what it should be");
    CHECK(wrong('"' + hash_text('a') + '"', "null") == "a block's hash is not what it should be");
    CHECK(wrong("\"timestamp\"", "\"time\"") == "a block's timestamp is not what it should be");
    CHECK(wrong("\"0x1c9c380\"", "\"0x\"") == "a block's gasLimit is not what it should be");
    CHECK(wrong("\"0x7\"", "true") == "a block's baseFeePerGas is not what it should be");
    CHECK(decode("[]", decode_block).error() == "a block is no object");
    CHECK(decode("null", decode_block).error() == "a block is no object");
}

TEST_CASE("decode: a receipt with its logs")
{
    const auto read = receipt(kReceipt);
    REQUIRE(read.has_value());
    CHECK(read->transaction == hash('b'));
    CHECK(read->block == BlockId{.number = 16, .hash = hash('a')});
    CHECK(read->succeeded);
    CHECK(read->gas_used == 21'000);
    CHECK(read->gas_price == 1'000'000'000);
    CHECK(read->l1_fee == 9);
    REQUIRE(read->logs.size() == 2);
    CHECK(read->logs[0].topics == std::vector{hash('c')});
    CHECK(read->logs[0].data == "\x01\xff");
    CHECK(read->logs[0].index == 4);
    CHECK(read->logs[0].transaction == hash('b'));
    CHECK(read->logs[0].block == read->block);
    CHECK(to_string(read->logs[0].address) == kAccount);

    CHECK_FALSE(receipt(with(kReceipt, R"("status":"0x1")", R"("status":"0x0")"))->succeeded);
    CHECK(receipt(with(kReceipt, R"("l1Fee":"0x9",)", ""))->l1_fee == 0);
    CHECK(receipt(with(kReceipt, R"("0x9")", "null"))->l1_fee == 0);
}

TEST_CASE("decode: every field of a receipt must fit")
{
    const auto is_wrong = [](const char* field) {
        return "a receipt's " + std::string{field} + " is not what it should be";
    };
    CHECK(wrong_receipt(hash_text('b'), hash_text('e')) == is_wrong("transactionHash"));
    CHECK(wrong_receipt('"' + hash_text('a') + '"', "null") == is_wrong("blockHash"));
    CHECK(wrong_receipt("\"0x10\"", "null") == is_wrong("blockNumber"));
    CHECK(wrong_receipt(R"("status":"0x1")", R"("status":"0x2")") == is_wrong("status"));
    CHECK(wrong_receipt(R"("status":"0x1",)", "") == is_wrong("status"));
    CHECK(wrong_receipt("\"0x5208\"", "21000") == is_wrong("gasUsed"));
    CHECK(wrong_receipt("\"0x3b9aca00\"", "\"0x" + std::string(33, 'f') + "\"") ==
          is_wrong("effectiveGasPrice"));
    CHECK(wrong_receipt("\"0x9\"", "9") == is_wrong("l1Fee"));
    CHECK(wrong_receipt("\"logs\":[", "\"logs\":null,\"x\":[") == is_wrong("logs"));

    // Logs of another transaction, of another block, or in another order.
    const auto log = log_text(4, hash_text('c'));
    CHECK(wrong_receipt(log, with(log, hash_text('b'), hash_text('e'))) == is_wrong("logs"));
    CHECK(wrong_receipt(log, with(log, hash_text('a'), hash_text('e'))) == is_wrong("logs"));
    CHECK(wrong_receipt(log, with(log, "\"0x10\"", "\"0x11\"")) == is_wrong("logs"));
    CHECK(wrong_receipt(log, with(log, "\"0x4\"", "\"0x5\"")) == is_wrong("logs"));

    const auto log_is_wrong = [](const char* field) {
        return "a receipt has a log's " + std::string{field} + " is not what it should be";
    };
    CHECK(wrong_receipt(kAccount, "0x77") == log_is_wrong("address"));
    CHECK(wrong_receipt(hash_text('c'), "0xcc") == log_is_wrong("topics"));
    CHECK(wrong_receipt("0x01ff", "0x01f") == log_is_wrong("data"));
    CHECK(wrong_receipt("\"0x4\"", "4") == log_is_wrong("logIndex"));
    CHECK(wrong_receipt("\"removed\":false", "\"removed\":true") == log_is_wrong("removed"));
    const auto five = '"' + hash_text('c') + "\",\"" + hash_text('c') + "\",\"" + hash_text('c') +
                      "\",\"" + hash_text('c') + "\",\"" + hash_text('c') + '"';
    CHECK(wrong_receipt('"' + hash_text('c') + '"', five) == log_is_wrong("topics"));
    CHECK(wrong_receipt(log, "7") == "a receipt has a log is no object");
}

TEST_CASE("decode: logs are those that were asked for")
{
    const auto one = log_text(4, hash_text('c'));
    LogQuery query;
    query.address = parse_address(kAccount).value();
    query.topics = {hash('c')};
    query.from_block = 16;
    query.to_block = 16;
    const auto logs = [&](const std::string& text) {
        return decode(text, [&](const json::Value& v) { return decode_logs(v, query); });
    };
    CHECK(logs("[]")->empty());
    CHECK(logs("[" + one + "]")->size() == 1);
    CHECK(logs("{}").error() == "the logs are no array");
    constexpr const char* kOther = "a log is not one that was asked for";
    CHECK(logs("[" + with(one, kAccount, "0x" + std::string(40, '8')) + "]").error() == kOther);
    CHECK(logs("[" + with(one, hash_text('c'), hash_text('d')) + "]").error() == kOther);
    CHECK(logs("[" + with(one, '"' + hash_text('c') + '"', "") + "]").error() == kOther);
    CHECK(logs("[" + with(one, "\"0x10\"", "\"0xf\"") + "]").error() == kOther);
    CHECK(logs("[" + with(one, "\"0x10\"", "\"0x11\"") + "]").error() == kOther);
}

TEST_CASE("decode: a fee quote")
{
    const auto quote = [](const char* bases, const char* rewards) {
        return decode(std::string{R"({"oldestBlock":"0x1","baseFeePerGas":)"} + bases +
                          R"(,"reward":)" + rewards + "}",
                      decode_fee_history);
    };
    const auto good = quote(R"(["0x1","0x2","0x3"])", R"([["0xf4240"],["0x1e8480"]])");
    REQUIRE(good.has_value());
    CHECK(good->base_fee == 3);
    CHECK(good->tip == 2'000'000);
    // Of three the middle one; empty blocks do not count.
    CHECK(quote(R"(["0x1"])", R"([["0x1e8480"],["0x0"],["0xf4240"],["0x0"],["0x2dc6c0"],["0x0"]])")
              ->tip == 2'000'000);
    CHECK(quote(R"(["0x1"])", "[]")->tip == kTipMin);
    CHECK(quote(R"(["0x1"])", R"([["0x1"]])")->tip == kTipMin);
    CHECK(quote(R"(["0x1"])", R"([["0x9184e72a000"]])")->tip == kPriceMax);

    const auto wrong = [&](const char* bases, const char* rewards) {
        const auto read = quote(bases, rewards);
        return read ? "good" : read.error();
    };
    constexpr const char* kBase = "the fee history's baseFeePerGas is not what it should be";
    constexpr const char* kReward = "the fee history's reward is not what it should be";
    CHECK(wrong("[]", "[]") == kBase);
    CHECK(wrong("null", "[]") == kBase);
    CHECK(wrong("[1]", "[]") == kBase);
    CHECK(wrong(R"(["0x9184e72a001"])", "[]") == kBase);
    CHECK(wrong(R"(["0x1"])", "null") == kReward);
    CHECK(wrong(R"(["0x1"])", R"(["0x1"])") == kReward);
    CHECK(wrong(R"(["0x1"])", R"([["0x1","0x2"]])") == kReward);
    CHECK(wrong(R"(["0x1"])", R"([[1]])") == kReward);
    CHECK(wrong(R"(["0x1"])", R"([["0x9184e72a001"]])") == kReward);
}
