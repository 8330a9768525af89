// SPDX-License-Identifier: Apache-2.0
#include "tools/card.hpp"

#include <array>

#include "ledger/require.hpp"
#include "web/web_files.hpp"

namespace purse::tools {

namespace {
constexpr std::string_view kCardFile = "card/budget.html";

// No `csp`: the host then allows no network at all, which is what the card needs.
constexpr std::string_view kCardMeta = R"({"prefersBorder":true})";

View card()
{
    const auto* file = web::find_web_file(kCardFile);
    require(file != nullptr, "the card is embedded");
    return {.uri = kCardUri, .html = file->bytes, .meta = kCardMeta};
}
}  // namespace

std::span<const View> card_views()
{
    static const std::array kViews{card()};
    return kViews;
}

}  // namespace purse::tools
