// SPDX-License-Identifier: Apache-2.0
// Journals that no ledger would write, each with one thing wrong.
#include "audit/replay.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <map>

#include "audit/hashes.hpp"

using namespace purse;
using auditor::Rules;

namespace {
constexpr const char* kPolicy =
    R"({"version":1,"budgets":{"team":{"caps":{"daily":"3"}}},"agents":{"writer":{)"
    R"("budgets":["team"],"caps":{"perTx":"1.5","daily":"2","perTask":"1"}}}})";

/// A journal by hand. Members are sorted, as entries have them.
class Journal {
public:
    auditor::Findings found;

    explicit Journal(const char* policy = kPolicy)
    {
        add({{"kind", "policy"},
             {"sha256", auditor::hex_of(auditor::sha256_of(policy))},
             {"source", "here"},
             {"text", policy}});
        add({{"kind", "credential_issued"}, {"agent", "writer"}, {"credential", "cred_1"}});
    }

    using Members = boost::json::object;
    void add(Members members)
    {
        members.emplace("seq", ++seq_);
        members.emplace("at", minute(seq_));
        std::map<std::string, boost::json::value> sorted;
        for (auto& [name, value] : members)
            if (!value.is_null()) sorted.emplace(name, value);
        boost::json::object object;
        for (auto& [name, value] : sorted) object.emplace(name, std::move(value));
        replay_.add(seq_, boost::json::serialize(object));
    }
    static std::string minute(std::int64_t number)
    {
        const auto two = [](std::int64_t part) {
            return std::string(part < 10 ? 1 : 0, '0') + std::to_string(part);
        };
        return "2026-11-25T" + two(number / 60) + ":" + two(number % 60) + ":00.000000Z";
    }
    /// A hold of `writer`; `other` replaces members, null leaves one out.
    void hold(const std::string& id, const std::string& amount, const Members& other = {})
    {
        auto members = Members{{"kind", "hold"},
                               {"agent", "writer"},
                               {"amount", amount},
                               {"caps", caps({})},
                               {"credential", "cred_1"},
                               {"expiresAt", "2026-11-25T20:00:00.000000Z"},
                               {"maxCapture", amount},
                               {"policy", 1},
                               {"txId", id}};
        for (const auto& [name, value] : other) members[name] = value;
        add(std::move(members));
    }
    struct Limits {
        std::int64_t writer = 2'000'000;
        std::int64_t team = 3'000'000;
        const char* window = "2026-11-25T00:00:00.000000Z";
    };
    static boost::json::array caps(const Limits& limits)
    {
        using boost::json::object;
        return {object{{"budget", "agent/writer"},
                       {"kind", "daily"},
                       {"limit", limits.writer},
                       {"window", limits.window}},
                object{{"budget", "budget/team"},
                       {"kind", "daily"},
                       {"limit", limits.team},
                       {"window", limits.window}}};
    }
    /// A refusal by the daily cap of `writer`, at these sums.
    void refuse(const char* amount, std::int64_t held, std::int64_t spent)
    {
        const boost::json::object cap{{"budget", "agent/writer"},
                                      {"held", held},
                                      {"kind", "daily"},
                                      {"limit", 2'000'000},
                                      {"spent", spent}};
        add({{"kind", "refused"},
             {"agent", "writer"},
             {"amount", amount},
             {"failing", boost::json::array{cap}}});
    }
    void end(const std::string& id, const char* kind, const Members& other = {})
    {
        auto members = Members{{"kind", kind}, {"txId", id}};
        for (const auto& [name, value] : other) members[name] = value;
        add(std::move(members));
    }

private:
    std::int64_t seq_ = 0;
    auditor::Replay replay_{found, Rules::judged};
};

std::string text_of(const auditor::Findings& found)
{
    std::string text;
    for (const auto& [seq, what] : found.mistakes) text += std::to_string(seq) + ": " + what + "\n";
    return text;
}

constexpr auto kFails = [](const std::string& what) { return Catch::Contains(what); };
}  // namespace

