// SPDX-License-Identifier: Apache-2.0
// purse wallet address, purse wallet show: whose keys, which chain, what rules.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "ledger/calendar.hpp"
#include "server/cli/text.hpp"
#include "server/cli/wallet.hpp"
#include "wallet/chain_check.hpp"
#include "wallet/gwei.hpp"
#include "wallet/keystore_file.hpp"
#include "wallet/rpc/endpoint.hpp"

namespace purse::server::cli {

namespace {
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::string name_of(const std::string& url)
{
    const auto endpoint = Endpoint::parse(url);
    return endpoint ? endpoint->name() : "a URL that is none";
}

std::string role_of(std::size_t index)
{
    return index == 0 ? "treasury" : "relayer " + std::to_string(index);
}

/// Treasury first, then the relayers.
struct Account {
    std::string role;
    const KeySource* key;
    std::expected<Address, std::string> address;
};

std::vector<Account> accounts_of(const Wallet& wallet)
{
    std::vector<Account> accounts{{role_of(0), &wallet.settings.treasury, wallet.treasury}};
    for (const auto& relayer : wallet.settings.relayers)
        accounts.push_back(
            {role_of(accounts.size()), &relayer, account_of(relayer, wallet.folder)});
    return accounts;
}

std::string rule_words(const PayRule& rule)
{
    std::string text;
    if (rule.when.is_immediate()) text = "at once";
    if (rule.when.threshold) text = "when " + rule.when.threshold->to_string() + " USDC are owed";
    if (rule.when.every)
        text += std::string{text.empty() ? "" : ", or "} + "after " + to_string(*rule.when.every);
    return text + "; at most " + rule.owed_max.to_string() + " USDC may be owed";
}

std::string password_words(const Wallet& wallet)
{
    if (wallet.settings.password_file.empty())
        return "PURSE_WALLET_PASSWORD_FILE or PURSE_WALLET_PASSWORD";
    return "PURSE_WALLET_PASSWORD_FILE, else " +
           beside(wallet.folder, wallet.settings.password_file);
}

/// What the nodes say, in the terms of the command.
struct Check {
    std::vector<ChainTrouble> troubles;
    std::vector<std::string> warnings;
    std::size_t nodes = 0;
    std::string impossible;  ///< the nodes cannot even be asked
    bool is_good = false;
};

Check check(const Wallet& wallet, const WalletPorts& ports)
{
    auto nodes = open_nodes(wallet, ports.clock, ports.entropy);
    Check result;
    if (!nodes) {
        result.impossible = nodes.error();
        return result;
    }
    result.nodes = (*nodes)->size();
    auto found =
        check_chain(**nodes, {.token = wallet.settings.token, .treasury = wallet.treasury});
    result.is_good = found.has_value();
    result.troubles = found ? std::move(found->unreachable) : std::move(found.error());
    if (found) result.warnings = std::move(found->warnings);
    return result;
}

std::string chain_words(const WalletSettings& settings)
{
    const auto id = std::to_string(settings.token.chain_id);
    return settings.chain_name.empty() ? id : settings.chain_name + " (" + id + ")";
}

void print_settings(const Wallet& wallet, Output& output)
{
    const auto& settings = wallet.settings;
    Table table{{{"Wallet"}, {wallet.file}}};
    table.row({"Chain", chain_words(settings)});
    table.row({"Token", to_checksummed(settings.token.contract) + ", \"" +
                            printable(settings.token.name) + "\" version " +
                            printable(settings.token.version)});
    for (const auto& url : settings.endpoints) table.row({"Node", name_of(url)});
    for (const auto& account : accounts_of(wallet))
        table.row({account.role, (account.address ? to_checksummed(*account.address)
                                                  : printable(account.address.error())) +
                                     ", " + key_words(*account.key)});
    table.row({"Password", password_words(wallet)});
    table.row({"Payees are paid", rule_words(settings.pay)});
    for (const auto& [payee, rule] : settings.payees)
        table.row({"", to_checksummed(payee) + ": " + rule_words(rule)});
    table.row({"Gas", "at most " + to_gwei(settings.max_fee_per_gas) + " gwei a unit"});
    table.row({"Signed payments", "can be used for " + to_string(settings.valid_for)});
    table.row({"Floor", settings.floor.to_string() + " USDC stay in the treasury"});
    table.print(output.out, output.style);
}

void print_check(const Check& found, Output& output)
{
    auto& out = output.out;
    if (!found.impossible.empty()) {
        out << "The nodes cannot be asked: " << printable(found.impossible) << '\n';
        return;
    }
    for (const auto& trouble : found.troubles)
        out << printable(trouble.node) << ": "
            << (trouble.kind == ChainTrouble::Kind::unreachable ? "no answer: " : "")
            << printable(trouble.what) << '\n';
    for (const auto& warning : found.warnings) out << printable(warning) << '\n';
    if (found.is_good)
        out << painted(output.style, Colour::green, "The chain is as the document has it") << " ("
            << counted(static_cast<std::int64_t>(found.nodes), "node", "nodes")
            << (found.troubles.empty() ? "" : ", not all of which answered") << ").\n";
    else
        out << painted(output.style, Colour::red,
                       "The chain is not known to be as the document has it: nothing can be paid.")
            << '\n';
}

boost::json::object rule_json(const PayRule& rule)
{
    boost::json::object json{{"immediate", rule.when.is_immediate()},
                             {"owedMax", rule.owed_max.to_string()}};
    if (rule.when.threshold) json["threshold"] = rule.when.threshold->to_string();
    if (rule.when.every) json["every"] = to_string(*rule.when.every);
    return json;
}

boost::json::object settings_json(const Wallet& wallet)
{
    const auto& settings = wallet.settings;
    boost::json::array nodes;
    for (const auto& url : settings.endpoints) nodes.emplace_back(name_of(url));
    boost::json::object payees;
    for (const auto& [payee, rule] : settings.payees)
        payees[to_checksummed(payee)] = rule_json(rule);
    boost::json::object json{{"wallet", wallet.file},
                             {"chainId", settings.token.chain_id},
                             {"token", to_checksummed(settings.token.contract)},
                             {"tokenName", settings.token.name},
                             {"tokenVersion", settings.token.version},
                             {"nodes", std::move(nodes)},
                             {"pay", rule_json(settings.pay)},
                             {"payees", std::move(payees)},
                             {"maxFeePerGas", to_gwei(settings.max_fee_per_gas)},
                             {"validFor", to_string(settings.valid_for)},
                             {"floor", settings.floor.to_string()}};
    if (!settings.chain_name.empty()) json["chain"] = settings.chain_name;
    return json;
}

boost::json::array accounts_json(const Wallet& wallet)
{
    boost::json::array all;
    for (const auto& account : accounts_of(wallet)) {
        boost::json::object json{{"role", account.role}, {"key", key_words(*account.key)}};
        if (account.address)
            json["address"] = to_checksummed(*account.address);
        else
            json["trouble"] = account.address.error();
        all.push_back(std::move(json));
    }
    return all;
}

boost::json::object check_json(const Check& found)
{
    boost::json::array troubles;
    for (const auto& trouble : found.troubles)
        troubles.push_back(boost::json::object{
            {"node", trouble.node},
            {"kind", trouble.kind == ChainTrouble::Kind::unreachable ? "unreachable" : "differs"},
            {"what", trouble.what}});
    if (!found.impossible.empty())
        troubles.push_back(
            boost::json::object{{"kind", "unreachable"}, {"what", found.impossible}});
    boost::json::array warnings;
    for (const auto& warning : found.warnings) warnings.emplace_back(warning);
    return {{"ok", found.is_good},
            {"troubles", std::move(troubles)},
            {"warnings", std::move(warnings)}};
}

bool is_open(const std::string& path, mode_t rights)
{
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & rights) != 0;
}
}  // namespace

