// SPDX-License-Identifier: Apache-2.0
// The receipt in answers; what it proves is tests/ledger/receipts_test.cpp, and with real clients
// tests/e2e/receipts.test.mjs.
#include "tools/receipt.hpp"

#include <catch2/catch.hpp>

#include "ledger/system/head_key.hpp"
#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
struct Signing {
    TempFolder keys{TempFolder::On::memory};
    system::FileHeadKey key{keys / "journal.key"};
    Tools tools{{}, nullptr, &key};

    boost::json::object receipt(const tools::Result& result)
    {
        const auto* receipt = result.structured.if_contains("receipt");
        return receipt == nullptr ? boost::json::object{} : receipt->as_object();
    }
};
}  // namespace

TEST_CASE("receipt: with a hold, a refusal, a settle and a void, when asked for")
{
    Signing desk;
    auto& tools = desk.tools;
    const auto held = tools.pay(R"({"service":"images","estimatedCost":"0.08","receipt":true})");
    CHECK(std::string{desk.receipt(held).at("proof").as_string()}.find(id_of(held)) !=
          std::string::npos);
    const auto refused = tools.pay(R"({"service":"images","estimatedCost":"90","receipt":true})");
    CHECK(reason_of(refused) == "transaction_limit_exceeded");
    CHECK(desk.receipt(refused).at("entry").as_int64() > desk.receipt(held).at("entry").as_int64());
    const auto settle = R"({"txId":")" + id_of(held) + R"(","actualCost":"0.07","receipt":true})";
    const auto paid = tools.call("pay_settle", settle);
    CHECK(std::string{desk.receipt(paid).at("proof").as_string()}.find(R"("kind":"settled")") !=
          std::string::npos);
    CHECK(desk.receipt(tools.call("pay_settle", settle)) == desk.receipt(paid));
    const auto other = tools.pay(R"({"service":"images","estimatedCost":"0.08","receipt":false})");
    CHECK(desk.receipt(other).empty());
    const auto void_it = R"({"txId":")" + id_of(other) + R"(","outcome":"void","receipt":true})";
    CHECK(desk.receipt(tools.call("pay_settle", void_it)).contains("proof"));
}

TEST_CASE("receipt: none without a key, and it says so")
{
    Tools tools;
    const auto held = tools.pay(R"({"service":"images","estimatedCost":"0.08","receipt":true})");
    const auto& receipt = held.structured.at("receipt").as_object();
    CHECK_FALSE(receipt.contains("proof"));
    CHECK_THAT(std::string{receipt.at("unavailable").as_string()},
               Catch::Contains("purse journal prove"));
}

TEST_CASE("receipt: true and false, and nothing else")
{
    Tools tools;
    for (const auto* wrong : {"1", "\"true\"", "[]"}) {
        const auto answer = tools.pay(
            std::string{R"({"service":"images","estimatedCost":"0.08","receipt":)"} + wrong + "}");
        CHECK(reason_of(answer) == "invalid_argument");
        CHECK(text_of(answer, "field") == "receipt");
    }
}
