// SPDX-License-Identifier: Apache-2.0
#include "tools/tool.hpp"

#include <boost/json/serialize.hpp>

namespace purse::tools {

std::shared_ptr<const Rendered> render(const Result& result)
{
    if (result.rendered != nullptr) return result.rendered;
    auto rendered = std::make_shared<Rendered>();
    rendered->json = boost::json::serialize(result.structured);
    rendered->json_literal.reserve(rendered->json.size() * 5 / 4);
    json::append_quoted(rendered->json_literal, rendered->json);
    json::append_quoted(rendered->text_literal, result.text);
    return rendered;
}

}  // namespace purse::tools
