// SPDX-License-Identifier: Apache-2.0
// Where the operator page is: a server that serves it leaves its address in the state folder, so
// that a command, or another server on the same ledger, can name it.
#pragma once

#include <optional>
#include <string>

#include "server/settings.hpp"
#include "wallet/descriptor.hpp"

namespace purse::server {

/// In the state folder; for the owner's eyes alone.
inline constexpr const char* kOperatorUrlFile = "operator.url";

/// "http://127.0.0.1:8377", without a path: what the environment says, else a running server's.
/// Nothing when there is neither.
std::optional<std::string> operator_url(const Settings& settings);

/// "http://127.0.0.1:8377/operator/" of that.
std::string operator_page_url(const std::string& base);

/// Leaves the address while it lives. What a killed server has left is not taken for a running one.
class OperatorUrlFile {
public:
    /// Does nothing when it cannot be written: the page is there nevertheless.
    OperatorUrlFile(const Settings& settings, std::string base);
    ~OperatorUrlFile();
    OperatorUrlFile(const OperatorUrlFile&) = delete;
    OperatorUrlFile& operator=(const OperatorUrlFile&) = delete;

private:
    std::string path_;
    std::string base_;
    std::optional<Descriptor> file_;  // locked while it lives
};

}  // namespace purse::server
