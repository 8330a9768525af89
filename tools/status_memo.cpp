// SPDX-License-Identifier: Apache-2.0
#include "tools/status_memo.hpp"

#include <utility>

namespace purse::tools {

namespace {
// Far below what a person or a model can notice, and what one commit takes at the most.
constexpr Span kLife{1000};
// One round of 64 agents, with room; more are looked up anew.
constexpr std::size_t kAnswersMax = 256;
}  // namespace

// Whether what is remembered still holds.
bool StatusMemo::is_good(const Books& books) const
{
    const auto age = books.now() - at_;
    return books.meta().seq == seq_ && books.meta().epoch == epoch_ && age >= Span{} && age < kLife;
}

std::shared_ptr<const Result> StatusMemo::find(const Books& books, const Question& question)
{
    if (!books.is_untouched() || !is_good(books)) return nullptr;
    const auto found = answers_.find(question);
    return found == answers_.end() ? nullptr : found->second;
}

void StatusMemo::keep(const Books& books, Question question, std::shared_ptr<const Result> answer)
{
    if (!books.is_untouched()) return;
    if (!is_good(books)) {
        answers_.clear();
        seq_ = books.meta().seq;
        epoch_ = books.meta().epoch;
        at_ = books.now();
    }
    if (answers_.size() < kAnswersMax) answers_.emplace(std::move(question), std::move(answer));
}

}  // namespace purse::tools
