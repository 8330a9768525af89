// SPDX-License-Identifier: Apache-2.0
// The body of a change, read strictly: an object of texts, nothing unknown. Pure.
#pragma once

#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/operator/reply.hpp"

namespace purse::server {

class Body {
public:
    static std::expected<Body, PageError> parse(std::string_view text,
                                                std::initializer_list<std::string_view> known);

    /// Empty when it is not there.
    const std::string& text(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> members_;
};

/// An error that names the field.
PageError wrong_field(std::string_view field, std::string_view what);

}  // namespace purse::server
