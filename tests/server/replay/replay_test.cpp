// SPDX-License-Identifier: Apache-2.0
#include "server/replay/replay.hpp"

#include <catch2/catch.hpp>

#include "ledger/approvals.hpp"
#include "server/replay/draft.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using namespace purse::server::replay;

namespace {
constexpr const char* kOtherPayee = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65";

/// A policy with one agent and one service.
std::string policy_of(const std::string& rules, const std::string& payee = kPayee)
{
    return R"({ "version": 1, "services": { "images": { "payee": ")" + payee +
           R"(" } }, "agents": { "painter": {)" + rules + "} } }";
}

class Desk {
public:
    explicit Desk(const std::string& rules) { apply(policy_of(rules)); }

    TestLedger purse{nullptr, TempFolder::On::memory};
    std::shared_ptr<const policy::Document> document;

    void apply(const std::string& text)
    {
        document = policy::parse_document(text).value();
        purse.run([&](Books& books) { return books.apply_policy(text, "test"); });
    }

    HoldAnswer hold(std::string_view amount, const CredentialRow* credential = nullptr,
                    std::vector<Refusal> of_the_wallet = {})
    {
        return purse.run([&](Books& books) {
            Purchase what{.service = "images", .amount = usdc(amount)};
            const auto freezes = books.rows().freezes();
            auto decision =
                policy::decide(*document, {.freezes = freezes, .credential = credential},
                               {.agent = "painter", .what = what, .ttl = {}, .now = books.now()});
            for (auto& refusal : of_the_wallet) decision.refusals.push_back(std::move(refusal));
            return books.hold(
                {.epoch = books.meta().epoch,
                 .who = {.agent = "painter", .credential = credential ? credential->id : ""},
                 .what = decision.what,
                 .ttl = decision.ttl,
                 .max_capture = decision.max_capture,
                 .legs = decision.legs,
                 .refusals = decision.refusals,
                 .approval = decision.approval});
        });
    }
    void settle(const HoldAnswer& held, std::string_view actual) { purse.settle(held.id, actual); }

    Report replay(const std::string& text, Options options = {})
    {
        const auto candidate = policy::parse_document(text).value();
        sqlite::SqliteStore scratch{{.folder = {}}};
        SeededEntropy entropy;
        Replay replay{scratch, entropy, candidate, std::move(options)};
        replay.feed(purse.journal());
        return replay.finish();
    }
};

std::int64_t differences(const Report& report)
{
    std::int64_t count = 0;
    for (const auto& sum : report.changes) count += sum.count;
    return count;
}
}  // namespace

