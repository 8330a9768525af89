// SPDX-License-Identifier: Apache-2.0
// What every client accepts: flat schemas, short names, all hints said, and answers that
// keep to the declared outputSchema, refusals too.
#include <set>

#include "tests/tools/harness.hpp"
#include "tests/tools/schemas.hpp"

using namespace purse;
using namespace purse::test;

namespace {
void check_flat(const json::Value& schema)
{
    CHECK(schema.find("type")->text() == "object");
    CHECK_FALSE(schema.find("additionalProperties")->truth());
    for (const char* banned : {"$ref", "oneOf", "anyOf", "allOf", "$schema"})
        CHECK(schema.find(banned) == nullptr);
    for (const auto& property : schema.find("properties")->items())
        CHECK(property.key().find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
              std::string_view::npos);
}
}  // namespace

TEST_CASE("tools are described so that every client takes them")
{
    Tools tools;
    std::set<std::string_view> names;
    for (const auto& tool : tools.box.list()) {
        INFO(std::string{tool.name});
        CHECK(names.insert(tool.name).second);
        CHECK(tool.name.size() <= 64);
        CHECK_FALSE(tool.title.empty());
        CHECK(tool.description.size() > 40);
        const auto input = json::parse(tool.input_schema);
        const auto output = json::parse(tool.output_schema);
        REQUIRE(input.has_value());
        REQUIRE(output.has_value());
        check_flat(input->root());
        check_flat(output->root());
        // A tool that can spend never calls itself read-only.
        CHECK(tool.annotations.read_only == (tool.name == "pay_budget_status"));
        CHECK(tool.annotations.destructive != tool.annotations.read_only);
    }
    CHECK(names ==
          std::set<std::string_view>{"pay_preauthorize", "pay_settle", "pay_budget_status"});
}

TEST_CASE("answers and refusals keep to the declared schema")
{
    Tools tools;
    std::map<std::string_view, json::Document> schemas;
    for (const auto& tool : tools.box.list())
        schemas.emplace(tool.name, json::parse(tool.output_schema).value());
    const auto check = [&](std::string_view tool, const tools::Result& result) {
        INFO(result.text);
        check_against(result.structured, schemas.at(tool).root());
    };
    const auto held = tools.pay(R"({"service":"x","estimatedCost":"0.9","idempotencyKey":"k"})");
    check("pay_preauthorize", held);
    check("pay_preauthorize",
          tools.pay(R"({"service":"x","estimatedCost":"0.9","idempotencyKey":"k"})"));
    check("pay_preauthorize",
          tools.pay(R"({"service":"x","estimatedCost":"0.9","ttlSeconds":86400})"));
    check("pay_preauthorize", tools.pay(R"({"service":"x","estimatedCost":"99"})"));
    check("pay_preauthorize", tools.pay(R"({"service":"x"})"));
    check("pay_settle", tools.settle(id_of(held), "5"));
    check("pay_settle", tools.settle(id_of(held), "0.5"));
    check("pay_settle", tools.settle(id_of(held), "0.4"));
    check("pay_settle", tools.settle("tx_?", "1"));
    check("pay_budget_status", tools.call("pay_budget_status", R"({"taskId":"t"})"));
    check("pay_budget_status", tools.call("pay_budget_status", R"({"task":"t"})"));
    tools.ledger.ledger().transact([](Books& books) { books.freeze("all", ""); });
    check("pay_preauthorize", tools.pay(R"({"service":"x","estimatedCost":"0.9"})"));
    check("pay_budget_status", tools.call("pay_budget_status", "{}"));
}

TEST_CASE("a name that is no tool is not answered")
{
    Tools tools;
    CHECK_FALSE(tools.box.knows("pay_everything"));
}
