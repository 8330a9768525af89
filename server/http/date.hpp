// SPDX-License-Identifier: Apache-2.0
// The Date header's value. The one place of the HTTP server that reads the wall clock.
#pragma once

#include <cstdint>
#include <string>

namespace purse::server::http {

/// As in RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string date_of(std::int64_t unix_seconds);

/// date_of() this moment, made anew at most once a second.
class Date {
public:
    Date() { refresh(); }
    void refresh();
    const std::string& text() const noexcept { return text_; }

private:
    std::int64_t seconds_ = -1;
    std::string text_;
};

}  // namespace purse::server::http
