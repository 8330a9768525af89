// SPDX-License-Identifier: Apache-2.0
#include "tools/tool.hpp"

#include <boost/json/serialize.hpp>

namespace purse::tools {

std::shared_ptr<const std::string> structured_text(const Result& result)
{
    if (result.json != nullptr) return result.json;
    return std::make_shared<const std::string>(boost::json::serialize(result.structured));
}

}  // namespace purse::tools
