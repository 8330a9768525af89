// SPDX-License-Identifier: Apache-2.0
// The JSON Schema and the parser know the same fields, and every field has a description.
#include <map>
#include <set>

#include "ledger/json.hpp"
#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
using Fields = std::map<std::string, std::set<std::string>>;

const json::Value& member(const json::Value& object, std::string_view name)
{
    const auto* value = object.find(name);
    INFO(name);
    REQUIRE(value != nullptr);
    return *value;
}

/// The closed objects of the schema: "" is the document, others are named under "$defs".
std::map<std::string, const json::Value*> objects_of(const json::Value& schema)
{
    std::map<std::string, const json::Value*> objects{{"", &schema}};
    for (const auto& definition : member(schema, "$defs").items())
        if (definition.find("properties") != nullptr)
            objects.emplace(definition.key(), &definition);
    return objects;
}
}  // namespace

TEST_CASE("The schema's fields are those of the parser's tables")
{
    const auto text = file_text("policy/policy.schema.json");
    const auto schema = json::parse(text);
    REQUIRE(schema);
    Fields of_schema;
    for (const auto& [name, object] : objects_of(schema->root())) {
        INFO(name);
        CHECK(member(*object, "additionalProperties").is(json::Kind::boolean));
        CHECK_FALSE(member(*object, "additionalProperties").truth());
        for (const auto& field : member(*object, "properties").items())
            of_schema[name].emplace(field.key());
    }
    Fields of_parser;
    for (const auto& [object, names] : known_fields())
        for (const auto name : names) CHECK(of_parser[std::string{object}].emplace(name).second);
    CHECK(of_schema == of_parser);
}

TEST_CASE("Every field of the schema says what it is, and every reference leads somewhere")
{
    const auto text = file_text("policy/policy.schema.json");
    const auto schema = json::parse(text);
    REQUIRE(schema);
    const auto& definitions = member(schema->root(), "$defs");
    for (const auto& [name, object] : objects_of(schema->root())) {
        CHECK(object->find("description") != nullptr);
        for (const auto& field : member(*object, "properties").items()) {
            INFO(name << "." << field.key());
            const auto* reference = field.find("$ref");
            const json::Value* target = nullptr;
            if (reference != nullptr) {
                REQUIRE(reference->text().starts_with("#/$defs/"));
                target = definitions.find(reference->text().substr(8));
                REQUIRE(target != nullptr);
            }
            CHECK((field.find("description") != nullptr ||
                   (target != nullptr && target->find("description") != nullptr)));
        }
    }
}
