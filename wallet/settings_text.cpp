// SPDX-License-Identifier: Apache-2.0
// The wallet document as `purse wallet new` writes it: every setting stands there with a word on
// what it does, so that nobody need look it up.
#include <utility>

#include "ledger/calendar.hpp"
#include "ledger/json.hpp"
#include "wallet/gwei.hpp"
#include "wallet/settings.hpp"

namespace purse {

namespace {
using json::quoted;

std::string span_text(Span span)
{
    return quoted(to_string(span));
}

std::string money_text(Money amount)
{
    return quoted(amount.to_string());
}

std::string key_text(const KeySource& key)
{
    if (const auto* keystore = std::get_if<KeystoreKey>(&key))
        return "{ \"keystore\": " + quoted(keystore->file) + " }";
    const auto& remote = std::get<RemoteKey>(key);
    return "{ \"remote\": " + quoted(remote.url) +
           ", \"address\": " + quoted(to_checksummed(remote.address)) + " }";
}

std::string when_text(const PayTime& when)
{
    if (when.is_immediate()) return quoted("immediate");
    std::string text = "{ ";
    if (when.threshold) text += "\"threshold\": " + money_text(*when.threshold);
    if (when.threshold && when.every) text += ", ";
    if (when.every) text += "\"every\": " + span_text(*when.every);
    return text + " }";
}

std::string chain_text(const WalletSettings& settings)
{
    if (!settings.chain_name.empty()) return quoted(settings.chain_name);
    const auto& token = settings.token;
    return "{ \"id\": " + std::to_string(token.chain_id) +
           ", \"token\": " + quoted(to_checksummed(token.contract)) +
           ", \"name\": " + quoted(token.name) + ", \"version\": " + quoted(token.version) + " }";
}

/// A list, an element a line; `indent` is that of the line it begins on.
template <class Items, class Text>
std::string list_text(const Items& items, char open, char close, std::string_view indent,
                      Text text_of)
{
    std::string text{open};
    const char* comma = "\n";
    for (const auto& item : items) {
        text += std::exchange(comma, ",\n");
        text += std::string{indent} + "  " + text_of(item);
    }
    if (text.size() > 1) text += '\n' + std::string{indent};
    return text + close;
}

/// Joins members with the commas and comments between them.
class Members {
public:
    void add(std::string_view name, const std::string& value, std::string_view comment)
    {
        if (!text_.empty()) text_ += ",\n\n";
        text_ += "  // " + std::string{comment} + "\n  " + quoted(name) + ": " + value;
    }
    std::string take() { return "{\n" + std::move(text_) + "\n}\n"; }

private:
    std::string text_;
};

std::string pay_text(const WalletSettings& settings)
{
    auto text = "{\n    \"when\": " + when_text(settings.pay.when) +
                ",\n    // The most that may be owed to one payee, in USDC, holds included.\n" +
                "    \"owedMax\": " + money_text(settings.pay.owed_max);
    if (!settings.payees.empty())
        text += ",\n    \"payees\": " +
                list_text(settings.payees, '{', '}', "    ", [](const auto& one) {
                    const auto& [payee, rule] = one;
                    return quoted(to_checksummed(payee)) + ": { \"when\": " + when_text(rule.when) +
                           ", \"owedMax\": " + money_text(rule.owed_max) + " }";
                });
    return text + "\n  }";
}

std::string timing_text(const WalletTiming& timing)
{
    return "{ \"poll\": " + span_text(timing.poll) +
           ", \"rebroadcast\": " + span_text(timing.rebroadcast) +
           ", \"bump\": " + span_text(timing.bump) + ", \"timeout\": " + span_text(timing.timeout) +
           " }";
}
}  // namespace

std::string to_text(const WalletSettings& settings)
{
    Members members;
    members.add("version", "1", "The form of this document.");
    members.add("ledger", quoted(to_hex(as_bytes(settings.ledger))),
                "Names the books. Part of every payout's nonce: never change it.");
    members.add("chain", chain_text(settings),
                "\"base\", \"base-sepolia\", \"ethereum\", or { \"id\", \"token\", \"name\", "
                "\"version\" }.");
    members.add("endpoints",
                list_text(settings.endpoints, '[', ']', "  ",
                          [](const std::string& url) { return quoted(url); }),
                "Nodes of the chain, one to eight, best of two different operators.");
    if (settings.insecure_http)
        members.add("insecureHttp", "true",
                    "Plain http to other machines: whoever is on the way can answer.");
    if (!settings.ca_file.empty())
        members.add("caFile", quoted(settings.ca_file),
                    "Certificates to trust besides the system's, PEM.");
    members.add("treasury", key_text(settings.treasury),
                "Holds the USDC and signs payments. It needs no ETH.");
    members.add("relayers", list_text(settings.relayers, '[', ']', "  ", key_text),
                "Send the payments and pay for gas. Give each a little ETH and no USDC.");
    if (!settings.password_file.empty())
        members.add("passwordFile", quoted(settings.password_file),
                    "Opens the keystores. Readable by nobody else.");
    members.add("pay", pay_text(settings),
                "When payees are paid: \"immediate\", or { \"threshold\": \"1.00\" }, "
                "{ \"every\": \"1h\" }, or both.");
    members.add("fees", "{ \"maxFeePerGas\": " + quoted(to_gwei(settings.max_fee_per_gas)) + " }",
                "The most that is ever offered for gas, in gwei a unit.");
    members.add("validFor", span_text(settings.valid_for),
                "How long a signed payment can be used, 10m to 7d.");
    members.add("floor", money_text(settings.floor), "USDC that payouts leave in the treasury.");
    members.add("timing", timing_text(settings.timing),
                "How often the chain is looked at, and when to try again.");
    return members.take();
}

}  // namespace purse