std::expected<Wallet, int> wallet_of(const Settings& settings, Output& output)
{
    auto wallet = find_wallet(settings.wallet_file, Absent::is_an_error);
    if (wallet) return std::move(**wallet);
    std::error_code error;
    const bool is_there = std::filesystem::exists(settings.wallet_file, error);
    return std::unexpected{complain(output, is_there ? kWrong : kNo, wallet.error())};
}

std::string key_words(const KeySource& key)
{
    if (const auto* keystore = std::get_if<KeystoreKey>(&key))
        return "keystore " + printable(keystore->file);
    return "remote signer " + name_of(std::get<RemoteKey>(key).url);
}

std::vector<PermissionTrouble> permission_troubles(const Wallet& wallet)
{
    std::vector<PermissionTrouble> troubles;
    const auto folder = wallet.folder.empty() ? std::string{"."} : wallet.folder;
    if (is_open(folder, kOthers))
        troubles.push_back({folder + " is open to others", "chmod 700 " + folder});
    if (is_open(wallet.file, kOthers))
        troubles.push_back({wallet.file + " is open to others: its URLs may hold secrets, and "
                                          "who writes it can change what is paid",
                            "chmod 600 " + wallet.file});
    const auto look_at = [&](const KeySource& key) {
        const auto* keystore = std::get_if<KeystoreKey>(&key);
        if (keystore == nullptr) return;
        const auto read = load_keystore(beside(wallet.folder, keystore->file));
        if (!read) troubles.push_back({read.error().what, "restore or close the keystore", true});
    };
    look_at(wallet.settings.treasury);
    for (const auto& relayer : wallet.settings.relayers) look_at(relayer);
    if (!wallet.settings.password_file.empty()) {
        const auto file = beside(wallet.folder, wallet.settings.password_file);
        if (const auto read = read_password(file); !read)
            troubles.push_back({read.error(), "mend that file, or \"passwordFile\"", true});
    }
    return troubles;
}

