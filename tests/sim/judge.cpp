// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/judge.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/calendar.hpp"
#include "ledger/money.hpp"

namespace purse::sim {

namespace {
using Json = boost::json::object;

std::string text_of(const Json& json, const char* name)
{
    const auto* value = json.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : "";
}

bool truth_of(const Json& json, const char* name)
{
    const auto* value = json.if_contains(name);
    return value != nullptr && value->is_bool() && value->as_bool();
}

Us time_of(const Json& json, const char* name)
{
    const auto at = from_rfc3339(text_of(json, name));
    return at ? at->us : -1;
}

/// -1: it is no amount.
std::int64_t amount_of(const Json& json, const char* name)
{
    const auto text = text_of(json, name);
    if (text_of(json, "unit") == "calls") return std::stoll(text);
    const auto money = Money::parse(text);
    return money ? money->micro() : -1;
}

std::multiset<std::string> failures_of(const Json& reply)
{
    std::multiset<std::string> failures;
    for (const auto& value : reply.at("failures").as_array()) {
        const auto& failure = value.as_object();
        const auto reason = text_of(failure, "reason");
        const bool is_credential = reason == "credential_revoked" || reason == "credential_expired";
        auto words = is_credential ? reason : reason + " " + text_of(failure, "rule");
        if (const auto cap = text_of(failure, "cap"); !cap.empty()) words += " " + cap;
        failures.insert(std::move(words));
    }
    return failures;
}

std::string words(const std::multiset<std::string>& items)
{
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
    return text.empty() ? "nothing" : text;
}

/// Collects what differs.
class Differences {
public:
    void same(const char* what, std::int64_t told, std::int64_t foretold)
    {
        if (told != foretold)
            text_ += std::string{what} + " is " + std::to_string(told) + ", not " +
                     std::to_string(foretold) + "; ";
    }
    void same(const char* what, const std::string& told, const std::string& foretold)
    {
        if (told != foretold)
            text_ += std::string{what} + " is \"" + told + "\", not \"" + foretold + "\"; ";
    }
    void note(const std::string& what) { text_ += what + "; "; }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

void compare_refusal(const Json& reply, const Expected& expected, Differences& differences)
{
    const auto failures = failures_of(reply);
    if (failures != expected.reasons)
        differences.note("refused for " + words(failures) + ", not for " + words(expected.reasons));
    const auto reason = text_of(reply, "reason");
    const auto begins = [&](const std::string& one) { return one.starts_with(reason); };
    if (std::ranges::none_of(failures, begins))
        differences.note("the first reason is none of the failures");
}

void compare_yes(const Json& reply, const Expected& expected, Differences& differences)
{
    differences.same("state", text_of(reply, "state"), expected.state);
    const auto tx = text_of(reply, "txId");
    if (tx.empty()) differences.note("no txId");
    if (!expected.tx.empty()) differences.same("txId", tx, expected.tx);
    if (expected.state == "held" || expected.said == Said::asks)
        differences.same("amount", amount_of(reply, "amount"), expected.amount);
    if (expected.state == "held") {
        differences.same("maxCapture", amount_of(reply, "maxCapture"), expected.most);
        differences.same("expiresAt", time_of(reply, "expiresAt"), expected.expires);
    } else if (expected.said == Said::asks) {
        const auto& approval = reply.at("approval").as_object();
        differences.same("until", time_of(approval, "until"), expected.expires);
    } else {
        differences.same("captured", amount_of(reply, "captured"), expected.captured);
        differences.same("released", amount_of(reply, "released"), expected.released);
        differences.same("late", truth_of(reply, "late") ? 1 : 0, expected.late ? 1 : 0);
    }
    if (expected.at != 0) differences.same("at", time_of(reply, "at"), expected.at);
}

std::string compare(const Json& reply, const Expected& expected)
{
    Differences differences;
    const bool ok = truth_of(reply, "ok");
    const bool waits = !ok && reply.contains("approval") && !reply.contains("failures");
    const auto said = ok ? Said::yes : waits ? Said::asks : Said::no;
    static constexpr std::array kSaid{"yes", "no", "asks a person"};
    if (said != expected.said) {
        auto told = std::string{kSaid.at(static_cast<std::size_t>(said))};
        if (said == Said::no) told += " for " + words(failures_of(reply));
        auto foretold = std::string{kSaid.at(static_cast<std::size_t>(expected.said))};
        if (expected.said == Said::no) foretold += " for " + words(expected.reasons);
        return "the answer is " + told + "; it should be " + foretold;
    }
    said == Said::no ? compare_refusal(reply, expected, differences)
                     : compare_yes(reply, expected, differences);
    return differences.take();
}

void compare_lines(const Json& reply, const char* name, std::multiset<UsedLine>& lines)
{
    for (const auto& value : reply.at(name).as_array()) {
        const auto& line = value.as_object();
        const bool has_limit = line.contains("limit");
        lines.insert({.name = text_of(line, "budget") + " " + text_of(line, "cap") + " " +
                              text_of(line, "scope"),
                      .limit = has_limit ? amount_of(line, "limit") : -1,
                      .spent = amount_of(line, "spent"),
                      .held = amount_of(line, "held")});
    }
}

std::string line_words(const std::multiset<UsedLine>& lines, const std::multiset<UsedLine>& other)
{
    std::string text;
    for (const auto& line : lines)
        if (!other.contains(line))
            text += line.name + " limit " + std::to_string(line.limit) + " spent " +
                    std::to_string(line.spent) + " held " + std::to_string(line.held) + "; ";
    return text;
}

/// Held, spent and available of every cap, and the holds that are open.
std::string compare_status(const Shadow& shadow, const Call& call)
{
    const auto& reply = *call.reply;
    if (auto reasons = shadow.who_refusals(call.who); !reasons.empty())
        return compare(reply, {.reasons = std::move(reasons)});
    if (!truth_of(reply, "ok")) return "no status was given";
    const auto foretold = shadow.lines(call.who.agent, call.hold.task, call.hold.workflow);
    std::multiset<UsedLine> told;
    compare_lines(reply, "caps", told);
    compare_lines(reply, "usage", told);
    Differences differences;
    if (told != foretold)
        differences.note("told " + line_words(told, foretold) + " and not " +
                         line_words(foretold, told));
    for (const auto& value : reply.at("caps").as_array()) {
        const auto& line = value.as_object();
        const auto left =
            amount_of(line, "limit") - amount_of(line, "spent") - amount_of(line, "held");
        differences.same("available", amount_of(line, "available"),
                         std::max<std::int64_t>(left, 0));
    }
    differences.same("frozen", truth_of(reply, "frozen") ? 1 : 0,
                     shadow.is_frozen(call.who.agent) ? 1 : 0);
    Micro held = 0;
    std::size_t open = 0;
    for (const int place : shadow.open_holds()) {
        const auto& hold = shadow.holds()[static_cast<std::size_t>(place)];
        if (hold.agent != call.who.agent) continue;
        held += hold.amount;
        ++open;
    }
    differences.same("held", amount_of(reply, "held"), held);
    const auto shown = reply.at("holds").as_array().size();
    if (shown > open || (shown < open && shadow.open_holds().size() < 20))
        differences.note(std::to_string(shown) + " open holds are shown of " +
                         std::to_string(open));
    return differences.take();
}

std::string compare_hold(Shadow& shadow, const Call& call, const Expected& expected)
{
    if (!call.reply) return {};
    auto differs = compare(*call.reply, expected);
    const auto* replayed = call.reply->if_contains("replayed");
    const bool is_replayed = replayed != nullptr && replayed->as_bool();
    if (call.kind != Call::Kind::follow_up && is_replayed != expected.replayed &&
        !expected.reasons.contains("idempotency_conflict purse"))
        differs += is_replayed ? "told as a replay; " : "not told as a replay; ";
    const auto tx = text_of(*call.reply, "txId");
    if (differs.empty() && expected.hold >= 0 && !tx.empty()) shadow.learn(expected.hold, tx);
    return differs;
}
}  // namespace

std::string judge(Shadow& shadow, const Call& call)
{
    if (call.is_odd)
        return text_of(*call.reply, "reason") == "invalid_argument"
                   ? ""
                   : "the arguments were taken though they are wrong";
    switch (call.kind) {
        case Call::Kind::hold: return compare_hold(shadow, call, shadow.hold(call.who, call.hold));
        case Call::Kind::settle:
            return compare_hold(shadow, call, shadow.settle(call.who, call.settle));
        case Call::Kind::follow_up:
            return compare_hold(shadow, call,
                                shadow.follow_up(call.who, call.settle.tx, call.answered));
        case Call::Kind::status: return call.reply ? compare_status(shadow, call) : "";
        case Call::Kind::operate: {
            const auto foretold = call.foretell(shadow);
            if (!call.is_done || call.fault || call.said == foretold) return {};
            return "the act came to \"" + call.said + "\", not to \"" + foretold + "\"";
        }
        case Call::Kind::look: return {};
    }
    return {};
}

}  // namespace purse::sim
