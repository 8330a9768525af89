// SPDX-License-Identifier: Apache-2.0
#include "ledger/approval.hpp"

#include <algorithm>

#include "ledger/journal.hpp"

namespace purse {

namespace {
}  // namespace

std::string to_json(const std::vector<ApprovalWish>& wishes)
{
    std::string array = "[";
    for (const auto& wish : wishes) {
        if (array.size() > 1) array += ',';
        EntryWriter entry;
        entry.text("cause", wire_name(wish.cause)).text("detail", wish.detail);
        array += entry.text("rule", wish.rule).take();
    }
    return array + "]";
}

std::string to_json(const ApprovalTerms& terms)
{
    EntryWriter entry;
    entry.json("inChat", terms.in_chat ? "true" : "false").text("lasts", to_string(terms.lasts));
    return entry.json("wishes", to_json(terms.wishes))
        .text("within", to_string(terms.within))
        .take();
}

std::vector<ApprovalWish> wishes_from_json(const json::Value* array)
{
    std::vector<ApprovalWish> wishes;
    if (array == nullptr) return wishes;
    for (const auto& item : array->items()) {
        const auto cause = std::ranges::find(kCauseNames, item.text_of("cause"));
        if (cause == kCauseNames.end()) continue;  // of a later version: nothing to show
        wishes.push_back({.cause = static_cast<ApprovalCause>(cause - kCauseNames.begin()),
                          .rule = std::string{item.text_of("rule")},
                          .detail = std::string{item.text_of("detail")}});
    }
    return wishes;
}

}  // namespace purse
