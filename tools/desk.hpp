// SPDX-License-Identifier: Apache-2.0
// Where every call is put through: finds out who calls and which rules are in force,
// inside the same transaction as the decision, so that a change is never half seen.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/books.hpp"
#include "policy/decision.hpp"
#include "policy/document.hpp"
#include "tools/refusal.hpp"
#include "tools/status_memo.hpp"
#include "tools/till.hpp"
#include "tools/tool.hpp"
#include "wallet/funding.hpp"

namespace purse::tools {

/// Who acts under which rules, for the length of one transaction.
struct Standing {
    std::shared_ptr<const policy::Document> document;
    std::vector<FreezeRow> freezes;
    std::int64_t epoch = 0;
    Party who;
    std::optional<CredentialRow> credential;  ///< none: the built-in sandbox
    const Funding* funding = nullptr;         ///< nullptr: the book rail
    const HeadSigner* signer = nullptr;       ///< nullptr: no receipt can be proved

    policy::Facts facts() const
    {
        return {.freezes = freezes, .credential = credential ? &*credential : nullptr};
    }
};

/// Everything but the constructor and run() lives on the writer's thread.
class Desk {
public:
    struct Ports {
        Till& till;
        PolicySource& source;
        Alarm& alarm;
        const Funding* funding = nullptr;    ///< of the rail that pays over a chain
        const ApprovalPage* page = nullptr;  ///< nullptr: there is none
        const HeadSigner* signer = nullptr;  ///< of receipts
    };
    explicit Desk(Ports ports) : ports_{ports} {}

    /// Runs `inside(Books&, const Standing&) -> Answer` in a transaction and, once that is
    /// durable, replies with `words(const Answer&) -> Result`.
    template <typename Inside, typename Words>
    void run(const Caller& caller, CancelFlag cancelled, Inside inside, Words words, Reply reply);

    StatusMemo& status_memo() { return status_memo_; }
    /// As ApprovalPage::link().
    std::string link(const TxId& id) const
    {
        return ports_.page == nullptr ? std::string{} : ports_.page->link(id.to_string());
    }
    /// Looks at the books without a caller: for what the doors themselves want to know.
    template <typename Inside, typename Then>
    void look(Inside inside, Then then);

private:
    struct Rules {
        std::int64_t epoch = 0;
        std::string sha256;
        std::shared_ptr<const policy::Document> document;
        std::vector<FreezeRow> freezes;
        std::map<Digest, CredentialRow> credentials;  // those that have called under this epoch
    };

    std::expected<Standing, Result> stand(Books& books, const Caller& caller);
    std::optional<Result> bring_up_to_date(Books& books);
    std::optional<Result> load(Books& books);
    void look_for_policy();
    std::optional<CredentialRow> credential_of(Books& books, const std::string& secret);
    void committed();

    Ports ports_;
    StatusMemo status_memo_;
    bool has_looked_ = false;  // for a changed policy, in this transaction
    std::optional<Rules> rules_;
    // A document the operator has changed; kept until a commit has it.
    std::optional<PolicyText> pending_;
    std::string pending_sha_;
    std::string policy_trouble_;  // why the file at hand is not in force; empty: it is
};

template <typename Inside, typename Words>
void Desk::run(const Caller& caller, CancelFlag cancelled, Inside inside, Words words, Reply reply)
{
    using Answer = std::invoke_result_t<Inside&, Books&, const Standing&>;
    struct State {
        Caller caller;
        CancelFlag cancelled;
        Inside inside;
        Words words;
        Reply reply;
        std::optional<Answer> answer;
        std::optional<Result> no_standing;
    };
    auto state = std::make_shared<State>(State{caller,
                                               std::move(cancelled),
                                               std::move(inside),
                                               std::move(words),
                                               std::move(reply),
                                               {},
                                               {}});
    Work work{.run =
                  [this, state](Books& books) {
                      state->answer.reset();
                      state->no_standing.reset();
                      // Cancelled before it began: nothing has happened and nothing will.
                      if (state->cancelled && state->cancelled->load(std::memory_order_relaxed)) {
                          state->no_standing =
                              refused(Reason::busy, "Cancelled by the client; nothing was done.");
                          return;
                      }
                      auto standing = stand(books, state->caller);
                      if (standing)
                          state->answer = state->inside(books, *standing);
                      else
                          state->no_standing = std::move(standing.error());
                  },
              .done =
                  [this, state](const std::optional<LedgerFault>& fault) {
                      has_looked_ = false;
                      if (!fault) committed();
                      if (fault)
                          state->reply(unavailable(*fault));
                      else if (state->no_standing)
                          state->reply(std::move(*state->no_standing));
                      else
                          state->reply(state->words(*state->answer));
                  }};
    if (!ports_.till.submit(work))
        state->reply(refused(Reason::busy, "Too many requests are waiting; nothing was done."));
}

template <typename Inside, typename Then>
void Desk::look(Inside inside, Then then)
{
    using Answer = std::invoke_result_t<Inside&, Books&>;
    struct State {
        Inside inside;
        Then then;
        std::optional<Answer> answer;
    };
    auto state = std::make_shared<State>(State{std::move(inside), std::move(then), {}});
    Work work{.run = [state](Books& books) { state->answer = state->inside(books); },
              .done =
                  [state](const std::optional<LedgerFault>& fault) {
                      if (fault) state->answer.reset();
                      state->then(std::move(state->answer));
                  }};
    if (!ports_.till.submit(work)) state->then(std::nullopt);
}

}  // namespace purse::tools
