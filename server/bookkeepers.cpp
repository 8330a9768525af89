// SPDX-License-Identifier: Apache-2.0
#include "server/bookkeepers.hpp"

#include <future>
#include <optional>

namespace purse::server {

void TillBookkeeper::transact(const std::function<void(Books&)>& run)
{
    std::promise<std::optional<LedgerFault>> done;
    Work work{.run = [&run](Books& books) { run(books); },
              .done = [&done](const std::optional<LedgerFault>& fault) { done.set_value(fault); }};
    if (!till_.submit(work))
        throw StoreError{StoreError::Kind::busy, "too many requests are waiting"};
    if (const auto fault = done.get_future().get()) throw StoreError{fault->kind, fault->what};
}

}  // namespace purse::server
