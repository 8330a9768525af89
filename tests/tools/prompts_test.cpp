// SPDX-License-Identifier: Apache-2.0
#include "tools/prompts.hpp"

#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::test;

namespace {
struct Fixture : Tools {
    Fixture()
        : Tools{R"({ "version": 1, "agents": { "painter": { "caps": { "daily": "12.34" } } } })"}
    {
        log_in("painter");
    }
    tools::Result report(std::string_view arguments)
    {
        std::optional<tools::Result> result;
        const auto document = json::parse(arguments).value();
        box.prompt("spending_report", &document.root(), caller, nullptr,
                   [&](tools::Result answer) { result = std::move(answer); });
        REQUIRE(result);
        return std::move(*result);
    }
};
}  // namespace

TEST_CASE_METHOD(Fixture, "prompts: one, with one argument that may be left out")
{
    const auto prompts = box.prompts();
    REQUIRE(prompts.size() == 1);
    CHECK(prompts[0].name == "spending_report");
    REQUIRE(prompts[0].arguments.size() == 1);
    CHECK(prompts[0].arguments[0].name == "audience");
    CHECK_FALSE(prompts[0].arguments[0].is_required);
}

TEST_CASE_METHOD(Fixture, "prompts: the report has the figures of now, and says for whom")
{
    const auto plain = report("{}");
    CHECK_FALSE(plain.is_error);
    CHECK_THAT(plain.text, Catch::StartsWith("Write a short spending report from these figures") &&
                               Catch::Contains("Budget of painter") && Catch::Contains("12.34"));
    CHECK_THAT(report(R"({"audience":"my manager"})").text,
               Catch::StartsWith("Write a short spending report for my manager from"));
    // The remembered status is not what was changed.
    const auto status = call("pay_budget_status", "{}");
    CHECK_THAT(status.text, Catch::StartsWith("Budget of painter"));
    CHECK(plain.text.ends_with(status.text));
}

TEST_CASE_METHOD(Fixture, "prompts: bad arguments are the client's to mend")
{
    for (const auto* bad : {R"({"audience":5})", R"({"audience":["x"]})", R"({"Audience":"x"})",
                            R"({"audience":"x","more":1})"}) {
        INFO(bad);
        CHECK(test::reason_of(report(bad)) == "invalid_argument");
    }
    CHECK(test::reason_of(report(R"({"audience":")" + std::string(10'000, 'x') + R"("})")) ==
          "invalid_argument");
}

TEST_CASE_METHOD(Fixture, "prompts: who may not look gets the refusal, not the words around it")
{
    caller.credential = "purse_painter_made-up";
    const auto refused = report("{}");
    CHECK(test::reason_of(refused) == "credential_unknown");
    CHECK(refused.text.find("Write a short") == std::string::npos);
}
