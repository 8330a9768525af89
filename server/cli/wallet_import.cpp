// SPDX-License-Identifier: Apache-2.0
// purse wallet import: a key from elsewhere into a keystore of this wallet.
#include <sys/stat.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "ledger/payouts.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/wallet.hpp"
#include "server/cli/wallet_key.hpp"
#include "server/wallet/private_file.hpp"
#include "wallet/keystore_file.hpp"

namespace purse::server::cli {

namespace {
namespace fs = std::filesystem;
using Trouble = std::unexpected<std::string>;
constexpr std::int64_t kRelayersMax = 8;
constexpr std::int64_t kKeystoresMax = 99;
constexpr std::size_t kPayeesAtOnce = 1'000;

/// Where the import goes to.
struct Target {
    std::string folder;
    std::optional<Wallet> wallet;  ///< nothing: before `wallet new`
    std::string name;              ///< of the new keystore
};

/// What the treasury of this wallet still has to do; nothing: nothing.
std::optional<std::string> work_left(Books& books, const Wallet& wallet)
{
    auto& rows = Payouts{books}.rows();
    std::int64_t unpaid = 0;
    for (const auto& treasury : rows.treasuries()) {
        if (treasury.address != to_string(wallet.treasury)) continue;
        std::int64_t after = 0;
        for (;;) {
            const auto payees = rows.payees(treasury.id, after, kPayeesAtOnce);
            for (const auto& payee : payees)
                unpaid += std::max<std::int64_t>(payee.owed - payee.paid, 0);
            if (payees.size() < kPayeesAtOnce) break;
            after = payees.back().id;
        }
    }
    if (unpaid > 0)
        return Money::from_micro(unpaid).to_string() +
               " USDC are owed or on their way from the treasury";
    if (!books.rows().due_holds(Instant::never(), 1).empty())
        return std::string{"holds are open, which will be owed from the treasury"};
    return std::nullopt;
}

std::optional<std::string> treasury_trouble(App& app, const Wallet& wallet)
{
    if (!has_ledger(app.settings())) return std::nullopt;
    std::optional<std::string> left;
    app.look([&](Books& books) { left = work_left(books, wallet); });
    if (left)
        return *left + " " + to_checksummed(wallet.treasury) +
               "; it stays until all is final\nfreeze spending (`purse freeze all`), let the "
               "worker pay, then import again";
    return std::nullopt;
}

bool is_free(const std::string& path)
{
    struct stat status{};
    return ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

/// The keystore's name: the first that is free.
std::expected<std::string, std::string> free_name(const Target& target, WalletRole role)
{
    if (role == WalletRole::treasury) {
        if (is_free(beside(target.folder, kTreasuryFile))) return kTreasuryFile;
        if (!target.wallet)
            return Trouble{beside(target.folder, kTreasuryFile) +
                           " is there already; `purse wallet new` makes a wallet with it"};
    }
    for (std::int64_t i = role == WalletRole::treasury ? 2 : 1; i <= kKeystoresMax; ++i) {
        auto name = role == WalletRole::treasury ? "treasury-" + std::to_string(i) + ".json"
                                                 : relayer_file(i);
        if (is_free(beside(target.folder, name))) return name;
    }
    return Trouble{"there are too many keystores in " + target.folder};
}

std::expected<Target, std::string> find_target(App& app, WalletRole role)
{
    const auto& settings = app.settings();
    auto wallet = find_wallet(settings.wallet_file, Absent::is_fine);
    if (!wallet) return Trouble{wallet.error()};
    Target target{.folder = fs::path{settings.wallet_file}.parent_path().string(),
                  .wallet = std::move(*wallet),
                  .name = {}};
    if (target.wallet && role == WalletRole::treasury)
        if (auto trouble = treasury_trouble(app, *target.wallet)) return Trouble{*trouble};
    if (target.wallet && role == WalletRole::relayer &&
        std::ssize(target.wallet->settings.relayers) >= kRelayersMax)
        return Trouble{"the wallet has eight relayers already, which is the most"};
    auto name = free_name(target, role);
    if (!name) return Trouble{name.error()};
    target.name = std::move(*name);
    return target;
}

std::expected<SecretKey, std::string> read_key(const WalletImportOptions& options,
                                               const WalletPorts& ports, const Curve& curve)
{
    if (!options.key_file.empty()) return read_raw_key(options.key_file);
    const auto keystore = load_keystore(options.keystore);
    if (!keystore) return Trouble{keystore.error().what};
    const auto password = options.from_password_file.empty()
                              ? ports.ask("Password of " + options.keystore + ": ")
                              : read_password(options.from_password_file);
    if (!password)
        return Trouble{password.error() + "\ngive the password of " + options.keystore +
                       " with --from-password-file FILE"};
    auto key = open_keystore(curve, *keystore, *password);
    if (!key) return Trouble{options.keystore + ": " + key.error().what};
    return std::move(*key);
}

/// The password that the wallet's other keystores have.
std::expected<SecretText, std::string> password_of(const Target& target,
                                                   const WalletImportOptions& options,
                                                   const WalletPorts& ports)
{
    if (!target.wallet) {
        auto made = new_password(options.password_file, ports);
        if (!made) return Trouble{made.error()};
        return std::move(made->text);
    }
    if (!options.password_file.empty()) return read_password(options.password_file);
    auto found = wallet_password(*target.wallet, ports.environment);
    if (found) return found;
    auto typed = ports.ask("Password of this wallet's keys: ");
    if (!typed) return Trouble{found.error()};
    return typed;
}

/// The error's text when the key is in the wallet already, or the password is another one.
std::optional<std::string> clash(const Target& target, const Address& account,
                                 const KeyMaker& maker)
{
    if (!target.wallet) return std::nullopt;
    const auto& wallet = *target.wallet;
    if (account == wallet.treasury) return "this is the key of the wallet's treasury already";
    std::vector<const KeySource*> sources{&wallet.settings.treasury};
    for (const auto& relayer : wallet.settings.relayers) {
        const auto known = account_of(relayer, wallet.folder);
        if (!known) return known.error();
        if (*known == account) return "this is the key of a relayer of the wallet already";
        sources.push_back(&relayer);
    }
    // One password opens them all: tried on the first, as the worker will do.
    for (const auto* source : sources)
        if (const auto* keystore = std::get_if<KeystoreKey>(source)) {
            const auto opened = maker.open(beside(wallet.folder, keystore->file));
            if (!opened) return opened.error();
            break;
        }
    return std::nullopt;
}

std::string text_of(const std::string& file)
{
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Puts a relayer into the document. False: it is not as `wallet new` wrote it any more, and what
/// its author wrote is not ours to move.
std::expected<bool, std::string> add_to_document(const Target& target)
{
    const auto& wallet = *target.wallet;
    if (text_of(wallet.file) != to_text(wallet.settings)) return false;
    auto settings = wallet.settings;
    settings.relayers.emplace_back(KeystoreKey{target.name});
    if (const auto done = replace_private(wallet.file, to_text(settings)); !done)
        return Trouble{done.error()};
    return true;
}

void say_what_is_next(const Target& target, WalletRole role, const std::string& path,
                      std::expected<bool, std::string> is_in_document, Output& output)
{
    const auto entry = "{ \"keystore\": \"" + target.name + "\" }";
    if (!target.wallet) {
        hint(output, "`purse wallet new` makes a wallet with it");
    } else if (role == WalletRole::treasury) {
        hint(output,
             "the wallet pays from the old treasury until you change it: stop all servers, "
             "put\n\"treasury\": " +
                 entry + "\ninto " + target.wallet->file +
                 " and start them again\nwhat the old treasury holds stays there");
    } else if (!is_in_document) {
        hint(output, "the document could not be changed: " + is_in_document.error() +
                         "\nadd to \"relayers\": " + entry);
    } else if (*is_in_document) {
        hint(output, "it is in the document now; restart the servers, and send it a little ether");
    } else {
        hint(output, "add to \"relayers\" in " + target.wallet->file + ":\n" + entry +
                         "\nthen restart the servers, and send it a little ether");
    }
    hint(output, "the key is in " + path + " now; the file it came from is yours to remove");
}
}  // namespace

int import_key(App& app, const WalletImportOptions& options, const WalletPorts& ports,
               Output& output)
{
    if (options.key_file.empty() == options.keystore.empty())
        return complain(output, kWrong, "give the key as --key-file FILE or as --keystore FILE");
    const auto target = find_target(app, options.role);
    if (!target) return complain(output, kNo, target.error());
    const Curve curve{ports.entropy};
    const auto key = read_key(options, ports, curve);
    if (!key) return complain(output, kNo, key.error());
    const auto account = curve.address_of(*key);
    if (!account) return complain(output, kNo, "the number is no key of secp256k1");
    const auto password = password_of(*target, options, ports);
    if (!password) return complain(output, kWrong, password.error());
    const KeyMaker maker{curve, *password, options.cost, ports.entropy};
    if (const auto trouble = clash(*target, *account, maker))
        return complain(output, kNo, *trouble);
    std::error_code error;
    const bool had_folder = target->folder.empty() || fs::exists(target->folder, error);
    if (!had_folder) {
        fs::create_directories(target->folder, error);
        fs::permissions(target->folder, fs::perms::owner_all, error);
    }
    const auto path = beside(target->folder, target->name);
    if (const auto saved = maker.save(path, *key); !saved)
        return complain(output, kNo, saved.error());
    const bool is_relayer = options.role == WalletRole::relayer;
    const auto in_document = target->wallet && is_relayer ? add_to_document(*target) : false;
    if (options.form == Form::json)
        output.out << boost::json::serialize(
                          boost::json::object{{"role", is_relayer ? "relayer" : "treasury"},
                                              {"address", to_checksummed(*account)},
                                              {"keystore", path},
                                              {"inDocument", in_document.value_or(false)}})
                   << '\n';
    else
        output.out << (is_relayer ? "relayer   " : "treasury  ") << to_checksummed(*account) << "  "
                   << path << '\n';
    say_what_is_next(*target, options.role, path, in_document, output);
    return in_document ? kDone : kNo;
}

}  // namespace purse::server::cli
