// SPDX-License-Identifier: Apache-2.0
// What a person decides about a payment that waits: on the operator page, by a command, or in the
// agent's own chat. A yes is checked against the rules of its moment; a no always counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/approvals.hpp"
#include "policy/document.hpp"
#include "tools/desk.hpp"

namespace purse::tools {

/// What came of a ruling.
struct RulingAnswer {
    Ruled ruled = Ruled::unknown;
    /// Why a yes does not count now (frozen, revoked, a changed policy); then nothing was changed,
    /// and the payment still waits.
    std::vector<Refusal> refusals;
    std::optional<AskedHold> asked;  ///< as it stands now; nothing: unknown
};

/// Approves the payment, where `document` and the freezes of this moment let it be made.
RulingAnswer approve(Books& books, const policy::Document& document, const Ruling& ruling);
/// Refuses it for good.
RulingAnswer deny(Books& books, const Ruling& ruling, ApprovalState as = ApprovalState::denied);

/// Goes on with a question that was put to the caller's user (Toolbox::follow_up).
void follow_up(Desk& desk, std::string_view id, Answered answered, const Caller& caller,
               Reply reply);
/// As Toolbox::look_for_decisions.
void look_for_decisions(Desk& desk, std::vector<std::string> ids, Toolbox::Decided decided);

}  // namespace purse::tools
