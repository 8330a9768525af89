// SPDX-License-Identifier: Apache-2.0
// Ports of the tools: where their work is written, and where a changed policy comes from.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/ledger.hpp"

namespace purse::tools {

/// Port: the way to the ledger's writer. Opening anything may wait until the first submit.
class Till {
public:
    virtual ~Till() = default;
    /// As Writer::submit.
    virtual bool submit(Work& work) = 0;
};

/// A policy document as its source has it.
struct PolicyText {
    std::string text;
    std::string source;  ///< for people: a path
};

/// Port: the operator's policy file, if there is one.
class PolicySource {
public:
    virtual ~PolicySource() = default;
    /// The document when it has changed since the last call (the first call: when there is one).
    /// An error's text when it is there and cannot be read. Cheap when nothing has changed.
    virtual std::optional<std::expected<PolicyText, std::string>> changed() = 0;
};

/// Port: where a person decides about payments.
class ApprovalPage {
public:
    virtual ~ApprovalPage() = default;
    /// The address at which that payment is decided; empty: no page is being served.
    virtual std::string link(std::string_view tx_id) const = 0;
};

/// Port: where operators read of trouble that no caller can mend.
class Alarm {
public:
    virtual ~Alarm() = default;
    virtual void warn(std::string_view what) = 0;
};

}  // namespace purse::tools
