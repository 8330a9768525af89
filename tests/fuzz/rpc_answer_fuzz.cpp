// SPDX-License-Identifier: Apache-2.0
// What a node answers, through every method of the chain client: an answer that is taken fits what
// was asked, and what is said of a fault can be printed. The same from a remote signer: none of its
// answers is taken that is not the account's own signature. The first byte chooses the HTTP status.
#include <algorithm>
#include <array>
#include <cstdint>

#include "tests/fuzz/check.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "wallet/remote_signer.hpp"
#include "wallet/rpc/json_rpc_node.hpp"

namespace {
using namespace purse;
using fuzz::check;

/// Says always the same.
class Parrot final : public RpcTransport {
public:
    explicit Parrot(const TransportAnswer& answer) : answer_{answer} {}
    std::string name() const override { return "http://node"; }
    std::string without_secrets(std::string text) const override { return text; }
    std::expected<TransportAnswer, TransportFault> post(const std::string& /*body*/) override
    {
        return answer_;
    }

private:
    const TransportAnswer& answer_;
};

/// The answer to one question; nothing, after a look at the fault, when there is none.
template <typename Ask>
auto ask(const TransportAnswer& answer, Ask question)
{
    // Each its own: ids begin at 1.
    JsonRpcNode node{std::make_unique<Parrot>(answer)};
    auto got = question(node);
    if (!got) {
        const auto& what = got.error().what;
        check(!what.empty() && what.size() < 1'000, "a fault has a few words");
        check(std::ranges::all_of(what, [](char c) { return c >= ' ' && c <= '~'; }),
              "a fault can be printed");
    }
    return got;
}

/// Of a key that nobody has.
constexpr std::string_view kNobody = "0x000000000000000000000000000000000000dead";

void ask_signers(const TransportAnswer& answer)
{
    static test::SeededEntropy entropy;
    static const Curve curve{entropy};
    const auto account = parse_address(kNobody).value();
    const auto treasury =
        remote_treasury(curve, std::make_unique<Parrot>(answer), account, TypedDataMethod::v4);
    const TokenDomain domain{.name = "USDC", .version = "2", .chain_id = 1, .contract = {}};
    const auto signature =
        treasury->sign(domain, Authorization{.from = account, .value = Money::from_micro(1)});
    check(!signature && !signature.error().what.empty(), "no signature of nobody's is taken");
    const auto relayer = remote_relayer(curve, std::make_unique<Parrot>(answer), account);
    const auto raw = relayer->sign({.chain_id = 1, .nonce = 1});
    check(!raw && !raw.error().what.empty(), "no transaction of nobody's is taken");
}

Digest digest(std::uint8_t byte)
{
    Digest out;
    out.fill(byte);
    return out;
}
}  // namespace

// The name and the linkage are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    constexpr std::array kStatuses{200, 200, 200, 302, 400, 404, 429, 502};
    const TransportAnswer answer{
        .status = kStatuses[data[0] % kStatuses.size()],
        .body = std::string{reinterpret_cast<const char*>(data) + 1, size - 1}};

    ask_signers(answer);
    (void)ask(answer, [](Node& node) { return node.chain_id(); });
    if (const auto heads = ask(answer, [](Node& node) { return node.heads(); }))
        check(heads->finalized.id.number <= heads->latest.id.number, "heads are in order");
    if (const auto block = ask(answer, [](Node& node) { return node.block(16); }))
        check(!*block || (*block)->id.number == 16, "a block is the one that was asked");
    const std::array hashes{digest(0x11), digest(0x22)};
    for (std::size_t count = 1; count <= hashes.size(); ++count) {
        const auto asked = std::span{hashes}.first(count);
        const auto receipts = ask(answer, [&](Node& node) { return node.receipts(asked); });
        if (!receipts) continue;
        check(receipts->size() == count, "there are as many receipts as hashes");
        for (std::size_t i = 0; i < count; ++i) {
            const auto& receipt = (*receipts)[i];
            if (!receipt) continue;
            check(receipt->transaction == hashes[i], "a receipt is the one that was asked");
            for (const auto& log : receipt->logs)
                check(log.transaction == hashes[i] && log.block == receipt->block,
                      "a log is its receipt's");
        }
    }
    const std::array requests{CallRequest{}, CallRequest{}};
    for (std::size_t count = 1; count <= requests.size(); ++count) {
        const auto asked = std::span{requests}.first(count);
        const auto calls = ask(answer, [&](Node& node) { return node.calls(asked, std::nullopt); });
        if (calls) check(calls->size() == count, "there are as many results as calls");
    }
    const LogQuery query{.topics = {digest(0x33)}, .from_block = 1, .to_block = 16};
    if (const auto logs = ask(answer, [&](Node& node) { return node.logs(query); }))
        for (const auto& log : *logs)
            check(!log.topics.empty() && log.topics[0] == query.topics[0] &&
                      log.block.number >= 1 && log.block.number <= 16,
                  "a log is one that was asked for");
    (void)ask(answer, [](Node& node) { return node.code({}); });
    (void)ask(answer, [](Node& node) { return node.transaction_count({}, std::nullopt); });
    (void)ask(answer, [](Node& node) { return node.balance({}); });
    if (const auto fees = ask(answer, [](Node& node) { return node.fee_quote(); }))
        check(fees->tip >= 100'000, "a tip has its floor");
    (void)ask(answer, [](Node& node) { return node.send("raw"); });
    return 0;
}
