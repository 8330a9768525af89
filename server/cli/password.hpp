// SPDX-License-Identifier: Apache-2.0
// Passwords that a person types: on the terminal itself, unseen, whatever standard input and output
// are.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "wallet/secret.hpp"

namespace purse::server::cli {

/// Asks one question and takes one line, unseen. The error: there is no terminal, or nothing came.
using AskSecret = std::function<std::expected<SecretText, std::string>(std::string_view question)>;

/// On /dev/tty, with its echo off. Ctrl-C is an error too, and the echo is on again.
std::expected<SecretText, std::string> ask_on_terminal(std::string_view question);

/// Asks twice: a password that nobody can see must be typed alike both times.
std::expected<SecretText, std::string> ask_twice(const AskSecret& ask, std::string_view what);

}  // namespace purse::server::cli
