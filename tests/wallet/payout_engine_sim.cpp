// SPDX-License-Identifier: Apache-2.0
#include "tests/wallet/payout_engine_sim.hpp"

#include <cstdio>
#include <set>

#include "tests/support/payout_world.hpp"
#include "tests/support/requests.hpp"
#include "wallet/calls.hpp"

namespace purse::test {

namespace {
constexpr Wei kMuchEther = 1'000'000'000'000'000'000;
constexpr int kHealingMax = 600;

struct Booking {
    std::string key;
    std::size_t payee = 0;
    std::int64_t amount = 0;
};

WorldOptions options_of(std::uint64_t seed, Dice& dice)
{
    WorldOptions options;
    options.seed = seed;
    options.nodes = static_cast<std::size_t>(dice.between(1, 3));
    options.relayers = static_cast<std::size_t>(dice.between(1, 3));
    options.payees = static_cast<std::size_t>(dice.between(1, 4));
    options.has_multicall = dice.odds(3, 4);
    if (dice.odds(1, 4)) options.rule.when.threshold = Money::from_micro(300);
    if (dice.odds(1, 4)) options.rule.when.every = Span::seconds(20);
    if (dice.odds(1, 4)) options.treasury = 20'000;
    if (dice.odds(1, 4)) options.floor = Money::from_micro(500);
    options.has_real_signers = seed % 64 == 0;
    return options;
}

class Run {
public:
    explicit Run(const SimPlan& plan)
        : plan_{plan},
          dice_{plan.seed},
          world_{options_of(plan.seed, dice_)}
    {
        world_.seat->at_point = [this](std::string_view point) { at(point); };
        if (dice_.odds(1, 5)) {
            other_ = std::make_unique<EngineSeat>(world_, plan.seed + 7);
            note("two engines");
        }
        set_faults();
        has_restores_ = dice_.odds(1, 3);
        has_reorgs_ = !has_restores_ && dice_.odds(2, 3);
        has_expiry_ = !has_restores_ && dice_.odds(1, 3);
        if (plan.is_beyond) {
            has_restores_ = has_expiry_ = true;
            has_reorgs_ = false;  // with a restore at the same time: not promised
        }
    }

    SimResult go()
    {
        for (int i = 0; i < plan_.steps && result_.wrong.empty(); ++i) step();
        if (result_.wrong.empty()) heal();
        if (!result_.wrong.empty()) result_.wrong += describe();
        return std::move(result_);
    }

private:
    void note(const std::string& what)
    {
        ++result_.happened[what];
        if (plan_.is_loud)
            std::fprintf(stderr, "[%llu] %s\n",
                         static_cast<unsigned long long>(world_.chain->height()), what.c_str());
    }
    void fail(const std::string& what)
    {
        if (result_.wrong.empty()) result_.wrong = what;
        if (plan_.is_loud) std::fprintf(stderr, "WRONG: %s\n", what.c_str());
    }

    void set_faults()
    {
        const auto each = [&](auto set) {
            for (auto* seat : {world_.seat.get(), other_.get()})
                if (seat != nullptr)
                    for (std::size_t i = 0; i < world_.options.nodes; ++i) set(seat->node(i), i);
        };
        const bool is_rough = dice_.odds(1, 2);
        const auto rate = is_rough ? static_cast<int>(dice_.between(0, 120)) : 0;
        const bool has_lag = dice_.odds(1, 4);
        each([&](SimNode& node, std::size_t i) {
            node.faults = {.lost_before = rate,
                           .lost_after = rate,
                           .limited = rate / 4,
                           .null_receipt = rate,
                           .stale_count = rate,
                           .lag = has_lag && i == 0 ? 2U : 0U};
        });
        // One of several may lie; a single one is believed.
        if (world_.options.nodes < 2 || !dice_.odds(1, 2)) return;
        const auto liar = static_cast<std::size_t>(
            dice_.between(0, static_cast<std::int64_t>(world_.options.nodes) - 1));
        const auto which = dice_.between(0, 6);
        note("liar " + std::to_string(which));
        each([&](SimNode& node, std::size_t i) {
            if (i != liar) return;
            node.forged_from = world_.treasury;
            node.forged_payees = world_.payees;
            node.forged_value = dice_.odds(1, 2) ? dice_.between(1, 1000) : 777'777'777;
            if (which == 0 || which == 6) node.faults.forged_receipt = 500;
            if (which == 1 || which == 6) node.faults.false_used = 500;
            if (which == 2) node.faults.false_balance = 300;
            if (which == 3) node.faults.false_count = 300;
            if (which == 4) node.faults.false_heads = 100;
            if (which == 5) node.faults.false_block = 300;
        });
    }

