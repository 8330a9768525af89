// SPDX-License-Identifier: Apache-2.0
#include "wallet/settings.hpp"

#include <catch2/catch.hpp>

#include "wallet/known_chains.hpp"

using namespace purse;

namespace {
const std::string kLedger(64, 'a');
const std::string kPayee = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/// A document with the least that is needed, each part as given.
struct Parts {
    std::string version = "1";
    std::string ledger = '"' + kLedger + '"';
    std::string chain = "\"base\"";
    std::string endpoints = R"(["https://a.example"])";
    std::string treasury = R"({"keystore":"treasury.json"})";
    std::string relayers = R"([{"keystore":"relayer-1.json"}])";
    std::string more;  ///< further members, each after a comma

    std::string text() const
    {
        return R"({"version":)" + version + R"(,"ledger":)" + ledger + R"(,"chain":)" + chain +
               R"(,"endpoints":)" + endpoints + R"(,"treasury":)" + treasury + R"(,"relayers":)" +
               relayers + more + "}";
    }
};

WalletSettings good(const std::string& text)
{
    auto settings = parse_wallet_settings(text);
    INFO(text);
    INFO((settings ? std::string{} : to_string(settings.error())));
    REQUIRE(settings.has_value());
    return *settings;
}

std::string wrong(const std::string& text)
{
    const auto settings = parse_wallet_settings(text);
    return settings ? "good" : to_string(settings.error());
}
std::string wrong(const Parts& parts)
{
    return wrong(parts.text());
}
std::string wrong_more(const std::string& more)
{
    return wrong(Parts{.more = ',' + more});
}
}  // namespace

TEST_CASE("settings: the least that is needed, and what the rest is then")
{
    const auto settings = good(Parts{}.text());
    CHECK(to_hex(as_bytes(settings.ledger)) == kLedger);
    CHECK(settings.chain_name == "base");
    CHECK(settings.token == token_domain(*known_chain("base")));
    CHECK(settings.endpoints == std::vector<std::string>{"https://a.example"});
    CHECK(settings.treasury == KeySource{KeystoreKey{"treasury.json"}});
    CHECK(settings.relayers == std::vector<KeySource>{KeystoreKey{"relayer-1.json"}});
    CHECK(settings.password_file.empty());
    CHECK(settings.ca_file.empty());
    CHECK(settings.pay.when.is_immediate());
    CHECK(settings.pay.owed_max == Money::parse("1000"));
    CHECK(settings.payees.empty());
    CHECK(to_decimal(settings.max_fee_per_gas) == "10000000000");
    CHECK(settings.valid_for == Span::hours(24));
    CHECK(settings.floor == Money{});
    CHECK(settings.timing == WalletTiming{});
}

