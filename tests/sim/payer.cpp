// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/payer.hpp"

#include "tests/sim/policy.hpp"
#include "wallet/address.hpp"

namespace purse::sim {

namespace {
constexpr Wei kMuchEther = 1'000'000'000'000'000'000;
// More than all that is ever held and owed at a time, so that money is never the matter: what the
// nodes say of it, and when, is nothing that the shadow could foretell.
constexpr std::int64_t kMuchMoney = 1'000'000'000'000'000;

Address numbered(std::uint8_t kind, std::size_t index)
{
    Address address;
    address.bytes[0] = kind;
    address.bytes[19] = static_cast<std::uint8_t>(index + 1);
    return address;
}

TokenDomain domain()
{
    return {.name = "USDC", .version = "2", .chain_id = 84532, .contract = numbered(0x55, 0)};
}
}  // namespace

Payer::Payer(const Plan& plan, const Clock& clock)
    : dice_{plan.seed + 11},
      chain_{{.domain = domain(),
              .start = static_cast<std::uint64_t>(clock.wall().us / 1'000'000) - 12},
             test::sim_recover},
      treasury_{numbered(0x77, 0)},
      entropy_{plan.seed + 12},
      funding_{settings(), treasury_.address()}
{
    chain_.mint(treasury_.address(), kMuchMoney);
    for (std::size_t i = 0; i < 2; ++i) {
        relayers_.emplace_back(numbered(0x88, i));
        chain_.fund(relayers_.back().address(), kMuchEther);
    }
    for (int i = 0; i < 12; ++i) chain_.mine(1);
    has_reorgs_ = dice_.odds(1, 2);
    const auto rate = dice_.odds(2, 3) ? static_cast<int>(dice_.between(0, 120)) : 0;
    std::vector<std::unique_ptr<Node>> nodes;
    for (std::size_t i = 0; i < 3; ++i) {
        auto node = std::make_unique<test::SimNode>(chain_, "http://node" + std::to_string(i),
                                                    plan.seed * 16 + i);
        node->faults = {.lost_before = rate,
                        .lost_after = rate,
                        .limited = rate / 4,
                        .null_receipt = rate,
                        .stale_count = rate};
        sim_nodes_.push_back(node.get());
        nodes.push_back(std::move(node));
    }
    // One of three may lie, but not about the balance.
    if (dice_.odds(1, 2)) {
        auto& liar = *sim_nodes_[1];
        liar.forged_from = treasury_.address();
        for (const auto* payee : kPayees) liar.forged_payees.push_back(*parse_address(payee));
        liar.forged_value = dice_.between(1, 1'000'000);
        switch (dice_.between(1, 4)) {
            case 1: liar.faults.forged_receipt = 500; break;
            case 2: liar.faults.false_used = 500; break;
            case 3: liar.faults.false_count = 300; break;
            default: liar.faults.false_block = 300;
        }
    }
    nodes_ = std::make_unique<Nodes>(
        std::move(nodes), clock, entropy_,
        NodesOptions{.rest_min = Span{200'000}, .rest_max = Span::seconds(2)});
}

WalletSettings Payer::settings() const
{
    WalletSettings settings;
    settings.token = domain();
    settings.pay.owed_max = Money::from_micro(kMuchMoney);
    return settings;
}

void Payer::pass(std::uint64_t seconds)
{
    // One long silence, and then blocks as always.
    if (seconds > 0) chain_.mine(seconds);
    if (seconds > 30)
        for (int i = 0; i < 10; ++i) chain_.mine(1);
}

std::string Payer::mishap()
{
    const auto& relayer = relayers_[static_cast<std::size_t>(dice_.between(0, 1))].address();
    switch (dice_.between(1, 6)) {
        case 1: {
            if (!has_reorgs_) return {};
            const auto depth = static_cast<std::uint64_t>(dice_.between(1, 7));
            chain_.reorganise(depth, [&](const test::SimTx&) { return dice_.odds(1, 2); });
            return "reorganisations";
        }
        case 2:
            chain_.set_base_fee(static_cast<Wei>(dice_.between(1, 2'000)) * 1'000'000);
            return "base fees";
        case 3:
            chain_.fund(relayer, static_cast<Wei>(dice_.between(0, 1'000)) * 1'000'000'000);
            return "starved relayers";
        case 4: chain_.fund(relayer, kMuchEther); return "funded relayers";
        case 5:
            chain_.drop([&](const test::SimTx&) { return dice_.odds(1, 2); });
            return "dropped transactions";
        default: {
            const auto& shown = chain_.shown_calls();
            if (shown.empty()) return {};
            const auto& call = shown[static_cast<std::size_t>(
                dice_.between(0, static_cast<std::int64_t>(shown.size()) - 1))];
            // Not through the aggregator: its address is the engine's own business.
            if (call.starts_with("\x82")) return {};
            chain_.submit_as(numbered(0x66, 0), chain_.domain().contract, call, 5'000'000'000);
            return "strangers' submissions";
        }
    }
}

void Payer::heal()
{
    for (auto* node : sim_nodes_) node->faults = {};
    for (const auto& relayer : relayers_) chain_.fund(relayer.address(), kMuchEther);
    chain_.set_base_fee(1'000'000);
}

void Payer::pass(std::string_view)
{
    if (crash_in == 0) return;
    --crash_in;
    if (crash_in == 0) throw test::StoreCrash{};
}

void Payer::transact(const std::function<void(Books&)>& run)
{
    Us now = 0;
    process_->transact([&](Books& books) {
        now = books.now().us;
        run(books);
    });
    (*at_)(now);
}

void Payer::tick(Process& process, const std::function<void(Us)>& at)
{
    process_ = &process;
    at_ = &at;
    if (!engine_) {
        std::vector<RelayerSigner*> relayers;
        for (auto& one : relayers_) relayers.push_back(&one);
        engine_ = std::make_unique<PayoutEngine>(PayoutEngine::Ports{.books = *this,
                                                                     .nodes = *nodes_,
                                                                     .treasury = treasury_,
                                                                     .relayers = relayers,
                                                                     .watcher = *this},
                                                 EngineSettings{.domain = domain(),
                                                                .ledger = sha256({"these books"}),
                                                                .rule = settings().pay,
                                                                .rules = {},
                                                                .max_fee = 1'000'000'000,
                                                                .valid_for = Span::minutes(10),
                                                                .floor = {},
                                                                .has_multicall = true});
    }
    engine_->tick();
}

std::int64_t Payer::paid_to(const std::string& payee) const
{
    return chain_.balance_of(*parse_address(payee));
}

}  // namespace purse::sim
