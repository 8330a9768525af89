// SPDX-License-Identifier: Apache-2.0
#include "wallet/typed_data.hpp"

#include <catch2/catch.hpp>

#include "tests/wallet/known.hpp"

using namespace purse;
using namespace purse::test;

namespace {
// The example of EIP-712 itself.
const std::string kMail = R"({
  "types": {
    "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "version", "type": "string"},
      {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
    "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
    "Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"},
      {"name": "contents", "type": "string"}]},
  "primaryType": "Mail",
  "domain": {"name": "Ether Mail", "version": "1", "chainId": 1,
    "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
  "message": {"from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
    "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
    "contents": "Hello, Bob!"}})";

/// One value of one type, by itself.
std::string one(const std::string& type, const std::string& value)
{
    return R"({"types":{"EIP712Domain":[],"M":[{"name":"x","type":")" + type +
           R"("}]},"primaryType":"M","domain":{},"message":{"x":)" + value + "}}";
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string error(const std::string& text)
{
    const auto digest = typed_data_digest(text);
    return digest ? "none" : digest.error().what;
}
}  // namespace

TEST_CASE("typed data: the example of EIP-712")
{
    const auto digest = typed_data_digest(kMail);
    REQUIRE(digest);
    CHECK(hex(*digest) == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
}

TEST_CASE("typed data: the known authorization")
{
    const auto digest = typed_data_digest(R"({
      "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "version", "type": "string"},
          {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
        "TransferWithAuthorization": [{"name": "from", "type": "address"},
          {"name": "to", "type": "address"}, {"name": "value", "type": "uint256"},
          {"name": "validAfter", "type": "uint256"}, {"name": "validBefore", "type": "uint256"},
          {"name": "nonce", "type": "bytes32"}]},
      "primaryType": "TransferWithAuthorization",
      "domain": {"name": "USDC", "version": "2", "chainId": 84532,
        "verifyingContract": "0x036CbD53842c5426634e7929541eC2318f3dCF7e"},
      "message": {"from": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "value": "1000000", "validAfter": "0",
        "validBefore": 1893456000,
        "nonce": "0x64f7351e13a9217e6754213a9746ca35ecca9b7efccd96f6ce48b0d038429d68"}})");
    REQUIRE(digest);
    CHECK(hex(*digest) == "3b99e0e1790291b1abd7368d5e3137e21b31548149bd4a94bd979e3263b6543e");
}

TEST_CASE("typed data: one number is one number however it is written")
{
    CHECK(typed_data_digest(one("uint256", "255")).value() ==
          typed_data_digest(one("uint256", R"("255")")).value());
    CHECK(typed_data_digest(one("uint256", "255")).value() ==
          typed_data_digest(one("uint256", R"("0xfF")")).value());
    CHECK(typed_data_digest(one("int8", "-128")).value() ==
          typed_data_digest(one("int8", R"("-128")")).value());
}

TEST_CASE("typed data: numbers keep to their width")
{
    const auto good = [](const char* type, const char* value) {
        return typed_data_digest(one(type, value)).has_value();
    };
    CHECK(good("uint8", "255"));
    CHECK_FALSE(good("uint8", "256"));
    CHECK_FALSE(good("uint8", "-1"));
    CHECK(good("int8", "127"));
    CHECK_FALSE(good("int8", "128"));
    CHECK(good("int8", "-128"));
    CHECK_FALSE(good("int8", "-129"));
    CHECK(good(
        "uint256",
        R"("115792089237316195423570985008687907853269984665640564039457584007913129639935")"));
    CHECK_FALSE(good(
        "uint256",
        R"("115792089237316195423570985008687907853269984665640564039457584007913129639936")"));
    CHECK(good(
        "int256",
        R"("-57896044618658097711785492504343953926634992332820282019728792003956564819968")"));
    CHECK_FALSE(
        good("int256",
             R"("57896044618658097711785492504343953926634992332820282019728792003956564819968")"));
    CHECK(good("uint64", "9007199254740991"));
    CHECK_FALSE(good("uint64", "9007199254740992"));
    for (const auto* none : {R"("")", R"("0x")", R"("1.0")", "1.0", "1e3", R"("1e3")", R"("+1")",
                             R"(" 1")", R"("-0x1")", R"("--1")", "null", "true", "[]"})
        CHECK_FALSE(good("int256", none));
}

