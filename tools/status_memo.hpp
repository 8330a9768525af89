// SPDX-License-Identifier: Apache-2.0
// Answers to pay_budget_status that are good for a moment: as long as nothing was decided and a
// millisecond has not passed, the same question has the same answer, exact as of its asOf. Many
// callers that look at once then cost one look. Lives on the writer's thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "ledger/books.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

class StatusMemo {
public:
    /// Who asks for what.
    struct Question {
        std::string agent;
        std::string task;
        std::string workflow;
        auto operator<=>(const Question&) const = default;
    };
    /// The remembered answer; nullptr: look. Only what was committed is remembered or given out: a
    /// transaction that has decided something itself may yet fail.
    std::shared_ptr<const Result> find(const Books& books, const Question& question);
    void keep(const Books& books, Question question, std::shared_ptr<const Result> answer);

private:
    bool is_good(const Books& books) const;

    // What the answers rest on; anything else makes them void.
    std::int64_t seq_ = -1;
    std::int64_t epoch_ = 0;
    Instant at_;
    std::map<Question, std::shared_ptr<const Result>> answers_;
};

}  // namespace purse::tools
