// SPDX-License-Identifier: Apache-2.0
#include "server/wallet/wallet_files.hpp"

#include <filesystem>
#include <fstream>

#include "server/wallet/private_file.hpp"
#include "wallet/keystore_file.hpp"
#include "wallet/local_signer.hpp"
#include "wallet/remote_signer.hpp"
#include "wallet/rpc/http_transport.hpp"
#include "wallet/rpc/json_rpc_node.hpp"

namespace purse::server {

namespace {
namespace fs = std::filesystem;

// More than anybody types.
constexpr std::size_t kPasswordBytesMax = 4095;

std::unexpected<std::string> wrong(std::string what)
{
    return std::unexpected{std::move(what)};
}

std::string in_file(const Wallet& wallet, const std::string& file)
{
    return beside(wallet.folder, file);
}
std::expected<std::unique_ptr<RpcTransport>, std::string> transport_to(const Wallet& wallet,
                                                                       const std::string& url)
{
    auto endpoint = Endpoint::parse(url);
    if (!endpoint) return wrong("a URL in " + wallet.file + " " + endpoint.error());
    const auto& settings = wallet.settings;
    return http_transport(
        std::move(*endpoint),
        {.timeout = settings.timing.timeout,
         .ca_file = settings.ca_file.empty() ? "" : in_file(wallet, settings.ca_file)});
}
}  // namespace

std::expected<SecretText, std::string> read_password(const std::string& file)
{
    return read_secret(file, "the password file", kPasswordBytesMax);
}

std::expected<SecretText, std::string> wallet_password(const Wallet& wallet,
                                                       const WalletEnvironment& environment)
{
    if (const auto file = environment("PURSE_WALLET_PASSWORD_FILE")) return read_password(*file);
    if (!wallet.settings.password_file.empty())
        return read_password(in_file(wallet, wallet.settings.password_file));
    if (auto text = environment("PURSE_WALLET_PASSWORD")) {
        SecretText password{*text};
        wipe(std::span<char>{*text});
        return password;
    }
    return wrong(
        "the wallet's keys have a password; give PURSE_WALLET_PASSWORD_FILE, "
        "\"passwordFile\" in " +
        wallet.file + ", or PURSE_WALLET_PASSWORD");
}

std::expected<Address, std::string> account_of(const KeySource& key, const std::string& folder)
{
    if (const auto* remote = std::get_if<RemoteKey>(&key)) return remote->address;
    const auto path = beside(folder, std::get<KeystoreKey>(key).file);
    const auto keystore = load_keystore(path);
    if (!keystore) return wrong(path + ": " + keystore.error().what);
    if (!keystore->address)
        return wrong(path +
                     ": the keystore does not name its address; write it again with "
                     "`purse wallet import`");
    return *keystore->address;
}

std::expected<std::optional<Wallet>, std::string> find_wallet(const std::string& file,
                                                              Absent absent)
{
    std::error_code error;
    if (!fs::exists(file, error)) {
        if (absent == Absent::is_fine) return std::nullopt;
        return wrong("there is no wallet document " + file + "; `purse wallet new` makes one");
    }
    std::ifstream in{file, std::ios::binary};
    std::string text(kWalletDocumentBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || !in.is_open()) return wrong("cannot read " + file);
    text.resize(static_cast<std::size_t>(in.gcount()));
    auto settings = parse_wallet_settings(text);
    if (!settings)
        return wrong("the wallet document " + file + " has mistakes:\n" +
                     to_string(settings.error()));
    Wallet wallet{.file = file,
                  .folder = fs::path{file}.parent_path().string(),
                  .settings = std::move(*settings),
                  .treasury = {}};
    const auto treasury = account_of(wallet.settings.treasury, wallet.folder);
    if (!treasury) return wrong(treasury.error());
    wallet.treasury = *treasury;
    return wallet;
}

std::expected<WalletKeys, std::string> open_keys(const Wallet& wallet, const Curve& curve,
                                                 const WalletEnvironment& environment)
{
    const auto& settings = wallet.settings;
    std::optional<SecretText> password;
    const auto secret = [&](const KeystoreKey& key) -> std::expected<SecretKey, std::string> {
        if (!password) {
            auto read = wallet_password(wallet, environment);
            if (!read) return wrong(read.error());
            password = std::move(*read);
        }
        const auto path = in_file(wallet, key.file);
        const auto keystore = load_keystore(path);
        if (!keystore) return wrong(path + ": " + keystore.error().what);
        auto opened = open_keystore(curve, *keystore, *password);
        if (!opened) return wrong(path + ": " + opened.error().what);
        return std::move(*opened);
    };
    WalletKeys keys;
    if (const auto* key = std::get_if<KeystoreKey>(&settings.treasury)) {
        auto opened = secret(*key);
        if (!opened) return wrong(opened.error());
        auto signer = local_treasury(curve, std::move(*opened));
        if (!signer) return wrong(signer.error().what);
        keys.treasury = std::move(*signer);
    } else {
        const auto& far = std::get<RemoteKey>(settings.treasury);
        auto transport = transport_to(wallet, far.url);
        if (!transport) return wrong(transport.error());
        keys.treasury =
            remote_treasury(curve, std::move(*transport), far.address, TypedDataMethod::plain);
    }
    for (const auto& source : settings.relayers) {
        if (const auto* key = std::get_if<KeystoreKey>(&source)) {
            auto opened = secret(*key);
            if (!opened) return wrong(opened.error());
            auto signer = local_relayer(curve, std::move(*opened));
            if (!signer) return wrong(signer.error().what);
            keys.relayers.push_back(std::move(*signer));
        } else {
            const auto& far = std::get<RemoteKey>(source);
            auto transport = transport_to(wallet, far.url);
            if (!transport) return wrong(transport.error());
            keys.relayers.push_back(remote_relayer(curve, std::move(*transport), far.address));
        }
    }
    if (keys.treasury->address() != wallet.treasury)
        return wrong("the treasury's key is not that of " + to_checksummed(wallet.treasury));
    return keys;
}

std::expected<std::unique_ptr<Nodes>, std::string> open_nodes(const Wallet& wallet,
                                                              const Clock& clock, Entropy& entropy)
{
    const auto& settings = wallet.settings;
    std::vector<std::unique_ptr<Node>> nodes;
    for (const auto& url : settings.endpoints) {
        auto transport = transport_to(wallet, url);
        if (!transport) return wrong(transport.error());
        nodes.push_back(std::make_unique<JsonRpcNode>(std::move(*transport)));
    }
    return std::make_unique<Nodes>(
        std::move(nodes), clock, entropy,
        NodesOptions{.rest_min = std::min(Span::seconds(1), settings.timing.poll)});
}

}  // namespace purse::server
