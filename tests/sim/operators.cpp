// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/operators.hpp"

#include <stdexcept>

#include "policy/credential.hpp"
#include "tools/approvals.hpp"

namespace purse::sim {

namespace {
constexpr Us kSecond = 1'000'000;
}

std::unique_ptr<Call> Operators::act(std::string words)
{
    auto call = std::make_unique<Call>();
    call->kind = Call::Kind::operate;
    call->act = std::move(words);
    return call;
}

std::unique_ptr<Call> Operators::begin()
{
    if (!plan_.by_file) return apply();
    in_file_ = draw_policy(dice_, plan_, policies_++);
    file_ = {.text = in_file_->text, .version = 1};
    return nullptr;
}

/// By command.
std::unique_ptr<Call> Operators::apply()
{
    auto policy = draw_policy(dice_, plan_, policies_++);
    auto call = act("policy " + std::to_string(policies_ - 1));
    call->run = [policy](Books& books) {
        books.apply_policy(policy->text, "by command");
        return std::string{"done"};
    };
    call->foretell = [policy](Shadow& shadow) {
        shadow.set_policy(policy);
        return std::string{"done"};
    };
    return call;
}

std::unique_ptr<Call> Operators::issue(const std::string& agent, Us expires, Login& login)
{
    const int number = ++credentials_;
    // A secret needs no form here: only its hash is ever looked at.
    login = {.who = {.agent = agent, .credential = number},
             .secret = "purse_" + agent + "_" + std::to_string(number),
             .id = "cred_" + std::to_string(number)};
    auto call = act("credential " + login.id + " of " + agent);
    call->run = [login, expires](Books& books) {
        books.issue_credential({.id = login.id,
                                .agent = login.who.agent,
                                .hash = policy::credential_hash(login.secret),
                                .issued_at = books.now(),
                                .expires_at = expires == 0 ? Instant::never() : Instant{expires},
                                .note = {}});
        return std::string{"done"};
    };
    call->foretell = [number, expires](Shadow& shadow) {
        shadow.issue(number, expires == 0 ? Instant::never().us : expires);
        return std::string{"done"};
    };
    return call;
}

std::unique_ptr<Call> Operators::freeze()
{
    static constexpr std::array<const char*, 6> kTargets{"all",       "agent/a1",  "agent/a2",
                                                         "budget/b1", "budget/b2", "budget/b3"};
    // Ends of freezes are more frequent, so that most of the time is not spent frozen.
    if (dice_.odds(1, 3)) last_frozen_.clear();
    const auto target =
        last_frozen_.empty()
            ? std::string{kTargets.at(static_cast<std::size_t>(dice_.between(0, 5)))}
            : last_frozen_;
    if (last_frozen_.empty() && dice_.odds(1, 3)) {
        last_frozen_ = target;
        auto call = act("freeze " + target);
        call->run = [target](Books& books) {
            books.freeze(target, "sim");
            return std::string{"done"};
        };
        call->foretell = [target](Shadow& shadow) {
            shadow.freeze(target);
            return std::string{"done"};
        };
        return call;
    }
    last_frozen_.clear();
    auto call = act("unfreeze " + target);
    call->run = [target](Books& books) {
        return std::string{books.unfreeze(target) ? "done" : "was not frozen"};
    };
    call->foretell = [target](Shadow& shadow) {
        return std::string{shadow.unfreeze(target) ? "done" : "was not frozen"};
    };
    return call;
}

std::unique_ptr<Call> Operators::thaw()
{
    auto call = act("unfreeze everything");
    call->run = [](Books& books) {
        for (const auto& row : books.rows().freezes()) books.unfreeze(row.target);
        return std::string{"done"};
    };
    call->foretell = [](Shadow& shadow) {
        shadow.unfreeze_all();
        return std::string{"done"};
    };
    return call;
}

std::shared_ptr<const policy::Document> Operators::document_of(const std::string& text)
{
    auto& known = documents_[text];
    if (!known) {
        auto document = policy::parse_document(text);
        if (!document) throw std::logic_error{to_string(document.error())};
        known = *document;
    }
    return known;
}

/// A yes or a no on the operator page.
std::unique_ptr<Call> Operators::rule(const std::string& tx)
{
    const bool is_yes = dice_.odds(3, 4);
    auto call = act((is_yes ? "approve " : "deny ") + tx);
    call->run = [this, tx, is_yes](Books& books) -> std::string {
        const Ruling ruling{
            .id = TxId::parse(tx).value(), .by = "op_1", .channel = Channel::page, .note = {}};
        const auto answer =
            is_yes ? tools::approve(books, *document_of(books.rulebook().policy->text), ruling)
                   : tools::deny(books, ruling);
        if (!answer.refusals.empty()) return "refused";
        if (answer.ruled == Ruled::unknown) return "unknown";
        return answer.ruled == Ruled::done ? "done" : "decided_before";
    };
    call->foretell = [tx, is_yes](Shadow& shadow) { return shadow.rule(tx, is_yes); };
    return call;
}

std::unique_ptr<Call> Operators::next(Clients& clients, Us now)
{
    const auto what = dice_.between(1, 100);
    const auto& asked = clients.asked();
    if (!asked.empty() && what <= 50) {
        const auto back =
            dice_.between(1, std::min<std::int64_t>(6, static_cast<std::int64_t>(asked.size())));
        return rule(asked[asked.size() - static_cast<std::size_t>(back)]);
    }
    if (what <= 70) {
        if (!plan_.by_file) return apply();
        if (is_in_force_ && dice_.odds(1, 6)) {
            file_.text =
                "{ \"version\": 1, \"agents\": { \"a1\": { \"caps\": { \"daily\": -1 } } } }";
        } else {
            in_file_ = draw_policy(dice_, plan_, policies_++);
            is_in_force_ = false;
            file_.text = in_file_->text;
        }
        ++file_.version;
        return nullptr;
    }
    if (what <= 90) return freeze();
    if (what <= 95) {
        // Its owner may use it before it is stored: then it is unknown.
        Login login;
        auto call =
            issue("a" + std::to_string(dice_.between(1, plan_.agents)),
                  dice_.odds(1, 2) ? 0 : now + dice_.between(1, 1'000'000) * kSecond, login);
        clients.add(std::move(login));
        return call;
    }
    const auto& logins = clients.logins();
    const auto& login = logins[static_cast<std::size_t>(
        dice_.between(0, static_cast<std::int64_t>(logins.size()) - 1))];
    const int number = login.who.credential;
    if (what <= 97) {
        auto call = act("revoke " + login.id);
        call->run = [id = login.id](Books& books) {
            return std::string{books.revoke_credential(id) ? "done" : "unknown"};
        };
        call->foretell = [number](Shadow& shadow) {
            return std::string{shadow.revoke(number) ? "done" : "unknown"};
        };
        return call;
    }
    const auto at = now + dice_.between(-1, 90'000) * kSecond;
    auto call = act("expire " + login.id);
    call->run = [id = login.id, at](Books& books) {
        return std::string{books.expire_credential(id, {at}) ? "done" : "unknown"};
    };
    call->foretell = [number, at](Shadow& shadow) {
        return std::string{shadow.expire(number, at) ? "done" : "unknown"};
    };
    return call;
}

}  // namespace purse::sim
