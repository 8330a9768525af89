// SPDX-License-Identifier: Apache-2.0
// The rules in force, read once for each change of them. Lives on the writer's thread, inside
// transactions.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "server/rules.hpp"

namespace purse::server {

class RulesCache {
public:
    /// As rules_in() has them; nullptr: there is no policy yet.
    std::expected<std::shared_ptr<const Rules>, std::string> in(Books& books)
    {
        if (known_ && epoch_ == books.meta().epoch) return *known_;
        epoch_ = books.meta().epoch;
        auto rules = rules_in(books);
        if (!rules)
            known_ = std::unexpected{std::move(rules.error())};
        else if (!*rules)
            known_ = nullptr;
        else
            known_ = std::make_shared<const Rules>(std::move(**rules));
        return *known_;
    }

private:
    std::int64_t epoch_ = 0;
    std::optional<std::expected<std::shared_ptr<const Rules>, std::string>> known_;
};

}  // namespace purse::server
