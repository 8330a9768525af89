// SPDX-License-Identifier: Apache-2.0
#include "server/cli/wallet_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "server/cli/wallet.hpp"

namespace purse::server::cli {

namespace {
using Run = std::function<int(App&, Output&)>;
constexpr std::int64_t kRelayersMax = 8;

CLI::App* add_verb(CLI::App* wallet, const char* name, const char* about, Run& chosen, Run run)
{
    auto* verb = wallet->add_subcommand(name, about);
    verb->final_callback([&chosen, run = std::move(run)] { chosen = run; });
    return verb;
}

void add_form(CLI::App* verb, Form& form)
{
    verb->add_flag_callback("--json", [&form] { form = Form::json; }, "Print JSON, for programs");
}

void add_light(CLI::App* verb, ScryptCost& cost)
{
    verb->add_flag_callback(
        "--light", [&cost] { cost = kLightScrypt; },
        "Cheaper keystores (4 MiB, as geth's light): a weak password is found sooner");
}

void add_new(CLI::App* wallet, Run& chosen)
{
    auto options = std::make_shared<WalletNewOptions>();
    auto* verb = add_verb(wallet, "new", "Make treasury, relayers and the wallet's document",
                          chosen, [options](App& app, Output& output) {
                              return new_wallet(app, *options, wallet_ports(app), output);
                          });
    auto* chain = verb->add_option("--chain", options->chain, "A chain that Purse knows USDC on")
                      ->check(CLI::IsMember({"base", "base-sepolia", "ethereum"}));
    const auto other = [&](CLI::Option* option) { option->excludes(chain); };
    other(verb->add_option("--chain-id", options->chain_id, "Any other chain: its number")
              ->check(CLI::PositiveNumber));
    other(verb->add_option("--token", options->token, "Its USDC: 0x...")->type_name("ADDRESS"));
    other(verb->add_option("--token-name", options->token_name, "name() of that contract"));
    other(verb->add_option("--token-version", options->token_version, "version() of it"));
    verb->add_option("--rpc", options->urls, "URL of a node; two of different operators are best")
        ->required()
        ->type_name("URL");
    verb->add_flag("--insecure-http", options->insecure_http,
                   "Plain http to other machines is meant");
    verb->add_option("--relayers", options->relayers, "How many pay for gas; default 1")
        ->check(CLI::Range(std::int64_t{1}, kRelayersMax));
    verb->add_option("--password-file", options->password_file,
                     "Holds the keys' password; the document will name it")
        ->type_name("FILE");
    verb->add_option("--treasury-key-file", options->treasury_key_file,
                     "A raw key in hexadecimal to use, not a fresh one")
        ->type_name("FILE");
    add_light(verb, options->cost);
    add_form(verb, options->form);
}

void add_import(CLI::App* wallet, Run& chosen)
{
    auto options = std::make_shared<WalletImportOptions>();
    auto* verb = add_verb(wallet, "import", "Bring in a key from elsewhere", chosen,
                          [options](App& app, Output& output) {
                              return import_key(app, *options, wallet_ports(app), output);
                          });
    static const std::map<std::string, WalletRole> kRoles{{"treasury", WalletRole::treasury},
                                                          {"relayer", WalletRole::relayer}};
    verb->add_option("ROLE", options->role, "treasury or relayer")
        ->required()
        ->transform(CLI::CheckedTransformer(kRoles))
        ->type_name("");
    auto* key = verb->add_option("--key-file", options->key_file, "A raw key in hexadecimal")
                    ->type_name("FILE");
    verb->add_option("--keystore", options->keystore, "A keystore (Web3 Secret Storage v3)")
        ->type_name("FILE")
        ->excludes(key);
    verb->add_option("--from-password-file", options->from_password_file,
                     "Holds that keystore's password; default: asked")
        ->type_name("FILE");
    verb->add_option("--password-file", options->password_file,
                     "Holds the wallet's password; default: as servers find it, or asked")
        ->type_name("FILE");
    add_light(verb, options->cost);
    add_form(verb, options->form);
}

void add_looks(CLI::App* wallet, Run& chosen)
{
    auto form = std::make_shared<Form>(Form::words);
    add_form(
        add_verb(wallet, "address", "The accounts, one a line", chosen,
                 [form](App& app, Output& output) { return show_addresses(app, *form, output); }),
        *form);
    add_form(add_verb(wallet, "show", "The document in words, and whether the chain agrees", chosen,
                      [form](App& app, Output& output) {
                          return show_wallet(app, *form, wallet_ports(app), output);
                      }),
             *form);
    add_form(add_verb(wallet, "balance", "USDC and ether on the chain, beside what is owed", chosen,
                      [form](App& app, Output& output) {
                          return show_balance(app, *form, wallet_ports(app), output);
                      }),
             *form);
}

void add_cancel(CLI::App* wallet, Run& chosen)
{
    auto options = std::make_shared<WalletCancelOptions>();
    auto* verb = add_verb(
        wallet, "cancel", "Cancel a payout on the chain; its debt stays", chosen,
        [options](App& app, Output& output) { return cancel_payout(app, *options, output); });
    verb->add_option("PAYOUT", options->id, "Its number, as `purse payout list` has it")
        ->required()
        ->check(CLI::PositiveNumber);
    verb->add_option("--note", options->note, "Why, for people");
}
}  // namespace

void add_wallet(CLI::App& root, std::function<int(App&, Output&)>& chosen)
{
    auto* wallet = root.add_subcommand("wallet", "Keys that pay USDC over a chain");
    wallet->require_subcommand(1);
    add_new(wallet, chosen);
    add_import(wallet, chosen);
    add_looks(wallet, chosen);
    add_cancel(wallet, chosen);
}

}  // namespace purse::server::cli
