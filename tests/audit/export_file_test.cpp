// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "audit/audit.hpp"
#include "ledger/system/head_key.hpp"
#include "tests/support/made_journal.hpp"
#include "tests/support/past.hpp"

using namespace purse;
using namespace purse::test;

namespace {
/// The lines of a whole export of a random past.
struct Exported {
    TempFolder keys{TempFolder::On::disk};
    system::FileHeadKey key{keys / "journal.key"};
    MadeJournal journal{key};

    explicit Exported(std::uint64_t seed)
    {
        Dice dice{seed};
        Past past{random_policy(dice, With::approvals, 500)};
        past.play(random_script(dice, 120, With::approvals));
        for (auto& row : past.journal()) journal.add_body(std::move(row.body));
        journal.sign();
    }
};

auditor::Findings audit(const std::vector<std::string>& lines)
{
    std::stringstream file;
    for (const auto& line : lines) file << line << '\n';
    return auditor::audit_export(file, auditor::Rules::judged);
}

std::string first_of(const auditor::Findings& found)
{
    return found.good() ? "" : found.mistakes.front().what;
}
}  // namespace

TEST_CASE("audit export: a whole one is in order")
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Exported exported{seed};
        const auto found = audit(exported.journal.whole());
        CAPTURE(seed);
        CHECK(first_of(found).empty());
        CHECK(found.entries == std::ssize(exported.journal.bodies));
        CHECK(found.heads == 1);
        CHECK(found.charges > 0);
    }
}

TEST_CASE("audit export: lines that are not as they were")
{
    const Exported exported{3};
    auto lines = exported.journal.whole();
    SECTION("an amount")
    {
        const auto line = std::ranges::find_if(
            lines, [](const auto& one) { return one.find(R"("kind":"hold")") != one.npos; });
        REQUIRE(line != lines.end());
        line->replace(line->find(R"("amount":")") + 10, 1, "9");
        CHECK(first_of(audit(lines)) == "breaks the chain");
    }
    SECTION("an entry is gone")
    {
        lines.erase(lines.begin() + 5);
        CHECK(first_of(audit(lines)) == "breaks the chain");
    }
    SECTION("the end is gone")
    {
        lines.pop_back();
        CHECK_THAT(first_of(audit(lines)), Catch::Contains("cut off"));
    }
    SECTION("something comes after the end")
    {
        lines.push_back(lines[1]);
        CHECK_THAT(first_of(audit(lines)), Catch::Contains("goes on"));
    }
    SECTION("a part cannot be audited")
    {
        CHECK_THAT(first_of(audit(exported.journal.part(1, 20, "a"))),
                   Catch::Contains("whole export"));
    }
    SECTION("no export at all")
    {
        CHECK_FALSE(audit({"{}"}).good());
        CHECK_FALSE(audit({"hello"}).good());
        CHECK_FALSE(audit({}).good());
        CHECK_THAT(first_of(audit({std::string(9U << 20U, 'x')})), Catch::Contains("longer"));
    }
}
