// SPDX-License-Identifier: Apache-2.0
#include "wallet/remote_signer.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "ledger/json.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"
#include "wallet/local_signer.hpp"
#include "wallet/typed_data.hpp"

using namespace purse;
using namespace purse::test;

namespace {
/// What the service was asked, and what it says: the result as JSON text.
struct Asked {
    std::string method;
    std::string first;   ///< the account, or the transaction's "from"
    std::string second;  ///< the typed data
};
using Service = std::function<std::string(const Asked&)>;

class ScriptedTransport final : public RpcTransport {
public:
    explicit ScriptedTransport(Service& service) : service_{service} {}
    std::string name() const override { return "https://signer.example"; }
    std::string without_secrets(std::string text) const override { return text; }

    std::expected<TransportAnswer, TransportFault> post(const std::string& body) override
    {
        const auto request = json::parse(body).value();
        const auto& root = request.root();
        const auto params = root.find("params")->items();
        Asked asked{.method = std::string{root.find("method")->text()}, .first = {}, .second = {}};
        if (params[0].is(json::Kind::object))
            asked.first = std::string{params[0].find("from")->text()};
        else
            asked.first = std::string{params[0].text()};
        if (params.size() > 1) asked.second = std::string{params[1].text()};
        const auto said = service_(asked);
        if (said.empty()) return std::unexpected{TransportFault{"it took too long"}};
        return TransportAnswer{.status = 200,
                               .body = R"({"jsonrpc":"2.0","id":)" +
                                       std::to_string(root.find("id")->integer().value()) + "," +
                                       said + "}"};
    }

private:
    Service& service_;
};

std::string result(const std::string& bytes)
{
    return R"("result":"0x)" + to_hex(bytes) + "\"";
}

std::string written(const Signature& signature)
{
    return std::string{as_bytes(signature.r)} + std::string{as_bytes(signature.s)} +
           static_cast<char>(signature.v);
}

struct Fixture {
    SeededEntropy entropy{7};
    Curve curve{entropy};
    SecretKey key = std::move(*parse_key(kKnownKey));
    SecretKey other_key = std::move(*parse_key(std::string(64, '7')));
    Address account = address(kKnownAddress);
    Service service;
    std::unique_ptr<TreasurySigner> treasury = remote_treasury(
        curve, std::make_unique<ScriptedTransport>(service), account, TypedDataMethod::v4);
    std::unique_ptr<RelayerSigner> relayer =
        remote_relayer(curve, std::make_unique<ScriptedTransport>(service), account);
    TokenDomain domain{
        .name = "USDC", .version = "2", .chain_id = 84532, .contract = address(kSepoliaUsdc)};
    Authorization authorization{.from = account,
                                .to = address(kOtherAddress),
                                .value = Money::from_micro(1'000'000),
                                .valid_after = 0,
                                .valid_before = 1893456000,
                                .nonce = keccak256("settlement:1")};
    Transaction transaction{.chain_id = 84532,
                            .nonce = 7,
                            .max_priority_fee = 1,
                            .max_fee = 2,
                            .gas_limit = 100'000,
                            .to = address(kSepoliaUsdc),
                            .value = 0,
                            .data = "data",
                            .access_list = {{address(kOtherAddress), {Digest{1}, Digest{2}}}}};

