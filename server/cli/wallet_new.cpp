// SPDX-License-Identifier: Apache-2.0
// purse wallet new: keys, keystores and the document, whole or not at all.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ranges>
#include <set>

#include "server/cli/text.hpp"
#include "server/cli/wallet.hpp"
#include "server/cli/wallet_key.hpp"
#include "server/wallet/private_file.hpp"
#include "wallet/known_chains.hpp"

namespace purse::server::cli {

namespace {
namespace fs = std::filesystem;

/// What has been made so far; it goes again unless it is kept.
class Made {
public:
    Made() = default;
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    ~Made()
    {
        // The last first: a folder is empty by then. What is not ours keeps it.
        for (const auto& path : std::views::reverse(paths_)) ::remove(path.c_str());
    }
    void add(std::string path) { paths_.push_back(std::move(path)); }
    void keep() noexcept { paths_.clear(); }

    /// The folder and those above it, for us alone. The error's text when one cannot be made.
    std::optional<std::string> folder(const std::string& path)
    {
        std::error_code error;
        if (path.empty() || fs::is_directory(path, error)) return std::nullopt;
        const auto parent = fs::path{path}.parent_path().string();
        if (parent != path)
            if (auto trouble = folder(parent)) return trouble;
        if (::mkdir(path.c_str(), 0700) != 0)
            return path + " cannot be made: " + std::strerror(errno);
        add(path);
        return std::nullopt;
    }

private:
    std::vector<std::string> paths_;
};

struct NamedKey {
    std::string file;
    Address address;
    bool was_there = false;  ///< imported before, or now
};

/// What `new` has made.
struct Fresh {
    std::string file;
    std::string folder;
    WalletSettings settings;
    NamedKey treasury;
    std::vector<NamedKey> relayers;
};

using Trouble = std::unexpected<std::string>;

/// The chain that the options name or describe; what is wrong with them otherwise.
std::expected<void, std::string> read_chain(const WalletNewOptions& options, WalletSettings& out)
{
    if (!options.chain.empty()) {
        const auto* known = known_chain(options.chain);
        if (known == nullptr) return Trouble{"--chain " + printable(options.chain) + " is unknown"};
        out.chain_name = options.chain;
        out.token = token_domain(*known);
        return {};
    }
    if (options.chain_id <= 0 || options.token.empty() || options.token_name.empty() ||
        options.token_version.empty())
        return Trouble{
            "which chain? --chain base-sepolia to try it, --chain base for real money\n"
            "any other: --chain-id N --token 0x... --token-name NAME --token-version VERSION"};
    const auto token = parse_address(options.token);
    if (!token) return Trouble{"--token: " + std::string{message(token.error())}};
    out.token = {.name = options.token_name,
                 .version = options.token_version,
                 .chain_id = static_cast<std::uint64_t>(options.chain_id),
                 .contract = *token};
    return {};
}

std::string in_document(const std::string& password_file, const std::string& folder)
{
    if (password_file.empty()) return {};
    std::error_code error;
    const auto whole = fs::absolute(password_file, error).lexically_normal();
    const auto root = folder.empty() ? fs::current_path(error) : fs::absolute(folder, error);
    const auto inside = whole.lexically_relative(root.lexically_normal());
    const bool is_inside = !inside.empty() && *inside.begin() != "..";
    return is_inside ? inside.string() : whole.string();
}

/// The document as the options have it, read back: what is wrong is said before any key is made.
std::expected<WalletSettings, std::string> plan(const WalletNewOptions& options,
                                                const std::string& folder, Entropy& entropy)
{
    WalletSettings settings;
    entropy.fill(settings.ledger);
    if (auto chain = read_chain(options, settings); !chain) return Trouble{chain.error()};
    settings.endpoints = options.urls;
    settings.insecure_http = options.insecure_http;
    settings.treasury = KeystoreKey{kTreasuryFile};
    for (std::int64_t i = 1; i <= options.relayers; ++i)
        settings.relayers.emplace_back(KeystoreKey{relayer_file(i)});
    settings.password_file = in_document(options.password_file, folder);
    auto read = parse_wallet_settings(to_text(settings));
    if (!read)
        return Trouble{"the wallet's document would have mistakes:\n" + to_string(read.error())};
    return std::move(*read);
}

/// A keystore: of a key file, else the one that was imported before, else of a fresh key.
std::expected<NamedKey, std::string> make_key(const std::string& path, const std::string& key_file,
                                              const KeyMaker& maker, Made& made)
{
    struct stat status{};
    const bool is_there = ::lstat(path.c_str(), &status) == 0;
    if (is_there && !key_file.empty())
        return Trouble{path + " is there already; without a key file it is taken as it is"};
    if (is_there) {
        const auto address = maker.open(path);
        if (!address) return Trouble{address.error()};
        return NamedKey{.file = path, .address = *address, .was_there = true};
    }
    std::expected<SecretKey, std::string> key;
    if (key_file.empty())
        key = maker.fresh();
    else
        key = read_raw_key(key_file);
    if (!key) return Trouble{key.error()};
    const auto address = maker.save(path, *key);
    if (!address) return Trouble{address.error()};
    made.add(path);
    return NamedKey{.file = path, .address = *address, .was_there = !key_file.empty()};
}

std::expected<void, std::string> make_all(Fresh& fresh, const WalletNewOptions& options,
                                          const KeyMaker& maker, Made& made)
{
    if (const auto trouble = made.folder(fresh.folder)) return Trouble{*trouble};
    auto treasury =
        make_key(beside(fresh.folder, kTreasuryFile), options.treasury_key_file, maker, made);
    if (!treasury) return Trouble{treasury.error()};
    fresh.treasury = std::move(*treasury);
    std::set<Address> accounts{fresh.treasury.address};
    for (std::int64_t i = 1; i <= options.relayers; ++i) {
        auto relayer = make_key(beside(fresh.folder, relayer_file(i)), {}, maker, made);
        if (!relayer) return Trouble{relayer.error()};
        if (!accounts.insert(relayer->address).second)
            return Trouble{relayer->file +
                           " holds the same key as another keystore of this "
                           "wallet; each needs its own"};
        fresh.relayers.push_back(std::move(*relayer));
    }
    // The document last: with it the wallet is there.
    if (auto written = create_private(fresh.file, to_text(fresh.settings)); !written)
        return written;
    made.keep();
    return {};
}

std::string chain_words(const WalletSettings& settings)
{
    const auto id = std::to_string(settings.token.chain_id);
    return settings.chain_name.empty() ? "chain " + id
                                       : settings.chain_name + " (chain " + id + ")";
}

void print(const Fresh& fresh, const std::string& password_source, Output& output)
{
    auto& out = output.out;
    out << "Made a wallet on " << chain_words(fresh.settings) << ":\n";
    Table files{{{"File"}, {"What it is"}}};
    files.row({fresh.file, "the document: nodes, limits, when payees are paid"});
    const auto what = [](const char* whose, const NamedKey& key) {
        return whose + std::string{key.was_there ? " key, imported" : " key, fresh"};
    };
    files.row({fresh.treasury.file, what("the treasury's", fresh.treasury)});
    for (const auto& relayer : fresh.relayers)
        files.row({relayer.file, what("a relayer's", relayer)});
    files.print(out, output.style);
    out << '\n';
    Table accounts{{{"Account"}, {"Address"}, {"Send it"}}};
    accounts.row({"treasury", to_checksummed(fresh.treasury.address),
                  "the USDC that agents may spend; no ether"});
    for (std::size_t i = 0; i < fresh.relayers.size(); ++i)
        accounts.row({"relayer " + std::to_string(i + 1), to_checksummed(fresh.relayers[i].address),
                      "a little ether for gas; no USDC"});
    accounts.print(out, output.style);
    out << "\nThe keys' password: " << password_source
        << "\nKeep a copy of this folder and, elsewhere, of the password: without both the money "
           "is lost."
        << "\nNext: `purse wallet show` checks the nodes, `purse wallet balance` what has "
           "arrived.\n";
}

void print_json(const Fresh& fresh, Output& output)
{
    const auto& token = fresh.settings.token;
    boost::json::array relayers;
    for (const auto& relayer : fresh.relayers)
        relayers.push_back(boost::json::object{{"address", to_checksummed(relayer.address)},
                                               {"keystore", relayer.file}});
    boost::json::object json{
        {"wallet", fresh.file},
        {"chainId", token.chain_id},
        {"token", to_checksummed(token.contract)},
        {"treasury", boost::json::object{{"address", to_checksummed(fresh.treasury.address)},
                                         {"keystore", fresh.treasury.file}}},
        {"relayers", std::move(relayers)}};
    if (!fresh.settings.chain_name.empty()) json["chain"] = fresh.settings.chain_name;
    if (!fresh.settings.password_file.empty()) json["passwordFile"] = fresh.settings.password_file;
    output.out << boost::json::serialize(json) << '\n';
}
}  // namespace

WalletPorts wallet_ports(App& app)
{
    return {.environment = process_environment,
            .ask = ask_on_terminal,
            .entropy = app.entropy(),
            .clock = app.clock()};
}

std::expected<WalletPassword, std::string> new_password(const std::string& file,
                                                        const WalletPorts& ports)
{
    const auto from = [](std::expected<SecretText, std::string> text,
                         std::string source) -> std::expected<WalletPassword, std::string> {
        if (!text) return Trouble{text.error()};
        return WalletPassword{std::move(*text), std::move(source)};
    };
    if (!file.empty())
        return from(read_password(file), "read from " + file + ", which the document names");
    if (const auto named = ports.environment("PURSE_WALLET_PASSWORD_FILE"))
        return from(read_password(*named),
                    "read from " + *named + "; servers need PURSE_WALLET_PASSWORD_FILE too");
    if (auto text = ports.environment("PURSE_WALLET_PASSWORD")) {
        SecretText password{*text};
        wipe(std::span<char>{*text});
        return from(std::move(password),
                    "read from PURSE_WALLET_PASSWORD; servers need that variable too");
    }
    auto typed = ask_twice(ports.ask, "Password for the wallet's keys");
    if (!typed)
        return Trouble{typed.error() +
                       "\nthe wallet's keys need a password: give --password-file FILE, "
                       "PURSE_WALLET_PASSWORD_FILE or PURSE_WALLET_PASSWORD"};
    return from(std::move(typed),
                "as typed; servers need it as PURSE_WALLET_PASSWORD_FILE or \"passwordFile\" in "
                "the document");
}

int new_wallet(App& app, const WalletNewOptions& options, const WalletPorts& ports, Output& output)
{
    Fresh fresh{.file = app.settings().wallet_file};
    struct stat status{};
    if (::lstat(fresh.file.c_str(), &status) == 0)
        return complain(output, kNo,
                        "there is a wallet already: " + fresh.file +
                            "\n`purse wallet show` shows it; for another give another --state DIR "
                            "or --wallet FILE\nits treasury may hold money: never delete it "
                            "unread");
    fresh.folder = fs::path{fresh.file}.parent_path().string();
    auto settings = plan(options, fresh.folder, ports.entropy);
    if (!settings) return complain(output, kWrong, settings.error());
    fresh.settings = std::move(*settings);
    const auto password = new_password(options.password_file, ports);
    if (!password) return complain(output, kWrong, password.error());
    const Curve curve{ports.entropy};
    const KeyMaker maker{curve, password->text, options.cost, ports.entropy};
    Made made;
    if (const auto done = make_all(fresh, options, maker, made); !done)
        return complain(output, kNo, done.error() + "\nnothing was kept of what had been made");
    if (options.form == Form::json)
        print_json(fresh, output);
    else
        print(fresh, password->source, output);
    return kDone;
}

}  // namespace purse::server::cli
