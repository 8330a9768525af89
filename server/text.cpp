// SPDX-License-Identifier: Apache-2.0
#include "server/text.hpp"

namespace purse::server {

std::string printable(std::string_view text)
{
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 =
            byte == 0xc2U && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0U;
        if (is_c1) ++i;
        clean += is_c1 || byte < 0x20U || byte == 0x7fU ? ' ' : text[i];
    }
    return clean;
}

}  // namespace purse::server
