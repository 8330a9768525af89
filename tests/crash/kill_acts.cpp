// SPDX-License-Identifier: Apache-2.0
// What agents and people do, each to be struck at its commit.
#include "tests/crash/kill_desk.hpp"

namespace purse::test {

namespace {
using Object = KillDesk::Object;

constexpr std::int64_t kSecond = 1'000'000;

std::string words(const Object& answer)
{
    return boost::json::serialize(answer);
}

Object settle_of(const std::string& tx, const std::string& amount)
{
    return {{"txId", tx}, {"actualCost", amount}};
}
Object void_of(const std::string& tx)
{
    return {{"txId", tx}, {"outcome", "void"}};
}

/// Settles what may have been settled before, twice, and notes it.
void settle_again(KillDesk& desk, const std::string& amount)
{
    for (int i = 0; i < 2; ++i) {
        const auto answer = desk.server().call("pay_settle", settle_of(desk.tx, amount));
        expect(text_of(answer, "state") == "settled", "not settled: " + words(answer));
        auto& held = desk.known().holds.at(desk.tx);
        held.state = "settled";
        held.captured = micro_of(answer, "captured");
        expect(i == 0 || answer.contains("replayed"), "settled twice: " + words(answer));
    }
}

void give_back(KillDesk& desk)
{
    const auto answer = desk.server().call("pay_settle", void_of(desk.tx));
    expect(text_of(answer, "state") == "voided", "not voided: " + words(answer));
    desk.known().holds.at(desk.tx).state = "voided";
}

/// Asks for the hold again, twice: it is there once.
void hold_again(KillDesk& desk, const std::string& amount, const std::string& agent = "painter")
{
    const auto arguments = KillDesk::hold_of(amount, desk.key);
    auto& server = desk.server(agent);
    desk.tx = desk.hear_held(server.call("pay_preauthorize", arguments), desk.key);
    const auto again = server.call("pay_preauthorize", arguments);
    expect(text_of(again, "txId") == desk.tx && again.contains("replayed"),
           "another hold for the same key: " + words(again));
}

KillAct hold()
{
    return {.name = "hold",
            .prepare =
                [](KillDesk& desk) {
                    desk.server();
                    desk.key = desk.new_key();
                },
            .strike =
                [](KillDesk& desk) {
                    return desk.strike_call("pay_preauthorize",
                                            KillDesk::hold_of("0.05", desk.key));
                },
            .resolve = [](KillDesk& desk) { hold_again(desk, "0.05"); }};
}

/// The last room of a cap is given once, whoever dies over it.
KillAct last_room()
{
    return {.name = "hold of a cap's last room",
            .prepare =
                [](KillDesk& desk) {
                    desk.server("poor");
                    desk.key = desk.new_key();
                },
            .strike =
                [](KillDesk& desk) {
                    return desk.strike_call("pay_preauthorize",
                                            KillDesk::hold_of("0.60", desk.key));
                },
            .resolve =
                [](KillDesk& desk) {
                    hold_again(desk, "0.60", "poor");
                    const auto more = desk.server("poor").call(
                        "pay_preauthorize", KillDesk::hold_of("0.60", desk.new_key()));
                    expect(text_of(more, "reason") == "spend_limit_reached",
                           "over the cap: " + words(more));
                    ++desk.known().refused;
                    const auto back = desk.server("poor").call("pay_settle", void_of(desk.tx));
                    expect(text_of(back, "state") == "voided", "not voided: " + words(back));
                    desk.known().holds.at(desk.tx).state = "voided";
                }};
}

KillAct refusal()
{
    return {.name = "refusal",
            .prepare =
                [](KillDesk& desk) {
                    desk.server();
                    desk.key = desk.new_key();
                },
            .strike =
                [](KillDesk& desk) {
                    return desk.strike_call("pay_preauthorize", KillDesk::hold_of("150", desk.key));
                },
            .resolve =
                [](KillDesk& desk) {
                    for (int i = 0; i < 2; ++i) {
                        const auto answer = desk.server().call("pay_preauthorize",
                                                               KillDesk::hold_of("150", desk.key));
                        expect(text_of(answer, "reason") == "transaction_limit_exceeded",
                               "not refused: " + words(answer));
                    }
                    ++desk.known().refused;
                }};
}

KillAct settle()
{
    return {.name = "settle",
            .prepare = [](KillDesk& desk) { desk.tx = desk.take(); },
            .strike =
                [](KillDesk& desk) {
                    return desk.strike_call("pay_settle", settle_of(desk.tx, "0.03"));
                },
            .resolve = [](KillDesk& desk) { settle_again(desk, "0.03"); }};
}

KillAct give_back_act()
{
    return {
        .name = "void",
        .prepare = [](KillDesk& desk) { desk.tx = desk.take(); },
        .strike = [](KillDesk& desk) { return desk.strike_call("pay_settle", void_of(desk.tx)); },
        .resolve = give_back};
}

KillAct expiry()
{
    return {.name = "expiry",
            .prepare =
                [](KillDesk& desk) {
                    desk.tx = desk.take({{"ttlSeconds", 1}});
                    desk.around().jump(3 * kSecond);
                },
            .strike = [](KillDesk& desk) { return desk.strike_call("pay_budget_status", {}); },
            .resolve =
                [](KillDesk& desk) {
                    desk.server().call("pay_budget_status", {});
                    desk.known().holds.at(desk.tx).state = "expired";
                }};
}

KillAct late_settle()
{
    return {.name = "late settle",
            .prepare =
                [](KillDesk& desk) {
                    desk.tx = desk.take({{"ttlSeconds", 1}});
                    desk.around().jump(3 * kSecond);
                    desk.server().call("pay_budget_status", {});
                },
            .strike =
                [](KillDesk& desk) {
                    return desk.strike_call("pay_settle", settle_of(desk.tx, "0.02"));
                },
            .resolve = [](KillDesk& desk) { settle_again(desk, "0.02"); }};
}

/// The hold that waits, if one does.
std::string waiting_hold(KillDesk& desk)
{
    const auto status = desk.server().call("pay_budget_status", {});
    for (const auto& hold : status.at("holds").as_array())
        if (text_of(hold.as_object(), "state") == "awaiting_approval")
            return text_of(hold.as_object(), "txId");
    return {};
}

void approve_and_use(KillDesk& desk)
{
    // It may have been approved before it could say so.
    desk.program().run({"approvals", "approve", desk.tx});
    const auto answer =
        desk.server().call("pay_preauthorize", KillDesk::hold_of("12.50", desk.key));
    expect(desk.hear_held(answer, desk.key) == desk.tx, "another hold: " + words(answer));
    give_back(desk);
}

void prepare_waiting(KillDesk& desk)
{
    desk.key = desk.new_key();
    desk.tx = desk.take_waiting(desk.key);
}

/// The same request, whose question was answered by no, or by nobody.
void refused_again(KillDesk& desk, const std::string& reason)
{
    const auto answer =
        desk.server().call("pay_preauthorize", KillDesk::hold_of("12.50", desk.key));
    expect(text_of(answer, "reason") == reason, "another answer: " + words(answer));
    desk.known().holds.at(desk.tx).state = "denied";
}

KillAct asked()
{
    return {.name = "approval asked",
            .prepare =
                [](KillDesk& desk) {
                    desk.server();
                    desk.key = desk.new_key();
                },
            .strike =
                [](KillDesk& desk) {
                    return desk.strike_call("pay_preauthorize",
                                            KillDesk::hold_of("12.50", desk.key));
                },
            .resolve =
                [](KillDesk& desk) {
                    // A request that waits is held until a person decides: look first.
                    desk.tx = waiting_hold(desk);
                    if (desk.tx.empty()) desk.tx = desk.take_waiting(desk.key);
                    approve_and_use(desk);
                }};
}

KillAct granted()
{
    return {
        .name = "approval granted",
        .prepare =
            [](KillDesk& desk) {
                prepare_waiting(desk);
                desk.close_server();
            },
        .strike =
            [](KillDesk& desk) { return desk.strike_command({"approvals", "approve", desk.tx}); },
        .resolve = approve_and_use};
}

KillAct denied()
{
    return {.name = "approval denied",
            .prepare =
                [](KillDesk& desk) {
                    prepare_waiting(desk);
                    desk.close_server();
                },
            .strike =
                [](KillDesk& desk) { return desk.strike_command({"approvals", "deny", desk.tx}); },
            .resolve =
                [](KillDesk& desk) {
                    desk.program().run({"approvals", "deny", desk.tx});
                    refused_again(desk, "approval_denied");
                }};
}

KillAct timed_out()
{
    return {.name = "approval timed out",
            .prepare =
                [](KillDesk& desk) {
                    prepare_waiting(desk);
                    desk.around().jump(11 * 60 * kSecond);
                },
            .strike = [](KillDesk& desk) { return desk.strike_call("pay_budget_status", {}); },
            .resolve = [](KillDesk& desk) { refused_again(desk, "approval_expired"); }};
}

KillAct withdrawn()
{
    return {
        .name = "approval withdrawn",
        .prepare = prepare_waiting,
        .strike = [](KillDesk& desk) { return desk.strike_call("pay_settle", void_of(desk.tx)); },
        .resolve = give_back};
}
}  // namespace

std::vector<KillAct> agents_acts()
{
    return {hold(), last_room(), refusal(), settle(), give_back_act(), expiry(), late_settle()};
}

std::vector<KillAct> approval_acts()
{
    return {asked(), granted(), denied(), timed_out(), withdrawn()};
}

}  // namespace purse::test
