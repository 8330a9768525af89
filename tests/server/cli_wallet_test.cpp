// SPDX-License-Identifier: Apache-2.0
// purse wallet on a state folder of its own: what it makes, says and refuses.
#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>

#include "ledger/payouts.hpp"
#include "server/cli/doctor.hpp"
#include "tests/support/wallet_desk.hpp"
#include "wallet/funding.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::has;
using purse::test::WalletDesk;
namespace fs = std::filesystem;

namespace {
constexpr const char* kMade = R"(Made a wallet on base-sepolia (chain 84532):
File                                 What it is
DIR/state/wallet/wallet.json     the document: nodes, limits, when payees are paid
DIR/state/wallet/treasury.json   the treasury's key, fresh
DIR/state/wallet/relayer-1.json  a relayer's key, fresh

Account    Address                                     Send it
treasury   0x  the USDC that agents may spend; no ether
relayer 1  0x  a little ether for gas; no USDC

The keys' password: read from DIR/password, which the document names
Keep a copy of this folder and, elsewhere, of the password: without both the money is lost.
Next: `purse wallet show` checks the nodes, `purse wallet balance` what has arrived.
)";

std::string without_addresses(const std::string& text)
{
    return std::regex_replace(text, std::regex{"0x[0-9a-fA-F]{40}"}, "0x");
}

/// A payout of 0.05 in the state that `then` leaves it in; its number.
std::int64_t payout(WalletDesk& desk, const std::function<void(Payouts&, std::int64_t)>& then)
{
    std::int64_t id = 0;
    desk.app().change([&](Books& books) {
        const auto wallet =
            server::find_wallet(desk.settings.wallet_file, server::Absent::is_an_error)
                .value()
                .value();
        Payouts payouts{books};
        const auto& token = wallet.settings.token;
        const auto treasury =
            payouts.open_treasury(static_cast<std::int64_t>(token.chain_id),
                                  to_string(token.contract), to_string(wallet.treasury));
        auto row = payouts.rows().payee(treasury.id, "0x90f79bf6eb2c4f870365e785982e1f101e93b906");
        REQUIRE(row);
        id = payouts.reserve(row->id, 50'000, sha256({"nonce"})).value().id;
        then(payouts, id);
    });
    return id;
}

/// 0.05 owed to the payee of kPolicy by the wallet's treasury.
void owe(WalletDesk& desk)
{
    desk.apply();
    const auto held = desk.hold("painter", "0.05");
    desk.app().change([&](Books& books) {
        const auto wallet =
            server::find_wallet(desk.settings.wallet_file, server::Absent::is_an_error)
                .value()
                .value();
        const Funding funding{wallet.settings, wallet.treasury};
        books.settle({.epoch = books.meta().epoch,
                      .who = {.agent = "painter"},
                      .id = held.id,
                      .actual = Money::from_micro(50'000),
                      .limit_of = [](std::string_view, std::string_view) { return kNoLimit; },
                      .treasury = funding.treasury(books)});
    });
}

PayoutRow payout_row(WalletDesk& desk, std::int64_t id)
{
    PayoutRow row;
    desk.app().look([&](Books& books) { row = Payouts{books}.rows().payout(id).value(); });
    return row;
}
}  // namespace

TEST_CASE("A new wallet is there whole, private, and says what to do next")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    auto said = without_addresses(test::masked(desk.out, desk));
    // The heading is as wide as the paths, which differ from run to run.
    said = std::regex_replace(said, std::regex{"File +What"},
                              "File                                 What");
    CHECK(said == kMade);
    CHECK(desk.err.empty());
    CHECK_FALSE(desk.said_a_secret());

    CHECK(WalletDesk::mode_of(desk.settings.state_folder) == 0700);
    CHECK(WalletDesk::mode_of(desk.in_wallet("")) == 0700);
    for (const auto* name : {"wallet.json", "treasury.json", "relayer-1.json"})
        CHECK(WalletDesk::mode_of(desk.in_wallet(name)) == 0600);
    const auto files = std::distance(fs::directory_iterator{desk.in_wallet("")}, {});
    CHECK(files == 3);

    const auto wallet =
        server::find_wallet(desk.settings.wallet_file, server::Absent::is_an_error).value().value();
    CHECK(wallet.settings.ledger != Digest{});
    CHECK(wallet.settings.password_file == desk.folder / "password");
    CHECK(has(desk.out, to_checksummed(wallet.treasury)));
    const Curve curve{desk.entropy};
    CHECK(server::open_keys(wallet, curve, desk.ports().environment));
}

