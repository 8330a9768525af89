// SPDX-License-Identifier: Apache-2.0
// Who may open one more connection: so many in all, so many from one address. Loopback is exempt
// from the second, for there everyone has one address. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "server/http/limits.hpp"
#include "server/http/message.hpp"

namespace purse::server::http {

class Admission {
public:
    explicit Admission(const Limits& limits) : limits_{limits} {}

    /// False: full. Every true is paired with one leave().
    bool enter(const Remote& remote);
    void leave(const Remote& remote);

private:
    const Limits& limits_;
    std::size_t connections_ = 0;
    std::unordered_map<std::string, std::size_t> by_address_;
};

}  // namespace purse::server::http
