// SPDX-License-Identifier: Apache-2.0
// Short texts of strangers: what is read means the same when it is written again, and nothing is
// read that was not written so. The input's first byte says which reader (tests/fuzz/README.md).
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/calendar.hpp"
#include "ledger/hash.hpp"
#include "ledger/ids.hpp"
#include "ledger/json.hpp"
#include "ledger/money.hpp"
#include "ledger/operators.hpp"
#include "policy/credential.hpp"
#include "server/cli/moment.hpp"
#include "server/door/headers.hpp"
#include "server/door/origin.hpp"
#include "server/door/session_id.hpp"
#include "server/mcp/seal.hpp"
#include "server/operator/body.hpp"
#include "server/operator/cookie.hpp"
#include "server/operator/query.hpp"
#include "server/stdio/line_reader.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "wallet/settings.hpp"

namespace {
using namespace purse;
using namespace purse::server;
using fuzz::check;

bool is_utf8(std::string_view text)
{
    return json::well_formed(text) == text;
}

std::string written(const json::Value& value)
{
    std::string out;
    json::append(out, value);
    return out;
}

void read_json(std::string_view text)
{
    const auto document = json::parse(text);
    if (!document) {
        const auto& error = document.error();
        check(!error.what.empty() && is_utf8(error.what), "an error has words");
        check(error.offset <= text.size() && error.line > 0 && error.column > 0, "a place");
        return;
    }
    const auto once = written(document->root());
    const auto again = json::parse(once);
    check(again && written(again->root()) == once, "what is written is read again");
    check(is_utf8(text), "what is read is UTF-8");
    boost::system::error_code error;
    boost::json::parse(once, error);
    check(!error, "another reader takes it, too");
    if (const auto number = document->root().integer())
        check(std::to_string(*number) == document->root().text() || document->root().text() == "-0",
              "a number is its text");
}

void read_money(std::string_view text)
{
    const auto money = Money::parse(text);
    if (!money) return check(!message(money.error()).empty(), "a reason");
    check(*money >= Money{} && *money <= Money::max(), "an amount is bounded");
    check(Money::parse(money->to_string()) == *money, "an amount is read as it was written");
}

void read_times(std::string_view text)
{
    if (const auto at = from_rfc3339(text)) check(to_rfc3339(*at) == text, "a time");
    if (const auto span = parse_span(text)) {
        check(span->us >= 1'000 && *span <= Span::days(3'660), "a span is bounded");
        check(parse_span(to_string(*span)) == *span, "a span is read as it was written");
    }
    const Instant now{1'795'000'000'000'000};
    if (const auto moment = cli::parse_moment(text, now))
        check(cli::parse_moment(to_rfc3339(*moment), now) == *moment, "a moment");
    check(cli::check_moment(std::string{text}).empty() == cli::parse_moment(text, {}).has_value(),
          "one verdict on a moment");
    if (const auto window = window_of(text)) check(wire_name(*window) == text, "a window");
}

void read_ids(std::string_view text)
{
    if (const auto id = TxId::parse(text)) {
        check(id->seq > 0 && id->to_string() == text, "an id is written as it was read");
    }
    if (const auto agent = policy::parse_handle(text)) {
        check(text.starts_with("purse_") && policy::is_name(*agent), "a credential's agent");
        check(agent->data() == text.data() + 6, "and it stands in the credential");
    }
    if (is_operator_secret(text)) check(text.size() == 52 && is_base32(text), "an operator's");
    if (const auto reason = reason_of(text)) check(wire_name(*reason) == text, "a reason");
}

void read_bytes(std::string_view text)
{
    check(from_hex(to_hex(text)) == text, "hexadecimal");
    if (const auto bytes = from_hex(text)) check(bytes->size() * 2 == text.size(), "half of it");
    check(from_base64url(to_base64url(text)) == text, "base 64");
    if (const auto bytes = from_base64url(text)) check(to_base64url(*bytes) == text, "one form");
    check(is_utf8(json::well_formed(text)), "well-formed is well-formed");
    const auto quoted = json::quoted(json::well_formed(text));
    const auto back = json::parse(quoted);
    check(back && back->root().text() == json::well_formed(text), "quotes come off again");
}

void read_query(std::string_view text)
{
    const auto query = Query::parse(text, {"agent", "limit"});
    if (!query) {
        const auto& error = query.error();
        check(error.status == 400 && !error.message.empty() && is_utf8(error.message), "why not");
        return;
    }
    check(query->text("agent").size() <= 256 && is_utf8(query->text("agent")), "a value");
    check(query->text("other").empty(), "nothing unknown");
    if (const auto number = query->number("limit", 1, 9, 5))
        check(*number >= 1 && *number <= 9, "a number is bounded");
    // Each name at most once.
    const auto first = text.find("agent=");
    if (first != std::string_view::npos && (first == 0 || text[first - 1] == '&'))
        check(text.find("&agent=", first + 1) == std::string_view::npos, "each name once");
}

void read_body(std::string_view text)
{
    const auto body = Body::parse(text, {"note", "target"});
    if (!body) return check(!body.error().message.empty(), "why not");
    check(is_utf8(body->text("note")) && body->text("other").empty(), "a body of texts");
}

void read_headers(std::string_view text)
{
    http::Request request;
    request.headers.push_back({"cookie", text});
    for (const auto reached : {Reached::plainly, Reached::by_tls}) {
        const auto cookie = session_cookie(request, reached);
        if (!cookie) continue;
        const auto pair = std::string{cookie_name(reached)} + "=" + std::string{*cookie};
        check(text.find(pair) != std::string_view::npos, "a cookie is one that was sent");
        check(cookie->find(';') == std::string_view::npos, "and no more than it");
    }
    request.headers.front() = {"authorization", text};
    if (const auto secret = bearer_of(request))
        check(text.find(*secret) != std::string_view::npos, "a secret is one that was sent");
    request.headers.front() = {"accept", text};
    (void)accepts(request, "text/event-stream");
    request.headers.front() = {"content-type", text};
    (void)is_json(request);
    if (const auto plain = decode_header(text))
        if (!text.starts_with("=?")) check(*plain == text, "a header as it stands");
}

void read_origin(std::string_view text)
{
    if (const auto origin = origin_of_url(text)) {
        check(origin->starts_with("http://") || origin->starts_with("https://"), "a scheme");
        check(origin_of_url(*origin) == *origin, "an origin is its own origin");
        check(origin->find_first_of("/?#", 8) == std::string::npos, "and nothing else");
    }
    const auto host = host_of_authority(text);
    static const OriginRule rule{{.bound_host = "127.0.0.1",
                                  .is_loopback = true,
                                  .public_url = "https://purse.example.org",
                                  .hosts = {"box"},
                                  .origins = {"https://app.example.org"}}};
    if (!rule.why_no_host(text))
        check(host == "localhost" || host == "box" || host == "purse.example.org" ||
                  host == "::1" || host == "127.0.0.1",
              "only our names are let in");
    if (!rule.why_no_origin(text)) check(origin_of_url(text).has_value(), "only origins are");
}

void read_sealed(std::string_view text)
{
    test::FakeClock clock;
    test::SeededEntropy entropy;
    StateSeal seal{entropy, clock};
    const StateSeal::Purpose purpose{.principal = "anna", .request = "tools/call"};
    const auto ours = seal.seal(text, purpose);
    check(text == ours || !seal.open(text, purpose), "what we did not seal is not opened");
    check(!seal.open(ours, {.principal = "anne", .request = "tools/call"}), "for nobody else");
    check(seal.open(ours, purpose) == std::string{text}, "what we sealed is opened");
    check(!seal.open(ours, purpose), "once");
    const SessionIds ids{"key"};
    const Instant now{1'795'000'000'000'000};
    const SessionFacts facts{.abilities = {},
                             .begun = now,
                             .client = std::string{text.substr(0, 100)},
                             .name = "http-0123456789abcdef"};
    const auto id = ids.write(facts, "secret");
    check(text == id || !ids.read(text, "secret", now), "an id that is not ours");
    const auto read = ids.read(id, "secret", now);
    check(read && read->name == facts.name && read->begun == now && read->client == facts.client,
          "ours is read");
    check(!ids.read(id, "other", now), "not with another credential");
}

/// However a stream is cut, its lines are the same, and none is longer than it may be.
void read_lines(std::string_view text)
{
    constexpr std::size_t kMost = 40;
    std::string seen;
    for (std::size_t piece : {text.size(), std::size_t{1}, std::size_t{7}}) {
        LineReader reader{kMost};
        std::string lines;
        const auto note = [&](const LineReader::Line& line) {
            check(line.text.size() <= kMost && (!line.too_long || line.text.empty()), "a line");
            lines.append(line.too_long ? "too long" : line.text).append("\n");
        };
        for (auto rest = text; !rest.empty();) {
            const auto room = reader.room();
            check(!room.empty(), "there is always room");
            const auto size = std::min({room.size(), std::max<std::size_t>(piece, 1), rest.size()});
            std::ranges::copy(rest.substr(0, size), room.begin());
            reader.filled(size);
            rest.remove_prefix(size);
            while (const auto line = reader.next()) note(*line);
        }
        if (const auto line = reader.rest()) note(*line);
        if (piece == text.size()) seen = lines;
        check(lines == seen, "pieces make no difference");
    }
}

void read_wallet(std::string_view text)
{
    const auto settings = parse_wallet_settings(text);
    if (!settings) {
        const auto words = to_string(settings.error());
        return check(!words.empty() && is_utf8(words), "mistakes have words");
    }
    const auto again = parse_wallet_settings(to_text(*settings));
    check(again && *again == *settings, "settings are read as they were written");
}
}  // namespace

// The name and the linkage are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (static_cast<char>(data[0])) {
        case 'J': read_json(text); break;
        case 'M': read_money(text); break;
        case 'T': read_times(text); break;
        case 'I': read_ids(text); break;
        case 'X': read_bytes(text); break;
        case 'Q': read_query(text); break;
        case 'B': read_body(text); break;
        case 'H': read_headers(text); break;
        case 'O': read_origin(text); break;
        case 'Z': read_sealed(text); break;
        case 'W': read_wallet(text); break;
        case 'L': read_lines(text); break;
        default: break;
    }
    return 0;
}
