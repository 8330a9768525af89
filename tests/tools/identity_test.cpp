// SPDX-License-Identifier: Apache-2.0
#include "tools/identity.hpp"

#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr auto kPolicy =
    R"({ "version": 1, "agents": { "painter": {}, "cold": { "frozen": true } } })";

struct Fixture : Tools {
    Fixture() : Tools{kPolicy} {}

    tools::Identity who(const std::string& credential)
    {
        std::optional<tools::Identity> answer;
        box.identify(credential, [&](tools::Identity identity) {
            REQUIRE_FALSE(answer);
            answer = std::move(identity);
        });
        REQUIRE(answer);
        // One or the other, and never the secret.
        CHECK(answer->agent.empty() == answer->refused.has_value());
        CHECK(answer->message.empty() != answer->refused.has_value());
        if (!credential.empty()) CHECK(answer->message.find(credential) == std::string::npos);
        return std::move(*answer);
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "identity: a credential belongs to its agent")
{
    log_in("painter");
    CHECK(who(caller.credential).agent == "painter");
    CHECK(who(caller.credential + "x").refused == Reason::credential_unknown);
    CHECK(who("purse_painter_made-up").refused == Reason::credential_unknown);
    CHECK(who("").refused == Reason::credential_missing);
}

TEST_CASE_METHOD(Fixture, "identity: a frozen agent may enter, it is told so when it pays")
{
    log_in("cold");
    CHECK(who(caller.credential).agent == "cold");
    CHECK(test::reason_of(pay(R"({"service":"x","estimatedCost":"1"})")) == "frozen");
}

TEST_CASE_METHOD(Fixture, "identity: a revoked credential, at once")
{
    log_in("painter");
    CHECK_FALSE(who(caller.credential).refused);
    ledger.ledger().transact([&](Books& books) { books.revoke_credential(credential_id); });
    CHECK(who(caller.credential).refused == Reason::credential_revoked);
}

TEST_CASE_METHOD(Fixture, "identity: an expired credential, to the microsecond")
{
    log_in("painter", ledger.clock.wall() + Span::minutes(1));
    ledger.clock.pass(Span{Span::minutes(1).us - 1});
    CHECK_FALSE(who(caller.credential).refused);
    ledger.clock.pass(Span{1});
    CHECK(who(caller.credential).refused == Reason::credential_expired);
}

TEST_CASE_METHOD(Fixture, "identity: an agent that the policy does not have (any more)")
{
    log_in("stranger");
    CHECK(who(caller.credential).refused == Reason::agent_unknown);
    log_in("painter");
    CHECK_FALSE(who(caller.credential).refused);
    source.edit(R"({ "version": 1, "agents": { "cold": {} } })");
    CHECK(who(caller.credential).refused == Reason::agent_unknown);
}

TEST_CASE_METHOD(Fixture, "identity: where nobody can be asked")
{
    log_in("painter");
    till.is_full = true;
    CHECK(who(caller.credential).refused == Reason::busy);
}

TEST_CASE("identity: without any configuration the sandbox is everybody's")
{
    Tools tools;
    std::optional<tools::Identity> answer;
    tools.box.identify("", [&](tools::Identity identity) { answer = std::move(identity); });
    REQUIRE(answer);
    CHECK_FALSE(answer->refused);
    CHECK_FALSE(answer->agent.empty());
}

TEST_CASE("identity: where the policy has mistakes nobody is let in")
{
    Tools tools{"{"};
    std::optional<tools::Identity> answer;
    tools.box.identify("x", [&](tools::Identity identity) { answer = std::move(identity); });
    REQUIRE(answer);
    CHECK(answer->refused == Reason::policy_invalid);
}
