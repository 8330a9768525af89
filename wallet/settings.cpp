// SPDX-License-Identifier: Apache-2.0
#include "wallet/settings.hpp"

#include <algorithm>
#include <utility>

#include "ledger/calendar.hpp"
#include "ledger/document_reader.hpp"
#include "wallet/gwei.hpp"
#include "wallet/known_chains.hpp"
#include "wallet/rpc/endpoint.hpp"

namespace purse {

namespace {
using json::Kind;
using json::Value;
using Reader = DocumentReader;

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kEndpointsMax = 8;
constexpr std::size_t kRelayersMax = 8;
// One row of the document each; more belong into a default.
constexpr std::size_t kPayeesMax = 1'000;
constexpr std::size_t kTextBytesMax = 64;
constexpr std::size_t kPathBytesMax = 4096;
// EIP-2294: the largest that every signature scheme can carry.
constexpr std::int64_t kChainIdMax = 9'223'372'036'854'775'771;
// 10,000 gwei: no chain of ours was ever near it.
constexpr Wei kMaxFeeMax = 10'000'000'000'000;

constexpr Reader::SpanRange kEvery{Span::seconds(1), Span::days(31)};
constexpr Reader::SpanRange kValidFor{Span::minutes(10), Span::days(7)};
constexpr Reader::SpanRange kPoll{Span{50'000}, Span::seconds(60)};
constexpr Reader::SpanRange kRebroadcast{Span{100'000}, Span::minutes(10)};
constexpr Reader::SpanRange kBump{Span{500'000}, Span::hours(1)};
constexpr Reader::SpanRange kTimeout{Span{100'000}, Span::seconds(60)};

/// What the tables below fill in.
struct Draft {
    WalletSettings out;
    bool insecure_http = false;     // known before the URLs are read
    const Value* payees = nullptr;  // read when their default is known
};

template <class T>
void set(T& place, std::optional<T> value)
{
    if (value) place = std::move(*value);
}

// ---- single values ----

std::string text(Reader& reader, const Value& value, std::string_view expected,
                 std::size_t bytes_max)
{
    const auto found = reader.text(value, expected);
    if (!found) return {};
    if (!found->empty() && found->size() <= bytes_max) return std::string{*found};
    reader.wrong(found->empty() ? "is empty" : "is too long", std::string{expected});
    return {};
}

std::string path(Reader& reader, const Value& value)
{
    return text(reader, value, "the path of a file", kPathBytesMax);
}

std::optional<Address> account(Reader& reader, std::string_view text)
{
    const auto address = parse_address(text);
    if (!address) {
        reader.wrong(quoted(text) + " is not an address: " + std::string{message(address.error())});
        return std::nullopt;
    }
    if (*address != Address{}) return *address;
    reader.wrong("is the zero address, which nobody has the key of");
    return std::nullopt;
}

Address account(Reader& reader, const Value& value)
{
    const auto found = reader.text(value, "an address: \"0x\" and 40 hexadecimal digits");
    return found ? account(reader, *found).value_or(Address{}) : Address{};
}

Digest digest(Reader& reader, const Value& value)
{
    static constexpr std::string_view kExpected = "64 hexadecimal digits";
    const auto found = reader.text(value, kExpected);
    if (!found) return {};
    const auto bytes = from_hex(*found);
    const auto read = bytes ? to_digest(*bytes) : std::nullopt;
    if (!read) reader.wrong("is something else", std::string{kExpected});
    return read.value_or(Digest{});
}

std::optional<Money> positive(Reader& reader, const Value& value)
{
    const auto amount = reader.money(value);
    if (amount && *amount == Money{}) {
        reader.wrong("is zero", "more than zero");
        return std::nullopt;
    }
    return amount;
}

std::optional<Wei> gas_price(Reader& reader, const Value& value)
{
    static constexpr std::string_view kExpected =
        "gwei above 0 and up to 10000, with at most nine decimals, such as \"10\"";
    if (!value.is(Kind::number) && !reader.text(value, kExpected)) return std::nullopt;
    const auto price = parse_gwei(value.text());
    if (price && *price > 0 && *price <= kMaxFeeMax) return price;
    reader.wrong(quoted(value.text()) + (price ? " is out of range" : " is no price of gas"),
                 std::string{kExpected});
    return std::nullopt;
}

/// A URL that may be used. Nothing of it is repeated: it may hold a key.
std::optional<std::string> url(Reader& reader, const Value& value, bool insecure_http)
{
    static constexpr std::string_view kExpected = "a URL that begins with https:// or http://";
    const auto found = reader.text(value, kExpected);
    if (!found) return std::nullopt;
    const auto endpoint = Endpoint::parse(*found);
    if (!endpoint) {
        reader.wrong(endpoint.error(), std::string{kExpected});
        return std::nullopt;
    }
    if (!endpoint->is_https() && !endpoint->is_loopback() && !insecure_http) {
        reader.wrong("is plain http to another machine, where anybody on the way can answer",
                     "https, or \"insecureHttp\": true if this is meant");
        return std::nullopt;
    }
    return std::string{*found};
}

// ---- chain ----

constexpr Field<TokenDomain> kChainFields[] = {
    {"id",
     [](Reader& r, const Value& v, TokenDomain& d) {
         if (const auto id = r.integer(v, {1, kChainIdMax}))
             d.chain_id = static_cast<std::uint64_t>(*id);
     },
     Need::required},
    {"token", [](Reader& r, const Value& v, TokenDomain& d) { d.contract = account(r, v); },
     Need::required},
    {"name",
     [](Reader& r, const Value& v, TokenDomain& d) {
         d.name = text(r, v, "the token's EIP-712 name, 1 to 64 bytes", kTextBytesMax);
     },
     Need::required},
    {"version",
     [](Reader& r, const Value& v, TokenDomain& d) {
         d.version = text(r, v, "the token's EIP-712 version, 1 to 64 bytes", kTextBytesMax);
     },
     Need::required},
};

void read_chain(Reader& reader, const Value& value, Draft& draft)
{
    if (value.is(Kind::object)) {
        read_fields(reader, value, kChainFields, draft.out.token);
        return;
    }
    const auto name = reader.text(value, "the name of a chain, or an object that describes one");
    if (!name) return;
    if (const auto* known = known_chain(*name)) {
        draft.out.chain_name = std::string{*name};
        draft.out.token = token_domain(*known);
        return;
    }
    std::vector<std::string_view> names;
    for (const auto& chain : known_chains()) names.push_back(chain.name);
    reader.unknown("chain", *name, names);
}

void read_endpoints(Reader& reader, const Value& value, Draft& draft)
{
    std::size_t index = 0;
    std::vector<Endpoint> before;
    for (const auto& item : reader.array(value, kEndpointsMax)) {
        const Reader::Step step{reader, index++};
        auto read = url(reader, item, draft.insecure_http);
        if (!read) continue;
        // Two answers of one node must not count as two.
        auto endpoint = Endpoint::parse(*read).value();
        if (std::ranges::find(before, endpoint) != before.end())
            reader.wrong("stands in the list twice", "different nodes");
        before.push_back(std::move(endpoint));
        draft.out.endpoints.push_back(std::move(*read));
    }
    if (value.is(Kind::array) && value.items().empty())
        reader.wrong("is empty", "one to eight URLs of nodes");
}

// ---- keys ----

struct KeyDraft {
    bool insecure_http = false;
    std::optional<std::string> keystore;
    std::optional<std::string> remote;
    std::optional<Address> address;
};

constexpr Field<KeyDraft> kKeyFields[] = {
    {"keystore", [](Reader& r, const Value& v, KeyDraft& d) { d.keystore = path(r, v); }},
    {"remote", [](Reader& r, const Value& v,
                  KeyDraft& d) { d.remote = url(r, v, d.insecure_http).value_or(std::string{}); }},
    {"address", [](Reader& r, const Value& v, KeyDraft& d) { d.address = account(r, v); }},
};

KeySource read_key(Reader& reader, const Value& value, bool insecure_http)
{
    static constexpr const char* kExpected =
        "{\"keystore\": FILE}, or {\"remote\": URL, \"address\": ADDRESS}";
    KeyDraft draft{.insecure_http = insecure_http};
    if (!read_fields(reader, value, kKeyFields, draft)) return {};
    if (draft.keystore.has_value() == draft.remote.has_value()) {
        reader.wrong(draft.keystore ? "has both a keystore and a remote signer"
                                    : "has neither a keystore nor a remote signer",
                     kExpected);
        return {};
    }
    if (draft.remote.has_value() != draft.address.has_value()) {
        reader.wrong(draft.remote ? "has a remote signer and no address"
                                  : "has an address, which a keystore knows itself",
                     kExpected);
        return {};
    }
    if (draft.keystore) return KeystoreKey{std::move(*draft.keystore)};
    return RemoteKey{.url = std::move(*draft.remote), .address = *draft.address};
}

bool is_same_key(const KeySource& a, const KeySource& b)
{
    const auto* remote_a = std::get_if<RemoteKey>(&a);
    const auto* remote_b = std::get_if<RemoteKey>(&b);
    // One signer may hold many keys: the address tells them apart.
    if (remote_a != nullptr && remote_b != nullptr) return remote_a->address == remote_b->address;
    return a == b;
}

void read_relayers(Reader& reader, const Value& value, Draft& draft)
{
    std::size_t index = 0;
    auto& relayers = draft.out.relayers;
    for (const auto& item : reader.array(value, kRelayersMax)) {
        const Reader::Step step{reader, index++};
        auto key = read_key(reader, item, draft.insecure_http);
        if (key != KeySource{} && std::ranges::any_of(relayers, [&](const KeySource& other) {
                return is_same_key(key, other);
            }))
            reader.wrong("is the same key as another relayer's", "a key of its own");
        relayers.push_back(std::move(key));
    }
    if (value.is(Kind::array) && value.items().empty())
        reader.wrong("is empty", "one to eight keys that pay for gas");
}

// ---- pay ----

constexpr Field<PayTime> kWhenFields[] = {
    {"threshold",
     [](Reader& r, const Value& v, PayTime& when) { when.threshold = positive(r, v); }},
    {"every", [](Reader& r, const Value& v, PayTime& when) { when.every = r.span(v, kEvery); }},
};

void read_when(Reader& reader, const Value& value, PayRule& rule)
{
    static constexpr const char* kExpected =
        "\"immediate\", or an object with \"threshold\", \"every\" or both";
    rule.when = {};
    if (value.is(Kind::object)) {
        read_fields(reader, value, kWhenFields, rule.when);
        if (value.items().empty()) reader.wrong("is empty", kExpected);
        return;
    }
    const auto word = reader.text(value, kExpected);
    if (word && *word != "immediate") reader.wrong(quoted(*word) + " is unknown", kExpected);
}

void read_owed_max(Reader& reader, const Value& value, PayRule& rule)
{
    set(rule.owed_max, positive(reader, value));
}

/// A threshold above what may be owed would never be reached, and nobody be paid.
void check(Reader& reader, const PayRule& rule)
{
    if (rule.when.threshold && *rule.when.threshold > rule.owed_max)
        reader.wrong("has a threshold of " + rule.when.threshold->to_string() +
                         " above owedMax, which is " + rule.owed_max.to_string(),
                     "a threshold that can be reached");
}

constexpr Field<PayRule> kRuleFields[] = {
    {"when", read_when},
    {"owedMax", read_owed_max},
};

constexpr Field<Draft> kPayFields[] = {
    {"when", [](Reader& r, const Value& v, Draft& d) { read_when(r, v, d.out.pay); }},
    {"owedMax", [](Reader& r, const Value& v, Draft& d) { read_owed_max(r, v, d.out.pay); }},
    {"payees", [](Reader&, const Value& v, Draft& d) { d.payees = &v; }},
};

void read_payees(Reader& reader, Draft& draft)
{
    const Reader::Step step{reader, draft.payees->key()};
    for (const auto& member : reader.object(*draft.payees, kPayeesMax)) {
        const Reader::Step at{reader, member.key()};
        const auto payee = account(reader, member.key());
        auto rule = draft.out.pay;
        if (!read_fields(reader, member, kRuleFields, rule)) continue;
        check(reader, rule);
        if (payee && !draft.out.payees.emplace(*payee, rule).second)
            reader.wrong("is a payee that stands here already, in other letters");
    }
}

void read_pay(Reader& reader, const Value& value, Draft& draft)
{
    if (!read_fields(reader, value, kPayFields, draft)) return;
    check(reader, draft.out.pay);
    if (draft.payees != nullptr) read_payees(reader, draft);
}

// ---- the rest ----

constexpr Field<WalletSettings> kFeesFields[] = {
    {"maxFeePerGas", [](Reader& r, const Value& v,
                        WalletSettings& out) { set(out.max_fee_per_gas, gas_price(r, v)); }},
};

constexpr Field<WalletTiming> kTimingFields[] = {
    {"poll", [](Reader& r, const Value& v, WalletTiming& t) { set(t.poll, r.span(v, kPoll)); }},
    {"rebroadcast", [](Reader& r, const Value& v,
                       WalletTiming& t) { set(t.rebroadcast, r.span(v, kRebroadcast)); }},
    {"bump", [](Reader& r, const Value& v, WalletTiming& t) { set(t.bump, r.span(v, kBump)); }},
    {"timeout",
     [](Reader& r, const Value& v, WalletTiming& t) { set(t.timeout, r.span(v, kTimeout)); }},
};

constexpr Field<Draft> kFields[] = {
    {"version", [](Reader& r, const Value& v, Draft&) { r.integer(v, {kVersion, kVersion}); },
     Need::required},
    {"ledger", [](Reader& r, const Value& v, Draft& d) { d.out.ledger = digest(r, v); },
     Need::required},
    {"chain", read_chain, Need::required},
    {"endpoints", read_endpoints, Need::required},
    {"insecureHttp",
     [](Reader& r, const Value& v, Draft& d) { set(d.out.insecure_http, r.boolean(v)); }},
    {"caFile", [](Reader& r, const Value& v, Draft& d) { d.out.ca_file = path(r, v); }},
    {"treasury",
     [](Reader& r, const Value& v, Draft& d) { d.out.treasury = read_key(r, v, d.insecure_http); },
     Need::required},
    {"relayers", read_relayers, Need::required},
    {"passwordFile", [](Reader& r, const Value& v, Draft& d) { d.out.password_file = path(r, v); }},
    {"pay", read_pay},
    {"fees", [](Reader& r, const Value& v, Draft& d) { read_fields(r, v, kFeesFields, d.out); }},
    {"validFor",
     [](Reader& r, const Value& v, Draft& d) { set(d.out.valid_for, r.span(v, kValidFor)); }},
    {"floor", [](Reader& r, const Value& v, Draft& d) { set(d.out.floor, r.money(v)); }},
    {"timing",
     [](Reader& r, const Value& v, Draft& d) { read_fields(r, v, kTimingFields, d.out.timing); }},
};

/// The treasury signs payments and nothing else, a relayer transactions and nothing else.
void check_keys(Reader& reader, const WalletSettings& settings)
{
    const bool has_treasury = settings.treasury != KeySource{};
    for (std::size_t i = 0; has_treasury && i < settings.relayers.size(); ++i)
        if (is_same_key(settings.treasury, settings.relayers[i])) {
            const Reader::Step step{reader, "relayers"};
            const Reader::Step at{reader, i};
            reader.wrong("is the treasury's key", "a key that holds no USDC");
        }
}
}  // namespace

const PayRule& WalletSettings::rule_for(const Address& payee) const
{
    const auto own = payees.find(payee);
    return own == payees.end() ? pay : own->second;
}

std::expected<WalletSettings, Mistakes> parse_wallet_settings(std::string_view text)
{
    if (text.size() > kWalletDocumentBytesMax)
        return std::unexpected{Mistakes{
            {.path = "$",
             .what = "has " + std::to_string(text.size()) + " bytes",
             .expected = "at most " + std::to_string(kWalletDocumentBytesMax) + " bytes"}}};
    const auto document = json::parse(text, {.depth_max = kDepthMax, .comments = true});
    if (!document)
        return std::unexpected{Mistakes{{.path = "$",
                                         .what = document.error().what,
                                         .line = document.error().line,
                                         .column = document.error().column}}};
    Reader reader;
    Draft draft;
    const auto* insecure = document->root().find("insecureHttp");
    draft.insecure_http = insecure != nullptr && insecure->truth();
    if (read_fields(reader, document->root(), kFields, draft)) check_keys(reader, draft.out);
    if (!reader.mistakes().empty()) return std::unexpected{reader.take()};
    return std::move(draft.out);
}

std::string beside(std::string_view folder, std::string_view path)
{
    if (path.starts_with('/') || folder.empty()) return std::string{path};
    return std::string{folder} + (folder.ends_with('/') ? "" : "/") + std::string{path};
}

}  // namespace purse