TEST_CASE("A new wallet in JSON has the addresses and files")
{
    WalletDesk desk;
    auto options = desk.options();
    options.chain.clear();
    options.chain_id = 31337;
    options.token = "0x036cbd53842c5426634e7929541ec2318f3dcf7e";
    options.token_name = "USDC";
    options.token_version = "2";
    options.relayers = 3;
    options.form = Form::json;
    REQUIRE(desk.make(options) == kDone);
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("chainId") == 31337);
    CHECK(json.at("token") == "0x036CbD53842c5426634e7929541eC2318f3dCF7e");
    CHECK(json.at("relayers").as_array().size() == 3);
    CHECK(std::string_view{json.at("treasury").at("keystore").as_string()} ==
          desk.in_wallet("treasury.json"));
    CHECK_FALSE(desk.said_a_secret());
    // Two wallets have two names.
    WalletDesk other;
    other.entropy = test::SeededEntropy{2};
    REQUIRE(other.make(other.options()) == kDone);
    const auto name_of = [](WalletDesk& of) {
        return server::find_wallet(of.settings.wallet_file, server::Absent::is_an_error)
            .value()
            .value()
            .settings.ledger;
    };
    CHECK(name_of(desk) != name_of(other));
}

TEST_CASE("A wallet is never overwritten")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    const auto before = desk.out;
    CHECK(desk.make(desk.options()) == kNo);
    CHECK(has(desk.err, "there is a wallet already"));
    REQUIRE(desk.run(show_addresses, Form::words) == kDone);
    CHECK(has(before, desk.out.substr(0, 42)));
}

TEST_CASE("What is wrong with a new wallet is said before anything is made")
{
    WalletDesk desk;
    auto options = desk.options();
    SECTION("no chain")
    {
        options.chain.clear();
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "which chain?"));
    }
    SECTION("a token with a wrong checksum")
    {
        options.chain.clear();
        options.chain_id = 1;
        options.token = "0x036CbD53842c5426634e7929541eC2318f3dCF7E";
        options.token_name = "USDC";
        options.token_version = "2";
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "--token"));
    }
    SECTION("plain http, and no word of the URL")
    {
        options.urls = {std::string{"http://node.example/"} + WalletDesk::kUrlSecret};
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "$.endpoints[0]: is plain http"));
    }
    SECTION("the same node twice")
    {
        options.urls.push_back(options.urls.front());
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "$.endpoints[1]: stands in the list twice"));
    }
    SECTION("a password that others can read")
    {
        ::chmod(options.password_file.c_str(), 0640);
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "is open to others; run: chmod 600"));
    }
    SECTION("no password and nobody to ask")
    {
        options.password_file.clear();
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "there is no terminal"));
        CHECK(has(desk.err, "--password-file FILE, PURSE_WALLET_PASSWORD_FILE or "));
    }
    SECTION("a password that was typed in two ways")
    {
        options.password_file.clear();
        desk.typed = {"one", "other"};
        CHECK(desk.make(options) == kWrong);
        CHECK(has(desk.err, "not the same"));
    }
    CHECK_FALSE(desk.said_a_secret());
    CHECK_FALSE(fs::exists(desk.settings.state_folder));
}

