// SPDX-License-Identifier: Apache-2.0
// The cookie of the operator's session (RFC 6265), and the secret that every change must bring
// besides. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/clock.hpp"
#include "server/http/message.hpp"

namespace purse::server {

/// Whether browsers reach us by TLS alone.
enum class Reached { plainly, by_tls };

/// "purse_operator", with the prefix that makes browsers take it over TLS alone where that is so.
std::string_view cookie_name(Reached reached);

/// The value of the session's cookie; nothing when there is none, or more than one.
std::optional<std::string_view> session_cookie(const http::Request& request, Reached reached);

/// A header line that sets it: only for our addresses, unseen by scripts, never sent along from
/// another site's page.
std::string set_session_cookie(std::string_view secret, Span life, Reached reached);
/// A header line that takes it away.
std::string drop_session_cookie(Reached reached);

/// What X-Purse-CSRF must say in that session: follows from its secret, and cannot be told from
/// its cookie by another site's page.
std::string csrf_token(std::string_view secret);

}  // namespace purse::server
