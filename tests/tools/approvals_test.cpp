// SPDX-License-Identifier: Apache-2.0
// Payments that a person has to approve, through the tools: what is asked, whose answer counts,
// and what a yes is worth under the rules of its moment.
#include "tools/approvals.hpp"

#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;
using tools::Answered;

namespace {
constexpr auto kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "agents": {
    "painter": { "caps": { "perTx": "5", "daily": "20" },
                 "approval": { "above": "2", "within": "5m", "lasts": "10m",
                               "outOfBandAbove": "4" } },
    "poet": { "caps": { "daily": "20" } } } })";

constexpr auto kLarge =
    R"({"service":"images","estimatedCost":"3","purpose":"a \"picture\"","idempotencyKey":"k"})";

class Page final : public tools::ApprovalPage {
public:
    std::string link(std::string_view tx_id) const override
    {
        return "http://127.0.0.1:8377/operator/#" + std::string{tx_id};
    }
};

struct Fixture : Tools {
    Fixture() : Tools{kPolicy} { log_in("painter"); }

    /// Asks for a payment that has to be approved; its txId.
    std::string ask(std::string_view arguments = kLarge)
    {
        const auto result = pay(arguments);
        REQUIRE(result.question != nullptr);
        CHECK(text_of(result, "reason") == "approval_pending");
        return text_of(result, "txId");
    }
    tools::Result say(const std::string& id, Answered answered)
    {
        std::optional<tools::Result> result;
        box.follow_up(id, answered, caller, [&](tools::Result one) { result = std::move(one); });
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    std::vector<bool> decided(std::vector<std::string> ids)
    {
        std::optional<std::vector<bool>> found;
        box.look_for_decisions(std::move(ids), [&](std::vector<bool> one) { found = one; });
        REQUIRE(found.has_value());
        return *found;
    }
    std::string held() { return text_of(call("pay_budget_status", "{}"), "held"); }
    std::string state_of(const std::string& id)
    {
        return ledger.run([&](Books& books) {
            return std::string{wire_name(Approvals{books}.find(*TxId::parse(id))->approval.state)};
        });
    }
    void operate(const std::function<void(Books&)>& act) { ledger.ledger().transact(act); }
};

std::string member_of(const tools::Result& result, std::string_view name)
{
    const auto& approval = result.structured.at("approval").as_object();
    const auto* value = approval.if_contains(name);
    return value == nullptr ? "" : std::string{value->as_string()};
}
}  // namespace

TEST_CASE_METHOD(Fixture, "approvals: what has to be approved is held, and a person is asked")
{
    const auto result = pay(kLarge);
    CHECK_FALSE(result.is_error);  // the tool did its work: the answer is yet to come
    CHECK(text_of(result, "ok") == "false");
    CHECK(text_of(result, "reason") == "approval_pending");
    CHECK(text_of(result, "retry") == "same_request");
    CHECK(text_of(result, "state") == "awaiting_approval");
    CHECK(text_of(result, "idempotencyKey") == "k");
    CHECK(member_of(result, "state") == "waiting");
    CHECK(member_of(result, "url").empty());
    REQUIRE(result.question != nullptr);
    CHECK(result.question->id == text_of(result, "txId"));
    CHECK(result.question->in_chat);
    CHECK_FALSE(result.question->is_asked);
    // What the agent has written stands there as its words.
    CHECK_THAT(result.question->message, Catch::Contains("May painter pay 3.00 USDC to images?") &&
                                             Catch::Contains(R"("a \"picture\"")") &&
                                             Catch::Contains("above 2.00 USDC"));
    CHECK(held() == "3.00");
    CHECK(test::reason_of(settle(text_of(result, "txId"), "3")) == "approval_pending");
    // Asked again with the same key it is the same question, and it was put before.
    const auto again = pay(kLarge);
    CHECK(text_of(again, "txId") == text_of(result, "txId"));
    CHECK(again.question->is_asked);
    CHECK(held() == "3.00");
}