TEST_CASE("The password comes from a file, else the environment, else a person")
{
    WalletDesk desk;
    auto options = desk.options();
    const auto file = options.password_file;
    options.password_file.clear();
    desk.typed = {WalletDesk::kPassword, WalletDesk::kPassword};
    SECTION("a file in the environment")
    {
        desk.variables = {{"PURSE_WALLET_PASSWORD_FILE", file},
                          {"PURSE_WALLET_PASSWORD", "another"}};
        REQUIRE(desk.make(options) == kDone);
        CHECK(has(desk.out, "servers need PURSE_WALLET_PASSWORD_FILE too"));
        CHECK(desk.asked.empty());
    }
    SECTION("the environment")
    {
        desk.variables = {{"PURSE_WALLET_PASSWORD", WalletDesk::kPassword}};
        REQUIRE(desk.make(options) == kDone);
        CHECK(desk.asked.empty());
    }
    SECTION("a person, who is asked twice")
    {
        REQUIRE(desk.make(options) == kDone);
        CHECK(desk.asked.size() == 2);
    }
    CHECK_FALSE(desk.said_a_secret());
    const auto wallet =
        server::find_wallet(desk.settings.wallet_file, server::Absent::is_an_error).value().value();
    CHECK(wallet.settings.password_file.empty());
    desk.variables = {{"PURSE_WALLET_PASSWORD_FILE", file}};
    const Curve curve{desk.entropy};
    CHECK(server::open_keys(wallet, curve, desk.ports().environment));
}

TEST_CASE("A password file in the wallet's folder is named from there")
{
    WalletDesk desk;
    auto options = desk.options();
    fs::create_directories(desk.in_wallet(""));
    fs::rename(options.password_file, desk.in_wallet("password"));
    options.password_file = desk.in_wallet("password");
    REQUIRE(desk.make(options) == kDone);
    const auto wallet =
        server::find_wallet(desk.settings.wallet_file, server::Absent::is_an_error).value().value();
    CHECK(wallet.settings.password_file == "password");
}

TEST_CASE("A new wallet that fails in the middle leaves nothing of its own behind")
{
    WalletDesk desk;
    auto options = desk.options();
    options.relayers = 2;
    SECTION("a keystore in the way that this password does not open")
    {
        fs::create_directories(desk.in_wallet(""));
        std::ofstream{desk.in_wallet("relayer-2.json")} << "{}";
        ::chmod(desk.in_wallet("relayer-2.json").c_str(), 0600);
        CHECK(desk.make(options) == kNo);
        CHECK(has(desk.err, "relayer-2.json"));
        CHECK(has(desk.err, "nothing was kept"));
        CHECK(fs::exists(desk.in_wallet("relayer-2.json")));
        CHECK_FALSE(fs::exists(desk.in_wallet("treasury.json")));
        CHECK_FALSE(fs::exists(desk.in_wallet("relayer-1.json")));
    }
    SECTION("a key file that holds no key: the folders go too")
    {
        options.treasury_key_file = desk.write_private("key", "not hexadecimal");
        CHECK(desk.make(options) == kNo);
        CHECK_FALSE(fs::exists(desk.settings.state_folder));
    }
    CHECK_FALSE(fs::exists(desk.settings.wallet_file));
}

TEST_CASE("The wallet shows its settings, never its secrets, and says when the chain is silent")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    CHECK(desk.run(show_wallet, Form::words, desk.ports()) == kNo);  // nobody listens on port 1
    CHECK(has(desk.out, "Node             http://127.0.0.1:1\n"));
    CHECK(has(desk.out, "keystore treasury.json"));
    CHECK(has(desk.out, "Its files are ours and private."));
    CHECK(has(desk.out, "http://127.0.0.1:1: no answer"));
    CHECK_FALSE(desk.said_a_secret());
    ::chmod(desk.in_wallet("").c_str(), 0755);
    CHECK(desk.run(show_wallet, Form::json, desk.ports()) == kNo);
    CHECK_FALSE(desk.said_a_secret());
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("check").at("ok") == false);
    CHECK(json.at("check").at("troubles").at(0).at("kind") == "unreachable");
    CHECK(json.at("permissionTroubles").as_array().size() == 1);
    CHECK(json.at("accounts").at(1).at("role") == "relayer 1");
    CHECK(desk.run(show_balance, Form::words, desk.ports()) == kNo);
    CHECK(has(desk.out, "no server has used this treasury"));
    CHECK_FALSE(desk.said_a_secret());
    CHECK_FALSE(fs::exists(desk.settings.ledger_file()));
}

