// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/clients.hpp"

#include <algorithm>

#include "tests/sim/policy.hpp"

namespace purse::sim {

namespace {
// What clients remember of holds that ended and calls that were answered.
constexpr std::size_t kMemory = 48;

/// A flat JSON object of texts, as an agent would write it.
class Arguments {
public:
    Arguments& text(const char* name, const std::string& value)
    {
        return raw(name, "\"" + value + "\"");
    }
    Arguments& text_if(const char* name, const std::string& value)
    {
        return value.empty() ? *this : text(name, value);
    }
    Arguments& raw(const char* name, const std::string& value)
    {
        text_ += text_.empty() ? "{\"" : ",\"";
        text_ += name;
        text_ += "\":" + value;
        return *this;
    }
    std::string take() const { return text_.empty() ? "{}" : text_ + "}"; }

private:
    std::string text_;
};

std::string text_of(const boost::json::object& json, const char* name)
{
    const auto* value = json.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : "";
}

Micro micro_of(const boost::json::object& json, const char* name)
{
    const auto text = text_of(json, name);
    const auto money = Money::parse(text);
    return money ? money->micro() : 0;
}
}  // namespace

std::unique_ptr<Call> Clients::make(const Sent& sent)
{
    auto call = std::make_unique<Call>();
    const auto& login = logins_[sent.login];
    call->kind = sent.kind;
    call->who = login.who;
    call->secret = login.secret;
    call->hold = sent.hold;
    call->settle = sent.settle;
    Arguments arguments;
    if (sent.kind == Call::Kind::hold) {
        const auto& ask = sent.hold;
        arguments.text_if("service", ask.service).text_if("payee", ask.payee);
        // A number is read by its exact text, as well as a text.
        const auto cost = money_text(ask.amount);
        ask.amount % 3 == 0 ? arguments.raw("estimatedCost", cost)
                            : arguments.text("estimatedCost", cost);
        arguments.text_if("taskId", ask.task).text_if("workflowId", ask.workflow);
        arguments.text_if("idempotencyKey", ask.key);
        if (ask.ttl != 0) arguments.raw("ttlSeconds", std::to_string(ask.ttl));
    } else {
        arguments.text("txId", sent.settle.tx);
        if (sent.settle.is_void)
            arguments.text("outcome", "void");
        else
            arguments.text("actualCost", money_text(sent.settle.actual));
    }
    call->arguments = arguments.take();
    return call;
}

Clients::Sent Clients::new_hold(std::size_t login)
{
    Sent sent{.kind = Call::Kind::hold, .login = login, .hold = {}, .settle = {}};
    auto& ask = sent.hold;
    const auto what = dice_.between(1, 100);
    if (what <= 86) {
        ask.service = "s" + std::to_string(dice_.between(1, 4));
    } else if (what <= 90) {
        ask.service = "stranger";
    } else {
        ask.payee = kPayees.at(any(kPayees.size()));
    }
    if (what <= 90 && dice_.odds(1, 25)) ask.payee = kPayees.at(any(kPayees.size()));
    ask.amount = dice_.between(1, 60) * 10'000;
    if (dice_.odds(1, 8)) ask.amount = dice_.between(1, 2'000'000);
    if (dice_.odds(1, 3)) ask.amount = 50'000;  // the same again and again: a loop
    if (dice_.odds(3, 4)) ask.task = "t" + std::to_string(dice_.between(1, 30));
    if (dice_.odds(3, 4)) ask.workflow = "w" + std::to_string(dice_.between(1, 6));
    if (dice_.odds(plan_.keyed, 1000)) ask.key = "k" + std::to_string(++keys_);
    if (dice_.odds(1, 4)) ask.ttl = dice_.between(1, dice_.odds(1, 6) ? 86'400 : 600);
    return sent;
}

Clients::Sent Clients::end_of(const Held& held)
{
    Sent sent{.kind = Call::Kind::settle, .login = held.login, .hold = {}, .settle = {}};
    sent.settle.tx = held.tx;
    const auto what = dice_.between(1, 100);
    sent.settle.is_void = what <= 15;
    sent.settle.actual = held.amount;
    if (what > 45) sent.settle.actual = dice_.between(0, held.amount);
    if (what > 80)
        sent.settle.actual = dice_.between(held.amount, std::max(held.amount, held.most));
    if (what > 97) sent.settle.actual = dice_.between(0, 3 * held.amount);
    return sent;
}

std::unique_ptr<Call> Clients::status(std::size_t login)
{
    auto call = std::make_unique<Call>();
    call->kind = Call::Kind::status;
    call->who = logins_[login].who;
    call->secret = logins_[login].secret;
    if (dice_.odds(1, 2)) call->hold.task = "t" + std::to_string(dice_.between(1, 30));
    if (dice_.odds(1, 2)) call->hold.workflow = "w" + std::to_string(dice_.between(1, 6));
    call->arguments = Arguments{}
                          .text_if("taskId", call->hold.task)
                          .text_if("workflowId", call->hold.workflow)
                          .take();
    return call;
}

/// Arguments that no tool may take.
std::unique_ptr<Call> Clients::odd(std::size_t login)
{
    static constexpr std::array<const char*, 14> kHolds{
        R"({"service":"s1","estimatedCost":"-1"})",
        R"({"service":"s1","estimatedCost":-0.5})",
        R"({"service":"s1","estimatedCost":1e-2})",
        R"({"service":"s1","estimatedCost":"0.0000001"})",
        R"({"service":"s1","estimatedCost":"0"})",
        R"({"service":"s1","estimatedCost":"1000000000001"})",
        R"({"service":"s1","estimatedCost":"9223372036854775808"})",
        R"({"service":"s1","estimatedCost":" 1"})",
        R"({"service":"s1","estimatedCost":"0x10"})",
        R"({"service":"s1"})",
        R"({"estimatedCost":"1"})",
        R"({"service":"s1","estimatedCost":"1","ttlSeconds":0})",
        R"({"service":"s1","estimatedCost":"1","currency":"EUR"})",
        R"({"service":"s1","estimatedCost":"1","agent":"a2"})"};
    static constexpr std::array<const char*, 5> kEnds{
        R"({"txId":"tx_64zea23rv7ktep9sckrqrja3kg"})",
        R"({"txId":"tx_64zea23rv7ktep9sckrqrja3kg","actualCost":"-0.01"})",
        R"({"txId":"tx_","actualCost":"1"})",
        R"({"txId":"tx_64zea23rv7ktep9sckrqrja3kg","actualCost":"1","outcome":"void"})",
        R"({"txId":"tx_64zea23rv7ktep9sckrqrja3kg","actualCost":"1","outcome":"refund"})"};
    auto call = std::make_unique<Call>();
    const bool is_hold = dice_.odds(2, 3);
    call->kind = is_hold ? Call::Kind::hold : Call::Kind::settle;
    call->who = logins_[login].who;
    call->secret = logins_[login].secret;
    call->is_odd = true;
    call->arguments = is_hold ? kHolds.at(any(kHolds.size())) : kEnds.at(any(kEnds.size()));
    return call;
}

std::unique_ptr<Call> Clients::lie()
{
    ++lies;
    const auto login = any(logins_.size());
    switch (dice_.between(1, 6)) {
        case 1: return odd(login);
        case 2: {  // a credential that nobody issued, or none
            auto call = make(new_hold(login));
            call->secret = dice_.odds(1, 3) ? "" : "purse_a1_0000";
            call->who = {.agent = "a1", .credential = call->secret.empty() ? -2 : -1};
            call->hold.key.clear();
            return call;
        }
        case 3: {  // other arguments under a key of before
            if (answered_.empty()) return odd(login);
            auto sent = answered_[any(answered_.size())];
            if (sent.kind != Call::Kind::hold || sent.hold.key.empty()) return odd(login);
            sent.hold.amount += dice_.between(1, 3);
            return make(sent);
        }
        case 4: {  // somebody else's hold
            if (held_.empty()) return odd(login);
            auto held = held_[any(held_.size())];
            held.login = login;
            return make(end_of(held));
        }
        case 5: {  // an end after the end, mostly another one
            if (ended_.empty()) return odd(login);
            return make(end_of(ended_[any(ended_.size())]));
        }
        default: {  // far more than was held
            if (held_.empty()) return odd(login);
            auto sent = end_of(held_[any(held_.size())]);
            sent.settle.is_void = false;
            sent.settle.actual = dice_.between(1, 100'000'000'000'000);
            return make(sent);
        }
    }
}

/// The user answers a question in the chat.
std::unique_ptr<Call> Clients::talk()
{
    static constexpr std::array<const char*, 6> kWords{"approve", "approve",    "approve",
                                                       "deny",    "disconnect", "nothing"};
    const auto& tx = asked_[asked_.size() - 1 - any(std::min<std::size_t>(asked_.size(), 8))];
    auto call = std::make_unique<Call>();
    const auto& login = logins_[any(logins_.size())];
    call->kind = Call::Kind::follow_up;
    call->who = login.who;
    call->secret = login.secret;
    call->settle.tx = tx;
    call->answered = kWords.at(any(kWords.size()));
    return call;
}

std::unique_ptr<Call> Clients::next_unanswered()
{
    const auto place = any(again_.size());  // in any order
    auto call = make(again_[place]);
    again_.erase(again_.begin() + static_cast<std::ptrdiff_t>(place));
    call->is_asked_again = true;
    ++repeats;
    return call;
}

std::unique_ptr<Call> Clients::next(Us)
{
    if (!again_.empty() && dice_.odds(1, 2)) return next_unanswered();
    if (dice_.odds(plan_.lying, 1000)) return lie();
    if (!answered_.empty() && dice_.odds(plan_.repeating, 1000)) {
        ++repeats;
        auto call = make(answered_[any(answered_.size())]);
        call->is_asked_again = true;
        return call;
    }
    if (!asked_.empty() && dice_.odds(1, 10)) return talk();
    const auto what = dice_.between(1, 100);
    if (what <= 3) return status(any(logins_.size()));
    const bool is_patient = dice_.odds(plan_.late, 1000);
    if (held_.empty() || what <= 52 || is_patient || (what <= 70 && held_.size() < 4))
        return make(new_hold(any(logins_.size())));
    // Mostly a recent one; an old one has often expired.
    const auto place = dice_.odds(1, 4)
                           ? any(held_.size())
                           : held_.size() - 1 - any(std::min<std::size_t>(6, held_.size()));
    const auto sent = end_of(held_[place]);
    ended_.push_back(held_[place]);
    if (ended_.size() > kMemory) ended_.erase(ended_.begin());
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(place));
    return make(sent);
}

std::size_t Clients::login_of(const Call& call) const
{
    const auto found = std::ranges::find(logins_, call.secret, &Login::secret);
    return static_cast<std::size_t>(found - logins_.begin());
}

void Clients::remember(const Sent& sent)
{
    answered_.push_back(sent);
    if (answered_.size() > kMemory) answered_.erase(answered_.begin());
}

void Clients::read(const Call& call)
{
    if (call.is_odd || call.who.credential < 0) return;
    const bool is_hold = call.kind == Call::Kind::hold;
    if (!is_hold && call.kind != Call::Kind::settle) return;
    const Sent sent{
        .kind = call.kind, .login = login_of(call), .hold = call.hold, .settle = call.settle};
    const bool is_lost = !call.is_done || call.fault || dice_.odds(plan_.vanishing, 1000);
    if (is_lost) {
        if (call.is_done && !call.fault) ++vanished;
        // Who has no key cannot ask again; a new request would be a new hold.
        if (!is_hold || !call.hold.key.empty()) again_.push_back(sent);
        return;
    }
    remember(sent);
    if (!is_hold) return;
    const auto& reply = *call.reply;
    const auto tx = text_of(reply, "txId");
    const bool waits = text_of(reply, "reason") == "approval_pending";
    if (tx.empty() || (!waits && !reply.at("ok").as_bool())) return;
    if (waits) {
        asked_.push_back(tx);
        if (call.hold.key.empty() && dice_.odds(1, 2)) {
            auto with_key = sent;
            with_key.hold.key = text_of(reply, "idempotencyKey");
            remember(with_key);
        }
    }
    if (reply.contains("replayed") && !waits) {
        const auto known = [&](const Held& held) { return held.tx == tx; };
        if (std::ranges::any_of(held_, known) || std::ranges::any_of(ended_, known)) return;
    }
    held_.push_back({.tx = tx,
                     .login = sent.login,
                     .amount = micro_of(reply, "amount"),
                     .most = micro_of(reply, "maxCapture"),
                     .is_awaiting = waits});
    if (held_.size() > 4 * kMemory) held_.erase(held_.begin());
}

}  // namespace purse::sim
