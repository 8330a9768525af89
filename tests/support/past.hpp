// SPDX-License-Identifier: Apache-2.0
// A random past of a purse: requests, their ends, people's answers and freezes, played against a
// real ledger under one policy; and the same script played against another ledger.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy/document.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/support/test_ledger.hpp"

namespace purse::test {

/// What the policies of random pasts are made of.
enum class With { caps_only, approvals };
/// Two agents, "a" and "b", and a shared budget; `scale` is about what a cap lets through, in
/// cents.
std::string random_policy(Dice& dice, With with, std::int64_t scale);

/// One thing that happens. Nothing in it depends on how the ledger answers.
struct Act {
    enum class Kind { request, settle, give_back, approve, deny, freeze, unfreeze, look };
    Kind kind = Kind::look;
    Instant at;
    std::string agent;
    Purchase what;
    std::optional<Span> ttl;
    std::size_t which = 0;  ///< the request that an end is for, counted from 0
    Money actual;
};
std::vector<Act> random_script(Dice& dice, std::size_t acts, With with);

/// How a request was answered, and what it came to.
struct Played {
    HoldAnswer answer;
    std::string agent;
};

class Past {
public:
    explicit Past(const std::string& policy);

    TestLedger purse{nullptr, TempFolder::On::memory};
    std::shared_ptr<const policy::Document> document;
    std::vector<Played> requests;

    /// `refused_before`: the answers of another past to the same script. What that one refused is
    /// settled at once here, and its ends are left out.
    void play(const std::vector<Act>& script, const Past* refused_before = nullptr);
    /// From here on another document is in force.
    void change_policy(const std::string& policy);
    std::vector<JournalRow> journal() { return purse.journal(); }

private:
    void act(Books& books, const Act& act, const Past* before);
    void request(Books& books, const Act& act, const Past* before);
    SettleAnswer settle(Books& books, const Played& played, Money actual);

    std::vector<FreezeRow> freezes_;
};

}  // namespace purse::test