TEST_CASE_METHOD(Fixture, "approvals: who gave no key is given one to ask again with")
{
    const auto result = pay(R"({"service":"images","estimatedCost":"3"})");
    const auto key = text_of(result, "idempotencyKey");
    CHECK(key == "approval-" + text_of(result, "txId"));
    say(text_of(result, "txId"), Answered::approve);
    const auto again =
        pay(R"({"service":"images","estimatedCost":"3","idempotencyKey":")" + key + R"("})");
    CHECK(id_of(again) == text_of(result, "txId"));
}

TEST_CASE_METHOD(Fixture, "approvals: a yes in the chat opens the hold, once")
{
    const auto id = ask();
    const auto result = say(id, Answered::approve);
    CHECK(id_of(result) == id);
    CHECK(text_of(result, "state") == "held");
    CHECK(member_of(result, "state") == "granted");
    CHECK(member_of(result, "channel") == "chat");
    CHECK(member_of(result, "by") == "test/1");
    CHECK_THAT(result.text, Catch::StartsWith("Approved. "));
    // The first answer counts, whatever is said later.
    CHECK(id_of(say(id, Answered::deny)) == id);
    CHECK(id_of(say(id, Answered::approve)) == id);
    CHECK(state_of(id) == "granted");
    CHECK(id_of(pay(kLarge)) == id);
    CHECK(test::reason_of(settle(id, "3.01")) == "over_capture");
    CHECK(text_of(settle(id, "3"), "state") == "settled");
}

TEST_CASE_METHOD(Fixture, "approvals: every no gives the money back")
{
    struct No {
        Answered said;
        std::string_view state;
    };
    const auto no = GENERATE(No{Answered::deny, "denied"}, No{Answered::cancel, "cancelled"},
                             No{Answered::disconnect, "disconnected"});
    CAPTURE(no.state);
    const auto id = ask();
    const auto result = say(id, no.said);
    CHECK(test::reason_of(result) == "approval_denied");
    CHECK(text_of(result, "txId") == id);
    CHECK(member_of(result, "state") == no.state);
    CHECK(held() == "0.00");
    CHECK(test::reason_of(say(id, Answered::approve)) == "approval_denied");
    CHECK(test::reason_of(pay(kLarge)) == "approval_denied");
}

TEST_CASE_METHOD(Fixture, "approvals: no answer changes nothing, until the time is over")
{
    const auto id = ask();
    const auto result = say(id, Answered::nothing);
    CHECK(text_of(result, "reason") == "approval_pending");
    CHECK(result.question->is_asked);
    ledger.clock.pass(Span{Span::minutes(5).us - 1});
    CHECK(text_of(say(id, Answered::nothing), "reason") == "approval_pending");
    ledger.clock.pass(Span{1});
    CHECK(test::reason_of(say(id, Answered::approve)) == "approval_expired");
    CHECK(state_of(id) == "timed_out");
    CHECK(held() == "0.00");
}

TEST_CASE_METHOD(Fixture, "approvals: what is too large for the chat is not approved there")
{
    const auto result = pay(R"({"service":"images","estimatedCost":"4.000001"})");
    const auto id = text_of(result, "txId");
    REQUIRE(result.question != nullptr);
    CHECK_FALSE(result.question->in_chat);
    // Whatever a client sends.
    const auto yes = say(id, Answered::approve);
    CHECK(text_of(yes, "reason") == "approval_pending");
    CHECK(text_of(yes, "ok") == "false");
    CHECK_THAT(yes.text, Catch::Contains("operator page"));
    CHECK(state_of(id) == "waiting");
    CHECK(test::reason_of(settle(id, "4")) == "approval_pending");
    CHECK(test::reason_of(say(id, Answered::deny)) == "approval_denied");
    // At the mark itself the chat is good enough.
    id_of(say(ask(R"({"service":"images","estimatedCost":"4"})"), Answered::approve));
}

