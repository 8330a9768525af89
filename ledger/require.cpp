// SPDX-License-Identifier: Apache-2.0
#include "ledger/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace purse {

void require_failed(const char* what, const std::source_location& where) noexcept
{
    std::fprintf(stderr, "purse: broken invariant: %s (%s:%u in %s)\n", what, where.file_name(),
                 where.line(), where.function_name());
    std::abort();
}

}  // namespace purse
