// SPDX-License-Identifier: Apache-2.0
#include "wallet/remote_signer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/json.hpp"
#include "wallet/authorization_json.hpp"
#include "wallet/rpc/json_rpc.hpp"
#include "wallet/typed_data.hpp"

namespace purse {

namespace {
template <typename T>
using Signed = std::expected<T, SignerFault>;

constexpr std::uint8_t kEvenV = 27;
constexpr std::size_t kSignatureBytes = 65;

std::unexpected<SignerFault> fault(std::string what)
{
    return std::unexpected{SignerFault{std::move(what)}};
}

std::optional<std::string> bytes_of(std::string_view text)
{
    return text.starts_with("0x") ? from_hex(text.substr(2)) : std::nullopt;
}

/// r, s, v as one text of 65 bytes; some services write v as 0 or 1.
std::optional<Signature> signature_of(std::string_view text)
{
    const auto bytes = bytes_of(text);
    if (!bytes || bytes->size() != kSignatureBytes) return std::nullopt;
    Signature signature;
    std::copy_n(bytes->begin(), 32, signature.r.begin());
    std::copy_n(bytes->begin() + 32, 32, signature.s.begin());
    signature.v = static_cast<std::uint8_t>(bytes->back());
    if (signature.v < 2) signature.v = static_cast<std::uint8_t>(signature.v + kEvenV);
    return signature;
}

/// The service's one answer, as text: a result that is a string, or its member "raw" (geth's form).
Signed<std::string> ask(JsonRpc& rpc, std::string_view method, std::string params)
{
    const std::array calls{RpcCall{.method = method, .params = std::move(params)}};
    const auto asked = rpc.ask(calls);
    const auto from = "the signer at " + rpc.name() + " ";
    if (!asked) return fault(from + "gave no answer: " + asked.error().what);
    const auto& reply = asked->replies.front();
    if (reply.result == nullptr) return fault(from + "refused: " + reply.error.message);
    const auto* result = reply.result;
    if (const auto* raw = result->find("raw")) result = raw;
    if (!result->is(json::Kind::string)) return fault(from + "answered with no text");
    return std::string{result->text()};
}

class RemoteTreasury final : public TreasurySigner {
public:
    RemoteTreasury(const Curve& curve, std::unique_ptr<RpcTransport> transport,
                   const Address& account, TypedDataMethod method)
        : curve_{curve},
          rpc_{std::move(transport), 1},
          account_{account},
          method_{method}
    {
    }

    Address address() const override { return account_; }

    Signed<Signature> sign(const TokenDomain& domain, const Authorization& authorization) override
    {
        if (authorization.from != account_)
            return fault("the authorization is from an account that is not this signer's");
        if (authorization.value.micro() < 0) return fault("the authorization's value is negative");
        return sign(typed_data_of(domain, authorization),
                    signing_digest(domain_separator(domain), struct_hash(authorization)));
    }

    Signed<Signature> sign(const TokenDomain& domain, const Cancellation& cancellation) override
    {
        if (cancellation.authorizer != account_)
            return fault("the cancellation is of an account that is not this signer's");
        return sign(typed_data_of(domain, cancellation),
                    signing_digest(domain_separator(domain), struct_hash(cancellation)));
    }

private:
    Signed<Signature> sign(const std::string& typed_data, const Digest& digest)
    {
        // A name with bytes that JSON cannot carry would be signed as another one.
        if (const auto meant = typed_data_digest(typed_data); !meant || *meant != digest)
            return fault("the token's domain cannot be written as typed data");
        const auto answer =
            ask(rpc_, method_ == TypedDataMethod::v4 ? "eth_signTypedData_v4" : "eth_signTypedData",
                "[\"" + to_string(account_) + "\"," + json::quoted(typed_data) + "]");
        if (!answer) return std::unexpected{answer.error()};
        const auto signature = signature_of(*answer);
        if (!signature || curve_.recover(digest, *signature) != account_)
            return fault("the signer at " + rpc_.name() +
                         " answered with what is no signature of " + to_checksummed(account_) +
                         " over what was asked");
        return *signature;
    }

    const Curve& curve_;
    JsonRpc rpc_;
    Address account_;
    TypedDataMethod method_;
};

std::string quantity(const char* name, Wei value)
{
    return std::string{",\""} + name + "\":\"" + to_quantity(value) + "\"";
}

std::string access_list(const std::vector<AccessEntry>& entries)
{
    std::string out;
    for (const auto& entry : entries) {
        std::string slots;
        for (const auto& slot : entry.slots)
            slots += (slots.empty() ? "\"0x" : ",\"0x") + to_hex(as_bytes(slot)) + "\"";
        out += (out.empty() ? R"({"address":")" : R"(,{"address":")") + to_string(entry.account) +
               R"(","storageKeys":[)" + slots + "]}";
    }
    return out;
}

class RemoteRelayer final : public RelayerSigner {
public:
    RemoteRelayer(const Curve& curve, std::unique_ptr<RpcTransport> transport,
                  const Address& account)
        : curve_{curve},
          rpc_{std::move(transport), 1},
          account_{account}
    {
    }

    Address address() const override { return account_; }

    Signed<SignedTransaction> sign(const Transaction& transaction) override
    {
        const auto answer = ask(rpc_, "eth_signTransaction", request(transaction));
        if (!answer) return std::unexpected{answer.error()};
        const auto raw = bytes_of(*answer);
        const auto signature = raw ? signature_within(transaction, *raw) : std::nullopt;
        if (!signature || curve_.recover(signing_hash(transaction), *signature) != account_)
            return fault("the signer at " + rpc_.name() +
                         " answered with what is not the transaction that was asked, signed by " +
                         to_checksummed(account_));
        return with_signature(transaction, *signature);
    }

private:
    std::string request(const Transaction& transaction) const
    {
        return R"([{"type":"0x2","from":")" + to_string(account_) + R"(","to":")" +
               to_string(transaction.to) + "\"" + quantity("chainId", transaction.chain_id) +
               quantity("nonce", transaction.nonce) + quantity("gas", transaction.gas_limit) +
               quantity("maxFeePerGas", transaction.max_fee) +
               quantity("maxPriorityFeePerGas", transaction.max_priority_fee) +
               quantity("value", transaction.value) + R"(,"data":"0x)" + to_hex(transaction.data) +
               R"(","accessList":[)" + access_list(transaction.access_list) + "]}]";
    }

    const Curve& curve_;
    JsonRpc rpc_;
    Address account_;
};
}  // namespace

std::unique_ptr<TreasurySigner> remote_treasury(const Curve& curve,
                                                std::unique_ptr<RpcTransport> transport,
                                                const Address& account, TypedDataMethod method)
{
    return std::make_unique<RemoteTreasury>(curve, std::move(transport), account, method);
}

std::unique_ptr<RelayerSigner> remote_relayer(const Curve& curve,
                                              std::unique_ptr<RpcTransport> transport,
                                              const Address& account)
{
    return std::make_unique<RemoteRelayer>(curve, std::move(transport), account);
}

}  // namespace purse
