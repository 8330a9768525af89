// SPDX-License-Identifier: Apache-2.0
// Reads the rules of one agent or one shared budget: the RULES objects of a document.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/caps_reader.hpp"
#include "policy/document.hpp"
#include "policy/reader.hpp"

namespace purse::policy {

/// Every name that rules may point to; views into the document's text tree.
struct Catalogue {
    std::set<std::string_view> services;
    std::set<std::string_view> categories;
    std::set<std::string_view> budgets;
};

/// Rules as read, with the shared budgets they name not yet followed.
struct RulesDraft {
    Budget budget;
    std::vector<std::string_view> shares;
};

struct RulesSource {
    const json::Value& value;  ///< its key is the holder's name
    Holder holder;
};

/// What was wrong is noted and left out.
RulesDraft read_rules(Reader& reader, const RulesSource& source, const Catalogue& catalogue);

/// The tables of rules and everything below them.
std::vector<KnownFields> known_rules_fields();

}  // namespace purse::policy
