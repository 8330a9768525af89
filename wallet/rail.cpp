// SPDX-License-Identifier: Apache-2.0
#include "wallet/rail.hpp"

namespace purse {

std::string_view wire_name(Rail) noexcept
{
    return "book";
}

std::string_view settlement_after_commit(Rail) noexcept
{
    return "settled";
}

}  // namespace purse
