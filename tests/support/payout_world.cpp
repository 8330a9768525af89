// SPDX-License-Identifier: Apache-2.0
#include "tests/support/payout_world.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/support/requests.hpp"
#include "tests/support/sim_signers.hpp"
#include "wallet/local_signer.hpp"

namespace purse::test {

namespace {
Address numbered(std::uint8_t kind, std::size_t index)
{
    Address address;
    address.bytes[0] = kind;
    address.bytes[19] = static_cast<std::uint8_t>(index + 1);
    return address;
}

SecretKey key(std::size_t index)
{
    SecretKey made;
    made.writable()[31] = static_cast<std::uint8_t>(index + 1);
    return made;
}

TokenDomain domain()
{
    return {.name = "USDC", .version = "2", .chain_id = 84532, .contract = numbered(0x55, 0)};
}

constexpr Wei kMuchEther = 1'000'000'000'000'000'000;
}  // namespace

EngineSeat::EngineSeat(PayoutWorld& world, std::uint64_t seed) : world_{world}, entropy_{seed}
{
    std::vector<std::unique_ptr<Node>> nodes;
    for (std::size_t i = 0; i < world.options.nodes; ++i) {
        auto node = std::make_unique<SimNode>(*world.chain, "http://node" + std::to_string(i),
                                              seed * 16 + i);
        sim_nodes_.push_back(node.get());
        nodes.push_back(std::move(node));
    }
    // Rests as short as the simulated blocks.
    nodes_ = std::make_unique<Nodes>(
        std::move(nodes), world.clock, entropy_,
        NodesOptions{.rest_min = Span{200'000}, .rest_max = Span::seconds(2)});
}

void EngineSeat::warn(std::string_view code, std::string_view what)
{
    ++warned[std::string{code}];
    last_warning = what;
}

void EngineSeat::pass(std::string_view point)
{
    if (at_point) at_point(point);
}

void EngineSeat::transact(const std::function<void(Books&)>& run)
{
    world_.ledger().transact(run);
}

bool EngineSeat::tick()
try {
    if (!engine_) {
        std::vector<RelayerSigner*> relayers;
        for (const auto& one : world_.relayer_signers) relayers.push_back(one.get());
        engine_ =
            std::make_unique<PayoutEngine>(PayoutEngine::Ports{.books = *this,
                                                               .nodes = *nodes_,
                                                               .treasury = *world_.treasury_signer,
                                                               .relayers = relayers,
                                                               .watcher = *this},
                                           world_.engine_settings());
    }
    engine_->tick();
    return true;
} catch (const StoreError& error) {
    ++warned["ledger"];
    last_warning = error.what();
    // As the worker does: the process ends when the ledger does not know what it holds.
    if (error.kind() == StoreError::Kind::in_doubt && !is_inside) world_.restart();
    return false;
} catch (const Crash&) {
    world_.restart();
    return false;
}

PayoutWorld::PayoutWorld(WorldOptions with) : options{with}, entropy{with.seed}
{
    Recover recover = sim_recover;
    if (options.has_real_signers) {
        curve_ = std::make_unique<Curve>(entropy);
        recover = [this](const Digest& digest, const Signature& signature) {
            return curve_->recover(digest, signature);
        };
        treasury_signer = local_treasury(*curve_, key(0)).value();
        for (std::size_t i = 0; i < options.relayers; ++i)
            relayer_signers.push_back(local_relayer(*curve_, key(i + 1)).value());
    } else {
        treasury_signer = std::make_unique<SimTreasury>(numbered(0x77, 0));
        for (std::size_t i = 0; i < options.relayers; ++i)
            relayer_signers.push_back(std::make_unique<SimRelayer>(numbered(0x88, i)));
    }
    treasury = treasury_signer->address();
    for (const auto& one : relayer_signers) relayers.push_back(one->address());
    for (std::size_t i = 0; i < options.payees; ++i) payees.push_back(numbered(0x99, i));

    chain = std::make_unique<SimChain>(SimOptions{.domain = domain()}, recover);
    chain->mint(treasury, options.treasury);
    for (const auto& one : relayers) chain->fund(one, kMuchEther);
    for (int i = 0; i < 12; ++i) chain->mine(1);
    open();
    seat = std::make_unique<EngineSeat>(*this, options.seed);
}

EngineSettings PayoutWorld::engine_settings() const
{
    return {.domain = domain(),
            .ledger = keccak256("these books"),
            .rule = options.rule,
            .rules = {},
            .max_fee = options.max_fee,
            .valid_for = options.valid_for,
            .floor = options.floor,
            .has_multicall = options.has_multicall};
}

void PayoutWorld::open()
{
    store_ = std::make_unique<sqlite::SqliteStore>(
        sqlite::SqliteStore::Settings{.folder = folder.path()});
    faults_ = std::make_unique<FaultStore>(*store_);
    ledger_ = std::make_unique<Ledger>(*faults_, clock, entropy, nullptr);
}

void PayoutWorld::restart()
{
    if (seat) seat->forget();
    ledger_.reset();
    faults_.reset();
    store_.reset();
    open();
}

void PayoutWorld::copy(const std::string& name)
{
    const auto to = folder / name;
    std::filesystem::remove_all(to);
    std::filesystem::create_directory(to);
    for (const auto& file : std::filesystem::directory_iterator{folder.path()})
        if (file.is_regular_file()) std::filesystem::copy(file.path(), to);
}

void PayoutWorld::restore(const std::string& name)
{
    if (seat) seat->forget();
    ledger_.reset();
    faults_.reset();
    store_.reset();
    std::vector<std::filesystem::path> old;
    for (const auto& file : std::filesystem::directory_iterator{folder.path()})
        if (file.is_regular_file()) old.push_back(file.path());
    for (const auto& one : old) std::filesystem::remove(one);
    for (const auto& file : std::filesystem::directory_iterator{folder / name})
        std::filesystem::copy(file.path(), folder.path());
    open();
}

void PayoutWorld::book(const std::string& key, std::size_t payee, std::int64_t amount)
{
    const Rules none;
    ledger_->transact([&](Books& books) {
        auto request = ask(none, Money::from_micro(amount), key);
        request.what.payee = to_string(payees.at(payee));
        request.epoch = books.meta().epoch;
        request.ttl = Span::hours(24);
        const auto held = books.hold(request);
        if (held.outcome != HoldAnswer::Outcome::approved)
            throw std::runtime_error{"the hold was not taken"};
        const auto id = Payouts{books}
                            .open_treasury(static_cast<std::int64_t>(domain().chain_id),
                                           to_string(domain().contract), to_string(treasury))
                            .id;
        const auto ended = books.settle({.epoch = books.meta().epoch,
                                         .who = request.who,
                                         .id = held.id,
                                         .actual = Money::from_micro(amount),
                                         .limit_of = none.limits(),
                                         .refusals = {},
                                         .treasury = id});
        if (ended.outcome != SettleAnswer::Outcome::settled)
            throw std::runtime_error{"the hold was not settled"};
    });
}

void PayoutWorld::rounds(int times, std::uint64_t seconds)
{
    for (int i = 0; i < times; ++i) {
        clock.pass(Span::seconds(static_cast<std::int64_t>(seconds)));
        chain->mine(seconds);
        seat->tick();
    }
}

TreasuryRow PayoutWorld::treasury_row()
{
    return run([](Books& books) { return Payouts{books}.rows().treasury(1).value(); });
}

PayeeRow PayoutWorld::payee(std::size_t index)
{
    return run([&](Books& books) {
        return Payouts{books}.rows().payee(1, to_string(payees.at(index))).value_or(PayeeRow{});
    });
}

std::vector<PayoutRow> PayoutWorld::payouts(std::size_t index)
{
    const auto id = payee(index).id;
    return run([&](Books& books) { return Payouts{books}.rows().payouts_of(id, 0, 100'000); });
}

std::string PayoutWorld::audit()
{
    return run([&](Books& books) -> std::string {
        auto& rows = Payouts{books}.rows();
        std::string wrong;
        const auto same = [&](const char* what, std::int64_t stored, std::int64_t counted) {
            if (stored != counted)
                wrong += std::string{what} + ": stored " + std::to_string(stored) + ", counted " +
                         std::to_string(counted) + "; ";
        };
        std::int64_t owed = 0;
        std::int64_t seen = 0;
        for (const auto& payee : rows.payees(1, 0, 10'000)) {
            std::int64_t covered = 0;
            std::int64_t included = 0;
            std::int64_t paid = 0;
            std::int64_t next = 0;
            for (const auto& row : rows.payouts_of(payee.id, 0, 100'000)) {
                same("k", row.k, next++);
                if (row.is_dead()) continue;
                same("start", row.start, covered);
                covered += row.value;
                const bool is_paid = row.state == PayoutState::final_;
                if (is_paid || row.state == PayoutState::included) included += row.value;
                if (is_paid) paid += row.value;
                if (row.seen) seen += row.value;
                if (row.state == PayoutState::signed_ || row.state == PayoutState::sent)
                    same("signed", static_cast<std::int64_t>(row.signature.size()), 65);
            }
            same("next k", payee.next_k, next);
            same("covered", payee.covered, covered);
            same("included", payee.included, included);
            same("paid", payee.paid, paid);
            owed += std::max(payee.owed, payee.covered);
            for (const auto& account : books.rows().accounts("payee/" + payee.address, 1)) {
                same("payee's credits", account.credits, payee.owed);
                same("payee's debits", account.debits, payee.paid);
            }
        }
        if (const auto payer = rows.treasury(1)) {
            same("treasury owes", payer->owed, owed);
            same("seen", payer->paid_seen, seen);
        }
        std::int64_t balance = 0;
        for (const auto& account : books.rows().accounts("", 1000))
            balance += account.debits - account.credits;
        same("double entry", balance, 0);
        // A number has one transaction, unless the chain gave it to somebody else.
        std::set<std::pair<std::string, std::int64_t>> numbers;
        for (const auto state : {SlotState::live, SlotState::mined, SlotState::closed})
            for (const auto& slot : rows.slots_in(state, 0, 10'000))
                if (slot.kind != SlotKind::fill &&
                    !numbers.emplace(slot.relayer, slot.nonce).second)
                    wrong += "two transactions have number " + std::to_string(slot.nonce) + "; ";
        return wrong;
    });
}

}  // namespace purse::test