TEST_CASE("Without a wallet each command says how to make one")
{
    WalletDesk desk;
    CHECK(desk.run(show_addresses, Form::words) == kNo);
    CHECK(has(desk.err, "`purse wallet new` makes one"));
    CHECK(desk.run(show_wallet, Form::words, desk.ports()) == kNo);
    CHECK(desk.run(show_balance, Form::json, desk.ports()) == kNo);
}

TEST_CASE("A payout that is not in a block can be cancelled, once")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    owe(desk);
    const auto id = payout(desk, [](Payouts& payouts, std::int64_t row) {
        REQUIRE(payouts.authorize(row, 2'000'000'000, std::string(65, 's')));
    });
    REQUIRE(desk.run(cancel_payout, WalletCancelOptions{.id = id, .note = "wrong payee"}) == kDone);
    CHECK(has(desk.out, "Payout 1 (0.05 USDC) is being cancelled"));
    CHECK(has(desk.out, "the debt is owed again"));
    CHECK(payout_row(desk, id).state == PayoutState::held);
    CHECK(payout_row(desk, id).reason == "canceling");
    CHECK(desk.run(cancel_payout, WalletCancelOptions{.id = id}) == kDone);
    CHECK(has(desk.out, "is being cancelled already"));
    CHECK(desk.run(cancel_payout, WalletCancelOptions{.id = 7}) == kNo);
    CHECK(has(desk.err, "there is no payout 7"));
}

TEST_CASE("A payout that was sent leaves its transaction to be cancelled")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    owe(desk);
    const auto id = payout(desk, [](Payouts& payouts, std::int64_t row) {
        REQUIRE(payouts.authorize(row, 2'000'000'000, std::string(65, 's')));
        const std::array ids{row};
        REQUIRE(payouts.open_slot(
            {.relayer = "0x01", .kind = SlotKind::pay},
            {.hash = sha256({"tx"}), .raw = "raw", .max_fee = "1", .tip = "1"}, ids));
    });
    SECTION("on its way") {}
    SECTION("held by the operator meanwhile")
    {
        desk.app().change(
            [&](Books& books) { REQUIRE(Payouts{books}.hold(id, "operator", "wait")); });
    }
    REQUIRE(desk.run(cancel_payout, WalletCancelOptions{.id = id}) == kDone);
    CHECK(has(desk.out, "the payment may still win"));
    // An order to cancel is only sent for a payout that no transaction carries.
    CHECK(payout_row(desk, id).slot == 0);
    CHECK(payout_row(desk, id).reason == "canceling");
}

TEST_CASE("What is in a block, dead, or another treasury's is not cancelled")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    owe(desk);
    const FoundAt at{.tx = std::string(32, 't'), .block = 9, .block_hash = std::string(32, 'b')};
    SECTION("in a block")
    {
        const auto id = payout(desk, [&](Payouts& payouts, std::int64_t row) {
            REQUIRE(payouts.include(row, at, 50'000));
        });
        CHECK(desk.run(cancel_payout, WalletCancelOptions{.id = id}) == kNo);
        CHECK(has(desk.err, "is in block 9"));
    }
    SECTION("expired")
    {
        const auto id = payout(desk, [&](Payouts& payouts, std::int64_t row) {
            REQUIRE(payouts.die(row, PayoutState::expired));
        });
        CHECK(desk.run(cancel_payout, WalletCancelOptions{.id = id}) == kNo);
        CHECK(has(desk.err, "has expired"));
    }
    SECTION("another treasury's")
    {
        const auto id = payout(desk, [](Payouts&, std::int64_t) {});
        fs::remove_all(desk.in_wallet(""));
        REQUIRE(desk.make(desk.options()) == kDone);
        CHECK(desk.run(cancel_payout, WalletCancelOptions{.id = id}) == kNo);
        CHECK(has(desk.err, "belongs to another treasury"));
        CHECK(payout_row(desk, id).state == PayoutState::queued);
    }
}
