// SPDX-License-Identifier: Apache-2.0
// Answers at the operator's addresses: JSON, in one shape for everything that went wrong, and the
// headers that keep the page to itself.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace purse::server {

/// What every answer here has: no other site may frame it, and a page runs and loads nothing that
/// is not its own (CSP level 3; Fetch Metadata's siblings).
std::string_view page_headers();

/// A JSON answer.
http::Response json_answer(int status, const boost::json::object& body, std::string headers = {});
/// The same, of text that is JSON already.
http::Response json_text(std::string body);

/// What went wrong.
struct PageError {
    int status = 400;
    std::string_view code;  ///< "invalid_argument"
    std::string message;    ///< a sentence: what was wrong, what to do
    std::string field;      ///< which, where it is one
};
http::Response error_answer(const PageError& error, std::string headers = {});

}  // namespace purse::server