TEST_CASE("typed data: what is wrong is named with its place")
{
    CHECK(error(one("address", R"("0x12")")).starts_with("message.x: "));
    CHECK(error(one("address[2]", "[]")) == "message.x: expected 2 elements");
    CHECK(error(one("uint8[][]", "[[1],[2,300]]")) ==
          "message.x[1][1]: expected an integer that fits uint8");
    CHECK(error(one("bool", "1")) == "message.x: expected true or false");
    CHECK(error(one("string", "1")) == "message.x: expected a string");
    CHECK(error(one("bytes4", R"("0x123456")")) ==
          "message.x: expected 0x and 8 hexadecimal digits");
    CHECK(error(one("bytes", R"("0x123")")) ==
          "message.x: expected 0x and pairs of hexadecimal digits");
    CHECK(error(replaced(kMail, R"("name": "Bob", )", "")) == "message.to.name: is missing");
    CHECK(error(replaced(kMail, R"("name": "Bob")", R"("name": "Bob", "more": 1)")) ==
          "message.to: has members that Person has not");
    CHECK(error(replaced(kMail, R"("version": "1", )", "")) == "domain.version: is missing");
    CHECK(error("[]") == "types: expected an object");
    CHECK(error("{").starts_with("the typed data is no JSON"));
    CHECK(error(replaced(kMail, R"("primaryType": "Mail")", R"("primaryType": "Post")"))
              .starts_with("primaryType"));
    CHECK(error(replaced(kMail, R"("primaryType": "Mail")", R"("primaryType": "EIP712Domain")"))
              .starts_with("primaryType"));
    CHECK(error(replaced(kMail, R"("Person": [)", R"("Folk": [)")) ==
          "types: \"Mail\": \"Person\" is no type");
    CHECK(error(replaced(kMail, R"("EIP712Domain": [)", R"("Domain": [)")) ==
          "types: EIP712Domain is missing");
}

TEST_CASE("typed data: types that are none")
{
    for (const auto* type : {"uint", "int", "uint7", "uint0", "uint264", "uint08", "bytes0",
                             "bytes33", "bytes01", "Uint8", "", "uint8[", "uint8]", "uint8[0]",
                             "uint8[01]", "uint8[-1]", "[]", "uint8 ", "N"}) {
        CAPTURE(type);
        CHECK(error(one(type, "[]")).starts_with("types: "));
    }
    // A type may not take the place of one that needs no definition, nor may a name hold a type.
    CHECK(error(replaced(kMail, R"("Person": [)", R"("bytes32": [)")).starts_with("types: "));
    CHECK(error(replaced(kMail, R"("name": "contents")", R"("name": "a,address b")"))
              .starts_with("types: "));
    CHECK(
        error(replaced(kMail, R"("name": "contents")", R"("name": "to")")).starts_with("types: "));
}

TEST_CASE("typed data: types may need each other; depth, size and counts are bounded")
{
    const std::string list = R"({"types":{"EIP712Domain":[],"L":[{"name":"n","type":"L[]"}]},
        "primaryType":"L","domain":{},"message":)";
    const auto nested = [&](std::size_t depth) {
        std::string open;
        std::string close;
        for (std::size_t i = 0; i < depth; ++i) {
            open += R"({"n":[)";
            close += "]}";
        }
        return list + open + close + "}";
    };
    CHECK(typed_data_digest(nested(11)));
    CHECK_FALSE(typed_data_digest(nested(12)));
    CHECK(error(std::string(kTypedDataBytesMax + 1, ' ')).find("longer than") != std::string::npos);
    std::string members;
    for (std::size_t i = 0; i <= kTypedDataMembersMax; ++i)
        members +=
            (i == 0 ? "" : ",") + (R"({"name":"m)" + std::to_string(i) + R"(","type":"bool"})");
    CHECK(error(R"({"types":{"EIP712Domain":[)" + members + R"(]},"primaryType":"M"})")
              .find("too many members") != std::string::npos);
    std::string types;
    for (std::size_t i = 0; i <= kTypedDataTypesMax; ++i)
        types += (i == 0 ? "" : ",") + ("\"T" + std::to_string(i) + "\":[]");
    CHECK(error(R"({"types":{)" + types + "}}") == "types: has too many types");
}
