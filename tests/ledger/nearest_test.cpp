// SPDX-License-Identifier: Apache-2.0
#include "ledger/nearest.hpp"

#include <catch2/catch.hpp>

using namespace purse;

namespace {
std::string nearest(std::string_view name, std::initializer_list<std::string_view> candidates)
{
    Nearest best{name};
    for (const auto candidate : candidates) best.consider(candidate);
    return std::string{best.found().value_or("none")};
}
}  // namespace

TEST_CASE("Edit distance is exact up to its bound")
{
    CHECK(edit_distance("", "", 2) == 0);
    CHECK(edit_distance("daily", "daily", 2) == 0);
    CHECK(edit_distance("dayly", "daily", 2) == 1);
    CHECK(edit_distance("dialy", "daily", 2) == 2);
    CHECK(edit_distance("kitten", "sitting", 3) == 3);
    CHECK(edit_distance("kitten", "sitting", 2) == 3);
    CHECK(edit_distance("ab", "abcdef", 2) == 3);
    CHECK(edit_distance("", "ab", 2) == 2);
}

TEST_CASE("The nearest name is near enough to be meant")
{
    CHECK(nearest("dialy", {"hourly", "daily", "weekly"}) == "daily");
    CHECK(nearest("weekyl", {"daily", "weekly"}) == "weekly");
    CHECK(nearest("pertx", {"perTask", "perTx"}) == "perTx");
    CHECK(nearest("PERWORKFLOW", {"perWorkflow"}) == "perWorkflow");
    CHECK(nearest("yearly", {"hourly", "daily", "weekly"}) == "none");
    CHECK(nearest("budget", {"deny", "allow"}) == "none");
    CHECK(nearest("x", {"to"}) == "none");  // two edits of two letters are another word
    CHECK(nearest("ab", {"ac", "ad"}) == "ac");
}
