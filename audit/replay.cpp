// SPDX-License-Identifier: Apache-2.0
#include "audit/replay.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "audit/hashes.hpp"
#include "audit/words.hpp"

namespace purse::auditor {

namespace {
using boost::json::object;

/// Canonical form (RFC 8785): members by name, each once.
bool is_in_order(const boost::json::value& value)
{
    if (value.is_array()) return std::ranges::all_of(value.as_array(), is_in_order);
    if (!value.is_object()) return true;
    std::string_view last;
    for (const auto& member : value.as_object()) {
        const std::string_view name{member.key().data(), member.key().size()};
        if (!last.empty() && name <= last) return false;
        last = name;
        if (!is_in_order(member.value())) return false;
    }
    return true;
}

/// Counters that are kept whether anything limits them or not: docs/policy.md, "caps".
bool is_always_counted(std::string_view kind)
{
    return kind == "daily" || kind == "weekly" || kind == "monthly" || kind == "lifetime";
}

/// The scope of a cap that counts by task or workflow; false: the hold has none, so the cap does
/// not apply.
bool scope_for(std::string_view kind, const Holds::Taker& by, std::string& scope)
{
    if (kind == "perTask") scope = "task/" + by.task;
    if (kind == "perWorkflow") scope = "workflow/" + by.workflow;
    return !(kind == "perTask" && by.task.empty()) &&
           !(kind == "perWorkflow" && by.workflow.empty());
}

/// A refusal that is about who asks (docs/tools.md): the key in it is not used up.
bool questions_caller(const object& members)
{
    const auto& refusals = members.at("refusals").as_array();
    if (refusals.empty()) return false;
    const auto reason = required_text(refusals.front().as_object(), "reason");
    return reason.starts_with("credential_") || reason == "agent_unknown";
}

std::vector<PolicyCap> counted_of(const std::string& budget)
{
    std::vector<PolicyCap> caps;
    for (const auto* kind : {"daily", "weekly", "monthly", "lifetime", "perTask", "perWorkflow"})
        caps.push_back({.budget = budget, .kind = kind});
    return caps;
}
}  // namespace

Replay::Replay(Findings& findings, Rules rules)
    : findings_{findings},
      rules_{rules},
      holds_{counters_, findings, [this](const CapKey& key, std::int64_t then) {
                 return rules_ == Rules::judged ? policy_.limit(key.budget, key.kind) : then;
             }}
{
}

void Replay::check(const Entry& entry, bool good, const std::string& what)
{
    if (!good) findings_.wrong(entry.seq, what);
}

void Replay::add(std::int64_t seq, std::string_view body)
{
    ++findings_.entries;
    try {
        const auto value = boost::json::parse(boost::json::string_view{body.data(), body.size()});
        const auto& members = value.as_object();
        const auto at = required_text(members, "at");
        const Entry entry{.seq = seq,
                          .at = time_of(at),
                          .kind = required_text(members, "kind"),
                          .members = members};
        if (findings_.first_at.empty()) findings_.first_at = at;
        findings_.last_at = at;
        check(entry, is_in_order(value), "has members out of order");
        check(entry, required_number(members, "seq") == seq, "names another number");
        check(entry, entry.at >= last_time_, "is older than the entry before it");
        last_time_ = std::max(last_time_, entry.at);
        read(entry);
    } catch (const std::exception& error) {
        findings_.wrong(seq, std::string{"cannot be read: "} + error.what());
    }
    findings_.counters = static_cast<std::int64_t>(counters_.size());
}

void Replay::read(const Entry& entry)
{
    if (entry.kind == "hold" || entry.kind == "awaiting_approval") return hold(entry);
    if (entry.kind == "refused") return refused(entry);
    if (entry.kind == "policy") return policy(entry);
    if (entry.kind.starts_with("credential_")) return credential(entry);
    if (entry.kind == "frozen" || entry.kind == "unfrozen") return freeze(entry);
    if (!Holds::is_move(entry.kind)) return;
    const auto* by = holds_.taker(required_text(entry.members, "txId"));
    const bool is_charged = Holds::is_late(entry.kind) && by != nullptr;
    holds_.move(entry,
                is_charged ? charges(entry, *by, named_caps(entry)) : std::vector<Charged>{});
}

void Replay::note_key(const Entry& entry)
{
    // Whoever is not known, or not any more, spoils no key.
    if (entry.kind == "refused" && questions_caller(entry.members)) return;
    const auto key = text_of(entry.members, "key");
    if (!key.empty())
        check(entry, keys_.emplace(text_of(entry.members, "agent") + '\n' + key, entry.seq).second,
              "uses an idempotency key a second time");
}

std::vector<Charged> Replay::named_caps(const Entry& entry) const
{
    std::vector<Charged> named;
    for (const auto& item : entry.members.at("caps").as_array()) {
        const auto& cap = item.as_object();
        const auto window = text_of(cap, "window");
        named.push_back({.key = {.budget = required_text(cap, "budget"),
                                 .kind = required_text(cap, "kind"),
                                 .scope = text_of(cap, "scope"),
                                 .window = window.empty() ? 0 : time_of(window)},
                         .limit = required_number(cap, "limit")});
    }
    return named;
}

// The caps of an entry are those with a limit. The others are counted too, so that a limit that is
// set later finds what was spent before.
std::vector<Charged> Replay::charges(const Entry& entry, const Holds::Taker& by,
                                     std::vector<Charged> named)
{
    auto all = std::move(named);
    for (const auto& [key, limit] : all)
        check(entry, key.window == window_start(key.kind, entry.at),
              "counts " + key.text() + " in another window than its time's");
    if (rules_ == Rules::as_recorded) return all;
    const auto* agent = policy_.agent(by.agent);
    const auto counted = agent == nullptr ? counted_of("agent/" + by.agent) : agent->caps;
    const auto named_count = static_cast<std::ptrdiff_t>(all.size());
    for (const auto& cap : counted) {
        const bool is_own = cap.budget == "agent/" + by.agent;
        CapKey key{.budget = cap.budget,
                   .kind = cap.kind,
                   .scope = {},
                   .window = window_start(cap.kind, entry.at)};
        const bool is_kept = is_always_counted(cap.kind) ||
                             (is_own && (cap.kind == "perTask" || cap.kind == "perWorkflow"));
        if (!is_kept || !scope_for(cap.kind, by, key.scope)) continue;
        const auto is_this = [&](const Charged& one) { return one.key == key; };
        if (std::none_of(all.begin(), all.begin() + named_count, is_this))
            all.push_back({.key = std::move(key), .limit = kNoLimit});
    }
    return all;
}

void Replay::hold(const Entry& entry)
{
    note_key(entry);
    const Holds::Taker by{.agent = required_text(entry.members, "agent"),
                          .task = text_of(entry.members, "task"),
                          .workflow = text_of(entry.members, "workflow")};
    auto named = named_caps(entry);
    if (rules_ == Rules::judged) {
        const auto* agent = policy_.agent(by.agent);
        check_who(entry, agent);
        if (agent != nullptr) check_caps(entry, *agent, named);
    }
    holds_.take(entry, charges(entry, by, std::move(named)));
}

void Replay::check_who(const Entry& entry, const PolicyAgent* agent)
{
    const auto& members = entry.members;
    const auto name = "agent/" + required_text(members, "agent");
    check(entry, required_number(members, "policy") == findings_.policies,
          "was decided under another policy than the one in force");
    check(entry, agent != nullptr || findings_.policies == 0,
          "holds for " + name + ", which the policy in force does not name");
    check(entry, !frozen_.contains("all") && !frozen_.contains(name), "holds for a frozen " + name);
    if (agent != nullptr) {
        check(entry, !agent->is_frozen, "holds for " + name + ", frozen by the policy");
        for (const auto& budget : agent->budgets)
            check(entry, !frozen_.contains(budget), "holds from the frozen " + budget);
    }
    const auto id = text_of(members, "credential");
    if (id.empty()) return;
    const auto found = credentials_.find(id);
    const bool is_known = found != credentials_.end();
    check(entry, is_known, "was asked for with the unknown credential " + id);
    if (!is_known) return;
    check(entry, "agent/" + found->second.agent == name,
          "was asked for with another agent's " + id);
    check(entry, !found->second.is_revoked, "was asked for with the revoked credential " + id);
    check(entry, found->second.expires_at > entry.at, "was asked for with the expired " + id);
}

void Replay::check_caps(const Entry& entry, const PolicyAgent& agent,
                        const std::vector<Charged>& named)
{
    const auto most = std::max(micro_of(required_text(entry.members, "amount")),
                               micro_of(required_text(entry.members, "maxCapture")));
    check(entry, most <= agent.most.value_or(kNoLimit), "allows more than the cap on one payment");
    const Holds::Taker by{.agent = {},
                          .task = text_of(entry.members, "task"),
                          .workflow = text_of(entry.members, "workflow")};
    std::size_t expected = 0;
    for (const auto& cap : agent.caps) {
        std::string scope;
        if (cap.limit == kNoLimit || !scope_for(cap.kind, by, scope)) continue;
        const bool is_loop = cap.kind.starts_with("loop ");
        const auto found = std::ranges::find_if(named, [&](const Charged& one) {
            return one.key.budget == cap.budget && one.key.kind == cap.kind &&
                   one.limit == cap.limit && (is_loop || one.key.scope == scope);
        });
        // A person may let a payment through beyond a loop guard, which is then not charged.
        const bool may_lack = is_loop && entry.kind == "awaiting_approval";
        if (found == named.end() && may_lack) continue;
        check(entry, found != named.end(),
              "is not charged to the policy's cap " + cap.budget + " " + cap.kind);
        ++expected;
    }
    check(entry, named.size() == expected, "is charged to a cap that the policy does not have");
}

void Replay::refused(const Entry& entry)
{
    note_key(entry);
    ++findings_.refusals;
    const auto& failing = entry.members.at("failing").as_array();
    if (failing.empty()) return;
    ++findings_.refusals_by_cap;
    if (rules_ == Rules::judged)
        for (const auto& cap : failing) check_failing(entry, cap.as_object());
}

// A refusal is a promise too: the counter stood where it says, and the payment did not fit.
void Replay::check_failing(const Entry& entry, const object& cap)
{
    CapKey key{.budget = required_text(cap, "budget"),
               .kind = required_text(cap, "kind"),
               .scope = text_of(cap, "scope"),
               .window = 0};
    key.window = window_start(key.kind, entry.at);
    const auto held = required_number(cap, "held");
    const auto spent = required_number(cap, "spent");
    auto& counter = counters_[key];
    counter.let_leave(entry.at);
    check(entry, counter.held() == held && counter.spent() == spent,
          "refuses by " + key.text() + " at " + std::to_string(held) + " held and " +
              std::to_string(spent) + " spent, its entries say " + std::to_string(counter.held()) +
              " and " + std::to_string(counter.spent()));
    const auto more = counts_calls(key.kind) ? 1 : micro_of(required_text(entry.members, "amount"));
    check(entry, held + spent + more > required_number(cap, "limit"),
          "refuses by " + key.text() + ", which has room");
}

void Replay::policy(const Entry& entry)
{
    ++findings_.policies;
    const auto text = required_text(entry.members, "text");
    check(entry, hex_of(sha256_of(text)) == required_text(entry.members, "sha256"),
          "names another SHA-256 than its document's");
    if (const auto* version = entry.members.if_contains("version"))
        check(entry, version->as_int64() == findings_.policies, "names another version");
    if (rules_ == Rules::judged) policy_ = Policy{text};
}

void Replay::credential(const Entry& entry)
{
    auto& one = credentials_[required_text(entry.members, "credential")];
    if (entry.kind == "credential_issued") one.agent = text_of(entry.members, "agent");
    if (entry.kind == "credential_revoked") one.is_revoked = true;
    if (const auto until = text_of(entry.members, "expiresAt"); !until.empty())
        one.expires_at = time_of(until);
}

void Replay::freeze(const Entry& entry)
{
    const auto target = required_text(entry.members, "target");
    if (entry.kind == "frozen")
        frozen_.insert(target);
    else
        frozen_.erase(target);
}

}  // namespace purse::auditor
