// SPDX-License-Identifier: Apache-2.0
#include "tools/desk.hpp"

#include <utility>

#include "ledger/hash.hpp"
#include "policy/credential.hpp"
#include "policy/sandbox.hpp"
#include "tools/policy_text.hpp"

namespace purse::tools {

namespace {
// Credentials remembered between calls; one more starts the memory anew.
constexpr std::size_t kCredentialsMax = 4096;

std::string sha_of(std::string_view text)
{
    return to_hex(as_bytes(sha256({text})));
}
}  // namespace

void Desk::look_for_policy()
{
    auto change = ports_.source.changed();
    if (!change) return;
    if (!*change) {
        policy_trouble_ = change->error();
    } else if (const auto document = check_policy_text((*change)->text); !document) {
        policy_trouble_ =
            "the policy " + (*change)->source + " has mistakes:\n" + to_string(document.error());
    } else {
        policy_trouble_.clear();
        pending_sha_ = sha_of((*change)->text);
        pending_ = std::move(**change);
        return;
    }
    ports_.alarm.warn(policy_trouble_ + (rules_ ? "\nthe policy that was in force stays" : ""));
}

std::optional<Result> Desk::load(Books& books)
{
    auto book = books.rulebook();
    Rules rules{.epoch = book.epoch, .freezes = std::move(book.freezes)};
    if (book.policy) {
        rules.sha256 = book.policy->sha256;
        if (rules_ && rules_->sha256 == rules.sha256)
            rules.document = rules_->document;
        else if (auto document = policy::parse_document(book.policy->text))
            rules.document = std::move(*document);
        else
            return refused(Reason::policy_invalid,
                           "The policy in force was written for another version of purse and "
                           "cannot be read; the operator applies a new one.");
    }
    rules_ = std::move(rules);
    return std::nullopt;
}

std::optional<Result> Desk::bring_up_to_date(Books& books)
{
    // Once a transaction: answers come after all of its calls have run.
    if (!std::exchange(has_looked_, true)) look_for_policy();
    if (!rules_ || rules_->epoch != books.meta().epoch)
        if (auto trouble = load(books)) return trouble;
    if (pending_ && pending_sha_ != rules_->sha256) {
        books.apply_policy(pending_->text, pending_->source);
        if (auto trouble = load(books)) return trouble;
    }
    if (rules_->document) return std::nullopt;
    if (!policy_trouble_.empty())
        return refused(
            Reason::policy_invalid,
            "There is no valid policy; the operator sees why with `purse policy check`.");
    // No configuration at all: the built-in sandbox.
    books.apply_policy(policy::sandbox_text(), "built-in sandbox");
    return load(books);
}

void Desk::committed()
{
    if (pending_ && rules_ && rules_->sha256 == pending_sha_) pending_.reset();
}

std::optional<CredentialRow> Desk::credential_of(Books& books, const std::string& secret)
{
    const auto hash = policy::credential_hash(secret);
    auto& known = rules_->credentials;
    if (const auto found = known.find(hash); found != known.end()) return found->second;
    auto row = books.rows().credential_by_hash(hash);
    if (!row) return std::nullopt;
    if (known.size() >= kCredentialsMax) known.clear();
    known.emplace(hash, *row);
    return row;
}

std::expected<Standing, Result> Desk::stand(Books& books, const Caller& caller)
{
    if (auto trouble = bring_up_to_date(books)) return std::unexpected{std::move(*trouble)};
    Standing standing{.document = rules_->document,
                      .freezes = rules_->freezes,
                      .epoch = rules_->epoch,
                      .who = {.agent = std::string{policy::kSandboxAgent},
                              .credential = {},
                              .session = caller.session,
                              .client = caller.client,
                              .trace = caller.trace},
                      .credential = {},
                      .funding = ports_.funding,
                      .signer = ports_.signer};
    if (caller.credential.empty()) {
        static const auto sandbox_sha = sha_of(policy::sandbox_text());
        if (rules_->sha256 == sandbox_sha && ports_.funding == nullptr) return standing;
        return std::unexpected{refused(
            Reason::credential_missing,
            "This purse has a policy or pays real money, so an agent needs a credential; the "
            "operator makes one with "
            "`purse credential issue AGENT` and gives it in PURSE_CREDENTIAL or "
            "PURSE_CREDENTIAL_FILE.")};
    }
    standing.credential = credential_of(books, caller.credential);
    if (!standing.credential)
        return std::unexpected{refused(Reason::credential_unknown,
                                       "This purse does not know the credential; it belongs to "
                                       "another ledger or is mistyped.")};
    standing.who.agent = standing.credential->agent;
    standing.who.credential = standing.credential->id;
    return standing;
}

}  // namespace purse::tools
