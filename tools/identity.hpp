// SPDX-License-Identifier: Apache-2.0
// Who a credential belongs to, for a door that lets nobody in without one. What moves money never
// rests on this: each payment asks again, within its own transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ledger/refusal.hpp"
#include "tools/desk.hpp"

namespace purse::tools {

struct Identity {
    std::optional<Reason> refused;  ///< why it may not enter; nothing: it may
    std::string agent;              ///< of one that may
    std::string message;            ///< of one that may not: a sentence for a person
};

using IdentityReply = std::move_only_function<void(Identity)>;

/// An empty credential is the built-in sandbox's, where there is no policy. `reply` is called
/// once, on any thread. Frozen agents may enter: they are told so when they pay.
void identify(Desk& desk, std::string credential, IdentityReply reply);

}  // namespace purse::tools
