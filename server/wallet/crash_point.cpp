// SPDX-License-Identifier: Apache-2.0
#include "server/wallet/crash_point.hpp"

#include <signal.h>
#include <unistd.h>

#include <charconv>

namespace purse::server {

CrashPoint::CrashPoint(std::string_view setting)
    : point_{setting.substr(0, setting.find(':'))},
      left_{1}
{
    if (point_.size() < setting.size())
        std::from_chars(setting.data() + point_.size() + 1, setting.data() + setting.size(), left_);
}

void CrashPoint::pass(std::string_view point)
{
    if (!point_.empty() && point == point_ && --left_ <= 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace purse::server
