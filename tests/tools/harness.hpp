// SPDX-License-Identifier: Apache-2.0
// The real tools on a real ledger, called at once and in order.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <utility>

#include "policy/credential.hpp"
#include "tests/support/direct_till.hpp"
#include "tests/support/test_ledger.hpp"
#include "tools/toolbox.hpp"

namespace purse::test {

class EditedPolicy final : public tools::PolicySource {
public:
    std::optional<std::expected<tools::PolicyText, std::string>> changed() override
    {
        return std::exchange(next, std::nullopt);
    }
    void edit(std::string text) { next = tools::PolicyText{std::move(text), "policy.jsonc"}; }
    std::optional<std::expected<tools::PolicyText, std::string>> next;
};

class HeardAlarm final : public tools::Alarm {
public:
    void warn(std::string_view what) override { heard.emplace_back(what); }
    std::vector<std::string> heard;
};

class Tools {
public:
    explicit Tools(std::string policy = {}, const Funding* funding = nullptr,
                   const HeadSigner* signer = nullptr)
        : box{{.till = till,
               .source = source,
               .alarm = alarm,
               .funding = funding,
               .signer = signer}}
    {
        if (!policy.empty()) source.edit(std::move(policy));
    }

    TestLedger ledger;
    DirectTill till{ledger};
    EditedPolicy source;
    HeardAlarm alarm;
    tools::PurseToolbox box;
    tools::Caller caller{.credential = {}, .session = "s-1", .client = "test/1"};

    /// A credential for an agent, used from now on.
    void log_in(const std::string& agent, Instant expires_at = Instant::never())
    {
        auto issued = policy::issue(
            {.agent = agent, .now = ledger.clock.wall(), .expires_at = expires_at, .note = {}},
            ledger.entropy);
        ledger.ledger().transact([&](Books& books) { books.issue_credential(issued.row); });
        credential_id = issued.row.id;
        caller.credential = issued.secret;
    }
    std::string credential_id;

    tools::Result call(std::string_view tool, std::string_view arguments)
    {
        std::optional<tools::Result> result;
        const auto document = json::parse(arguments);
        REQUIRE(document.has_value());
        REQUIRE(box.knows(tool));
        box.call(tool, &document->root(), caller, nullptr,
                 [&](tools::Result answer) { result = std::move(answer); });
        REQUIRE(result.has_value());
        if (result->rendered != nullptr)
            result->structured = boost::json::parse(result->rendered->json).as_object();
        return std::move(*result);
    }
    tools::Result pay(std::string_view arguments) { return call("pay_preauthorize", arguments); }
    tools::Result settle(const std::string& id, const std::string& cost)
    {
        return call("pay_settle", R"({"txId":")" + id + R"(","actualCost":")" + cost + R"("})");
    }
    tools::Result give_back(const std::string& id)
    {
        return call("pay_settle", R"({"txId":")" + id + R"(","outcome":"void"})");
    }
};

inline std::string text_of(const tools::Result& result, std::string_view name)
{
    const auto* value = result.structured.if_contains(name);
    if (value == nullptr) return {};
    if (value->is_string()) return std::string{value->as_string()};
    return boost::json::serialize(*value);
}
inline std::string reason_of(const tools::Result& result)
{
    CHECK(result.is_error);
    CHECK(text_of(result, "ok") == "false");
    return text_of(result, "reason");
}
inline std::string id_of(const tools::Result& result)
{
    INFO(result.text);
    REQUIRE_FALSE(result.is_error);
    return text_of(result, "txId");
}

}  // namespace purse::test
