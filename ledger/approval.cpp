// SPDX-License-Identifier: Apache-2.0
#include "ledger/approval.hpp"

#include <algorithm>

#include "ledger/journal.hpp"

namespace purse {

namespace {
std::string_view text_of(const json::Value& object, std::string_view name)
{
    const auto* member = object.find(name);
    return member == nullptr ? std::string_view{} : member->text();
}
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
        const auto cause = std::ranges::find(kCauseNames, text_of(item, "cause"));
        if (cause == kCauseNames.end()) continue;  // of a later version: nothing to show
        wishes.push_back({.cause = static_cast<ApprovalCause>(cause - kCauseNames.begin()),
                          .rule = std::string{text_of(item, "rule")},
                          .detail = std::string{text_of(item, "detail")}});
    }
    return wishes;
}

}  // namespace purse
