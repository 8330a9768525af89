// SPDX-License-Identifier: Apache-2.0
#include "tools/status_memo.hpp"

#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;
using tools::StatusMemo;

namespace {
const StatusMemo::Question kQuestion{.agent = "painter", .task = "t-1", .workflow = {}};

struct Memo {
    TestLedger ledger;
    StatusMemo memo;
    std::shared_ptr<const tools::Result> answer = std::make_shared<const tools::Result>();

    Memo() { keep(kQuestion); }
    void keep(const StatusMemo::Question& question)
    {
        ledger.ledger().transact([&](Books& books) { memo.keep(books, question, answer); });
    }
    bool knows(const StatusMemo::Question& question = kQuestion)
    {
        return ledger.run([&](Books& books) { return memo.find(books, question) == answer; });
    }
};

/// Keeps pieces of work back, to write them in one transaction.
class GatheringTill final : public tools::Till {
public:
    explicit GatheringTill(TestLedger& ledger) : ledger_{ledger} {}
    bool submit(Work& work) override
    {
        works_.push_back(std::move(work));
        return true;
    }
    void commit()
    {
        auto works = std::exchange(works_, {});
        ledger_.ledger().transact(std::span{works});
    }

private:
    TestLedger& ledger_;
    std::vector<Work> works_;
};

constexpr auto kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "agents": { "painter": { "caps": { "daily": "10", "perTask": "5" } }, "writer": {} } })";
constexpr auto kImage = R"({"service":"images","estimatedCost":"0.50","taskId":"t-1"})";

struct Asked : Tools {
    Asked() : Tools{kPolicy}
    {
        log_in("painter");
        status();  // takes the policy into force, which is a decision
    }
    tools::Result status(std::string_view arguments = "{}")
    {
        auto result = call("pay_budget_status", arguments);
        REQUIRE_FALSE(result.is_error);
        return result;
    }
};
}  // namespace

TEST_CASE_METHOD(Memo, "status memo: the same question, while nothing happens")
{
    CHECK(knows());
    CHECK_FALSE(knows({.agent = "painter", .task = "t-2", .workflow = {}}));
    CHECK_FALSE(knows({.agent = "painter", .task = {}, .workflow = "t-1"}));
    CHECK_FALSE(knows({.agent = "writer", .task = "t-1", .workflow = {}}));
}

TEST_CASE_METHOD(Memo, "status memo: for less than a millisecond from the first look")
{
    ledger.clock.pass(Span{600});
    keep({.agent = "second", .task = {}, .workflow = {}});
    ledger.clock.pass(Span{399});
    CHECK(knows());
    ledger.clock.pass(Span{1});
    CHECK_FALSE(knows());
    CHECK_FALSE(knows({.agent = "second", .task = {}, .workflow = {}}));
    keep(kQuestion);
    CHECK(knows());
}

TEST_CASE_METHOD(Memo, "status memo: a decision makes it void, whoever's")
{
    ledger.hold("0.10");
    CHECK_FALSE(knows());
    keep(kQuestion);
    CHECK(knows());
    ledger.ledger().transact([](Books& books) { books.freeze("agent/painter", "x"); });
    CHECK_FALSE(knows());
}

TEST_CASE_METHOD(Memo, "status memo: a transaction that has decided something leaves it alone")
{
    const StatusMemo::Question other{.agent = "writer", .task = {}, .workflow = {}};
    // It is taken back, as one is whose commit fails: nothing of it may stay.
    struct TakenBack {};
    CHECK_THROWS_AS(ledger.ledger().transact([&](Books& books) {
        auto request = ask(ledger.rules, usdc("0.10"));
        request.epoch = books.meta().epoch;
        books.hold(request);
        CHECK(memo.find(books, kQuestion) == nullptr);
        memo.keep(books, other, answer);
        throw TakenBack{};
    }),
                    TakenBack);
    CHECK(knows());
    CHECK_FALSE(knows(other));
}

TEST_CASE_METHOD(Memo, "status memo: so many answers and no more")
{
    for (int i = 0; i < 1'000; ++i)
        keep({.agent = "a" + std::to_string(i), .task = {}, .workflow = {}});
    int known = 0;
    for (int i = 0; i < 1'000; ++i)
        if (knows({.agent = "a" + std::to_string(i), .task = {}, .workflow = {}})) ++known;
    CHECK(known == 255);
    CHECK(knows());
}

TEST_CASE_METHOD(Asked, "budget status: one look for many callers, until something is decided")
{
    const auto first = status();
    CHECK(status().rendered == first.rendered);
    CHECK(status(R"({"taskId":"t-1"})").rendered != first.rendered);
    id_of(pay(kImage));
    const auto after = status();
    CHECK(after.rendered != first.rendered);
    CHECK(text_of(after, "held") == "0.50");
    ledger.clock.pass(Span{1'000});
    CHECK(text_of(status(), "asOf") != text_of(after, "asOf"));
}

TEST_CASE_METHOD(Asked, "budget status: a policy that has changed is seen at once")
{
    CHECK_THAT(status().text, Catch::Contains("10.00"));
    source.edit(R"({ "version": 1, "agents": { "painter": { "caps": { "daily": "7" } } } })");
    const auto after = status();
    CHECK_THAT(after.text, Catch::Contains("7.00") && !Catch::Contains("10.00"));
}

TEST_CASE_METHOD(Asked, "budget status: an agent's answer is no pass for its bad credentials")
{
    const auto good = caller;
    log_in("painter", ledger.clock.wall() + Span::minutes(1));
    const auto expiring = caller;
    ledger.clock.pass(Span::minutes(1));
    caller = good;
    const auto first = status();
    caller = expiring;
    CHECK(test::reason_of(call("pay_budget_status", "{}")) == "credential_expired");
    caller.credential = "purse_painter_made-up";
    CHECK(test::reason_of(call("pay_budget_status", "{}")) == "credential_unknown");
    caller = good;
    CHECK(status().rendered == first.rendered);  // it was remembered all the while
    log_in("writer");
    CHECK(text_of(status(), "agent") == "writer");
}

TEST_CASE_METHOD(Asked, "budget status: in one transaction with a payment, before and after it")
{
    GatheringTill gathering{ledger};
    tools::PurseToolbox together{{.till = gathering, .source = source, .alarm = alarm}};
    std::vector<std::string> held;
    const auto look = [&] {
        together.call("pay_budget_status", nullptr, caller, nullptr, [&](tools::Result result) {
            held.emplace_back(
                boost::json::parse(result.rendered->json).at("held").as_string().c_str());
        });
    };
    const auto document = json::parse(kImage).value();
    look();
    together.call("pay_preauthorize", &document.root(), caller, nullptr,
                  [](const tools::Result& result) { CHECK_FALSE(result.is_error); });
    look();
    gathering.commit();
    look();
    gathering.commit();
    CHECK(held == std::vector<std::string>{"0.00", "0.50", "0.50"});
}
