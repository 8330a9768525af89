// SPDX-License-Identifier: Apache-2.0
#include "wallet/nodes.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/seeded_entropy.hpp"

using namespace purse;
using purse::test::FakeNode;

namespace {
using Kind = NodeFault::Kind;

NodeFault fault(Kind kind, std::string what = "no")
{
    return {kind, std::move(what)};
}

Heads heads_at(std::uint64_t timestamp)
{
    Heads heads;
    heads.latest.timestamp = timestamp;
    return heads;
}

struct Bench {
    explicit Bench(std::size_t count, std::uint64_t seed = 1) : entropy{seed}
    {
        std::vector<std::unique_ptr<Node>> all;
        for (std::size_t i = 0; i < count; ++i) {
            auto node = std::make_unique<FakeNode>("http://" + std::string(1, char('a' + i)));
            node->id = 100 + i;
            fake.push_back(node.get());
            all.push_back(std::move(node));
        }
        nodes.emplace(std::move(all), clock, entropy);
    }

    NodeAnswer<std::uint64_t> first()
    {
        return nodes->first([](Node& node) { return node.chain_id(); });
    }
    NodeAnswer<std::uint64_t> agreeing(std::size_t count)
    {
        return nodes->agreeing(count, [](Node& node) { return node.chain_id(); });
    }
    /// How long the first node, which fails so, is left alone.
    Span rest_of_first(Kind kind)
    {
        fake[0]->fault = fault(kind);
        (void)first();
        Span waited{};
        const Span step{1'000};
        for (int asked = fake[0]->asked; fake[0]->asked == asked; waited.us += step.us) {
            clock.pass(step);
            (void)first();
        }
        return waited;
    }

    test::FakeClock clock{};
    test::SeededEntropy entropy;
    std::vector<FakeNode*> fake;
    std::optional<Nodes> nodes;
};
}  // namespace

TEST_CASE("nodes: the first as configured is asked, and only it")
{
    Bench bench{3};
    CHECK(bench.nodes->size() == 3);
    CHECK(bench.first() == 100);
    CHECK(bench.first() == 100);
    CHECK(bench.fake[0]->asked == 2);
    CHECK(bench.fake[1]->asked == 0);
}

TEST_CASE("nodes: a failing one is passed over, and comes back when its rest is over")
{
    Bench bench{2};
    bench.fake[0]->fault = fault(Kind::unknown);
    CHECK(bench.first() == 101);
    CHECK(bench.first() == 101);
    CHECK(bench.fake[0]->asked == 1);
    bench.fake[0]->fault.reset();
    bench.clock.pass(Span::seconds(1));
    CHECK(bench.first() == 101);  // it must prove itself; meanwhile the healthy one answers
    bench.fake[1]->fault = fault(Kind::unknown);
    CHECK(bench.first() == 100);
    CHECK(bench.first() == 100);
    CHECK(bench.nodes->ranking() == std::vector<std::size_t>{0, 1});
}

TEST_CASE("nodes: looking at the heads brings a healed one back")
{
    Bench bench{2};
    bench.fake[0]->fault = fault(Kind::unknown);
    CHECK(bench.first() == 101);
    bench.fake[0]->fault.reset();
    CHECK(bench.nodes->heads().has_value());
    CHECK(bench.fake[0]->asked == 1);  // it rests
    bench.clock.pass(Span::seconds(1));
    CHECK(bench.nodes->heads().has_value());
    CHECK(bench.first() == 100);
}

TEST_CASE("nodes: a refusal is an answer of a healthy node, and the next may know more")
{
    Bench bench{2};
    bench.fake[0]->fault = fault(Kind::refused, "no such method");
    CHECK(bench.first() == 101);
    CHECK(bench.first() == 101);
    CHECK(bench.fake[0]->asked == 2);
    bench.fake[1]->fault = fault(Kind::refused, "nor here");
    const auto none = bench.first();
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().kind == Kind::refused);
    CHECK(none.error().what == "http://a: no such method; http://b: nor here");
}

TEST_CASE("nodes: of several faults the least known is what is said")
{
    const auto kind_of = [](Kind a, Kind b) {
        Bench bench{2};
        bench.fake[0]->fault = fault(a);
        bench.fake[1]->fault = fault(b);
        return bench.first().error().kind;
    };
    CHECK(kind_of(Kind::refused, Kind::unknown) == Kind::unknown);
    CHECK(kind_of(Kind::unknown, Kind::rate_limited) == Kind::unknown);
    CHECK(kind_of(Kind::refused, Kind::rate_limited) == Kind::rate_limited);
}

TEST_CASE("nodes: one alone that failed is asked again at once, one asked too often is not")
{
    Bench failing{1};
    failing.fake[0]->fault = fault(Kind::unknown);
    CHECK_FALSE(failing.first().has_value());
    failing.fake[0]->fault.reset();
    CHECK(failing.first() == 100);

    Bench limited{1};
    limited.fake[0]->fault = fault(Kind::rate_limited);
    CHECK_FALSE(limited.first().has_value());
    limited.fake[0]->fault.reset();
    const auto none = limited.first();
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().kind == Kind::rate_limited);
    CHECK(limited.fake[0]->asked == 1);
    limited.clock.pass(Span::seconds(1));
    CHECK(limited.first() == 100);
}

