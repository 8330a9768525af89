// SPDX-License-Identifier: Apache-2.0
// The parts of a ledger's life that are the operator's, and those that move money to payees.
#include "ledger/operators.hpp"
#include "ledger/payouts.hpp"
#include "tests/crash/power_life.hpp"

namespace purse::test {

namespace {
constexpr const char* kRelayer = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";

std::string hash_bytes(const std::string& name)
{
    return std::string{as_bytes(sha256({name}))};
}

FoundAt found(std::int64_t block)
{
    return {.tx = hash_bytes("tx" + std::to_string(block)),
            .block = block,
            .block_hash = hash_bytes("block" + std::to_string(block))};
}

/// The payout that is next in its way.
std::optional<PayoutRow> next_payout(PayoutRows& rows)
{
    for (const auto state : {PayoutState::included, PayoutState::sent, PayoutState::signed_,
                             PayoutState::queued, PayoutState::held}) {
        const auto all = rows.payouts_in(state, 0, 1);
        if (!all.empty()) return all.front();
    }
    return std::nullopt;
}
}  // namespace

std::string PowerLife::open_treasury(Books& books)
{
    treasury_ = Payouts{books}
                    .open_treasury(84'532, "0x036cbd53842c5426634e7929541ec2318f3dcf7e",
                                   "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
                    .id;
    return "treasury opened";
}

std::string PowerLife::operate(Books& books)
{
    const auto name = std::to_string(++changes_);
    switch (dice_.between(1, 5)) {
        case 1: {
            auto& rule = rules_[static_cast<std::size_t>(dice_.between(0, 3))];
            rule.limit = dice_.between(20'000, 120'000);
            books.apply_policy("{\"n\":" + name + "}", "test");
            return "policy change";
        }
        case 2: {
            const auto frozen = books.rulebook().freezes;
            if (frozen.empty()) {
                books.freeze("agent/painter", "night");
                return "freeze";
            }
            books.unfreeze(frozen.front().target);
            return "unfreeze";
        }
        case 3:
            if (!credentials_.empty() && books.revoke_credential(credentials_.back(), "op_1")) {
                credentials_.pop_back();
                return "credential revoked";
            }
            [[fallthrough]];
        case 4:
            if (!credentials_.empty() &&
                books.expire_credential(credentials_.front(), books.now() + Span::days(1)))
                return "credential ends";
            [[fallthrough]];
        default:
            books.issue_credential({.id = "c" + name,
                                    .agent = kAgent,
                                    .hash = sha256({"secret", name}),
                                    .issued_at = books.now(),
                                    .note = "a test"});
            credentials_.push_back("c" + name);
            return "credential issued";
    }
}

std::string PowerLife::sign_in(Books& books)
{
    Operators operators{books};
    const auto hash = sha256({"operator", std::to_string(++changes_)});
    if (link_) {
        const auto session = operators.take_link(*link_, hash);
        link_.reset();
        return session ? "operator signed in" : "operator's link was too old";
    }
    const auto sessions = operators.sessions();
    if (sessions.size() > 2 && operators.sign_out(sessions.back().id, "op_1"))
        return "operator signed out";
    operators.issue_link(hash, "ada", entropy_);
    link_ = hash;
    return "operator's link issued";
}

std::string PowerLife::pay_out(Books& books)
{
    Payouts payouts{books};
    const auto row = next_payout(payouts.rows());
    if (row && (row->state != PayoutState::held || dice_.odds(1, 2)))
        return move_payout(books, *row);
    const auto payees = payouts.rows().waiting_payees(treasury_, 0, 1);
    if (payees.empty()) return end(books);
    const auto& payee = payees.front();
    const auto nonce =
        sha256({"nonce", std::to_string(payee.id), " ", std::to_string(payee.next_k)});
    payouts.reserve(payee.id, payee.owed - payee.covered, nonce);
    return "payout reserved";
}

std::string PowerLife::move_payout(Books& books, const PayoutRow& row)
{
    Payouts payouts{books};
    const auto name = std::to_string(row.id) + "/" + std::to_string(++changes_);
    switch (row.state) {
        case PayoutState::queued:
            payouts.authorize(row.id, 1'900'000'000, std::string(65, 's'));
            return "payout signed";
        case PayoutState::signed_: {
            if (dice_.odds(1, 6)) {
                payouts.hold(row.id, "operator", "a test");
                return "payout held";
            }
            const auto last = payouts.rows().last_slot(kRelayer);
            const std::vector ids{row.id};
            payouts.open_slot({.relayer = kRelayer, .nonce = last ? last->nonce + 1 : 0},
                              {.hash = sha256({"attempt", name}),
                               .raw = "raw " + name,
                               .max_fee = "12",
                               .tip = "1",
                               .gas = 9},
                              ids);
            return "payout's attempt stored";
        }
        case PayoutState::sent:
            ++block_;
            payouts.mine(row.slot, found(block_), {.used = 85'752, .cost = "3"});
            payouts.include(row.id, found(block_), row.asked);
            return "payout included";
        case PayoutState::included:
            payouts.note_chain(treasury_, {.latest = block_ + 2,
                                           .safe = block_ + 1,
                                           .finalized = block_,
                                           .balance = 5,
                                           .balance_block = block_ + 1});
            if (!payouts.finish(row.id)) return "payout not final yet";
            payouts.close(row.slot);
            return "payout closed";
        case PayoutState::held:
            if (dice_.odds(1, 2)) {
                payouts.release(row.id);
                return "payout released";
            }
            payouts.die(row.id, PayoutState::canceled);
            return "payout cancelled";
        default: return "nothing";
    }
}

}  // namespace purse::test
