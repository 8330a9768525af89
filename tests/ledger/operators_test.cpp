// SPDX-License-Identifier: Apache-2.0
#include "ledger/operators.hpp"

#include <catch2/catch.hpp>

#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
Span just_before(Span span)
{
    return {span.us - 1};
}

struct Desk {
    TestLedger purse;
    OperatorSecret link = make_operator_secret(purse.entropy);
    OperatorSecret session = make_operator_secret(purse.entropy);

    OperatorKeyRow issue()
    {
        return purse.run([&](Books& books) {
            return Operators{books}.issue_link(link.hash, "ada", purse.entropy);
        });
    }
    std::expected<OperatorKeyRow, LinkTrouble> take()
    {
        return purse.run(
            [&](Books& books) { return Operators{books}.take_link(link.hash, session.hash); });
    }
    std::optional<OperatorKeyRow> find()
    {
        return purse.run([&](Books& books) { return Operators{books}.session(session.hash); });
    }
    bool is_live()
    {
        return purse.run([&](Books& books) { return Operators{books}.is_live(session.hash); });
    }
    bool sign_out(const std::string& id)
    {
        return purse.run([&](Books& books) { return Operators{books}.sign_out(id, "operator/x"); });
    }
    std::string last(std::string_view member)
    {
        const auto entry = purse.last_entry();
        const auto document = json::parse(entry);
        const auto* found = document->root().find(member);
        return found == nullptr ? std::string{} : std::string{found->text()};
    }
};
}  // namespace

TEST_CASE("operators: a secret is 256 random bits in base 32, and only its digest is kept")
{
    Desk desk;
    CHECK(desk.link.secret != desk.session.secret);
    CHECK(is_operator_secret(desk.link.secret));
    CHECK(desk.link.hash == operator_secret_hash(desk.link.secret));
    CHECK_FALSE(is_operator_secret(""));
    CHECK_FALSE(is_operator_secret(desk.link.secret.substr(1)));
    CHECK_FALSE(is_operator_secret(desk.link.secret + "0"));
    CHECK_FALSE(is_operator_secret(std::string(52, 'u')));
    desk.issue();
    REQUIRE(desk.take().has_value());
    for (const auto& row : desk.purse.journal()) {
        CHECK(row.body.find(desk.link.secret) == std::string::npos);
        CHECK(row.body.find(desk.session.secret) == std::string::npos);
    }
}

TEST_CASE("operators: a link signs in once, and all of it is in the journal")
{
    Desk desk;
    const auto link = desk.issue();
    CHECK(link.id.starts_with("op_"));
    CHECK(link.id.size() == 13);
    CHECK(desk.last("kind") == "operator_link_issued");
    CHECK(desk.last("id") == link.id);
    CHECK(desk.last("note") == "ada");
    CHECK_FALSE(desk.find().has_value());

    const auto session = desk.take();
    REQUIRE(session.has_value());
    CHECK(session->id == link.id);
    CHECK(session->note == "ada");
    CHECK(session->expires_at - session->issued_at == kOperatorSessionLife);
    CHECK(desk.last("kind") == "operator_signed_in");
    CHECK(desk.find().has_value());

    const auto entries = desk.purse.entries();
    CHECK(desk.take().error() == LinkTrouble::used);
    CHECK(desk.purse.entries() == entries);
}

TEST_CASE("operators: a link that nobody made, one that is too old, and a session as a link")
{
    Desk desk;
    CHECK(desk.take().error() == LinkTrouble::unknown);
    desk.issue();
    desk.purse.clock.pass(just_before(kOperatorLinkLife));
    desk.purse.reopen();
    REQUIRE(desk.take().has_value());
    desk.link = desk.session;
    CHECK(desk.take().error() == LinkTrouble::unknown);

    Desk other;
    other.issue();
    other.purse.clock.pass(kOperatorLinkLife);
    CHECK(other.take().error() == LinkTrouble::expired);
    CHECK_FALSE(other.find().has_value());
}

TEST_CASE("operators: a link is no session")
{
    Desk desk;
    desk.issue();
    desk.session = desk.link;
    CHECK_FALSE(desk.find().has_value());
    CHECK_FALSE(desk.is_live());
}

TEST_CASE("operators: a session ends when nobody uses it, and goes on while somebody does")
{
    Desk desk;
    desk.issue();
    REQUIRE(desk.take().has_value());
    desk.purse.clock.pass(just_before(kOperatorSessionIdle));
    CHECK(desk.is_live());
    REQUIRE(desk.find().has_value());
    desk.purse.clock.pass(just_before(kOperatorSessionIdle));
    CHECK(desk.find().has_value());
    desk.purse.clock.pass(kOperatorSessionIdle);
    CHECK_FALSE(desk.is_live());
    CHECK_FALSE(desk.find().has_value());
}

TEST_CASE("operators: a session ends at last, however busy it is")
{
    Desk desk;
    desk.issue();
    REQUIRE(desk.take().has_value());
    const auto hours = kOperatorSessionLife.us / Span::hours(1).us;
    for (std::int64_t i = 1; i < hours; ++i) {
        desk.purse.clock.pass(Span::hours(1));
        CHECK(desk.find().has_value());
    }
    desk.purse.clock.pass(Span::hours(1));
    CHECK_FALSE(desk.find().has_value());
}

TEST_CASE("operators: using a session is stored every few minutes, not each time")
{
    Desk desk;
    desk.issue();
    const auto begun = desk.take();
    REQUIRE(begun.has_value());
    desk.purse.clock.pass(just_before(kOperatorSeenStep));
    CHECK(desk.find()->seen_at == begun->seen_at);
    desk.purse.clock.pass(Span{1});
    CHECK(desk.find()->seen_at == desk.purse.clock.wall());
    desk.purse.reopen();
    CHECK(desk.find()->seen_at == desk.purse.clock.wall());
}

TEST_CASE("operators: signing out ends it for good, also after a restart")
{
    Desk desk;
    const auto link = desk.issue();
    REQUIRE(desk.take().has_value());
    CHECK_FALSE(desk.sign_out("op_nobody"));
    CHECK(desk.sign_out(link.id));
    CHECK(desk.last("kind") == "operator_signed_out");
    CHECK(desk.last("by") == "operator/x");
    CHECK_FALSE(desk.is_live());
    desk.purse.reopen();
    CHECK_FALSE(desk.find().has_value());
    CHECK_FALSE(desk.sign_out(link.id));
    CHECK(desk.purse.run([](Books& books) { return Operators{books}.sessions(); }).empty());
}
