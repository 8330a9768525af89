// SPDX-License-Identifier: Apache-2.0
// Keys that are brought into a wallet, private files, and the doctor on both.
#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>

#include "server/cli/doctor.hpp"
#include "server/cli/freeze.hpp"
#include "server/wallet/private_file.hpp"
#include "tests/support/wallet_desk.hpp"
#include "wallet/funding.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::has;
using purse::test::WalletDesk;
namespace fs = std::filesystem;

namespace {
/// The account of the key in EIP-155's example.
constexpr const char* kAccount = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";

std::string text_of(const std::string& file)
{
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

server::Wallet wallet_at(const WalletDesk& desk)
{
    return server::find_wallet(desk.settings.wallet_file, server::Absent::is_an_error)
        .value()
        .value();
}
}  // namespace

TEST_CASE("A treasury that was imported before is the new wallet's")
{
    WalletDesk desk;
    auto treasury = desk.import_of(WalletRole::treasury);
    treasury.password_file = desk.options().password_file;
    REQUIRE(desk.bring(treasury) == kDone);
    CHECK(has(desk.out, kAccount));
    CHECK(has(desk.err, "`purse wallet new` makes a wallet with it"));
    CHECK_FALSE(desk.said_a_secret());
    CHECK(WalletDesk::mode_of(desk.in_wallet("")) == 0700);
    CHECK(WalletDesk::mode_of(desk.in_wallet("treasury.json")) == 0600);
    CHECK(desk.bring(treasury) == kNo);
    CHECK(has(desk.err, "is there already"));

    auto options = desk.options();
    SECTION("under the same password")
    {
        REQUIRE(desk.make(options) == kDone);
        CHECK(has(desk.out, "the treasury's key, imported"));
        CHECK(to_checksummed(wallet_at(desk).treasury) == kAccount);
    }
    SECTION("not under another")
    {
        options.password_file = desk.write_private("other", "another password");
        CHECK(desk.make(options) == kNo);
        CHECK(has(desk.err, "treasury.json"));
        CHECK(fs::exists(desk.in_wallet("treasury.json")));
        CHECK_FALSE(fs::exists(desk.in_wallet("relayer-1.json")));
    }
}

TEST_CASE("A new wallet takes a treasury's raw key")
{
    WalletDesk desk;
    auto options = desk.options();
    options.treasury_key_file = desk.write_private("key", std::string{"0x"} + WalletDesk::kKey);
    REQUIRE(desk.make(options) == kDone);
    CHECK(to_checksummed(wallet_at(desk).treasury) == kAccount);
    CHECK_FALSE(desk.said_a_secret());
}

TEST_CASE("A relayer is put into a document that is as it was written")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    auto before = wallet_at(desk).settings;
    REQUIRE(desk.bring(desk.import_of(WalletRole::relayer)) == kDone);
    CHECK(has(desk.err, "it is in the document now"));
    CHECK(WalletDesk::mode_of(desk.settings.wallet_file) == 0600);
    before.relayers.emplace_back(KeystoreKey{"relayer-2.json"});
    CHECK(wallet_at(desk).settings == before);
    REQUIRE(desk.run(show_addresses, Form::words) == kDone);
    CHECK(has(desk.out, std::string{kAccount} + "  relayer 2\n"));
    // The same key again would be two relayers with one account.
    CHECK(desk.bring(desk.import_of(WalletRole::relayer)) == kNo);
    CHECK(has(desk.err, "the key of a relayer of the wallet already"));
    CHECK_FALSE(fs::exists(desk.in_wallet("relayer-3.json")));
}

TEST_CASE("A document with words of the operator's own is left as it is")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    const auto text = "// mine\n" + text_of(desk.settings.wallet_file);
    std::ofstream{desk.settings.wallet_file} << text;
    auto options = desk.import_of(WalletRole::relayer);
    options.form = Form::json;
    REQUIRE(desk.bring(options) == kDone);
    CHECK(text_of(desk.settings.wallet_file) == text);
    CHECK(boost::json::parse(desk.out).at("inDocument") == false);
    CHECK(has(desk.err, "{ \"keystore\": \"relayer-2.json\" }"));
}

TEST_CASE("A key is only taken from a file of our own that is closed to others")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    auto options = desk.import_of(WalletRole::relayer);
    SECTION("open to others")
    {
        ::chmod(options.key_file.c_str(), 0644);
        CHECK(desk.bring(options) == kNo);
        CHECK(has(desk.err, "is open to others"));
    }
    SECTION("a link")
    {
        fs::create_symlink(options.key_file, desk.folder / "link");
        options.key_file = desk.folder / "link";
        CHECK(desk.bring(options) == kNo);
        CHECK(has(desk.err, "symbolic link"));
    }
    SECTION("no key")
    {
        options.key_file = desk.write_private("key", std::string(64, '0'));
        CHECK(desk.bring(options) == kNo);
        CHECK(has(desk.err, "no key"));
    }
    SECTION("not there")
    {
        options.key_file = desk.folder / "none";
        CHECK(desk.bring(options) == kNo);
    }
    SECTION("under a password that is not this wallet's")
    {
        options.password_file = desk.write_private("other", "another password");
        CHECK(desk.bring(options) == kNo);
        CHECK(has(desk.err, "treasury.json"));
    }
    SECTION("no file at all")
    {
        options.key_file.clear();
        CHECK(desk.bring(options) == kWrong);
    }
    CHECK_FALSE(desk.said_a_secret());
    CHECK_FALSE(fs::exists(desk.in_wallet("relayer-2.json")));
}

