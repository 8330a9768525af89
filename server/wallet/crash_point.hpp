// SPDX-License-Identifier: Apache-2.0
// For tests of what a crash leaves behind: the process kills itself at a named point of the money
// path.
#pragma once

#include <string>
#include <string_view>

namespace purse::server {

class CrashPoint {
public:
    /// Never.
    CrashPoint() = default;
    /// "point:n": at the n-th passage of `point`; "point": at the first. Empty: never.
    explicit CrashPoint(std::string_view setting);

    /// SIGKILL, when this is the point and the passage.
    void pass(std::string_view point);

private:
    std::string point_;
    long left_ = 0;
};

}  // namespace purse::server
