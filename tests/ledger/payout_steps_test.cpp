// SPDX-License-Identifier: Apache-2.0
// Every step from every state: where it leads, or that it changes nothing.
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "tests/support/audit.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr std::int64_t kAmount = 100'000;

/// The desk with one payout in a state that has a name.
struct Bench {
    PayoutDesk desk;
    std::int64_t id = 0;

    explicit Bench(const std::string& state)
    {
        using enum PayoutState;
        const std::map<std::string, PayoutState> plain{
            {"queued", queued}, {"signed", signed_}, {"sent", sent},       {"included", included},
            {"final", final_},  {"held", held},      {"expired", expired}, {"canceled", canceled}};
        if (const auto known = plain.find(state); known != plain.end()) {
            id = desk.payout(known->second, kAmount).id;
            return;
        }
        if (state == "held unsigned") {
            id = desk.payout(queued, kAmount).id;
            desk.hold_back(id);
        } else if (state == "held sent") {
            id = desk.payout(sent, kAmount).id;
            desk.hold_back(id);
        } else if (state == "seen") {
            id = desk.payout(included, kAmount).id;
            desk.see(10);
        } else if (state == "mined") {
            id = desk.payout(included, kAmount).id;
            desk.step([&](Payouts& payouts) { return payouts.mine(1, found(10), {}); });
        } else if (state == "found unsigned") {
            id = desk.payout(queued, kAmount).id;
            desk.include(id, 10, kAmount);
        }
    }

