// SPDX-License-Identifier: Apache-2.0
#include "wallet/rail.hpp"

namespace purse {

std::string_view wire_name(Rail rail) noexcept
{
    return rail == Rail::book ? "book" : "evm";
}

}  // namespace purse
