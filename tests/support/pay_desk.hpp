// SPDX-License-Identifier: Apache-2.0
// A state folder with a wallet, whose ledger owes and pays; and texts without what differs from
// run to run.
#pragma once

#include <regex>
#include <string>

#include "ledger/payouts.hpp"
#include "tests/support/wallet_desk.hpp"
#include "wallet/funding.hpp"

namespace purse::test {

class PayDesk : public WalletDesk {
public:
    static constexpr const char* kPayee = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";
    static constexpr const char* kOther = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
    static constexpr const char* kRelayer = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";

    PayDesk()
    {
        if (make(options()) != 0) throw std::runtime_error{"no wallet: " + err};
        apply();
        wallet =
            server::find_wallet(settings.wallet_file, server::Absent::is_an_error).value().value();
    }

    server::Wallet wallet;

    template <typename Step>
    void step(Step step)
    {
        app().change([&](Books& books) {
            Payouts payouts{books};
            step(payouts);
        });
    }
    static Digest digest(std::string_view name) { return sha256({name}); }
    static std::string hash(std::string_view name) { return std::string{as_bytes(digest(name))}; }
    static std::string hex(std::string_view name) { return "0x" + to_hex(hash(name)); }
    static FoundAt found(std::int64_t block)
    {
        return {.tx = hash("tx" + std::to_string(block)),
                .block = block,
                .block_hash = hash("block" + std::to_string(block))};
    }

    /// A settlement, paid over the chain; the treasury's id.
    std::int64_t owe(std::int64_t micro, std::string_view payee = kPayee)
    {
        std::int64_t treasury = 0;
        app().change([&](Books& books) {
            treasury = Funding{wallet.settings, wallet.treasury}.treasury(books);
            const auto amount = Money::from_micro(micro);
            Purchase what{.payee = std::string{payee}, .amount = amount};
            const auto held = books.hold({.epoch = books.meta().epoch,
                                          .who = {.agent = "painter"},
                                          .what = what,
                                          .ttl = Span::minutes(10),
                                          .max_capture = amount});
            books.settle({.epoch = books.meta().epoch,
                          .who = {.agent = "painter"},
                          .id = held.id,
                          .actual = amount,
                          .limit_of = [](std::string_view, std::string_view) { return kNoLimit; },
                          .treasury = treasury});
        });
        return treasury;
    }
    /// All that is owed to a payee on one payout; its id.
    std::int64_t queue(std::string_view payee = kPayee)
    {
        std::int64_t id = 0;
        step([&](Payouts& payouts) {
            const auto row = payouts.rows().payee(1, payee).value();
            const auto nonce = digest(std::string{payee} + std::to_string(row.next_k));
            id = payouts.reserve(row.id, row.uncovered(), nonce).value().id;
        });
        return id;
    }
    /// Signed and in a transaction of its own.
    void send(std::int64_t id)
    {
        step([&](Payouts& payouts) {
            const auto last = payouts.rows().last_slot(kRelayer);
            const auto nonce = last ? last->nonce + 1 : 7;
            payouts.authorize(id, 1'893'456'000, std::string(65, 's'));
            const std::vector ids{id};
            payouts.open_slot({.relayer = kRelayer, .nonce = nonce},
                              {.hash = digest("sent" + std::to_string(id)),
                               .raw = "raw",
                               .max_fee = "2000000000",
                               .tip = "1000000",
                               .gas = 100'000},
                              ids);
        });
    }
    void include(std::int64_t id, std::int64_t block)
    {
        step([&](Payouts& payouts) {
            const auto row = payouts.rows().payout(id).value();
            if (row.slot != 0)
                payouts.mine(row.slot, found(block), {.used = 85'752, .cost = "171504000000000"});
            payouts.include(id, found(block), row.value);
        });
    }
    void see(std::int64_t latest, std::int64_t safe, std::int64_t balance)
    {
        step([&](Payouts& payouts) {
            payouts.note_chain(
                1, {.latest = latest, .safe = safe, .balance = balance, .balance_block = latest});
        });
    }
};

/// The text with times masked and columns collapsed.
inline std::string plain(std::string text, const CliDesk& desk)
{
    text = masked(std::move(text), desk);
    text = std::regex_replace(text, std::regex{R"(\bnow\b|\d+ s ago)"}, "JUST");
    text =
        std::regex_replace(text, std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"}, "TIME");
    text = std::regex_replace(text, std::regex{" +\n"}, "\n");
    return std::regex_replace(text, std::regex{"  +"}, "  ");
}

}  // namespace purse::test
