// SPDX-License-Identifier: Apache-2.0
// What must be true, in every build. A broken invariant stops the process before
// it can be committed: money is safer with a dead process than with a wrong one.
// Never for input.
#pragma once

#include <source_location>

namespace purse {

/// Prints where and what, then aborts.
[[noreturn]] void require_failed(const char* what, const std::source_location& where) noexcept;

constexpr void require(bool holds, const char* what,
                       const std::source_location& where = std::source_location::current())
{
    if (!holds) [[unlikely]]
        require_failed(what, where);
}

}  // namespace purse
