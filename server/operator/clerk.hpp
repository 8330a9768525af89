// SPDX-License-Identifier: Apache-2.0
// The page's way to the ledger: work runs on the writer's thread, inside a transaction, and its
// answer comes back to the I/O thread.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "server/door/mailbox.hpp"
#include "tools/till.hpp"

namespace purse::server {

/// What the ledger has answered, or why it has not. As std::expected, of which GCC 12 says what is
/// not so.
template <typename Answer>
class Heard {
public:
    explicit operator bool() const { return answer_.has_value(); }
    Answer& operator*() { return *answer_; }
    const Answer& operator*() const { return *answer_; }
    Answer* operator->() { return &*answer_; }
    const LedgerFault& error() const { return *fault_; }

private:
    friend class Clerk;
    std::optional<Answer> answer_;
    std::optional<LedgerFault> fault_;
};

class Clerk {
public:
    struct Ports {
        tools::Till& till;
        Mailbox::Post post;
    };
    explicit Clerk(Ports ports) : ports_{std::move(ports)} {}

    /// `inside(Books&)` may run a second time when the first stored nothing; `then` is called once,
    /// on the I/O thread, with what it returned: a Heard of that.
    template <typename Inside, typename Then>
    void run(Inside inside, Then then)
    {
        using Answer = std::invoke_result_t<Inside&, Books&>;
        struct State {
            Inside inside;
            Then then;
            Heard<Answer> heard;
        };
        auto state = std::make_shared<State>(State{std::move(inside), std::move(then), {}});
        Work work{.run =
                      [state](Books& books) {
                          state->heard.answer_.reset();
                          state->heard.answer_.emplace(state->inside(books));
                      },
                  .done =
                      [state, post = ports_.post](const std::optional<LedgerFault>& fault) {
                          if (fault) state->heard.answer_.reset();
                          state->heard.fault_ = fault;
                          post([state] { state->then(std::move(state->heard)); });
                      }};
        if (ports_.till.submit(work)) return;
        state->heard.fault_ = {.kind = StoreError::Kind::busy, .what = "too much waits already"};
        ports_.post([state] { state->then(std::move(state->heard)); });
    }

private:
    Ports ports_;
};

}  // namespace purse::server
