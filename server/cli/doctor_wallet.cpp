// SPDX-License-Identifier: Apache-2.0
// The doctor on the wallet: does its document hold, are its keys private, does its chain answer?
#include <filesystem>

#include "server/cli/doctor.hpp"
#include "server/cli/wallet.hpp"
#include "wallet/chain_check.hpp"

namespace purse::server::cli {

namespace {
constexpr const char* kDocument = "wallet";
constexpr const char* kFiles = "wallet's files";
constexpr const char* kPassword = "wallet's password";
constexpr const char* kChain = "chain";
constexpr const char* kGas = "gas";

void judge_files(const Wallet& wallet, Findings& findings)
{
    const auto troubles = permission_troubles(wallet);
    if (troubles.empty()) findings.push_back({Health::ok, kFiles, "ours and private", {}});
    for (const auto& trouble : troubles)
        findings.push_back(
            {trouble.is_grave ? Health::fail : Health::warn, kFiles, trouble.what, trouble.mend});
}

void judge_password(const Wallet& wallet, const WalletEnvironment& environment, Findings& findings)
{
    const auto& settings = wallet.settings;
    bool has_keystore = std::holds_alternative<KeystoreKey>(settings.treasury);
    for (const auto& relayer : settings.relayers)
        has_keystore |= std::holds_alternative<KeystoreKey>(relayer);
    // A document's own file was judged among the others.
    const bool is_named =
        !settings.password_file.empty() && !environment("PURSE_WALLET_PASSWORD_FILE");
    if (!has_keystore || is_named) return;
    const auto password = wallet_password(wallet, environment);
    if (password)
        findings.push_back({Health::ok, kPassword, "given by the environment", {}});
    else
        findings.push_back({Health::warn, kPassword, "not to be had here: " + password.error(),
                            "servers need it in their environment, or \"passwordFile\""});
}

/// False: nothing more can be asked.
bool judge_chain(Nodes& nodes, const Wallet& wallet, Findings& findings)
{
    const auto found =
        check_chain(nodes, {.token = wallet.settings.token, .treasury = wallet.treasury});
    for (const auto& trouble : found ? found->unreachable : found.error()) {
        const bool differs = trouble.kind == ChainTrouble::Kind::differs;
        findings.push_back({found ? Health::warn : Health::fail, kChain,
                            trouble.node + ": " + trouble.what,
                            differs ? "correct \"chain\" or \"endpoints\" in " + wallet.file
                                    : "look at that node, or name another in " + wallet.file});
    }
    if (!found) return false;
    for (const auto& warning : found->warnings)
        findings.push_back({Health::warn, kChain, warning, "payouts wait until that ends"});
    findings.push_back({Health::ok,
                        kChain,
                        "chain " + std::to_string(wallet.settings.token.chain_id) +
                            " answers, and token and treasury are as the document has them",
                        {}});
    return true;
}

void judge_gas(Nodes& nodes, const Wallet& wallet, Findings& findings)
{
    Findings empty;
    for (const auto& relayer : wallet.settings.relayers) {
        const auto account = account_of(relayer, wallet.folder);
        if (!account) continue;  // told among the files
        const auto ether = nodes.first([&](Node& node) { return node.balance(*account); });
        if (!ether)
            findings.push_back({Health::warn, kGas, ether.error().what, "run it again"});
        else if (*ether == 0)
            empty.push_back({Health::warn, kGas,
                             "relayer " + to_checksummed(*account) + " has no ether",
                             "send it a little"});
    }
    // With one that can pay, payouts go on.
    if (empty.size() == wallet.settings.relayers.size())
        for (auto& finding : empty) finding.health = Health::fail;
    if (empty.empty()) findings.push_back({Health::ok, kGas, "no relayer is without ether", {}});
    findings.insert(findings.end(), empty.begin(), empty.end());
}
}  // namespace

void examine_wallet(App& app, const DoctorOptions& options, Findings& findings)
{
    const auto& settings = app.settings();
    const auto wallet = find_wallet(
        settings.wallet_file, settings.wallet_is_named ? Absent::is_an_error : Absent::is_fine);
    if (!wallet) {
        findings.push_back({Health::fail, kDocument, wallet.error(),
                            "mend that, or make a wallet with `purse wallet new`"});
        return;
    }
    if (!*wallet) {
        findings.push_back(
            {Health::ok, kDocument, "none: settlements are booked, and no money moves", {}});
        return;
    }
    const auto& found = **wallet;
    findings.push_back({Health::ok,
                        kDocument,
                        found.file + " is valid; treasury " + to_checksummed(found.treasury),
                        {}});
    judge_files(found, findings);
    const auto ports = wallet_ports(app);
    judge_password(found, ports.environment, findings);
    if (options.depth != Depth::deep) return;
    const auto nodes = open_nodes(found, ports.clock, ports.entropy);
    if (!nodes) {
        findings.push_back({Health::fail, kChain, nodes.error(), "correct " + found.file});
        return;
    }
    if (judge_chain(**nodes, found, findings)) judge_gas(**nodes, found, findings);
}

}  // namespace purse::server::cli