int show_addresses(App& app, Form form, Output& output)
{
    const auto wallet = wallet_of(app.settings(), output);
    if (!wallet) return wallet.error();
    int code = kDone;
    boost::json::array all;
    for (const auto& account : accounts_of(*wallet)) {
        if (!account.address) {
            code = complain(output, kNo, account.address.error());
        } else if (form == Form::json) {
            all.push_back(boost::json::object{{"role", account.role},
                                              {"address", to_checksummed(*account.address)}});
        } else {
            output.out << to_checksummed(*account.address) << "  " << account.role << '\n';
        }
    }
    if (form == Form::json) output.out << boost::json::serialize(all) << '\n';
    return code;
}

int show_wallet(App& app, Form form, const WalletPorts& ports, Output& output)
{
    const auto wallet = wallet_of(app.settings(), output);
    if (!wallet) return wallet.error();
    const auto permissions = permission_troubles(*wallet);
    if (form == Form::words) {
        print_settings(*wallet, output);
        output.out << '\n';
        if (permissions.empty()) output.out << "Its files are ours and private.\n";
        for (const auto& trouble : permissions)
            output.out << printable(trouble.what) << "; mend: " << printable(trouble.mend) << '\n';
        output.out << std::flush;  // the nodes may take their time
    }
    const auto found = check(*wallet, ports);
    if (form == Form::words) {
        print_check(found, output);
    } else {
        auto json = settings_json(*wallet);
        json["accounts"] = accounts_json(*wallet);
        boost::json::array troubles;
        for (const auto& trouble : permissions) troubles.emplace_back(trouble.what);
        json["permissionTroubles"] = std::move(troubles);
        json["check"] = check_json(found);
        output.out << boost::json::serialize(json) << '\n';
    }
    return found.is_good ? kDone : kNo;
}

}  // namespace purse::server::cli
