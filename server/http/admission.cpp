// SPDX-License-Identifier: Apache-2.0
#include "server/http/admission.hpp"

namespace purse::server::http {

bool Admission::enter(const Remote& remote)
{
    if (connections_ >= limits_.connections_max) return false;
    if (!remote.loopback) {
        auto& count = by_address_[remote.address];
        if (count >= limits_.connections_per_address_max) return false;
        ++count;
    }
    ++connections_;
    return true;
}

void Admission::leave(const Remote& remote)
{
    --connections_;
    if (remote.loopback) return;
    const auto found = by_address_.find(remote.address);
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

}  // namespace purse::server::http