TEST_CASE_METHOD(Fixture, "approvals: a yes is weighed by the rules of its moment")
{
    const auto id = ask();
    SECTION("frozen")
    {
        operate([](Books& books) { books.freeze("agent/painter", ""); });
        CHECK(test::reason_of(say(id, Answered::approve)) == "frozen");
        CHECK(state_of(id) == "waiting");
        operate([](Books& books) { books.unfreeze("agent/painter"); });
    }
    SECTION("a policy that has changed")
    {
        auto stricter = std::string{kPolicy};
        stricter.replace(stricter.find(R"("perTx": "5")"), 12, R"("perTx": "2")");
        source.edit(stricter);
        CHECK(test::reason_of(say(id, Answered::approve)) == "transaction_limit_exceeded");
        CHECK(state_of(id) == "waiting");
        source.edit(kPolicy);
    }
    SECTION("nothing against it") {}
    id_of(say(id, Answered::approve));
}

TEST_CASE_METHOD(Fixture, "approvals: a credential that is good no more gives no yes, but any no")
{
    const auto id = ask();
    operate([&](Books& books) { CHECK(books.revoke_credential(credential_id)); });
    CHECK(test::reason_of(say(id, Answered::approve)) == "credential_revoked");
    CHECK(state_of(id) == "waiting");
    say(id, Answered::deny);
    CHECK(state_of(id) == "denied");
}

TEST_CASE_METHOD(Fixture, "approvals: nobody answers for another agent, or for what is not there")
{
    const auto id = ask();
    log_in("poet");
    CHECK(test::reason_of(say(id, Answered::approve)) == "hold_unknown");
    CHECK(test::reason_of(say(id, Answered::deny)) == "hold_unknown");
    CHECK(state_of(id) == "waiting");
    auto strange = *TxId::parse(id);
    strange.token ^= 1;
    CHECK(test::reason_of(say(strange.to_string(), Answered::deny)) == "hold_unknown");
    CHECK(test::reason_of(say("form tx", Answered::deny)) == "hold_unknown");
    const auto other = id_of(pay(R"({"service":"images","estimatedCost":"1"})"));
    CHECK(test::reason_of(say(other, Answered::approve)) == "hold_unknown");
}

TEST_CASE_METHOD(Fixture, "approvals: an operator's ruling on what is not there changes nothing")
{
    const auto document = policy::parse_document(kPolicy).value();
    const Ruling ruling{.id = TxId{.seq = 99, .token = 1},
                        .by = "operator/op_1",
                        .channel = Channel::page,
                        .note = {}};
    operate([&](Books& books) {
        CHECK(tools::approve(books, *document, ruling).ruled == Ruled::unknown);
        const auto denied = tools::deny(books, ruling);
        CHECK(denied.ruled == Ruled::unknown);
        CHECK_FALSE(denied.asked.has_value());
    });
}

TEST_CASE_METHOD(Fixture, "approvals: which questions are decided is told for all at once")
{
    const auto first = ask();
    const auto second = ask(R"({"service":"images","estimatedCost":"2.5"})");
    CHECK(decided({first, second}) == std::vector<bool>{false, false});
    say(first, Answered::deny);
    CHECK(decided({first, second, "tx_none", TxId{.seq = 99, .token = 1}.to_string()}) ==
          std::vector<bool>{true, false, true, true});
    ledger.clock.pass(Span::minutes(5));
    CHECK(decided({second}) == std::vector<bool>{true});
    till.is_full = true;
    CHECK(decided({first, second}).empty());
}

TEST_CASE_METHOD(Fixture, "approvals: where there is a page its address is told while it waits")
{
    const Page page;
    tools::PurseToolbox with_page{{.till = till, .source = source, .alarm = alarm, .page = &page}};
    std::optional<tools::Result> result;
    const auto arguments = json::parse(kLarge);
    with_page.call("pay_preauthorize", &arguments->root(), caller, nullptr,
                   [&](tools::Result one) { result = std::move(one); });
    REQUIRE(result.has_value());
    const auto id = text_of(*result, "txId");
    CHECK(member_of(*result, "url") == page.link(id));
    CHECK(result->question->url == page.link(id));
    CHECK_THAT(result->text, Catch::Contains(page.link(id)));
    with_page.follow_up(id, Answered::approve, caller,
                        [&](tools::Result one) { result = std::move(one); });
    CHECK(member_of(*result, "url").empty());
}