    void calm()
    {
        for (auto* seat : {world_.seat.get(), other_.get()})
            if (seat != nullptr)
                for (std::size_t i = 0; i < world_.options.nodes; ++i) seat->node(i).faults = {};
    }

    /// The money path came to a named point: a crash, or the other engine's turn.
    void at(std::string_view point)
    {
        if (crash_in_ > 0 && !is_nested_ && --crash_in_ == 0) {
            note("crash " + std::string{point});
            throw Crash{std::string{point}};
        }
        if (other_ && !is_nested_ && !is_calm_ && dice_.odds(1, 4)) {
            is_nested_ = true;
            note("nested " + std::string{point});
            other_->is_inside = true;
            tick(*other_);
            other_->is_inside = false;
            is_nested_ = false;
        }
    }

    void tick(EngineSeat& seat)
    {
        ++result_.ticks;
        const bool is_whole = seat.tick();
        if (!is_whole && other_ && !is_nested_) other_->forget();
        if (plan_.is_loud && !seat.last_warning.empty()) {
            std::fprintf(stderr, "  warned: %s\n", seat.last_warning.c_str());
            seat.last_warning.clear();
        }
    }

    void book()
    {
        bookings_.push_back({.key = "b" + std::to_string(bookings_.size()),
                             .payee = static_cast<std::size_t>(dice_.between(
                                 0, static_cast<std::int64_t>(world_.options.payees) - 1)),
                             .amount = dice_.between(1, 400)});
        owed_[bookings_.back().payee] += bookings_.back().amount;
        ask(bookings_.back());
    }
    /// As clients do: until there is an answer.
    void ask(const Booking& one)
    {
        for (int i = 0; i < 5; ++i) {
            try {
                return world_.book(one.key, one.payee, one.amount);
            } catch (const StoreError& error) {
                if (error.kind() == StoreError::Kind::in_doubt) end_process();
            }
        }
        fail("a debt could not be booked");
    }
    void end_process()
    {
        if (other_) other_->forget();
        world_.restart();
    }
    void restore(const std::string& name)
    {
        if (other_) other_->forget();
        world_.restore(name);
    }

    void step()
    {
        if (dice_.odds(1, 2)) book();
        if (dice_.odds(1, 3)) mishap();
        const auto seconds = static_cast<std::uint64_t>(dice_.between(1, 3));
        world_.clock.pass(Span::seconds(static_cast<std::int64_t>(seconds)));
        for (auto left = dice_.between(0, 2); left > 0; --left) world_.chain->mine(seconds);
        if (dice_.odds(1, 12)) crash_in_ = static_cast<int>(dice_.between(1, 6));
        if (dice_.odds(1, 12)) {
            note("store error");
            world_.store().fail_at(
                static_cast<int>(dice_.between(1, 60)),
                dice_.odds(1, 3) ? StoreError::Kind::in_doubt : StoreError::Kind::failed);
        }
        tick(other_ && dice_.odds(1, 2) ? *other_ : *world_.seat);
        crash_in_ = 0;
        world_.store().fail_at(0, StoreError::Kind::failed);
        judge();
    }

    std::size_t any(std::size_t count)
    {
        return static_cast<std::size_t>(dice_.between(0, static_cast<std::int64_t>(count) - 1));
    }

