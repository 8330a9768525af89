// SPDX-License-Identifier: Apache-2.0
// The wallet document: which chain, which keys, which endpoints, when payees are paid and what it
// may cost. Written by the operator, in JSON with comments.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/clock.hpp"
#include "ledger/hash.hpp"
#include "ledger/mistake.hpp"
#include "ledger/money.hpp"
#include "wallet/amounts.hpp"
#include "wallet/authorization.hpp"

namespace purse {

/// A key in a file of this machine: Web3 Secret Storage v3.
struct KeystoreKey {
    std::string file;  ///< as written; relative to the document's folder
    bool operator==(const KeystoreKey&) const = default;
};

/// A key that another program holds and signs with.
struct RemoteKey {
    std::string url;  ///< may hold a secret: never show it
    Address address;
    bool operator==(const RemoteKey&) const = default;
};

using KeySource = std::variant<KeystoreKey, RemoteKey>;

/// When what is owed to a payee is paid: at once when neither is set; else when the threshold is
/// reached or so much time has passed since the oldest debt, whichever comes first.
struct PayTime {
    std::optional<Money> threshold;  ///< above 0
    std::optional<Span> every;       ///< 1 s .. 31 d
    bool is_immediate() const noexcept { return !threshold && !every; }
    bool operator==(const PayTime&) const = default;
};

struct PayRule {
    PayTime when;
    /// The most that may be owed to one payee, holds included; above 0, not below the threshold.
    Money owed_max = Money::from_micro(1'000'000'000);
    bool operator==(const PayRule&) const = default;
};

struct WalletTiming {
    Span poll = Span::seconds(1);         ///< between looks at the chain; 50 ms .. 60 s
    Span rebroadcast = Span::seconds(3);  ///< until the same bytes are sent again; 100 ms .. 10 m
    Span bump = Span::seconds(12);        ///< until more is offered for gas; 500 ms .. 1 h
    Span timeout = Span::seconds(5);      ///< of one request to a node; 100 ms .. 60 s
    bool operator==(const WalletTiming&) const = default;
};

struct WalletSettings {
    /// Names the books inside every payout's nonce.
    Digest ledger{};
    /// Of known_chains(); empty: the operator described the chain.
    std::string chain_name;
    TokenDomain token;
    std::vector<std::string> endpoints;  ///< 1 to 8 URLs; may hold secrets: never show them
    bool insecure_http = false;          ///< plain http beyond loopback is meant
    std::string ca_file;                 ///< empty: none. As written, as `file` above
    KeySource treasury;
    std::vector<KeySource> relayers;  ///< 1 to 8
    std::string password_file;        ///< empty: none. As written
    PayRule pay;                      ///< of every payee that has no rule of its own
    std::map<Address, PayRule> payees;
    /// The ceiling of any attempt, wei a unit of gas; default 10 gwei.
    Wei max_fee_per_gas = 10'000'000'000;
    /// How long an authorization can be used; 10 m .. 7 d.
    Span valid_for = Span::hours(24);
    /// What payouts leave in the treasury.
    Money floor;
    WalletTiming timing;

    const PayRule& rule_for(const Address& payee) const;
    bool operator==(const WalletSettings&) const = default;
};

/// The longest document that is read.
inline constexpr std::size_t kWalletDocumentBytesMax = std::size_t{256} * 1024;

/// Reads the text of a wallet document. Otherwise all mistakes, each with its path; none of them
/// repeats a URL.
std::expected<WalletSettings, Mistakes> parse_wallet_settings(std::string_view text);

/// A document, with comments, that reads back as these settings.
std::string to_text(const WalletSettings& settings);

/// A path of the document, seen from the folder that the document is in.
std::string beside(std::string_view folder, std::string_view path);

}  // namespace purse