    Signature signature_over(const Digest& digest) const { return curve.sign(key, digest).value(); }
    std::string raw(const Transaction& one, const SecretKey& with) const
    {
        return with_signature(one, curve.sign(with, signing_hash(one)).value()).raw;
    }
    /// Why it is not signed, when the service says this.
    std::string treasury_fault(const std::string& said)
    {
        service = [said](const Asked&) { return said; };
        const auto signature = treasury->sign(domain, authorization);
        return signature ? "none" : signature.error().what;
    }
    std::string relayer_fault(const std::string& said)
    {
        service = [said](const Asked&) { return said; };
        const auto made = relayer->sign(transaction);
        return made ? "none" : made.error().what;
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "remote signer: an honest service signs what a local key would sign")
{
    service = [this](const Asked& asked) {
        CHECK(asked.method == "eth_signTypedData_v4");
        CHECK(asked.first == to_string(account));
        return result(written(signature_over(typed_data_digest(asked.second).value())));
    };
    const auto local = local_treasury(curve, SecretKey{key.bytes()}).value();
    CHECK(treasury->address() == account);
    CHECK(treasury->sign(domain, authorization).value() ==
          local->sign(domain, authorization).value());
    const Cancellation cancellation{.authorizer = account, .nonce = Digest{5}};
    CHECK(treasury->sign(domain, cancellation).value() ==
          local->sign(domain, cancellation).value());
}

TEST_CASE_METHOD(Fixture, "remote signer: v may be 0 or 1, and the method may be Web3Signer's")
{
    const auto plain = remote_treasury(curve, std::make_unique<ScriptedTransport>(service), account,
                                       TypedDataMethod::plain);
    service = [this](const Asked& asked) {
        CHECK(asked.method == "eth_signTypedData");
        auto signature = signature_over(typed_data_digest(asked.second).value());
        signature.v = static_cast<std::uint8_t>(signature.v - 27);
        return result(written(signature));
    };
    CHECK(plain->sign(domain, authorization)->v == 0x1c);
}

TEST_CASE_METHOD(Fixture, "remote signer: what is no signature over just that is not taken")
{
    const auto digest = signing_digest(domain_separator(domain), struct_hash(authorization));
    const auto good = signature_over(digest);
    CHECK(treasury_fault(result(written(good))) == "none");

    const std::string not_that =
        "the signer at https://signer.example answered with what is no "
        "signature of " +
        std::string{kKnownAddress} + " over what was asked";
    // Another payee, another key, another prefix (a known mistake of some services).
    auto other = authorization;
    other.to.bytes[0] ^= 1;
    CHECK(treasury_fault(result(written(signature_over(
              signing_digest(domain_separator(domain), struct_hash(other)))))) == not_that);
    CHECK(treasury_fault(result(written(curve.sign(other_key, digest).value()))) == not_that);
    CHECK(treasury_fault(result(written(signature_over(keccak256({"\x19"
                                                                  "Ethereum Signed Message:\n32",
                                                                  as_bytes(digest)}))))) ==
          not_that);
    auto flipped = good;
    flipped.v = static_cast<std::uint8_t>(55 - flipped.v);
    CHECK(treasury_fault(result(written(flipped))) == not_that);
    CHECK(treasury_fault(result(written(good) + "x")) == not_that);
    CHECK(treasury_fault(result(written(good).substr(1))) == not_that);
    CHECK(treasury_fault(R"("result":"")") == not_that);
    CHECK(treasury_fault(R"("result":")" + to_hex(written(good)) + "\"") == not_that);
    CHECK(treasury_fault(R"("result":null)").ends_with("answered with no text"));
    CHECK(treasury_fault(R"("result":{"raw":1})").ends_with("answered with no text"));
    CHECK(treasury_fault(R"("error":{"code":-1,"message":"locked"})").ends_with("refused: locked"));
    CHECK(treasury_fault("").find("gave no answer") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "remote signer: what is not this account's is not even asked")
{
    service = [](const Asked&) -> std::string {
        FAIL("the service was asked");
        return {};
    };
    auto wrong = authorization;
    wrong.from = address(kOtherAddress);
    CHECK_FALSE(treasury->sign(domain, wrong));
    wrong = authorization;
    wrong.value = Money::from_micro(-1);
    CHECK_FALSE(treasury->sign(domain, wrong));
    CHECK_FALSE(treasury->sign(domain, Cancellation{address(kOtherAddress), Digest{}}));
    // A name that JSON cannot carry would be signed as another.
    domain.name = "USD\xff";
    CHECK_FALSE(treasury->sign(domain, authorization));
}

TEST_CASE_METHOD(Fixture, "remote signer: a transaction comes back as asked, in either form")
{
    const auto expected = raw(transaction, key);
    for (const auto& said :
         {result(expected), R"("result":{"raw":"0x)" + to_hex(expected) + R"(","tx":{}})"}) {
        service = [&](const Asked& asked) {
            CHECK(asked.method == "eth_signTransaction");
            CHECK(asked.first == to_string(account));
            return said;
        };
        const auto made = relayer->sign(transaction);
        REQUIRE(made);
        CHECK(made->raw == expected);
        CHECK(made->hash == keccak256(expected));
    }
}

TEST_CASE_METHOD(Fixture, "remote signer: any other transaction is not taken")
{
    CHECK(relayer_fault(result(raw(transaction, key))) == "none");
    const auto differs = [&](auto change) {
        auto other = transaction;
        change(other);
        CHECK(relayer_fault(result(raw(other, key))).find("not the transaction") !=
              std::string::npos);
    };
    differs([](auto& one) { one.chain_id = 1; });
    differs([](auto& one) { one.nonce = 8; });
    differs([](auto& one) { one.max_priority_fee = 9; });
    differs([](auto& one) { one.max_fee = 9; });
    differs([](auto& one) { one.gas_limit = 9; });
    differs([](auto& one) { one.to.bytes[0] ^= 1; });
    differs([](auto& one) { one.value = 1; });
    differs([](auto& one) { one.data += "x"; });
    differs([](auto& one) { one.access_list.clear(); });
    CHECK(relayer_fault(result(raw(transaction, other_key))) != "none");
    CHECK(relayer_fault(R"("result":null)") != "none");
    CHECK(relayer_fault("") != "none");
    // Each byte changed or gone.
    const auto good = raw(transaction, key);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK(relayer_fault(result(changed)) != "none");
        CHECK(relayer_fault(result(good.substr(0, i))) != "none");
    }
    CHECK(relayer_fault(result(good + '\0')) != "none");
}
