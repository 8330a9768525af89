// SPDX-License-Identifier: Apache-2.0
#include "ledger/receipts.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "ledger/export_verifier.hpp"
#include "ledger/system/head_key.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
struct Desk {
    TempFolder keys{TempFolder::On::disk};
    system::FileHeadKey signer{keys / "journal.key"};
    TestLedger purse{&signer, TempFolder::On::memory};

    Desk() { purse.rules.money("daily", Window::day, 1'000'000); }

    /// A hold with its receipt, in one transaction.
    std::pair<HoldAnswer, std::optional<Receipt>> hold(std::string_view amount,
                                                       const std::string& key, const HeadSigner* by)
    {
        return purse.run([&](Books& books) {
            auto request = ask(purse.rules, usdc(amount), key);
            request.epoch = books.meta().epoch;
            Receipts receipts{books, by};
            const auto answer = books.hold(request);
            return std::pair{answer, receipts.of(answer.seq)};
        });
    }
};

/// "" or what is wrong with a receipt.
std::string trouble_of(const std::string& proof, const std::string& key = {})
{
    ExportVerifier verifier{{.key = key}};
    std::string_view text{proof};
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        if (!verifier.take(text.substr(0, end))) break;
        text.remove_prefix(end + 1);
    }
    if (!verifier.fault()) verifier.finish(text);
    return verifier.fault() ? verifier.fault()->what : std::string{};
}

class BrokenSigner final : public HeadSigner {
public:
    std::string public_key() const override { throw std::runtime_error{"no key"}; }
    std::string sign(std::string_view) const override { throw std::runtime_error{"no key"}; }
};
}  // namespace

TEST_CASE("receipts: each answer's proof holds by itself, at every size of the tree")
{
    Desk desk;
    for (int i = 0; i < 70; ++i) {
        // The last ones no longer fit: refusals have receipts too.
        const auto [answer, receipt] = desk.hold("0.02", {}, &desk.signer);
        REQUIRE(receipt.has_value());
        CAPTURE(i, receipt->proof);
        CHECK(receipt->seq == answer.seq);
        CHECK(trouble_of(receipt->proof, desk.signer.public_key()).empty());
        CHECK_THAT(receipt->proof,
                   Catch::Contains(i < 50 ? R"("kind":"hold")" : R"("kind":"refused")"));
        CHECK(receipt->why_not.empty());
    }
    CHECK(audit(desk.purse.folder.path()).good());
}

TEST_CASE("receipts: of several answers in one commit, each")
{
    Desk desk;
    desk.purse.hold("0.01");
    const auto receipts = desk.purse.run([&](Books& books) {
        std::vector<Receipt> all;
        for (int i = 0; i < 9; ++i) {
            auto request = ask(desk.purse.rules, usdc("0.01"));
            request.epoch = books.meta().epoch;
            Receipts wanted{books, &desk.signer};
            all.push_back(*wanted.of(books.hold(request).seq));
        }
        return all;
    });
    for (const auto& receipt : receipts) {
        CHECK(trouble_of(receipt.proof, desk.signer.public_key()).empty());
        CHECK_THAT(receipt.proof, Catch::Contains("\"seq\":" + std::to_string(receipt.seq) + ","));
    }
    CHECK(audit(desk.purse.folder.path()).good());
}

TEST_CASE("receipts: any change of one is found")
{
    Desk desk;
    for (int i = 0; i < 12; ++i) desk.purse.hold("0.01");
    const auto receipt = desk.hold("0.03", {}, &desk.signer).second;
    for (std::size_t i = 0; i < receipt->proof.size(); ++i) {
        auto spoiled = receipt->proof;
        spoiled[i] = spoiled[i] == '1' ? '2' : '1';
        CAPTURE(i);
        CHECK_FALSE(trouble_of(spoiled, desk.signer.public_key()).empty());
    }
}

TEST_CASE("receipts: asked for again, the same; not asked for at first, where to get one")
{
    Desk desk;
    const auto first = desk.hold("0.03", "once", &desk.signer).second;
    desk.purse.hold("0.05");
    CHECK(desk.hold("0.03", "once", &desk.signer).second->proof == first->proof);
    desk.purse.reopen();
    CHECK(desk.hold("0.03", "once", &desk.signer).second->proof == first->proof);

    desk.purse.hold(ask(desk.purse.rules, usdc("0.01"), "silent"));
    desk.purse.hold("0.05");
    const auto late = desk.hold("0.01", "silent", &desk.signer).second;
    CHECK(late->proof.empty());
    CHECK_THAT(late->why_not, Catch::Contains("purse journal prove"));
}

TEST_CASE("receipts: without a key the decision stands, and no receipt is made up")
{
    Desk desk;
    const BrokenSigner broken;
    for (const HeadSigner* by :
         {static_cast<const HeadSigner*>(&broken), static_cast<const HeadSigner*>(nullptr)}) {
        const auto [answer, receipt] = desk.hold("0.01", {}, by);
        CHECK(answer.outcome == HoldAnswer::Outcome::approved);
        CHECK(receipt->proof.empty());
    }
    CHECK(audit(desk.purse.folder.path()).holds.size() == 2);
}

TEST_CASE("receipts: the end of a hold is found again by its time")
{
    Desk desk;
    const auto [kept, given, gone, open] = desk.purse.run([&](Books& books) {
        const auto take = [&](const char* amount) {
            auto request = ask(desk.purse.rules, usdc(amount));
            request.epoch = books.meta().epoch;
            return books.hold(request).id;
        };
        return std::tuple{take("0.01"), take("0.02"), take("0.03"), take("0.04")};
    });
    // Taken and ended at one instant, among others of it.
    const auto settled = desk.purse.settle(kept, "0.01");
    desk.purse.clock.pass(Span::seconds(1));
    const auto voided = desk.purse.give_back(given);
    desk.purse.clock.pass(Span::seconds(1));
    const auto late = desk.purse.settle(gone, "0.02");
    const auto end_of = [&](TxId id) {
        return desk.purse.run([&](Books& books) {
            return Receipts{books, nullptr}.end_of(books.rows().hold(id.seq)->hold);
        });
    };
    CHECK(end_of(kept) == settled.seq);
    CHECK(end_of(given) == voided.seq);
    CHECK(end_of(gone) == late.seq);
    CHECK(end_of(open) == 0);
    CHECK(desk.purse.run([&](Books& books) { return Receipts{books, nullptr}.of(0); }) ==
          std::nullopt);
}
