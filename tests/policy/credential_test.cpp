// SPDX-License-Identifier: Apache-2.0
#include "policy/credential.hpp"

#include <regex>
#include <set>

#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
/// Counts up, so that every byte differs from the one before.
class CountingEntropy : public Entropy {
public:
    void fill(std::span<std::uint8_t> out) override
    {
        for (auto& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};
}  // namespace

TEST_CASE("A credential's secret has its form and only its hash is in the row")
{
    CountingEntropy entropy;
    const auto now = at("2026-11-23T12:00:00");
    const auto issued =
        issue({.agent = "image-gen_v2.1", .now = now, .note = "for the office"}, entropy);
    CHECK(std::regex_match(issued.secret,
                           std::regex{"purse_image-gen_v2\\.1_[0-9a-hjkmnp-tv-z]{52}"}));
    CHECK(std::regex_match(issued.row.id, std::regex{"cred_[0-9a-hjkmnp-tv-z]{10}"}));
    CHECK(issued.row.agent == "image-gen_v2.1");
    CHECK(issued.row.hash == credential_hash(issued.secret));
    CHECK(issued.row.hash == sha256({issued.secret}));
    CHECK(issued.row.issued_at == now);
    CHECK(issued.row.expires_at == Instant::never());
    CHECK(issued.row.revoked_at == Instant::never());
    CHECK(issued.row.note == "for the office");
    CHECK(parse_handle(issued.secret) == "image-gen_v2.1");
    // Bytes 01, 02, ... in groups of five bits.
    CHECK(issued.secret.substr(issued.secret.size() - 52, 8) == "04106105");
}

TEST_CASE("No two credentials are alike, and an expiry is kept")
{
    CountingEntropy entropy;
    std::set<std::string> secrets;
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        const auto issued =
            issue({.agent = "a", .now = {}, .expires_at = Instant{7}, .note = {}}, entropy);
        secrets.insert(issued.secret);
        ids.insert(issued.row.id);
        CHECK(issued.row.expires_at == Instant{7});
    }
    CHECK(secrets.size() == 5);
    CHECK(ids.size() == 5);
}

TEST_CASE("Only texts of the form of a secret have a handle")
{
    const std::string tail(52, '0');
    CHECK(parse_handle("purse_a_" + tail) == "a");
    CHECK(parse_handle("purse_a_b_" + tail) == "a_b");
    CHECK_FALSE(parse_handle(""));
    CHECK_FALSE(parse_handle("purse_"));
    CHECK_FALSE(parse_handle("purse_" + tail));
    CHECK_FALSE(parse_handle("purse__" + tail));
    CHECK_FALSE(parse_handle("pursea_a_" + tail));
    CHECK_FALSE(parse_handle("purse_a-" + tail));
    CHECK_FALSE(parse_handle("purse_a_" + tail.substr(1)));
    CHECK_FALSE(parse_handle("purse_a_" + tail.substr(1) + "u"));
    CHECK_FALSE(parse_handle("purse_a\nb_" + tail));
    CHECK_FALSE(parse_handle("purse_" + std::string(65, 'a') + "_" + tail));
}