TEST_CASE("A keystore from elsewhere is opened with its own password and kept under ours")
{
    WalletDesk other;
    auto elsewhere = other.options();
    elsewhere.treasury_key_file = other.write_private("key", WalletDesk::kKey);
    elsewhere.password_file.clear();
    other.variables = {{"PURSE_WALLET_PASSWORD", "of the other"}};
    REQUIRE(other.make(elsewhere) == kDone);

    WalletDesk desk;
    desk.entropy = test::SeededEntropy{2};
    REQUIRE(desk.make(desk.options()) == kDone);
    WalletImportOptions options{.role = WalletRole::relayer,
                                .keystore = other.in_wallet("treasury.json"),
                                .cost = test::kCheapScrypt};
    SECTION("asked")
    {
        desk.typed = {"of the other"};
        REQUIRE(desk.bring(options) == kDone);
        CHECK(desk.asked.size() == 1);
    }
    SECTION("from a file")
    {
        options.from_password_file = desk.write_private("from", "of the other");
        REQUIRE(desk.bring(options) == kDone);
    }
    const Curve curve{desk.entropy};
    const auto keys = server::open_keys(wallet_at(desk), curve, desk.ports().environment);
    REQUIRE(keys);
    CHECK(to_checksummed(keys->relayers.back()->address()) == kAccount);
}

TEST_CASE("A treasury with work left cannot be changed")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    const auto text = text_of(desk.settings.wallet_file);
    desk.apply();
    const auto held = desk.hold("painter", "0.05");
    CHECK(desk.bring(desk.import_of(WalletRole::treasury)) == kNo);
    CHECK(has(desk.err, "holds are open"));
    desk.app().change([&](Books& books) {
        const auto wallet = wallet_at(desk);
        books.settle({.epoch = books.meta().epoch,
                      .who = {.agent = "painter"},
                      .id = held.id,
                      .actual = Money::from_micro(50'000),
                      .limit_of = [](std::string_view, std::string_view) { return kNoLimit; },
                      .treasury = Funding{wallet.settings, wallet.treasury}.treasury(books)});
    });
    CHECK(desk.bring(desk.import_of(WalletRole::treasury)) == kNo);
    CHECK(has(desk.err, "0.05 USDC are owed or on their way"));
    CHECK_FALSE(fs::exists(desk.in_wallet("treasury-2.json")));
    CHECK(text_of(desk.settings.wallet_file) == text);
}

TEST_CASE("A treasury without work left is the operator's to change, in the document")
{
    WalletDesk desk;
    REQUIRE(desk.make(desk.options()) == kDone);
    const auto text = text_of(desk.settings.wallet_file);
    REQUIRE(desk.bring(desk.import_of(WalletRole::treasury)) == kDone);
    CHECK(has(desk.err, "\"treasury\": { \"keystore\": \"treasury-2.json\" }"));
    CHECK(text_of(desk.settings.wallet_file) == text);
}

TEST_CASE("A private file is made once, replaced whole, and read only when it is private")
{
    WalletDesk desk;
    const auto file = desk.folder / "file";
    REQUIRE(server::create_private(file, "one"));
    CHECK(WalletDesk::mode_of(file) == 0600);
    CHECK_FALSE(server::create_private(file, "two"));
    CHECK(text_of(file) == "one");
    REQUIRE(server::replace_private(file, "two\r\n\n"));
    CHECK(server::read_secret(file, "the file", 6)->view() == "two");
    CHECK(has(server::read_secret(file, "the file", 5).error(), "longer than 5 bytes"));
    CHECK(std::distance(fs::directory_iterator{desk.folder.path()}, {}) == 1);
    REQUIRE(server::replace_private(file, "\n"));
    CHECK(has(server::read_secret(file, "the file", 5).error(), "is empty"));
    CHECK(has(server::read_secret(desk.folder.path(), "the file", 5).error(), "no regular file"));
}

TEST_CASE("The doctor looks at the wallet")
{
    WalletDesk desk;
    const DoctorOptions quick{.lock_patience = Span{50'000}};
    CHECK(desk.run(examine, quick) == kDone);
    CHECK(has(desk.out, "none: settlements are booked, and no money moves"));
    auto options = desk.options();
    options.password_file.clear();
    desk.variables = {{"PURSE_WALLET_PASSWORD", WalletDesk::kPassword}};
    REQUIRE(desk.make(options) == kDone);
    SECTION("healthy, but for the password")
    {
        CHECK(desk.run(examine, quick) == kDone);
        CHECK(has(desk.out, "wallet.json is valid; treasury 0x"));
        CHECK(has(desk.out, "ours and private"));
        CHECK(has(desk.out, "not to be had here"));
    }
    SECTION("open files")
    {
        ::chmod(desk.in_wallet("").c_str(), 0750);
        CHECK(desk.run(examine, quick) == kDone);
        CHECK(has(desk.out, "warn  wallet's files"));
        ::chmod(desk.in_wallet("relayer-1.json").c_str(), 0640);
        CHECK(desk.run(examine, quick) == kNo);
        CHECK(has(desk.out, "FAIL  wallet's files"));
    }
    SECTION("a document with mistakes")
    {
        std::ofstream{desk.settings.wallet_file} << R"({"version": 2})";
        CHECK(desk.run(examine, quick) == kNo);
        CHECK(has(desk.out, "$.version"));
    }
    SECTION("nodes that do not answer, when they are asked")
    {
        CHECK(desk.run(examine,
                       DoctorOptions{.depth = Depth::deep, .lock_patience = Span{50'000}}) == kNo);
        CHECK(has(desk.out, "FAIL  chain"));
    }
    CHECK_FALSE(desk.said_a_secret());
}

TEST_CASE("A wallet that is named and not there is a fault")
{
    WalletDesk desk;
    desk.settings.wallet_is_named = true;
    CHECK(desk.run(examine, DoctorOptions{.lock_patience = Span{50'000}}) == kNo);
    CHECK(has(desk.out, "there is no wallet document"));
}
