// SPDX-License-Identifier: Apache-2.0
// Random policy documents that can be made stricter step by step, and random questions.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support.hpp"

namespace purse::policy::test {

/// A source of choices; equal seeds make equal choices on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_{seed} {}
    int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(bound)); }
    bool one_in(int bound) { return below(bound) == 0; }
    template <class Range>
    const auto& pick(const Range& range)
    {
        return *std::next(std::begin(range), below(static_cast<int>(std::size(range))));
    }

private:
    std::mt19937_64 engine_;
};

using NameSet = std::set<std::string>;

struct ListsModel {
    std::optional<NameSet> services;
    std::optional<NameSet> payees;
    std::optional<NameSet> categories;
};

struct HoursModel {
    std::set<int> days;
    int from = 0;  ///< hours
    int to = 24;
};

struct RulesModel {
    std::map<std::string, int> caps;  ///< kind to cents; "rolling" over 1h
    std::optional<int> count;         ///< a minute
    std::optional<int> loop;          ///< a minute
    ListsModel allow;
    ListsModel deny;
    std::vector<HoursModel> times;
    std::optional<int> ttl;  ///< seconds
    std::optional<int> max_ttl;
    std::optional<int> percent;
    std::optional<int> absolute;  ///< cents
    bool refuses_late = false;
    bool frozen = false;
    NameSet budgets;
};

struct DocumentModel {
    std::map<std::string, std::optional<int>> ceilings;  ///< service to cents
    RulesModel agent;
    RulesModel team;
    RulesModel organisation;
};

DocumentModel random_document(Dice& dice);

/// One step that must never allow more than before.
void make_stricter(DocumentModel& document, Dice& dice);

Ask random_ask(Dice& dice);

std::string text_of(const DocumentModel& document);

}  // namespace purse::policy::test