    void mishap()
    {
        auto& chain = *world_.chain;
        const auto relayer = any(world_.relayers.size());
        switch (dice_.between(0, 15)) {
            case 0:
            case 1: {
                if (!has_reorgs_) break;
                note("reorg");
                const int stay = static_cast<int>(dice_.between(0, 10));
                chain.reorganise(static_cast<std::uint64_t>(dice_.between(1, 7)),
                                 [&](const SimTx&) { return dice_.odds(stay, 10); });
                break;
            }
            case 2:
                note("base fee");
                chain.set_base_fee(static_cast<Wei>(dice_.between(1, 2'000)) * 1'000'000);
                break;
            case 3:
                note("starved");
                chain.fund(world_.relayers[relayer],
                           static_cast<Wei>(dice_.between(0, 1'000)) * 1'000'000'000);
                break;
            case 4: chain.fund(world_.relayers[relayer], kMuchEther); break;
            case 5: {
                note("stranger has the key");
                const auto made = world_.relayer_signers[relayer]->sign(
                    {.chain_id = chain.domain().chain_id,
                     .nonce = chain.count(world_.relayers[relayer], chain.height()) +
                              static_cast<std::uint64_t>(dice_.between(0, 2)),
                     .max_priority_fee = 900'000'000,
                     .max_fee = 3'000'000'000,
                     .gas_limit = 21'000,
                     .to = world_.relayers[relayer],
                     .value = 0,
                     .data = {},
                     .access_list = {}});
                chain.send(made->raw);
                break;
            }
            case 6:
            case 7: {
                const auto& shown = chain.shown_calls();
                if (shown.empty()) break;
                note("stranger submits");
                const auto& call = shown[any(shown.size())];
                Address stranger;
                stranger.bytes[0] = 0x66;
                chain.submit_as(stranger,
                                call.starts_with("\x82") ? multicall3() : chain.domain().contract,
                                call, 5'000'000'000);
                break;
            }
            case 8:
                is_paused_ = !is_paused_;
                note("pause");
                chain.pause(is_paused_);
                break;
            case 9: {
                note("blacklist");
                const auto payee = any(world_.payees.size());
                is_listed_[payee] = !is_listed_[payee];
                chain.blacklist(world_.payees[payee], is_listed_[payee]);
                break;
            }
            case 10:
                note("dropped");
                chain.drop([&](const SimTx&) { return dice_.odds(1, 2); });
                break;
            case 11:
                if (!has_restores_) break;
                note("copy");
                world_.copy("copy");
                is_copied_ = true;
                break;
            case 12: {
                if (!has_restores_ || !is_copied_ || !dice_.odds(1, 2)) break;
                note("restore");
                restore("copy");
                // Clients ask again, the earliest first; some only later.
                if (dice_.odds(1, 2))
                    for (const auto& one : bookings_) ask(one);
                break;
            }
            case 13:
                if (!has_expiry_) break;
                note("long silence");
                world_.clock.pass(Span::seconds(700));
                chain.mine(700);
                for (int i = 0; i < 10; ++i) chain.mine(1);
                break;
            case 14: operate(); break;
            case 15:
                note("restart");
                end_process();
                break;
            default: break;
        }
        judge();
    }

    /// What a person does: hold, release, cancel.
    void operate()
    {
        const auto what = dice_.between(0, 2);
        const auto payee = any(world_.payees.size());
        const auto rows = world_.payouts(payee);
        if (rows.empty()) return;
        const auto id = rows.back().id;
        try {
            world_.run([&](Books& books) {
                Payouts payouts{books};
                const auto row = payouts.rows().payout(id);
                if (what == 0) return payouts.hold(id, "operator", "by a person");
                if (what == 1 && row->state == PayoutState::held && row->reason != "canceling")
                    return payouts.release(id);
                if (what == 2 && has_cancels() && !row->signature.empty() &&
                    row->state == PayoutState::signed_)
                    return payouts.hold(id, "canceling", "by a person");
                return false;
            });
            note("operator " + std::to_string(what));
        } catch (const StoreError& error) {
            if (error.kind() == StoreError::Kind::in_doubt) end_process();
        }
    }
    bool has_cancels() const { return !has_restores_ || plan_.is_beyond; }

    void judge()
    {
        for (std::size_t i = 0; i < world_.payees.size(); ++i)
            if (world_.got(i) > owed_[i])
                fail("payee " + std::to_string(i) + " got " + std::to_string(world_.got(i)) +
                     " and was owed " + std::to_string(owed_[i]));
        if (world_.ledger().now() == last_audit_ || !dice_.odds(1, 4)) return;
        last_audit_ = world_.ledger().now();
        try {
            if (const auto wrong = world_.audit(); !wrong.empty()) fail("audit: " + wrong);
        } catch (const StoreError& error) {
            if (error.kind() == StoreError::Kind::in_doubt) end_process();
        }
    }

    bool is_done()
    {
        for (std::size_t i = 0; i < world_.payees.size(); ++i) {
            if (world_.got(i) != owed_[i]) return false;
            if (owed_[i] > 0 && world_.payee(i).paid != owed_[i]) return false;
        }
        const auto live = world_.run([](Books& books) {
            auto& rows = Payouts{books}.rows();
            return rows.slots_in(SlotState::live, 0, 1).size() +
                   rows.slots_in(SlotState::mined, 0, 1).size();
        });
        return live == 0;
    }

    void heal()
    {
        note("healing");
        is_calm_ = true;
        calm();
        auto& chain = *world_.chain;
        chain.pause(false);
        for (const auto& payee : world_.payees) chain.blacklist(payee, false);
        for (const auto& relayer : world_.relayers) chain.fund(relayer, kMuchEther);
        chain.set_base_fee(1'000'000);
        chain.mint(world_.treasury, 1'000'000'000);
        for (const auto& one : bookings_) ask(one);
        // The last of each, however little it is.
        if (world_.options.rule.when.threshold)
            for (std::size_t i = 0; i < world_.payees.size(); ++i) {
                bookings_.push_back({.key = "last" + std::to_string(i), .payee = i, .amount = 400});
                owed_[i] += 400;
                ask(bookings_.back());
            }
        if (dice_.odds(1, 2)) end_process();
        int rounds = 0;
        for (; rounds < kHealingMax && result_.wrong.empty(); ++rounds) {
            release();
            if (rounds % 5 == 0 && is_done()) break;
            world_.clock.pass(Span::seconds(1));
            chain.mine(rounds > 200 ? 20 : 1);
            tick(*world_.seat);
            judge();
        }
        result_.rounds_to_heal = rounds;
        if (result_.wrong.empty() && rounds == kHealingMax) fail("not everything came to its end");
        if (const auto wrong = world_.audit(); !wrong.empty()) fail("audit: " + wrong);
        for (std::size_t i = 0; i < world_.payees.size() && result_.wrong.empty(); ++i) {
            if (chain.paid(world_.treasury, world_.payees[i]) != owed_[i])
                fail("the chain's logs say something else");
            for (const auto& row : world_.payouts(i))
                if (chain.uses_of(row.nonce) > 1) fail("an authorization was used twice");
        }
    }

    void release()
    {
        for (std::size_t i = 0; i < world_.payees.size(); ++i)
            for (const auto& row : world_.payouts(i))
                if (row.state == PayoutState::held && row.reason == "operator")
                    world_.run([&](Books& books) { return Payouts{books}.release(row.id); });
    }

    std::string describe()
    {
        std::string text = "\n";
        for (const auto& [what, times] : result_.happened)
            text += "  " + what + " x" + std::to_string(times);
        text += "\n";
        for (std::size_t i = 0; i < world_.payees.size(); ++i) {
            const auto payee = world_.payee(i);
            text += "  payee " + std::to_string(i) + " owed " + std::to_string(owed_[i]) + " / " +
                    std::to_string(payee.owed) + " covered " + std::to_string(payee.covered) +
                    " included " + std::to_string(payee.included) + " paid " +
                    std::to_string(payee.paid) + " got " + std::to_string(world_.got(i)) +
                    " pending " + std::to_string(payee.pending) + "\n";
            for (const auto& row : world_.payouts(i))
                if (row.state != PayoutState::final_ || plan_.is_loud)
                    text += "    #" + std::to_string(row.id) + " k " + std::to_string(row.k) +
                            " value " + std::to_string(row.value) + " " +
                            std::string{wire_name(row.state)} + " " + row.reason + " slot " +
                            std::to_string(row.slot) + " block " + std::to_string(row.block) +
                            " seen " + std::to_string(row.seen) + " before " +
                            std::to_string(row.valid_before) + "\n";
        }
        const auto& chain = *world_.chain;
        text += "  chain at " + std::to_string(chain.height()) + " time " +
                std::to_string(chain.block(chain.height()).timestamp) + " pool " +
                std::to_string(chain.pool_size()) + "\n";
        for (const auto& relayer : world_.relayers)
            text += "  relayer " + to_string(relayer) + " count " +
                    std::to_string(chain.count(relayer, chain.height())) + " ether " +
                    to_decimal(chain.ether(relayer)) + "\n";
        world_.run([&](Books& books) {
            auto& rows = Payouts{books}.rows();
            const auto treasury = rows.treasury(1);
            if (treasury)
                text += "  treasury balance " + std::to_string(treasury->balance) + " at " +
                        std::to_string(treasury->balance_block) + " truly " +
                        std::to_string(chain.balance_of(world_.treasury)) + "\n";
            for (const auto state : {SlotState::live, SlotState::mined, SlotState::lost})
                for (const auto& slot : rows.slots_in(state, 0, 12))
                    text += "  slot #" + std::to_string(slot.id) + " " + slot.relayer + " " +
                            std::to_string(slot.nonce) + " " + std::string{wire_name(slot.kind)} +
                            " state " + std::to_string(static_cast<int>(slot.state)) + " block " +
                            std::to_string(slot.block) + " versions " +
                            std::to_string(rows.attempts(slot.id).size()) + "\n";
            return 0;
        });
        for (const auto& [code, times] : world_.seat->warned)
            text += "  warned " + code + " x" + std::to_string(times) + "\n";
        text += "  last: " + world_.seat->last_warning + "\n";
        return text;
    }

    const SimPlan plan_;
    Dice dice_;
    PayoutWorld world_;
    std::unique_ptr<EngineSeat> other_;
    SimResult result_;
    std::vector<Booking> bookings_;
    std::map<std::size_t, std::int64_t> owed_;
    std::map<std::size_t, bool> is_listed_;
    Instant last_audit_;
    bool is_paused_ = false;
    bool is_copied_ = false;
    bool is_nested_ = false;
    bool is_calm_ = false;
    bool has_restores_ = false;
    bool has_reorgs_ = false;
    bool has_expiry_ = false;
    int crash_in_ = 0;
};
}  // namespace

SimResult simulate(const SimPlan& plan)
{
    return Run{plan}.go();
}

}  // namespace purse::test