TEST_CASE("settings: everything said")
{
    const auto settings = good(R"({ "version": 1, // with comments
        "ledger": ")" + kLedger +
                               R"(",
        "chain": { "id": 31337, "token": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                   "name": "USDC", "version": "2" },
        "endpoints": [ "http://localhost:8545", "http://10.0.0.1/KEY?k=1" ],
        "insecureHttp": true,
        "caFile": "ca.pem",
        "treasury": { "remote": "http://127.0.0.1:9000", "address": ")" +
                               kPayee + R"(" },
        "relayers": [ { "keystore": "a.json" }, { "keystore": "b.json" } ],
        "passwordFile": "password",
        "pay": { "payees": { ")" +
                               kPayee + R"(": { "when": "immediate" },
                             "0x0000000000000000000000000000000000000001": { "owedMax": "7" } },
                 "when": { "threshold": "1.00", "every": "1h" }, "owedMax": "100" },
        "fees": { "maxFeePerGas": "0.5" },
        "validFor": "10m",
        "floor": "5",
        "timing": { "poll": "50ms", "rebroadcast": "100ms", "bump": "500ms", "timeout": "100ms" },
    })");
    CHECK(settings.chain_name.empty());
    CHECK(settings.token.chain_id == 31337);
    CHECK(settings.token.name == "USDC");
    CHECK(settings.insecure_http);
    CHECK(std::get<RemoteKey>(settings.treasury).address == parse_address(kPayee));
    CHECK(settings.relayers.size() == 2);
    CHECK(settings.pay.when.threshold == Money::parse("1"));
    CHECK(settings.pay.when.every == Span::hours(1));
    // A payee's rule begins as the common one, wherever that stands.
    const auto& own = settings.rule_for(parse_address(kPayee).value());
    CHECK(own.when.is_immediate());
    CHECK(own.owed_max == Money::parse("100"));
    Address one;
    one.bytes[19] = 1;
    CHECK(settings.rule_for(one).when == settings.pay.when);
    CHECK(settings.rule_for(one).owed_max == Money::parse("7"));
    CHECK(settings.rule_for(Address{}) == settings.pay);
    CHECK(settings.max_fee_per_gas == 500'000'000);
    CHECK(settings.timing.poll == Span{50'000});
    CHECK(settings.timing.bump == Span{500'000});

    CHECK(good(to_text(settings)) == settings);
}

TEST_CASE("settings: what is written reads back equal")
{
    auto settings = good(Parts{}.text());
    CHECK(good(to_text(settings)) == settings);
    for (const auto& chain : known_chains()) {
        settings.chain_name = chain.name;
        settings.token = token_domain(chain);
        CHECK(good(to_text(settings)) == settings);
    }
    settings.pay.when.threshold = Money::parse("0.000001").value();
    CHECK(good(to_text(settings)) == settings);
    settings.pay.when = {.threshold = std::nullopt, .every = Span::days(31)};
    settings.relayers.push_back(
        RemoteKey{.url = "https://signer.example/\"quoted\"", .address = {}});
    std::get<RemoteKey>(settings.relayers.back()).url = "https://signer.example/%22";
    std::get<RemoteKey>(settings.relayers.back()).address.bytes[3] = 9;
    settings.endpoints.emplace_back("https://b.example/v2/KEY");
    settings.treasury = KeystoreKey{"with \"quotes\" \\ and\nlines"};
    settings.max_fee_per_gas = 1;
    CHECK(good(to_text(settings)) == settings);
    const auto text = to_text(settings);
    CHECK(text.starts_with("{\n  // The form of this document.\n  \"version\": 1,\n\n  // "));
    CHECK(text.ends_with("\n}\n"));
}

TEST_CASE("settings: what is missing or unknown")
{
    CHECK(wrong("{}") ==
          "$.version: is missing\n$.ledger: is missing\n$.chain: is missing\n"
          "$.endpoints: is missing\n$.treasury: is missing\n$.relayers: is missing");
    CHECK(wrong("[]") == "$: is an array; expected an object");
    CHECK(wrong("{").starts_with("$ line 1:2: the text ends too early"));
    CHECK(wrong_more(R"("validfor":"1h")") ==
          "$.validfor: there is no field \"validfor\"; did you mean \"validFor\"?");
    CHECK(wrong_more(R"("pay":{"owedMin":"1"})") ==
          "$.pay.owedMin: there is no field \"owedMin\"; did you mean \"owedMax\"?");
    CHECK(wrong_more(R"("pay":{"payees":{")" + kPayee + R"(":{"payees":{}}}})") ==
          "$.pay.payees." + kPayee + ".payees: there is no field \"payees\"");
    CHECK(wrong(std::string(kWalletDocumentBytesMax + 1, ' ')) ==
          "$: has 262145 bytes; expected at most 262144 bytes");
    CHECK(wrong(Parts{.version = "2"}) ==
          "$.version: 2 is out of range; expected a whole number from 1 to 1");
}

TEST_CASE("settings: the books and the chain")
{
    constexpr const char* kHex = "$.ledger: is something else; expected 64 hexadecimal digits";
    CHECK(wrong(Parts{.ledger = "\"aa\""}) == kHex);
    CHECK(wrong(Parts{.ledger = "\"0x" + kLedger + "\""}) == kHex);
    CHECK(wrong(Parts{.ledger = "1"}) == "$.ledger: is a number; expected 64 hexadecimal digits");
    CHECK(wrong(Parts{.chain = "\"base-seplia\""}) ==
          "$.chain: there is no chain \"base-seplia\"; did you mean \"base-sepolia\"?");
    CHECK(wrong(Parts{.chain = "8453"}) ==
          "$.chain: is a number; expected the name of a chain, or an object that describes one");
    CHECK(wrong(Parts{.chain = R"({"id":0,"token":"0x12","name":"","version":2})"}) ==
          "$.chain.id: 0 is out of range; expected a whole number from 1 to 9223372036854775771\n"
          "$.chain.token: \"0x12\" is not an address: " +
              std::string{message(AddressError::not_an_address)} +
              "\n$.chain.name: is empty; expected the token's EIP-712 name, 1 to 64 bytes\n"
              "$.chain.version: is a number; expected the token's EIP-712 version, 1 to 64 bytes");
    CHECK(wrong(Parts{.chain = R"({"id":1,"token":"0x)" + std::string(40, '0') + R"(","name":")" +
                               std::string(65, 'x') + R"(","version":"2"})"}) ==
          "$.chain.token: is the zero address, which nobody has the key of\n"
          "$.chain.name: is too long; expected the token's EIP-712 name, 1 to 64 bytes");
}

TEST_CASE("settings: endpoints, whose URLs are never repeated")
{
    const auto endpoints = [](const std::string& list) { return wrong(Parts{.endpoints = list}); };
    CHECK(endpoints("[]") == "$.endpoints: is empty; expected one to eight URLs of nodes");
    CHECK(endpoints("7") == "$.endpoints: is a number; expected an array");
    CHECK(endpoints(R"(["https://host:0/KEY"])") ==
          "$.endpoints[0]: has a port that is none; expected a URL that begins with https:// or "
          "http://");
    CHECK(endpoints(R"(["https://a.example/KEY","https://A.example:443/KEY"])") ==
          "$.endpoints[1]: stands in the list twice; expected different nodes");
    CHECK(endpoints(R"(["http://a.example/KEY"])") ==
          "$.endpoints[0]: is plain http to another machine, where anybody on the way can answer; "
          "expected https, or \"insecureHttp\": true if this is meant");
    CHECK(wrong(Parts{.endpoints = R"(["http://a.example"])", .more = R"(,"insecureHttp":true)"}) ==
          "good");
    CHECK(wrong(Parts{.endpoints = R"(["http://a.example"])",
                      .more = R"(,"insecureHttp":false)"}) != "good");
    CHECK(endpoints(R"(["http://127.0.0.1:1","http://[::1]:1","http://localhost:1"])") == "good");
    std::string many = R"(["https://a0")";
    for (int i = 1; i < 9; ++i) many += R"(,"https://a)" + std::to_string(i) + '"';
    CHECK(endpoints(many + "]") == "$.endpoints: has 9 entries; expected at most 8");
    CHECK(wrong_more(R"("insecureHttp":1)") ==
          "$.insecureHttp: is a number; expected true or false");
    CHECK(wrong_more(R"("caFile":"")") == "$.caFile: is empty; expected the path of a file");
}

TEST_CASE("settings: keys")
{
    const auto treasury = [](const std::string& key) { return wrong(Parts{.treasury = key}); };
    const std::string expected =
        "; expected {\"keystore\": FILE}, or {\"remote\": URL, \"address\": ADDRESS}";
    CHECK(treasury("{}") == "$.treasury: has neither a keystore nor a remote signer" + expected);
    CHECK(treasury("\"x\"") == "$.treasury: is a string; expected an object");
    CHECK(treasury(R"({"keystore":"a","remote":"https://a","address":")" + kPayee + "\"}") ==
          "$.treasury: has both a keystore and a remote signer" + expected);
    CHECK(treasury(R"({"remote":"https://a"})") ==
          "$.treasury: has a remote signer and no address" + expected);
    CHECK(treasury(R"({"keystore":"a","address":")" + kPayee + "\"}") ==
          "$.treasury: has an address, which a keystore knows itself" + expected);
    CHECK(treasury(R"({"keystore":""})") ==
          "$.treasury.keystore: is empty; expected the path of a file");
    CHECK(treasury(R"({"remote":"http://a.example","address":")" + kPayee + "\"}") ==
          "$.treasury.remote: is plain http to another machine, where anybody on the way can "
          "answer; expected https, or \"insecureHttp\": true if this is meant");
    const std::string mixed = "0x70997970c51812dc3A010C7d01b50e0d17dc79C8";
    CHECK(treasury(R"({"remote":"https://a","address":")" + mixed + "\"}") ==
          "$.treasury.address: \"" + mixed +
              "\" is not an address: " + std::string{message(AddressError::bad_checksum)});

    const auto relayers = [](const std::string& list) { return wrong(Parts{.relayers = list}); };
    CHECK(relayers("[]") == "$.relayers: is empty; expected one to eight keys that pay for gas");
    CHECK(relayers(R"([{"keystore":"a"},{"keystore":"b"},{"keystore":"a"}])") ==
          "$.relayers[2]: is the same key as another relayer's; expected a key of its own");
    const auto remote = R"({"remote":"https://a","address":")" + kPayee + "\"}";
    const auto same = R"({"remote":"https://b","address":")" + kPayee + "\"}";
    CHECK(relayers("[" + remote + "," + same + "]") ==
          "$.relayers[1]: is the same key as another relayer's; expected a key of its own");
    CHECK(relayers(R"([{"keystore":"x"},{"keystore":"treasury.json"}])") ==
          "$.relayers[1]: is the treasury's key; expected a key that holds no USDC");
}

TEST_CASE("settings: when payees are paid")
{
    const auto pay = [](const std::string& members) {
        return wrong_more("\"pay\":{" + members + "}");
    };
    const std::string expected =
        "; expected \"immediate\", or an object with \"threshold\", \"every\" or both";
    CHECK(pay(R"("when":"soon")") == "$.pay.when: \"soon\" is unknown" + expected);
    CHECK(pay(R"("when":7)") == "$.pay.when: is a number" + expected);
    CHECK(pay(R"("when":{})") == "$.pay.when: is empty" + expected);
    CHECK(pay(R"("when":{"evry":"1h"})") ==
          "$.pay.when.evry: there is no field \"evry\"; did you mean \"every\"?");
    CHECK(pay(R"("when":{"threshold":"0"})") ==
          "$.pay.when.threshold: is zero; expected more than zero");
    CHECK(pay(R"("when":{"threshold":"1e3"})")
              .starts_with("$.pay.when.threshold: \"1e3\" is not a plain decimal"));
    CHECK(
        pay(R"("when":{"every":"10ms"})")
            .starts_with(
                "$.pay.when.every: \"10ms\" is out of range; expected a time span from 1s to 31d"));
    CHECK(pay(R"("owedMax":"0")") == "$.pay.owedMax: is zero; expected more than zero");
    CHECK(pay(R"("when":{"threshold":"101"},"owedMax":"100")") ==
          "$.pay: has a threshold of 101.00 above owedMax, which is 100.00; expected a threshold "
          "that can be reached");
    CHECK(pay(R"("when":{"threshold":"100"},"owedMax":"100")") == "good");
    CHECK(pay(R"("payees":{"x":{}})").starts_with("$.pay.payees.x: \"x\" is not an address: "));
    CHECK(pay(R"("payees":[])") == "$.pay.payees: is an array; expected an object");
    CHECK(pay(R"("payees":{")" + kPayee + R"(":{"when":{"threshold":"1001"}}})")
              .starts_with("$.pay.payees." + kPayee + ": has a threshold of 1001.00"));
    CHECK(pay(R"("payees":{")" + kPayee +
              R"(":{},"0x70997970c51812dc3a010c7d01b50e0d17dc79c8":{}})") ==
          "$.pay.payees.0x70997970c51812dc3a010c7d01b50e0d17dc79c8: is a payee that stands here "
          "already, in other letters");
}

TEST_CASE("settings: fees and times have bounds")
{
    const auto fee = [](const std::string& value) {
        return wrong_more(R"("fees":{"maxFeePerGas":)" + value + "}");
    };
    const std::string expected =
        "; expected gwei above 0 and up to 10000, with at most nine decimals, such as \"10\"";
    CHECK(fee("\"10000\"") == "good");
    CHECK(fee("0.5") == "good");
    CHECK(fee("\"0\"") == "$.fees.maxFeePerGas: \"0\" is out of range" + expected);
    CHECK(fee("\"10000.1\"") == "$.fees.maxFeePerGas: \"10000.1\" is out of range" + expected);
    CHECK(fee("1e1") == "$.fees.maxFeePerGas: \"1e1\" is no price of gas" + expected);
    CHECK(fee("null") == "$.fees.maxFeePerGas: is null" + expected);

    const auto bounds = [](const std::string& before, const char* min, const char* max,
                           const char* below, const char* above) {
        const auto with = [&](const char* span) {
            const auto end = before.find('{') == std::string::npos ? "" : "}";
            return wrong_more(before + '"' + span + '"' + end);
        };
        CAPTURE(before);
        CHECK(with(min) == "good");
        CHECK(with(max) == "good");
        CHECK(with(below).find("is out of range; expected a time span from ") != std::string::npos);
        CHECK(with(above).find("is out of range; expected a time span from ") != std::string::npos);
        CHECK(with("soon").find("\"soon\" is not a time span") != std::string::npos);
    };
    bounds("\"validFor\":", "10m", "7d", "599s", "8d");
    bounds("\"timing\":{\"poll\":", "50ms", "60s", "49ms", "61s");
    bounds("\"timing\":{\"rebroadcast\":", "100ms", "10m", "99ms", "601s");
    bounds("\"timing\":{\"bump\":", "500ms", "1h", "499ms", "61m");
    bounds("\"timing\":{\"timeout\":", "100ms", "60s", "99ms", "61s");
    CHECK(wrong_more(R"("floor":"-1")").starts_with("$.floor: \"-1\" is not a plain decimal"));
}

TEST_CASE("settings: files are beside the document")
{
    CHECK(beside("/etc/purse", "treasury.json") == "/etc/purse/treasury.json");
    CHECK(beside("/etc/purse/", "keys/a.json") == "/etc/purse/keys/a.json");
    CHECK(beside("/etc/purse", "/var/keys/a.json") == "/var/keys/a.json");
    CHECK(beside("", "a.json") == "a.json");
}
