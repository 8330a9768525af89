// SPDX-License-Identifier: Apache-2.0
#include "tests/support/past.hpp"

#include <stdexcept>

#include "ledger/approvals.hpp"
#include "policy/decision.hpp"

namespace purse::test {

namespace {
constexpr const char* kImages = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";
constexpr const char* kSearch = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65";
constexpr const char* kAddress = "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc";

std::string usdc_of(std::int64_t cents)
{
    return "\"" + micro(cents * 10'000).to_string() + "\"";
}

void add(std::string& list, const std::string& member)
{
    list += (list.empty() ? "" : ", ") + member;
}

std::string random_caps(Dice& dice, std::int64_t scale)
{
    std::string caps;
    const auto some = [&](std::int64_t times) { return usdc_of(dice.between(1, scale * times)); };
    if (dice.odds(1, 3)) add(caps, "\"perTx\": " + some(1));
    if (dice.odds(1, 3)) add(caps, "\"hourly\": " + some(4));
    if (dice.odds(1, 2)) add(caps, "\"daily\": " + some(10));
    if (dice.odds(1, 3)) add(caps, "\"weekly\": " + some(30));
    if (dice.odds(1, 4)) add(caps, "\"lifetime\": " + some(90));
    if (dice.odds(1, 4)) add(caps, "\"perTask\": " + some(20));
    if (dice.odds(1, 4)) add(caps, "\"perWorkflow\": " + some(20));
    if (dice.odds(1, 2))
        add(caps, R"("rolling": [{ "span": ")" + std::to_string(dice.between(1, 50)) +
                      "m\", \"limit\": " + some(5) + " }]");
    if (dice.odds(1, 2))
        add(caps,
            R"("count": [{ "span": "1m", "limit": )" + std::to_string(dice.between(1, 9)) + " }]");
    return caps;
}

std::string random_rules(Dice& dice, With with, std::int64_t scale)
{
    std::string rules = "\"caps\": {" + random_caps(dice, scale) + "}";
    add(rules, R"("hold": { "ttl": ")" + std::to_string(dice.between(5, 300)) +
                   R"(s", "maxTtl": ")" + std::to_string(dice.between(300, 4'000)) + "s\" }");
    if (dice.odds(1, 2))
        add(rules,
            "\"overCapture\": { \"percent\": " + std::to_string(dice.between(1, 100)) + " }");
    if (dice.odds(1, 8)) add(rules, R"("lateSettle": "refuse")");
    if (dice.odds(1, 4))
        add(rules, R"("times": [{ "from": "06:00", "to": "21:30", "timeZone": "UTC" }])");
    const bool has_loop = dice.odds(1, 3);
    if (has_loop) add(rules, R"("loopGuard": { "times": 2, "span": "10m" })");
    if (with == With::caps_only || !dice.odds(2, 3)) return rules;
    std::string approval = R"("within": ")" + std::to_string(dice.between(1, 600)) + "s\"";
    add(approval, R"("lasts": ")" + std::to_string(dice.between(1, 600)) + "s\"");
    add(approval, "\"above\": " + usdc_of(dice.between(1, scale)));
    if (dice.odds(1, 2)) add(approval, "\"newPayee\": true");
    if (has_loop && dice.odds(1, 2)) add(approval, "\"loop\": true");
    add(rules, "\"approval\": {" + approval + "}");
    return rules;
}

Act random_request(Dice& dice)
{
    Act act{.kind = Act::Kind::request, .agent = dice.odds(2, 3) ? "a" : "b"};
    auto& what = act.what;
    switch (dice.between(1, 8)) {
        case 1: what.payee = kSearch; break;
        case 2: what.payee = kAddress; break;
        case 3: what.service = "elsewhere"; break;
        case 4:
            what.service = "images";
            what.payee = dice.odds(1, 2) ? kImages : kSearch;
            break;
        case 5: what.service = "search"; break;
        default: what.service = "images"; break;
    }
    what.amount = micro(dice.between(1, dice.odds(1, 8) ? 1'500'000 : 200'000));
    if (dice.odds(2, 3)) what.task = "t" + std::to_string(dice.between(1, 3));
    if (dice.odds(2, 3)) what.workflow = "w" + std::to_string(dice.between(1, 3));
    if (dice.odds(1, 2)) act.ttl = Span::seconds(dice.between(1, 5'000));
    return act;
}

Span random_pause(Dice& dice)
{
    switch (dice.between(1, 12)) {
        case 1: return Span::minutes(dice.between(1, 90));
        case 2: return Span::hours(dice.between(1, 30));
        case 3:
        case 4: return {};  // in the same transaction
        case 5: return {dice.between(1, 1'000)};
        default: return Span::seconds(dice.between(0, 40));
    }
}
}  // namespace

std::string random_policy(Dice& dice, With with, std::int64_t scale)
{
    const auto shared = random_rules(dice, with, scale * 2);
    const auto agent = [&] {
        auto rules = random_rules(dice, with, scale) + R"(, "budgets": ["team"])";
        if (dice.odds(1, 2)) rules += R"(, "allow": { "services": ["*"], "payees": ["*"] })";
        return "{" + rules + "}";
    };
    const auto a = agent();
    return R"({ "version": 1, "services": {
  "images": { "payee": ")" +
           std::string{kImages} + R"(", "ceiling": "1.2" }, "search": { "payee": ")" + kSearch +
           R"(" } },
  "budgets": { "team": {)" +
           shared + R"(} },
  "agents": { "a": )" +
           a + R"(, "b": )" + agent() + " } }";
}

std::vector<Act> random_script(Dice& dice, std::size_t acts, With with)
{
    std::vector<Act> script;
    Instant at{1'795'000'000'000'000};
    std::size_t requests = 0;
    bool is_frozen = false;
    while (script.size() < acts) {
        at = at + random_pause(dice);
        Act act;
        if (requests == 0 || dice.odds(1, 2)) {
            act = random_request(dice);
            ++requests;
        } else if (dice.odds(1, 40)) {
            act.kind = is_frozen ? Act::Kind::unfreeze : Act::Kind::freeze;
            is_frozen = !is_frozen;
        } else {
            const auto last = static_cast<std::int64_t>(requests) - 1;
            act.which = static_cast<std::size_t>(
                dice.between(dice.odds(1, 6) ? 0 : std::max<std::int64_t>(0, last - 4), last));
            act.actual = micro(dice.between(0, 260'000));
            act.kind = dice.odds(1, 5) ? Act::Kind::give_back : Act::Kind::settle;
            if (with == With::approvals && dice.odds(1, 3))
                act.kind = dice.odds(2, 3) ? Act::Kind::approve : Act::Kind::deny;
        }
        act.at = at;
        script.push_back(std::move(act));
    }
    return script;
}

Past::Past(const std::string& policy)
{
    purse.clock.set_wall({1'794'999'000'000'000});
    change_policy(policy);
}

void Past::change_policy(const std::string& policy)
{
    auto parsed = policy::parse_document(policy);
    if (!parsed) throw std::runtime_error{policy + "\n" + to_string(parsed.error())};
    document = *std::move(parsed);
    purse.run([&](Books& books) { return books.apply_policy(policy, "test"); });
}

void Past::play(const std::vector<Act>& script, const Past* refused_before)
{
    for (std::size_t i = 0; i < script.size();) {
        const auto at = script[i].at;
        if (const auto now = purse.ledger().now(); at > now) purse.clock.pass(at - now);
        purse.run([&](Books& books) {
            for (; i < script.size() && script[i].at == at; ++i)
                act(books, script[i], refused_before);
            return 0;
        });
    }
}

void Past::act(Books& books, const Act& act, const Past* before)
{
    switch (act.kind) {
        case Act::Kind::request: return request(books, act, before);
        case Act::Kind::freeze:
            books.freeze("agent/a", "");
            freezes_ = books.rows().freezes();
            return;
        case Act::Kind::unfreeze:
            books.unfreeze("agent/a");
            freezes_ = books.rows().freezes();
            return;
        case Act::Kind::look: return;
        default: break;
    }
    if (act.which >= requests.size()) return;
    const auto& played = requests[act.which];
    // What is refused has no end; what only this past allows has ended already.
    if (played.answer.outcome == HoldAnswer::Outcome::refused) return;
    if (before != nullptr &&
        before->requests[act.which].answer.outcome == HoldAnswer::Outcome::refused)
        return;
    const auto id = played.answer.id;
    const Ruling ruling{.id = id, .by = "a person", .channel = Channel::page, .note = {}};
    if (act.kind == Act::Kind::settle) settle(books, played, act.actual);
    if (act.kind == Act::Kind::give_back)
        books.settle({.epoch = books.meta().epoch,
                      .who = {.agent = played.agent},
                      .id = id,
                      .is_void = true,
                      .limit_of = {}});
    if (act.kind == Act::Kind::deny) Approvals{books}.deny(ruling);
    if (act.kind != Act::Kind::approve) return;
    const auto asked = Approvals{books}.find(id);
    if (!asked || asked->approval.state != ApprovalState::waiting) return;
    const auto against = policy::decide(
        *document, {.freezes = freezes_},
        {.agent = played.agent, .what = asked->hold.what, .ttl = {}, .now = books.now()});
    if (against.refusals.empty()) Approvals{books}.grant(ruling);
}

void Past::request(Books& books, const Act& act, const Past* before)
{
    const auto decision =
        policy::decide(*document, {.freezes = freezes_},
                       {.agent = act.agent, .what = act.what, .ttl = act.ttl, .now = books.now()});
    const auto answer = books.hold({.epoch = books.meta().epoch,
                                    .valid_until = decision.valid_until,
                                    .who = {.agent = act.agent},
                                    .what = decision.what,
                                    .key = {},
                                    .ttl = decision.ttl,
                                    .max_capture = decision.max_capture,
                                    .legs = decision.legs,
                                    .refusals = decision.refusals,
                                    .approval = decision.approval});
    requests.push_back({answer, act.agent});
    if (before == nullptr || answer.outcome != HoldAnswer::Outcome::approved) return;
    if (before->requests[requests.size() - 1].answer.outcome == HoldAnswer::Outcome::refused)
        settle(books, requests.back(), answer.amount);
}

SettleAnswer Past::settle(Books& books, const Played& played, Money actual)
{
    auto answer = books.settle({.epoch = books.meta().epoch,
                                .who = {.agent = played.agent},
                                .id = played.answer.id,
                                .actual = actual,
                                .limit_of = [&](std::string_view budget, std::string_view kind) {
                                    return policy::limit_of(*document, budget, kind);
                                }});
    if (answer.outcome != SettleAnswer::Outcome::expired) return answer;
    auto what = answer.hold.what;
    what.amount = actual;
    auto decision =
        policy::decide_late(*document, {.freezes = freezes_},
                            {.agent = played.agent, .what = what, .ttl = {}, .now = books.now()});
    return books.late_settle({.epoch = books.meta().epoch,
                              .who = {.agent = played.agent},
                              .id = played.answer.id,
                              .actual = actual,
                              .legs = std::move(decision.legs),
                              .refusals = std::move(decision.refusals)});
}

}  // namespace purse::test