TEST_CASE("audit replay: a day that is in order")
{
    Journal journal;
    journal.hold("tx_1", "1");
    journal.hold("tx_2", "1", {{"key", "once"}});
    journal.end("tx_1", "settled", {{"actual", "0.4"}});
    journal.end("tx_2", "voided");
    journal.hold("tx_3", "1.5");
    journal.refuse("0.2", 1'500'000, 400'000);
    CHECK(text_of(journal.found).empty());
    CHECK(journal.found.captured == 400'000);
    CHECK(journal.found.refusals_by_cap == 1);
    CHECK(journal.found.holds.at("tx_3").state == auditor::HoldState::open);
}

TEST_CASE("audit replay: caps")
{
    Journal journal;
    journal.hold("tx_1", "1.5");
    SECTION("passed by a hold")
    {
        journal.hold("tx_2", "0.500001");
        CHECK_THAT(text_of(journal.found), kFails("4: passes the cap agent/writer daily"));
    }
    SECTION("full to the last micro-USDC is in order")
    {
        journal.hold("tx_2", "0.5");
        CHECK(text_of(journal.found).empty());
    }
    SECTION("passed by a late settle")
    {
        journal.end("tx_1", "expired", {{"at", "2026-11-25T20:00:00.000000Z"}});
        journal.hold(
            "tx_2", "1",
            {{"at", "2026-11-25T20:00:01.000000Z"}, {"expiresAt", "2026-11-25T21:00:00.000000Z"}});
        journal.end("tx_1", "settled_late",
                    {{"at", "2026-11-25T20:00:02.000000Z"},
                     {"actual", "1.1"},
                     {"caps", Journal::caps({})}});
        CHECK_THAT(text_of(journal.found), kFails("6: passes the cap agent/writer daily"));
    }
    SECTION("another limit than the policy's")
    {
        journal.hold("tx_2", "1", {{"caps", Journal::caps({.writer = 9'000'000})}});
        CHECK_THAT(text_of(journal.found),
                   kFails("4: is not charged to the policy's cap agent/writer daily"));
    }
    SECTION("a cap left out")
    {
        journal.hold("tx_2", "0.1", {{"caps", boost::json::array{}}});
        CHECK_THAT(text_of(journal.found), kFails("budget/team daily"));
    }
    SECTION("a task's cap left out")
    {
        journal.hold("tx_2", "0.1", {{"task", "sky"}});
        CHECK_THAT(text_of(journal.found), kFails("agent/writer perTask"));
    }
    SECTION("another window than its time's")
    {
        journal.hold("tx_2", "0.1",
                     {{"caps", Journal::caps({.window = "2026-11-24T00:00:00.000000Z"})}});
        CHECK_THAT(text_of(journal.found), kFails("in another window"));
    }
    SECTION("more than one payment may be")
    {
        journal.hold("tx_2", "0.1", {{"maxCapture", "1.6"}});
        CHECK_THAT(text_of(journal.found), kFails("the cap on one payment"));
    }
    SECTION("a refusal by a cap with room, or at other sums")
    {
        journal.refuse("0.500001", 1'500'000, 0);
        CHECK(text_of(journal.found).empty());
        journal.refuse("0.5", 1'500'000, 0);
        CHECK_THAT(text_of(journal.found), kFails("which has room"));
        journal.refuse("0.500001", 1'900'000, 0);
        CHECK_THAT(text_of(journal.found), kFails("its entries say 1500000 and 0"));
    }
}

TEST_CASE("audit replay: the life of a hold")
{
    Journal journal;
    journal.hold("tx_1", "1", {{"maxCapture", "1.1"}});
    const auto fails = [&](const char* what) { CHECK_THAT(text_of(journal.found), kFails(what)); };
    SECTION("ends twice")
    {
        journal.end("tx_1", "settled", {{"actual", "1"}});
        journal.end("tx_1", "voided");
        fails("5: voided from the state settled");
    }
    SECTION("is taken twice")
    {
        journal.hold("tx_1", "0.1");
        fails("takes tx_1 a second time");
    }
    SECTION("was never taken")
    {
        journal.end("tx_9", "settled", {{"actual", "1"}});
        fails("never taken");
    }
    SECTION("captures too much")
    {
        journal.end("tx_1", "settled", {{"actual", "1.100001"}});
        fails("captures more than the hold allows");
    }
    SECTION("expires too soon, settles too late")
    {
        journal.end("tx_1", "expired");
        fails("before its time");
        Journal other;
        other.hold("tx_1", "1");
        other.end("tx_1", "settled", {{"actual", "1"}, {"at", "2026-11-25T20:00:00.000000Z"}});
        CHECK_THAT(text_of(other.found), kFails("settled after its time"));
    }
    SECTION("is settled late without having expired")
    {
        journal.end("tx_1", "settled_late", {{"actual", "0.1"}, {"caps", Journal::caps({})}});
        fails("settled_late from the state open");
    }
    SECTION("is approved without having waited, for more, or too late")
    {
        const Journal::Members grant{{"expiresAt", "2026-11-25T20:00:00.000000Z"},
                                     {"maxCapture", "0.3"}};
        journal.end("tx_1", "approval_granted", grant);
        fails("approved in the state open");
        journal.hold("tx_2", "0.2",
                     {{"kind", "awaiting_approval"}, {"expiresAt", "2026-11-25T00:30:00.000000Z"}});
        journal.end("tx_2", "approval_granted", grant);
        fails("for more than was asked");
        journal.hold("tx_3", "0.3",
                     {{"kind", "awaiting_approval"}, {"expiresAt", "2026-11-25T00:07:30.000000Z"}});
        journal.end("tx_3", "approval_granted", grant);
        fails("approved after its time");
    }
}

TEST_CASE("audit replay: who may")
{
    Journal journal;
    const auto fails = [&](const char* what) { CHECK_THAT(text_of(journal.found), kFails(what)); };
    SECTION("an agent that the policy does not name")
    {
        journal.hold("tx_1", "1", {{"agent", "stranger"}, {"credential", nullptr}});
        fails("which the policy in force does not name");
    }
    SECTION("an unknown, a revoked, an expired credential")
    {
        journal.hold("tx_1", "0.1", {{"credential", "cred_9"}});
        fails("unknown credential cred_9");
        journal.add({{"kind", "credential_expiry"},
                     {"credential", "cred_1"},
                     {"expiresAt", "2026-11-25T00:04:30.000000Z"}});
        journal.hold("tx_2", "0.1");
        fails("expired cred_1");
        journal.add({{"kind", "credential_revoked"}, {"credential", "cred_1"}});
        journal.hold("tx_3", "0.1");
        fails("revoked credential cred_1");
    }
    SECTION("another agent's credential")
    {
        journal.add({{"kind", "credential_issued"}, {"agent", "poet"}, {"credential", "cred_2"}});
        journal.hold("tx_1", "0.1", {{"credential", "cred_2"}});
        fails("another agent's cred_2");
    }
    SECTION("frozen: all, the agent, its budget; and not after")
    {
        for (const auto* target : {"all", "agent/writer", "budget/team"}) {
            Journal frozen;
            frozen.add({{"kind", "frozen"}, {"target", target}});
            frozen.hold("tx_1", "0.1");
            CHECK_THAT(text_of(frozen.found), kFails("frozen"));
        }
        journal.add({{"kind", "frozen"}, {"target", "all"}});
        journal.add({{"kind", "unfrozen"}, {"target", "all"}});
        journal.hold("tx_1", "0.1");
        CHECK(text_of(journal.found).empty());
    }
    SECTION("another policy than the one in force")
    {
        journal.hold("tx_1", "0.1", {{"policy", 7}});
        fails("another policy");
    }
    SECTION("an idempotency key a second time")
    {
        journal.hold("tx_1", "0.1", {{"key", "once"}});
        journal.hold("tx_2", "0.1", {{"key", "once"}});
        fails("idempotency key");
    }
}

TEST_CASE("audit replay: entries that are none")
{
    auditor::Findings found;
    auditor::Replay replay{found, Rules::judged};
    const auto fails = [&](std::string_view body, const char* what) {
        found.mistakes.clear();
        replay.add(found.entries + 1, body);
        CHECK_THAT(text_of(found), kFails(what));
    };
    fails("{", "cannot be read");
    fails("[]", "cannot be read");
    fails(R"({"at":"yesterday","kind":"frozen","seq":3})", "is no time");
    fails(R"({"at":"2026-11-25T00:04:00.000000Z","seq":4})", "has no \"kind\"");
    fails(R"({"at":"2026-11-25T00:05:00.000000Z","kind":"x","seq":9})", "names another number");
    fails(R"({"kind":"x","at":"2026-11-25T00:06:00.000000Z","seq":6})", "out of order");
    fails(R"({"at":"2026-11-25T00:01:00.000000Z","kind":"x","seq":7})", "older");
    fails(R"({"at":"2026-11-25T00:08:00.000000Z","kind":"hold","seq":8})", "cannot be read");
}