TEST_CASE("A lower cap refuses what passes it, and names it")
{
    Desk desk{R"("caps": { "daily": "1" })"};
    desk.settle(desk.hold("0.40"), "0.30");
    desk.settle(desk.hold("0.40"), "0.40");
    desk.hold("0.50");
    const auto report = desk.replay(policy_of(R"("caps": { "daily": "0.60" })"));
    REQUIRE(differences(report) == 1);
    CHECK(report.requests.count == 3);
    CHECK(report.as_before.count == 2);  // the third is refused by both
    CHECK(report[Change::refused].micro == 400'000);
    CHECK(report.paid_of_refused.micro == 400'000);
    const auto& found = report.differences.front();
    CHECK(found.whys.front().reason == "spend_limit_reached");
    CHECK(found.whys.front().rule == "agent/painter daily");
    CHECK(found.whys.front().detail == "0.30 of 0.60 USDC was used.");
    CHECK(report.rows.begin()->first.rule == "agent/painter daily");
    CHECK(report.rows.begin()->second.count == 1);
}

TEST_CASE("What the past refused and the candidate allows is paid at once")
{
    Desk desk{R"("caps": { "perTx": "0.10" })"};
    desk.hold("0.50");
    desk.settle(desk.hold("0.10"), "0.10");
    const auto report = desk.replay(policy_of(R"("caps": { "daily": "0.55" })"));
    // The first takes the room of the second.
    CHECK(report[Change::allowed].count == 1);
    CHECK(report[Change::refused].count == 1);
    CHECK(report.assumed_paid.micro == 500'000);
    CHECK(report.differences[0].change == Change::allowed);
    CHECK(report.differences[0].whys.front().reason == "transaction_limit_exceeded");
}

TEST_CASE("Freezes and credentials stand as they stood")
{
    const std::string rules = R"("caps": { "daily": "1" })";
    Desk desk{rules};
    CredentialRow key{.id = "cred_1", .agent = "painter", .hash = sha256({"x"}), .note = {}};
    desk.purse.run([&](Books& books) {
        books.issue_credential(key);
        return 0;
    });
    desk.hold("0.01", &key);
    desk.purse.run([](Books& books) { return books.revoke_credential("cred_1"); });
    key.revoked_at = desk.purse.ledger().now();
    CHECK(desk.hold("0.01", &key).outcome == HoldAnswer::Outcome::refused);
    desk.purse.run([](Books& books) {
        books.freeze("agent/painter", "");
        return 0;
    });
    CHECK(desk.hold("0.01").outcome == HoldAnswer::Outcome::refused);
    desk.purse.run([](Books& books) { return books.unfreeze("agent/painter"); });
    desk.hold("0.01");
    const auto report = desk.replay(policy_of(rules));
    CHECK(differences(report) == 0);
    CHECK(report.as_before.count == 4);
}

TEST_CASE("What the wallet refused stays refused")
{
    Desk desk{R"("caps": { "daily": "1" })"};
    desk.hold("0.01", nullptr,
              {{.reason = Reason::funds_insufficient, .rule = "wallet", .detail = "No USDC."}});
    CHECK(differences(desk.replay(policy_of("\"caps\": {}"))) == 0);
}

TEST_CASE("A service is asked for by its name when its payee has changed")
{
    Desk desk{"\"caps\": {}"};
    desk.settle(desk.hold("0.01"), "0.01");
    CHECK(differences(desk.replay(policy_of("\"caps\": {}", kOtherPayee))) == 0);
    // A policy in between: what a service's payee was is told by the policy of that time.
    desk.apply(policy_of("\"caps\": {}", kOtherPayee));
    desk.settle(desk.hold("0.01"), "0.01");
    const auto report = desk.replay(policy_of("\"caps\": {}"));
    CHECK(differences(report) == 0);
    CHECK(report.policies == std::set<std::int64_t>{1, 2});
}

TEST_CASE("Questions are compared by what came of them")
{
    const std::string asks = R"("caps": { "daily": "5" }, "approval": { "above": "0.10" })";
    Desk desk{asks};
    const auto yes = desk.hold("0.20");
    const auto no = desk.hold("0.30");
    const auto late = desk.hold("0.40");
    desk.purse.run([&](Books& books) {
        Approvals approvals{books};
        approvals.grant({.id = yes.id, .by = "p", .channel = Channel::command, .note = {}});
        approvals.deny({.id = no.id, .by = "p", .channel = Channel::command, .note = {}});
        return 0;
    });
    desk.settle(yes, "0.20");
    desk.purse.clock.pass(Span::hours(1));
    desk.hold("0.01");  // and the third is over
    desk.hold("0.50");  // still waits
    CHECK(late.outcome == HoldAnswer::Outcome::awaiting);

    const auto same = desk.replay(policy_of(asks));
    CHECK(differences(same) == 0);
    CHECK(same.undecided.count == 1);
    CHECK(same.as_before.count == 4);

    const auto free = desk.replay(policy_of(R"("caps": { "daily": "5" })"));
    CHECK(free[Change::not_asked].micro == 200'000);
    CHECK(free[Change::allowed].micro == 700'000);
    CHECK(free.assumed_paid.micro == 700'000);
    CHECK(free.differences[0].whys.front().reason == "amount");
    CHECK(free.differences[1].whys.front().reason == "approval_denied");
    CHECK(free.differences[2].whys.front().reason == "approval_expired");

    const auto strict = desk.replay(policy_of(R"("caps": { "perTx": "0.10" })"));
    CHECK(strict[Change::refused].micro == 200'000);  // what nobody approved was never paid
    CHECK(strict.as_before.count == 3);

    const auto more =
        desk.replay(policy_of(R"("caps": { "daily": "5" }, "approval": { "above": "0.005" })"));
    CHECK(more[Change::asked].micro == 10'000);
    CHECK(more.differences[0].whys.front().rule == "agent/painter");
}

TEST_CASE("A person's yes counts where the candidate has nothing against it at that moment")
{
    const std::string asks = R"("approval": { "above": "0.10", "within": "3h" })";
    Desk desk{asks};  // shortly after 11 o'clock
    const auto held = desk.hold("0.20");
    desk.purse.clock.pass(Span::hours(1));
    desk.purse.run([&](Books& books) {
        return Approvals{books}.grant(
            {.id = held.id, .by = "p", .channel = Channel::command, .note = {}});
    });
    desk.settle(held, "0.20");
    CHECK(differences(desk.replay(policy_of(asks))) == 0);
    const auto report = desk.replay(policy_of(asks + R"(, "times": [{ "to": "12:00" }])"));
    REQUIRE(differences(report) == 1);
    CHECK(report[Change::settle_refused].micro == 200'000);
    CHECK(report.differences[0].whys.front().reason == "approval_pending");
}

TEST_CASE("A shorter hold makes a settle late")
{
    Desk desk{R"("hold": { "ttl": "2m" })"};
    const auto held = desk.hold("0.10");
    desk.purse.clock.pass(Span::seconds(90));
    desk.settle(held, "0.10");
    CHECK(differences(desk.replay(policy_of(R"("hold": { "ttl": "1m", "maxTtl": "1m" })"))) == 0);
    const auto report = desk.replay(
        policy_of(R"("hold": { "ttl": "1m", "maxTtl": "1m" }, "lateSettle": "refuse")"));
    REQUIRE(differences(report) == 1);
    CHECK(report[Change::settle_refused].count == 1);
    CHECK(report.differences[0].whys.front().reason == "hold_expired");
}

TEST_CASE("A settle that was too much then may be captured now, and the reverse")
{
    Desk desk{R"("overCapture": { "percent": 10 })"};
    const auto first = desk.hold("0.10");
    desk.settle(first, "0.11");
    const auto second = desk.hold("0.10");
    desk.settle(second, "0.15");
    const auto more = desk.replay(policy_of(R"("overCapture": { "percent": 50 })"));
    CHECK(more[Change::settle_allowed].micro == 150'000);
    CHECK(differences(more) == 1);
    const auto less = desk.replay(policy_of("\"caps\": {}"));
    CHECK(less[Change::settle_refused].micro == 110'000);
    CHECK(less.differences[0].whys.front().reason == "over_capture");
}

TEST_CASE("What is before the time that is asked about fills the windows as it did")
{
    Desk desk{"\"caps\": {}"};
    desk.settle(desk.hold("0.80"), "0.80");
    desk.purse.clock.pass(Span::minutes(1));
    const auto from = desk.purse.clock.wall();
    desk.settle(desk.hold("0.30"), "0.30");
    desk.purse.clock.pass(Span::minutes(1));
    const auto to = desk.purse.clock.wall();
    desk.settle(desk.hold("0.40"), "0.40");
    const auto candidate = policy_of(R"("caps": { "daily": "1" })");
    const auto report = desk.replay(candidate, {.from = from, .to = to, .charged = {}});
    CHECK(report.requests.count == 1);
    CHECK(report[Change::refused].micro == 300'000);
    // Also more than the candidate would have let through: it was paid.
    const auto full = desk.replay(policy_of(R"("caps": { "daily": "0.50" })"),
                                  {.from = from, .to = to, .charged = {}});
    REQUIRE(full[Change::refused].count == 1);
    CHECK(full.differences[0].whys.front().detail == "0.80 of 0.50 USDC was used.");
    // One who is not asked about counts all the same, and is not told of.
    const auto other = desk.replay(candidate, {.agent = "poet", .charged = {}});
    CHECK(other.requests.count == 0);
    CHECK(differences(other) == 0);
}

TEST_CASE("An entry that cannot be read is named")
{
    JournalRow row{.seq = 7, .at = {}, .body = "{"};
    CHECK_THROWS_WITH(Recorded{row}, Catch::Contains("entry 7 of the journal is no JSON object"));
    row.body = R"({"kind":"hold","agent":"a"})";
    CHECK_THROWS_WITH(Recorded{row}.purchase(), Catch::Contains("has no amount \"amount\""));
}

TEST_CASE("Limits are rounded up to what a person would write")
{
    for (const auto& [value, nice] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 0},
                                                            {7, 7},
                                                            {10, 10},
                                                            {11, 12},
                                                            {12, 12},
                                                            {13, 15},
                                                            {81, 100},
                                                            {100, 100},
                                                            {101, 120},
                                                            {1'874'920, 2'000'000},
                                                            {810, 1'000},
                                                            {799'999, 800'000}})
        CHECK(nice_up(value) == nice);
}
