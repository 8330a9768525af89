// SPDX-License-Identifier: Apache-2.0
// The query of an address, decoded (WHATWG URL, application/x-www-form-urlencoded). Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/operator/reply.hpp"

namespace purse::server {

class Query {
public:
    /// Names outside `known`, repeated ones and what cannot be decoded are errors.
    static std::expected<Query, PageError> parse(std::string_view text,
                                                 std::initializer_list<std::string_view> known);

    /// Empty when it is not there.
    const std::string& text(std::string_view name) const;
    /// A whole number of that range; `absent` when it is not there.
    std::expected<std::int64_t, PageError> number(std::string_view name, std::int64_t min,
                                                  std::int64_t max, std::int64_t absent) const;

private:
    using Member = std::pair<std::string, std::string>;
    bool has(std::string_view name) const;

    std::vector<Member> members_;
};

}  // namespace purse::server
