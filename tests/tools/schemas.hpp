// SPDX-License-Identifier: Apache-2.0
// Whether an answer keeps to the output schema that its tool declares.
#pragma once

#include <boost/json/object.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "ledger/json.hpp"

namespace purse::test {

inline std::string_view type_of(const boost::json::value& value)
{
    switch (value.kind()) {
        case boost::json::kind::bool_: return "boolean";
        case boost::json::kind::int64:
        case boost::json::kind::uint64: return "integer";
        case boost::json::kind::string: return "string";
        case boost::json::kind::array: return "array";
        case boost::json::kind::object: return "object";
        default: return "something else";
    }
}

inline void check_against(const boost::json::object& answer, const json::Value& schema)
{
    const auto& properties = *schema.find("properties");
    for (const auto& [name, value] : answer) {
        INFO(std::string{name});
        const auto* property = properties.find(std::string_view{name});
        REQUIRE(property != nullptr);
        CHECK(property->find("type")->text() == type_of(value));
        if (value.is_array() && property->find("items")->find("properties") != nullptr)
            for (const auto& item : value.as_array())
                check_against(item.as_object(), *property->find("items"));
        if (value.is_object() && property->find("properties") != nullptr)
            check_against(value.as_object(), *property);
    }
}

}  // namespace purse::test
