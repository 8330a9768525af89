// SPDX-License-Identifier: Apache-2.0
// purse credential ...: makes, lists and ends the secrets that prove who spends. A secret is
// printed once, alone on standard output, and is never shown again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/app.hpp"
#include "server/cli/output.hpp"
#include "server/credential_view.hpp"

namespace purse::server::cli {

struct CredentialIssueOptions {
    std::string agent;
    std::optional<Span> expires;  ///< from now; nothing: never
    std::string note;
};
int issue_credential(App& app, const CredentialIssueOptions& options, Output& output);

struct CredentialListOptions {
    std::string agent;  ///< empty: of all agents
    Form form = Form::words;
};
int list_credentials(App& app, const CredentialListOptions& options, Output& output);

int revoke_credential(App& app, const std::string& id, Output& output);

struct CredentialExpireOptions {
    std::string id;
    Span in;
};
int expire_credential(App& app, const CredentialExpireOptions& options, Output& output);

struct CredentialRotateOptions {
    std::string id;
    std::optional<Span> grace;  ///< how long the old one still works; nothing: not at all
    std::optional<Span>
        expires;  ///< of the new one; nothing: as long as the old one was issued for
};
int rotate_credential(App& app, const CredentialRotateOptions& options, Output& output);

void print_credentials(Output& output, const std::vector<CredentialRow>& rows, Instant now);

}  // namespace purse::server::cli
