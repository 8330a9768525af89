// SPDX-License-Identifier: Apache-2.0
// The doctor on the policy and on the credential: would a call be let through?
#include <algorithm>

#include "policy/credential.hpp"
#include "policy/sandbox.hpp"
#include "server/cli/credential.hpp"
#include "server/cli/doctor.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/text.hpp"
#include "server/policy_file.hpp"
#include "tools/policy_text.hpp"

namespace purse::server::cli {

namespace {
// Long enough before to make and hand out another one.
constexpr Span kExpiresSoon = Span::days(7);

/// The policy in force, where it can be had.
std::optional<Rules> in_force(App& app, std::string& trouble)
{
    std::optional<Rules> found;
    try {
        app.look([&](Books& books) {
            auto rules = rules_in(books);
            if (rules)
                found = std::move(*rules);
            else
                trouble = rules.error();
        });
    } catch (const StoreError& error) {
        trouble = error.what();
    }
    return found;
}

bool is_sandbox(const Rules& rules)
{
    return rules.sha256 == to_hex(as_bytes(sha256({policy::sandbox_text()})));
}

std::string agents_of(const policy::Document& document)
{
    return counted(static_cast<std::int64_t>(document.agents().size()), "agent", "agents");
}

/// The policy file; false: there is none.
bool judge_file(const Settings& settings, Findings& findings)
{
    static constexpr const char* kCheck = "policy file";
    if (settings.policy_file.empty()) return false;
    const auto& file = settings.policy_file;
    const auto text = PolicyFile::read(file);
    if (!text) {
        findings.push_back({Health::fail, kCheck, text.error(),
                            "correct --policy FILE or PURSE_POLICY, or the file's permissions"});
        return true;
    }
    const auto document = tools::check_policy_text(text->text);
    if (document) {
        findings.push_back({Health::ok, kCheck, file + " is valid: " + agents_of(**document), {}});
        return true;
    }
    const auto& mistakes = document.error();
    findings.push_back(
        {Health::fail, kCheck,
         file + " has " +
             counted(static_cast<std::int64_t>(mistakes.size()), "mistake", "mistakes") +
             ", the first: " + to_string(mistakes.front()),
         "`purse policy check " + file + "` names all; the policy in force stays till then"});
    return true;
}

struct Known {
    std::optional<CredentialRow> row;
    std::optional<Rules> rules;
    Instant now;
};

Finding judge_known(const Known& known, const std::string& handle)
{
    static constexpr const char* kCheck = "credential";
    const auto make_new = "give the agent a new one: `purse credential issue " + handle + "`";
    if (!known.row)
        return {Health::fail, kCheck, "of agent " + handle + ": this ledger does not know it",
                "check --state or PURSE_STATE; else " + make_new};
    const auto& row = *known.row;
    const auto who = row.id + " of agent " + row.agent;
    if (row.revoked_at != Instant::never())
        return {Health::fail, kCheck, who + " was revoked at " + to_words(row.revoked_at),
                make_new};
    if (row.expires_at <= known.now)
        return {Health::fail, kCheck, who + " expired at " + to_words(row.expires_at), make_new};
    if (!known.rules || known.rules->document->agent(row.agent) == nullptr)
        return {Health::fail, kCheck, who + ": the policy in force has no such agent",
                "add the agent to the policy, or use a credential of another"};
    if (row.expires_at != Instant::never() && row.expires_at - known.now < kExpiresSoon)
        return {Health::warn, kCheck, who + " expires " + relative(row.expires_at, known.now),
                "`purse credential rotate " + row.id + " --grace 1d`"};
    return {Health::ok, kCheck, who + " is live", {}};
}

Finding judge_none(const std::optional<Rules>& rules)
{
    static constexpr const char* kCheck = "credential";
    if (!rules || is_sandbox(*rules))
        return {Health::ok, kCheck, "none given, and the built-in sandbox needs none", {}};
    return {Health::ok,
            kCheck,
            "none given here; an agent's server needs PURSE_CREDENTIAL or PURSE_CREDENTIAL_FILE",
            {}};
}
}  // namespace

void examine_policy(App& app, Reach ledger, Findings& findings)
{
    static constexpr const char* kCheck = "policy";
    const auto& settings = app.settings();
    const bool has_file = judge_file(settings, findings);
    if (ledger == Reach::shut) return;  // told before
    std::string trouble;
    const auto rules = ledger == Reach::open ? in_force(app, trouble) : std::nullopt;
    if (!trouble.empty()) {
        findings.push_back({Health::fail, kCheck, trouble, "`purse policy apply FILE`"});
    } else if (!rules) {
        findings.push_back({Health::ok,
                            kCheck,
                            has_file
                                ? "none in force yet; the first call takes the file"
                                : "none in force yet; the first call takes the built-in sandbox",
                            {}});
    } else {
        const auto words = "version " + std::to_string(rules->version) + " from " + rules->source +
                           " is in force: " + agents_of(*rules->document);
        const auto other = difference(settings, *rules);
        findings.push_back({other ? Health::warn : Health::ok, kCheck,
                            words + (other ? ", not the policy file" : ""),
                            other ? "`purse policy apply " + settings.policy_file +
                                        "`, or wait: a server that follows the file takes it up"
                                  : ""});
    }
}

void examine_credential(App& app, Reach ledger, Findings& findings)
{
    const auto& secret = app.settings().credential;
    if (secret.empty() && ledger == Reach::shut) return;
    std::string ignored;  // told with the policy
    Known known{.row = {}, .rules = {}, .now = app.now()};
    if (ledger == Reach::open) known.rules = in_force(app, ignored);
    if (secret.empty()) {
        findings.push_back(judge_none(known.rules));
        return;
    }
    const auto handle = policy::parse_handle(secret);
    if (!handle) {
        findings.push_back({Health::fail, "credential",
                            "what was given does not have the form purse_<agent>_<52 characters>",
                            "copy the whole secret, on one line, without quotes"});
        return;
    }
    if (ledger == Reach::shut) return;
    if (ledger == Reach::open)
        app.look([&](Books& books) {
            known.row = books.rows().credential_by_hash(policy::credential_hash(secret));
            known.now = books.now();
        });
    findings.push_back(judge_known(known, std::string{*handle}));
}

}  // namespace purse::server::cli