    /// Everything that a step may change, but for the clock.
    std::string picture()
    {
        return desk.step([&](Payouts& payouts) {
            auto& rows = payouts.rows();
            std::string text;
            const auto say = [&](auto... numbers) {
                ((text += std::to_string(numbers) + " "), ...);
            };
            for (const auto& row : rows.latest_payouts(1'000, 10)) {
                say(row.id, row.k, row.value, row.start, row.valid_before, row.slot, row.block,
                    static_cast<int>(row.seen), row.changed_at.us, row.signature.size());
                text += std::string{wire_name(row.state)} + row.reason + to_hex(row.tx) + "\n";
            }
            for (const auto& row : rows.payees(desk.treasury, 0, 10))
                say(row.owed, row.covered, row.included, row.paid, row.next_k, row.pending);
            const auto treasury = rows.treasury(desk.treasury).value();
            say(treasury.owed, treasury.paid_seen, treasury.balance);
            for (std::int64_t i = 1; rows.slot(i); ++i)
                say(i, static_cast<int>(rows.slot(i)->state), rows.attempts(i).size());
            return text;
        }) + std::to_string(desk.entries());
    }
};

using Step = std::function<bool(Payouts&, std::int64_t)>;

bool open(Payouts& payouts, std::int64_t id, SlotKind kind)
{
    const std::vector ids{id};
    return payouts
        .open_slot({.relayer = kOtherPayee, .nonce = 7, .kind = kind}, PayoutDesk::attempt("new"),
                   ids)
        .has_value();
}

const std::map<std::string, Step> kSteps{
    {"authorize",
     [](Payouts& p, std::int64_t id) {
         return p.authorize(id, 1'800'000'001, std::string(65, 't'));
     }},
    {"hold", [](Payouts& p, std::int64_t id) { return p.hold(id, "test", "a test holds it"); }},
    {"release", [](Payouts& p, std::int64_t id) { return p.release(id); }},
    {"include", [](Payouts& p, std::int64_t id) { return p.include(id, found(12), kAmount); }},
    {"take back", [](Payouts& p, std::int64_t id) { return p.take_back(id); }},
    {"finish", [](Payouts& p, std::int64_t id) { return p.finish(id); }},
    {"expire", [](Payouts& p, std::int64_t id) { return p.die(id, PayoutState::expired); }},
    {"cancel", [](Payouts& p, std::int64_t id) { return p.die(id, PayoutState::canceled); }},
    {"send", [](Payouts& p, std::int64_t id) { return open(p, id, SlotKind::pay); }},
    {"send many", [](Payouts& p, std::int64_t id) { return open(p, id, SlotKind::batch); }},
    {"send cancel", [](Payouts& p, std::int64_t id) { return open(p, id, SlotKind::cancel); }},
    {"leave", [](Payouts& p, std::int64_t id) { return p.leave_slot(id); }},
};

/// From a state, the steps that there are and the states they lead to; all others do nothing.
struct Row {
    const char* from;
    std::map<std::string, const char*> steps;
};

// clang-format off
const std::vector<Row> kTable{
    {"queued", {{"authorize", "signed"}, {"hold", "held"}, {"include", "included"},
                {"expire", "expired"}, {"cancel", "canceled"}}},
    {"signed", {{"hold", "held"}, {"include", "included"}, {"expire", "expired"},
                {"cancel", "canceled"}, {"send", "sent"}, {"send many", "sent"}}},
    {"sent", {{"hold", "held"}, {"include", "included"}, {"expire", "expired"},
              {"cancel", "canceled"}, {"leave", "signed"}}},
    {"held", {{"hold", "held"}, {"release", "signed"}, {"include", "included"},
              {"expire", "expired"}, {"cancel", "canceled"}, {"send cancel", "held"}}},
    {"held sent", {{"hold", "held"}, {"release", "signed"}, {"include", "included"},
                   {"expire", "expired"}, {"cancel", "canceled"}, {"send cancel", "held"}}},
    {"held unsigned", {{"hold", "held"}, {"release", "queued"}, {"include", "included"},
                       {"expire", "expired"}, {"cancel", "canceled"}, {"send cancel", "held"}}},
    {"included", {{"take back", "sent"}}},
    {"mined", {{"take back", "signed"}}},
    {"found unsigned", {{"take back", "queued"}}},
    {"seen", {{"take back", "sent"}, {"finish", "final"}}},
    {"final", {}},
    {"expired", {}},
    {"canceled", {}},
    {"no payout", {}},
};
// clang-format on
}  // namespace

TEST_CASE("payout steps: each from each state")
{
    for (const auto& [from, steps] : kTable)
        for (const auto& [name, step] : kSteps) {
            INFO(name << " from " << from);
            Bench bench{from};
            bench.desk.clock.pass(Span::seconds(1));
            const auto before = bench.picture();
            const auto leads = steps.find(name);
            const bool is_done =
                bench.desk.step([&](Payouts& payouts) { return step(payouts, bench.id); });
            CHECK(is_done == (leads != steps.end()));
            if (leads == steps.end())
                CHECK(bench.picture() == before);
            else
                CHECK(wire_name(bench.desk.row(bench.id).state) == leads->second);
            REQUIRE(audit(bench.desk.folder.path()).text() == "");
        }
}

TEST_CASE("payout steps: nothing happens before its time is noted")
{
    Bench bench{"sent"};
    const auto sent_at = bench.desk.row(bench.id).changed_at;
    bench.desk.clock.pass(Span::seconds(7));
    bench.desk.include(bench.id, 12, kAmount);
    const auto row = bench.desk.row(bench.id);
    CHECK(row.changed_at == sent_at + Span::seconds(7));
    CHECK(row.created_at == sent_at);
    CHECK(row.tx == found(12).tx);
    CHECK(row.block == 12);
    CHECK(row.block_hash == found(12).block_hash);
    CHECK_FALSE(row.seen);
}

TEST_CASE("payout steps: holding again for the same reason is content and writes nothing")
{
    Bench bench{"held"};
    const auto before = bench.picture();
    CHECK(bench.desk.hold_back(bench.id));
    CHECK(bench.picture() == before);
    CHECK(bench.desk.hold_back(bench.id, "payee_blacklisted"));
    CHECK(bench.desk.row(bench.id).reason == "payee_blacklisted");
    bench.desk.step([&](Payouts& payouts) { return payouts.release(bench.id); });
    CHECK(bench.desk.row(bench.id).reason.empty());
}

TEST_CASE("transaction steps: each from each state")
{
    struct From {
        const char* name;
        SlotState state;
        const char* allowed;  // mine, unmine, close, lose, add a version
    };
    const From all[]{{"live", SlotState::live, "mla"},
                     {"mined", SlotState::mined, "uc"},
                     {"closed", SlotState::closed, ""},
                     {"lost", SlotState::lost, "m"}};
    const std::map<char, std::pair<std::function<bool(Payouts&)>, SlotState>> steps{
        {'m',
         {[](Payouts& p) { return p.mine(1, found(11), {.used = 85'752, .cost = "171504"}); },
          SlotState::mined}},
        {'u', {[](Payouts& p) { return p.unmine(1); }, SlotState::live}},
        {'c', {[](Payouts& p) { return p.close(1); }, SlotState::closed}},
        {'l', {[](Payouts& p) { return p.lose(1); }, SlotState::lost}},
        {'a',
         {[](Payouts& p) { return p.add_version(1, PayoutDesk::attempt("more")); },
          SlotState::live}}};
    for (const auto& from : all)
        for (const auto& [name, step] : steps) {
            INFO(name << " from " << from.name);
            Bench bench{"sent"};
            auto& desk = bench.desk;
            desk.step([&](Payouts& payouts) {
                if (from.state == SlotState::lost) return payouts.lose(1);
                if (from.state == SlotState::live) return true;
                payouts.mine(1, found(11), {.used = 1, .cost = "2"});
                return from.state == SlotState::mined || payouts.close(1);
            });
            REQUIRE(desk.slot(1).state == from.state);
            const auto before = bench.picture();
            const bool is_allowed = std::string{from.allowed}.find(name) != std::string::npos;
            CHECK(desk.step([&](Payouts& payouts) { return step.first(payouts); }) == is_allowed);
            CHECK(desk.slot(1).state == (is_allowed ? step.second : from.state));
            if (!is_allowed) CHECK(bench.picture() == before);
            REQUIRE(audit(desk.folder.path()).text() == "");
        }
    PayoutDesk empty;
    for (const auto& [name, step] : steps)
        CHECK_FALSE(empty.step([&](Payouts& payouts) { return step.first(payouts); }));
}