TEST_CASE("nodes: rests double up to their longest, and differ by chance")
{
    Bench bench{1};
    std::int64_t whole = 1'000'000;
    for (int i = 0; i < 10; ++i) {
        const auto rest = bench.rest_of_first(Kind::rate_limited);
        CAPTURE(i, rest.us, whole);
        CHECK(rest.us >= whole / 2);
        CHECK(rest.us <= whole + 1'000);
        // The attempt that ended this rest failed as well, and so does the next in rest_of_first().
        bench.clock.pass(Span::minutes(2));
        bench.fake[0]->fault = fault(Kind::rate_limited);
        whole = std::min<std::int64_t>(whole * 4, 60'000'000);
    }
    bench.fake[0]->fault.reset();
    bench.clock.pass(Span::minutes(2));
    CHECK(bench.first().has_value());
    CHECK(bench.rest_of_first(Kind::rate_limited).us <= 1'001'000);

    std::set<std::int64_t> rests;
    for (std::uint64_t seed = 1; seed <= 8; ++seed)
        rests.insert(Bench{1, seed}.rest_of_first(Kind::rate_limited).us);
    CHECK(rests.size() > 4);
}

TEST_CASE("nodes: a lagging one is asked last, until it has caught up")
{
    Bench bench{3};
    bench.fake[0]->seen = heads_at(1'000);
    bench.fake[1]->seen = heads_at(1'006);
    bench.fake[2]->seen = heads_at(1'001);
    const auto heads = bench.nodes->heads();
    REQUIRE(heads.has_value());
    CHECK(heads->latest.timestamp == 1'006);
    CHECK(bench.nodes->ranking() == std::vector<std::size_t>{1, 2, 0});
    CHECK(bench.first() == 101);
    bench.fake[0]->seen = heads_at(1'004);
    CHECK(bench.nodes->heads()->latest.timestamp == 1'004);  // the first that does not lag
    CHECK(bench.nodes->ranking() == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("nodes: what is sent goes to all, and each has its outcome")
{
    Bench bench{3};
    bench.fake[0]->fault = fault(Kind::unknown, "time-out");
    bench.fake[1]->sent = SendResult{SendOutcome::nonce_too_low, "nonce too low"};
    auto answers = bench.nodes->send_to_all("raw");
    REQUIRE(answers.size() == 3);
    REQUIRE_FALSE(answers[0].has_value());
    CHECK(answers[0].error().what == "time-out");
    CHECK(answers[1]->outcome == SendOutcome::nonce_too_low);
    CHECK(answers[2]->outcome == SendOutcome::accepted);

    // Now the first rests, and is spared while others answer.
    answers = bench.nodes->send_to_all("raw");
    CHECK(answers[0].error().kind == Kind::rate_limited);
    CHECK(bench.fake[0]->asked == 1);
    bench.fake[1]->fault = fault(Kind::rate_limited);
    bench.fake[2]->fault = fault(Kind::unknown);
    bench.fake[0]->fault.reset();
    answers = bench.nodes->send_to_all("raw");
    CHECK(answers[0]->outcome == SendOutcome::accepted);
    // The one that asked for a rest has it.
    const int asked = bench.fake[1]->asked;
    (void)bench.nodes->send_to_all("raw");
    CHECK(bench.fake[1]->asked == asked);
}

TEST_CASE("nodes: a liar alone decides nothing")
{
    Bench bench{3};
    bench.fake[0]->id = 666;
    bench.fake[1]->id = 1;
    bench.fake[2]->id = 1;
    CHECK(bench.agreeing(2) == 1);
    CHECK(bench.agreeing(1) == 666);

    bench.fake[2]->id = 2;
    const auto none = bench.agreeing(2);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().kind == Kind::unknown);
    CHECK(none.error().what == "all: 3 different answers, none of which 2 nodes gave");
}

TEST_CASE("nodes: agreement needs so many different nodes that answer")
{
    Bench bench{2};
    bench.fake[1]->id = 100;
    CHECK(bench.agreeing(2) == 100);
    CHECK(bench.fake[0]->asked == 1);
    CHECK_FALSE(bench.agreeing(3).has_value());
    bench.fake[1]->fault = fault(Kind::unknown, "time-out");
    const auto none = bench.agreeing(2);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().what == "http://b: time-out; all: 1 answer, none of which 2 nodes gave");
    CHECK(bench.agreeing(0) == 100);  // as one
}

TEST_CASE("nodes: one that is set aside is asked for nothing")
{
    Bench bench{2};
    bench.nodes->set_aside(0);
    CHECK(bench.first() == 101);
    CHECK_FALSE(bench.agreeing(2).has_value());
    CHECK_FALSE(bench.nodes->send_to_all("raw")[0].has_value());
    CHECK(bench.nodes->heads().has_value());
    CHECK(bench.fake[0]->asked == 0);
    CHECK(bench.nodes->size() == 2);
    bench.nodes->admit(0);
    CHECK(bench.first() == 100);
    bench.nodes->set_aside(0);
    bench.nodes->set_aside(1);
    CHECK(bench.first().error().what == "no node may be asked now: each rests or is set aside");
}
