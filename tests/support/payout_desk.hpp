// SPDX-License-Identifier: Apache-2.0
// A ledger whose settlements are paid over a chain, and the steps of its payouts by short words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ledger/payouts.hpp"
#include "tests/support/test_ledger.hpp"

namespace purse::test {

inline constexpr const char* kToken = "0x036cbd53842c5426634e7929541ec2318f3dcf7e";
inline constexpr const char* kTreasury = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
inline constexpr const char* kRelayer = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";
inline constexpr const char* kOtherPayee = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

inline Digest digest(std::string_view name)
{
    return sha256({name});
}
inline std::string hash_bytes(std::string_view name)
{
    return std::string{as_bytes(digest(name))};
}
inline FoundAt found(std::int64_t block)
{
    return {.tx = hash_bytes("tx" + std::to_string(block)),
            .block = block,
            .block_hash = hash_bytes("block" + std::to_string(block))};
}

class PayoutDesk : public TestLedger {
public:
    static constexpr std::int64_t kChain = 84532;

    /// One step in a transaction of its own.
    template <typename Step>
    auto step(Step step)
    {
        return run([&](Books& books) {
            Payouts payouts{books};
            return step(payouts);
        });
    }

    explicit PayoutDesk(TempFolder::On on = TempFolder::On::memory) : TestLedger{nullptr, on}
    {
        rules.money("lifetime", Window::lifetime, kNoLimit);
        treasury = step([](Payouts& payouts) {
                       return payouts.open_treasury(kChain, kToken, kTreasury);
                   }).id;
    }

    std::int64_t treasury = 0;

    /// A settlement of so much; its hold.
    TxId owe(std::int64_t amount, std::string_view payee = kPayee)
    {
        auto request = ask(rules, micro(amount));
        request.what.payee = payee;
        const auto id = hold(request).id;
        end({.id = id, .actual = micro(amount), .treasury = treasury});
        return id;
    }

    std::optional<PayoutRow> reserve(std::int64_t value, std::string_view payee = kPayee)
    {
        return step([&](Payouts& payouts) {
            const auto row = payouts.rows().payee(treasury, payee).value();
            return payouts.reserve(row.id, value,
                                   digest(std::string{payee} + std::to_string(row.next_k)));
        });
    }
    bool authorize(std::int64_t id)
    {
        return step([&](Payouts& payouts) {
            return payouts.authorize(id, 1'800'000'000, std::string(65, 's'));
        });
    }
    std::optional<SlotRow> open_slot(std::vector<std::int64_t> payouts,
                                     SlotKind kind = SlotKind::pay)
    {
        return step([&](Payouts& all) {
            const auto last = all.rows().last_slot(kRelayer);
            const auto nonce = last ? last->nonce + 1 : 0;
            return all.open_slot({.relayer = kRelayer, .nonce = nonce, .kind = kind},
                                 attempt("a" + std::to_string(nonce)), payouts);
        });
    }
    static AttemptRow attempt(const std::string& name)
    {
        return {.hash = digest(name), .raw = "raw " + name, .max_fee = "12", .tip = "1", .gas = 9};
    }
    bool hold_back(std::int64_t id, std::string_view reason = "operator")
    {
        return step([&](Payouts& payouts) { return payouts.hold(id, reason, "a test"); });
    }
    bool include(std::int64_t id, std::int64_t block, std::int64_t value)
    {
        return step([&](Payouts& payouts) { return payouts.include(id, found(block), value); });
    }
    void look(const ChainView& view)
    {
        step([&](Payouts& payouts) {
            payouts.note_chain(treasury, view);
            return true;
        });
    }
    /// The balance as of a block.
    void see(std::int64_t block, std::int64_t balance = 0)
    {
        look({.latest = block, .balance = balance, .balance_block = block});
    }

    /// A payout of so much, on its way as far as `state`. Included ones are in block 10.
    PayoutRow payout(PayoutState state, std::int64_t amount = 100'000,
                     std::string_view payee = kPayee)
    {
        owe(amount, payee);
        const auto id = reserve(amount, payee).value().id;
        const auto is_signed = state != PayoutState::queued;
        if (is_signed) authorize(id);
        switch (state) {
            case PayoutState::queued:
            case PayoutState::signed_: break;
            case PayoutState::sent: open_slot({id}); break;
            case PayoutState::held: hold_back(id); break;
            case PayoutState::included:
            case PayoutState::final_:
                open_slot({id});
                include(id, 10, amount);
                if (state == PayoutState::included) break;
                see(10);
                step([&](Payouts& payouts) { return payouts.finish(id); });
                break;
            case PayoutState::expired:
            case PayoutState::canceled:
                step([&](Payouts& payouts) { return payouts.die(id, state); });
                break;
        }
        return row(id);
    }

    PayoutRow row(std::int64_t id)
    {
        return step([&](Payouts& payouts) { return payouts.rows().payout(id).value(); });
    }
    SlotRow slot(std::int64_t id)
    {
        return step([&](Payouts& payouts) { return payouts.rows().slot(id).value(); });
    }
    PayeeRow payee(std::string_view address = kPayee)
    {
        return step(
            [&](Payouts& payouts) { return payouts.rows().payee(treasury, address).value(); });
    }
    TreasuryRow treasury_row()
    {
        return step([&](Payouts& payouts) { return payouts.rows().treasury(treasury).value(); });
    }
    Settlement settlement(TxId hold)
    {
        return step([&](Payouts& payouts) { return payouts.settlement_of(hold.seq); });
    }
};

}  // namespace purse::test
