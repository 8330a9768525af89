// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tools/policy_text.hpp"

using namespace purse;

namespace {
std::string policy_of(const std::string& payee, const std::string& allowed)
{
    return R"({ "version": 1, // who is paid
      "services": { "images": { "payee": ")" +
           payee + R"(" } },
      "agents": { "a": { "allow": { "payees": [ "0x90f79bf6eb2c4f870365e785982e1f101e93b906", ")" +
           allowed + R"(" ] } } } })";
}
constexpr const char* kRight = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
constexpr const char* kOther = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65";
}  // namespace

TEST_CASE("A policy's addresses are taken with a right checksum, or with none")
{
    CHECK(tools::check_policy_text(policy_of(kRight, kOther)));
    CHECK(
        tools::check_policy_text(policy_of("0x15d34aaf54267db7d7c367839aaf71a00a2c6a65", kRight)));
    CHECK(
        tools::check_policy_text(policy_of("0x15D34AAF54267DB7D7C367839AAF71A00A2C6A65", kRight)));
}

TEST_CASE("An address with a wrong checksum is a mistake of the policy, with its place")
{
    // One digit of each is another.
    const auto checked =
        tools::check_policy_text(policy_of("0x90F79bf6EB2c4f870365E785982E1f101E93b907",
                                           "0x25d34AAf54267DB7D7c367839AAf71A00a2C6A65"));
    REQUIRE_FALSE(checked);
    REQUIRE(checked.error().size() == 2);
    CHECK(checked.error()[0].path == "$.services.images.payee");
    CHECK(checked.error()[1].path == "$.agents.a.allow.payees[1]");
    CHECK(checked.error()[0].what.find("wrong checksum") != std::string::npos);
}

TEST_CASE("Other mistakes of a policy are told as always")
{
    const auto checked = tools::check_policy_text(R"({"version": 1, "agent": {}})");
    REQUIRE_FALSE(checked);
    CHECK(checked.error().front().path == "$.agent");
}
