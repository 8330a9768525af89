// SPDX-License-Identifier: Apache-2.0
#include "server/cli/user.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace purse::server::cli {

std::string user_name()
{
    // The name is what is wanted; a longer entry than this is none that a person made.
    std::array<char, 4096> room{};
    passwd entry{};
    passwd* found = nullptr;
    const auto uid = ::getuid();
    if (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) == 0 && found != nullptr)
        return entry.pw_name;
    return "uid " + std::to_string(uid);
}

std::string user_account()
{
    return "account/" + user_name();
}

}  // namespace purse::server::cli
