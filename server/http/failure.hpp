// SPDX-License-Identifier: Apache-2.0
// What the exception being handled says of itself. For `catch (...)`: whatever a handler throws,
// only its own request fails.
#pragma once

#include <exception>
#include <string>

namespace purse::server::http {

inline std::string failure()
{
    try {
        throw;
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "thrown was something that says nothing";
    }
}

}  // namespace purse::server::http
